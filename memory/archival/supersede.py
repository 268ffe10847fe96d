"""Where a new statement goes among those that are kept: stored, known already, or in the place of an older one.

All of it inside one transaction. docs/adr/0071 says what ends a statement, and what never does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, insert, or_, select, update

from ..errors import NotFound
from ..facts import single_valued
from ..facts.clauses import is_one_clause
from ..index import index_text
from ..store import AnyRow
from ..store.schema import archival, messages
from ..types import archival_id
from ..types import message_id as message_name
from .records import COLUMNS, TRUST_RANK, fingerprint, not_from_the_web, not_said, quotes

Status = Literal["stored", "known", "superseded"]
Outcome = tuple[Status, int, int | None]
"""What became of something, its row id, and that of what it repeats or ends."""

_MINE = archival.c.student_id == bindparam("student")
_CURRENT = archival.c.valid_to.is_(None)
_BY_EXTERNAL_ID = select(*COLUMNS).where(_MINE, archival.c.external_id == bindparam("external_id"))
_SAME_TEXT = (
    select(*COLUMNS)
    .where(_MINE, _CURRENT, archival.c.content_hash == bindparam("hash"))
    .order_by(archival.c.id)
)
_ON_SUBJECT = (
    select(*COLUMNS)
    .where(
        _MINE,
        archival.c.subject == bindparam("subject"),
        archival.c.external_id.is_(None),
        or_(_CURRENT, archival.c.superseded_by.is_not(None)),
    )
    .order_by(archival.c.valid_from, archival.c.id)
)
_SAID_WITH = select(*COLUMNS).where(
    _MINE,
    _CURRENT,
    archival.c.message_id == bindparam("message"),
    archival.c.kind != "passage",
    archival.c.external_id.is_(None),
)
_VALUES = ("fact_kind", "value", "day", "last_day", "polarity")
_ADD = insert(archival).returning(archival.c.id)
_MESSAGE = select(messages.c.role, messages.c.content, messages.c.time, messages.c.zone).where(
    messages.c.student_id == bindparam("student"), messages.c.id == bindparam("message")
)


class ArchivalWriter:
    """One student's archival memory, inside a write transaction with the student's row locked.

    Args:
        connection: Of the transaction.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, connection: Connection, student_id: int, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._student = student_id
        self._clock = clock

    def check_source(
        self, values: dict[str, Any], time: datetime | None, zone: str | None, valid_from: datetime | None
    ) -> None:
        """Fill in when and where it was said, from the message it rests on, and check what it claims of that."""
        message = None
        if values["message_id"] is not None:
            message = self._connection.execute(_MESSAGE, self._mine(message=values["message_id"])).first()
            if message is None:
                name = message_name(values["message_id"])
                raise NotFound(
                    f"There is no message {name} of this student.", f"이 학생에게는 {name} 메시지가 없습니다."
                )
            if values["quote"] and not quotes(message.content, values["quote"]):
                raise not_said(values["quote"], message_name(values["message_id"]))
            if message.role != "user" and values["trust"] == "student":
                values["trust"] = "model"
        values["time"] = time or (message.time if message else None) or self._clock()
        values["zone"] = zone or (message.zone if message else None) or "UTC"
        values["valid_from"] = valid_from or values["time"]

    def insert(self, values: dict[str, Any], *, corrects: bool) -> Outcome:
        """Store something unless it is known.

        Args:
            corrects: The student said in so many words that it was otherwise before.
        """
        if values["external_id"] is not None:
            return self._insert_under_external_id(values)
        known = self._known(values)
        if known is not None:
            better = TRUST_RANK[values["trust"]] > TRUST_RANK[known.trust]
            names_it = values["subject"] is not None and known.subject is None
            if not (better or names_it) or known.valid_to is not None:
                return "known", known.id, known.id
            values["subject"] = values["subject"] or known.subject
            return "superseded", self.supersede(known, values), known.id
        if values["fact_kind"] is not None and single_valued(values["subject"]):
            return self._insert_in_order(values)
        if values["subject"] is not None and corrects:
            before = self._corrected(values)
            if len(before) == 1:  # of several nobody can say which is meant: they stay
                return "superseded", self.supersede(before[0], values), before[0].id
        return "stored", self._add(values), None

    def supersede(self, old: AnyRow, values: dict[str, Any]) -> int:
        """Put something in the place of what is there and of what only says the same, and give its row id.

        Raises:
            ToolError: It is from the web and the old is not.
        """
        if values["trust"] == "web" and old.trust != "web":
            raise not_from_the_web(archival_id(old.id))
        if old.external_id is not None:  # the id goes to the new row, and may stand only once
            self._connection.execute(update(archival).where(*self._at(old.id)).values(external_id=None))
        companions = self._companions(old, values)
        new = self._add(values)
        for row in (old, *companions):
            self._end(row.id, max(values["valid_from"], _since(row)), new)
        return new

    def retract(self, message_ids: Collection[int]) -> None:
        """Let what rests on messages hold no more, as if it had never been said; what it ended holds again."""
        rests = archival.c.message_id.in_(message_ids)
        mine = archival.c.student_id == self._student
        for row in self._connection.execute(select(*COLUMNS).where(mine, rests).order_by(archival.c.id)):
            now = self._connection.execute(
                select(archival.c.valid_to, archival.c.superseded_by).where(*self._at(row.id))
            ).one()
            self._connection.execute(
                update(archival)
                .where(mine, archival.c.superseded_by == row.id)
                .values(valid_to=now.valid_to, superseded_by=now.superseded_by)
            )
            never = {"valid_to": _since(row), "superseded_by": None}
            self._connection.execute(update(archival).where(*self._at(row.id)).values(never))

    # Inside

    def _insert_under_external_id(self, values: dict[str, Any]) -> Outcome:
        at = self._mine(external_id=values["external_id"])
        old = self._connection.execute(_BY_EXTERNAL_ID, at).first()
        if old is None:
            return "stored", self._add(values), None
        if old.text == values["text"]:
            return "known", old.id, old.id
        return "superseded", self.supersede(old, values), old.id

    def _known(self, values: dict[str, Any]) -> AnyRow | None:
        """Find what is current and says the same; a passage repeats only a passage.

        Of facts the values count, and whether they held when this was said: a message may be gone over again, in
        another language too.
        """
        if values["fact_kind"] is not None:
            rows = self._connection.execute(_ON_SUBJECT, self._mine(subject=values["subject"]))
            same = [row for row in rows if all(getattr(row, name) == values[name] for name in _VALUES)]
            return next((row for row in same if self._held(row, values)), None)
        for row in self._connection.execute(_SAME_TEXT, self._mine(hash=values["content_hash"])):
            alike = (row.kind == "passage") == (values["kind"] == "passage")
            if alike and (row.subject is None or values["subject"] in {None, row.subject}):
                return row
        return None

    def _insert_in_order(self, values: dict[str, Any]) -> Outcome:
        """Store a statement on a subject of which only one can hold, by the time from which each holds."""
        rows = self._on_subject(values)
        before = [row for row in rows if _since(row) <= values["valid_from"]]
        after = [row for row in rows if _since(row) > values["valid_from"]]
        if after:  # it is news of the past: something later is known, and goes on holding
            new = self._add(values)
            self._end(new, _since(after[0]), after[0].id)
            held = before[-1].valid_to or _since(after[0]) if before else values["valid_from"]
            if held > values["valid_from"] and _outranks(values, before[-1]):
                self._end(before[-1].id, values["valid_from"], new)
            return "stored", new, None
        current = [row for row in before if row.valid_to is None]
        ended = [row for row in current if values["trust"] == "web" or _outranks(values, row)]
        if not ended:
            return "stored", self._add(values), None
        new = self.supersede(ended[-1], values)
        for row in ended[:-1]:
            self._end(row.id, max(values["valid_from"], _since(row)), new)
        return "superseded", new, ended[-1].id

    def _corrected(self, values: dict[str, Any]) -> list[AnyRow]:
        """Find what a correction may mean: what holds on its subject, was said before and is no more trusted."""
        return [
            row
            for row in self._on_subject(values)
            if row.valid_to is None and _since(row) <= values["valid_from"] and _outranks(values, row)
        ]

    def _on_subject(self, values: dict[str, Any]) -> list[AnyRow]:
        """Give the history of a subject: of facts the facts, of a model's statements the statements.

        What rests on the same message does not contradict it.
        """
        rows = self._connection.execute(_ON_SUBJECT, self._mine(subject=values["subject"]))
        alike = [row for row in rows if (row.fact_kind is None) == (values["fact_kind"] is None)]
        return [row for row in alike if row.message_id is None or row.message_id != values["message_id"]]

    def _held(self, row: AnyRow, values: dict[str, Any]) -> bool:
        """Whether something was known to hold when a thing was said, whatever became of it since."""
        if row.message_id is not None and row.message_id == values["message_id"]:
            return True
        if row.message_id is None or values["message_id"] is None:  # only the clock knows
            then = values["valid_from"]
            return _since(row) <= then and (row.valid_to is None or row.valid_to > then)
        ended = select(archival.c.message_id).where(*self._at(row.superseded_by or 0))
        by = self._connection.scalar(ended)
        lasted = row.valid_to is None or (by is not None and by > values["message_id"])
        return row.message_id < values["message_id"] and lasted

    def _companions(self, old: AnyRow, values: dict[str, Any]) -> list[AnyRow]:
        """Find what ends with a statement: others made of the same words, and the fact that the new words restate.

        One is the student's sentence as a model kept it, the other what the rules read in it; the words say one thing.
        """
        if old.message_id is None or old.kind == "passage":
            return []
        rows = self._connection.execute(_SAID_WITH, self._mine(message=old.message_id)).all()
        mine = _words(old)
        restated = {values["subject"]} if values["fact_kind"] is not None else set[str]()
        return [
            row
            for row in rows
            if row.id != old.id
            and (mine & _words(row) or (row.fact_kind is not None and row.subject in restated))
        ]

    def _add(self, values: dict[str, Any]) -> int:
        item: int = self._connection.execute(_ADD, values).scalar_one()
        text, name = findable(values["kind"], values["text"], values["name"])
        index_text(self._connection, self._student, "archival", item, text, name)
        return item

    def _end(self, item: int, at: datetime, by: int) -> None:
        self._connection.execute(
            update(archival).where(*self._at(item)).values(valid_to=at, superseded_by=by)
        )

    def _at(self, item: int) -> Sequence[ColumnElement[bool]]:
        return archival.c.student_id == self._student, archival.c.id == item

    def _mine(self, **parameters: Any) -> dict[str, Any]:
        return {"student": self._student, **parameters}


def findable(kind: str, text: str, name: str | None) -> tuple[str, str | None]:
    """Give the words and the speaker's name under which something kept is filed."""
    if kind == "passage" and name:  # it is a title: nobody speaks, but its words are asked for
        return f"{name}\n{text}", None
    return text, name


def _since(row: AnyRow) -> datetime:
    return row.valid_from or row.time


def _outranks(values: dict[str, Any], old: AnyRow) -> bool:
    return TRUST_RANK[values["trust"]] >= TRUST_RANK[old.trust]


def _words(row: AnyRow) -> set[str]:
    """Give the fingerprints of the words that a statement is made of, where these say one thing only."""
    texts = (row.text, row.quote) if row.kind == "fact" else (row.text,)
    return {fingerprint(text) for text in texts if text and is_one_clause(text)}
