"""Where a new statement goes among those that are kept: stored, known already, or in the place of an older one.

All of it inside one transaction. docs/adr/0071 says how a statement finds what it contradicts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from ..attributes import also_called, attribute_of, settled
from ..errors import NotFound
from ..index.writer import index_text
from ..slots import same_slot
from ..store.rows import AnyRow
from ..store.schema import archival, messages
from ..types import archival_id
from ..types import message_id as message_name
from .records import COLUMNS, TRUST_RANK, fingerprint, not_from_the_web, not_said, quotes

Status = Literal["stored", "known", "superseded"]

LOOKED_THROUGH = 300
"""How many of the newest statements a new one is compared with, word for word."""

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
    .where(_MINE, archival.c.subject == bindparam("subject"), archival.c.external_id.is_(None))
    .order_by(archival.c.valid_from, archival.c.id)
)
_SUBJECTS = select(archival.c.subject).where(_MINE, _CURRENT, archival.c.subject.is_not(None)).distinct()
_STATEMENTS = (
    select(*COLUMNS)
    .where(
        _MINE,
        _CURRENT,
        archival.c.kind != "passage",
        archival.c.source.is_(None),
        archival.c.external_id.is_(None),
    )
    .order_by(archival.c.id.desc())
    .limit(LOOKED_THROUGH)
)
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

    def place(
        self,
        values: dict[str, Any],
        time: datetime | None,
        zone: str | None,
        valid_from: datetime | None,
    ) -> None:
        """Fill in when and where it was said, from the message it rests on, and check what it claims of that."""
        message = None
        if values["message_id"] is not None:
            at = {"student": self._student, "message": values["message_id"]}
            message = self._connection.execute(_MESSAGE, at).first()
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

    def store(self, values: dict[str, Any]) -> tuple[Status, int, int | None]:
        """Put something on the shelf, and give what became of it, its row id and that of what it repeats or ends."""
        implied = values["subject"] is None and self._imply_subject(values)
        if values["external_id"] is not None:
            at = {"student": self._student, "external_id": values["external_id"]}
            old = self._connection.execute(_BY_EXTERNAL_ID, at).first()
            if old is None:
                return "stored", self._add(values), None
            if old.text == values["text"]:
                return "known", old.id, old.id
            return "superseded", self.supersede(old, values), old.id
        known = self._known(values)
        if known is not None:
            better = TRUST_RANK[values["trust"]] > TRUST_RANK[known.trust]
            names_it = values["subject"] is not None and known.subject is None
            if not better and not names_it:
                return "known", known.id, known.id
            values["subject"] = values["subject"] or known.subject
            return "superseded", self.supersede(known, values), known.id
        if values["subject"] is not None and not (implied and self._is_first_on_subject(values)):
            return self._store_on_subject(values, implied=implied)
        old = self._with_another_value(values)
        if old is not None:
            values["subject"] = values["subject"] or old.subject
            return "superseded", self.supersede(old, values), old.id
        return "stored", self._add(values), None

    def _imply_subject(self, values: dict[str, Any]) -> bool:
        """Find out what a statement about the student is about, where nobody said; True where that could be read."""
        if values["trust"] not in {"student", "model"} or not _stated(values):
            return False
        subject = attribute_of(values["text"], values["time"], values["zone"])
        if subject is None:
            return False
        known = self._connection.scalars(_SUBJECTS, {"student": self._student})
        values["subject"] = settled(subject, known)
        return True

    def _is_first_on_subject(self, values: dict[str, Any]) -> bool:
        at = {"student": self._student, "subject": values["subject"]}
        return all(_companions(values, row) for row in self._connection.execute(_ON_SUBJECT, at))

    def _with_another_value(self, values: dict[str, Any]) -> AnyRow | None:
        """Find the statement of which this is a newer version, by its words alone."""
        if not _stated(values):
            return None
        for row in self._connection.execute(_STATEMENTS, {"student": self._student}):
            companion = values["message_id"] is not None and row.message_id == values["message_id"]
            older = row.valid_from <= values["valid_from"] and not companion
            other = row.subject is not None and values["subject"] is not None
            if older and not other and _outranks(values, row) and same_slot(row.text, values["text"]):
                return row
        return None

    def _known(self, values: dict[str, Any]) -> AnyRow | None:
        """Find what is current and says the same; a passage repeats only a passage, a fact only its own subject."""
        at = {"student": self._student, "hash": values["content_hash"]}
        for row in self._connection.execute(_SAME_TEXT, at):
            alike = (row.kind == "passage") == (values["kind"] == "passage")
            if alike and (row.subject is None or values["subject"] in {None, row.subject}):
                return row
        return None

    def _store_on_subject(self, values: dict[str, Any], *, implied: bool) -> tuple[Status, int, int | None]:
        """Put a statement in its place among those on its subject, by the time from which each holds.

        Two statements that rest on the same message do not contradict each other: one is the student's sentence, the
        other what a rule made of it. Where the subject was only read from the words, no lesser source ends a better.
        """
        at = {"student": self._student, "subject": values["subject"]}
        rows = [row for row in self._connection.execute(_ON_SUBJECT, at) if not _companions(values, row)]
        before = [row for row in rows if row.valid_from <= values["valid_from"]]
        after = [row for row in rows if row.valid_from > values["valid_from"]]
        if after:  # it is news of the past: something later is known, and goes on holding
            if before and _held(before[-1], values):
                return "known", before[-1].id, before[-1].id
            new = self._add(values)
            self._end(new, after[0].valid_from, after[0].id)
            if before and (before[-1].valid_to or after[0].valid_from) > values["valid_from"]:
                self._end(before[-1].id, values["valid_from"], new)
            return "stored", new, None
        ended = [row for row in before if row.valid_to is None and (not implied or _outranks(values, row))]
        if not ended:
            return "stored", self._add(values), None
        new = self.supersede(ended[-1], values)
        for row in ended[:-1]:
            self._end(row.id, max(values["valid_from"], row.valid_from or row.time), new)
        return "superseded", new, ended[-1].id

    def supersede(self, old: AnyRow, values: dict[str, Any]) -> int:
        """Put something in the place of what is there, and give its row id.

        Raises:
            ToolError: It is from the web and the old is not.
        """
        if values["trust"] == "web" and old.trust != "web":
            raise not_from_the_web(archival_id(old.id))
        if old.external_id is not None:  # the id goes to the new row, and may stand only once
            self._connection.execute(update(archival).where(*self._at(old.id)).values(external_id=None))
        new = self._add(values)
        self._end(old.id, max(values["valid_from"], old.valid_from or old.time), new)
        return new

    def _add(self, values: dict[str, Any]) -> int:
        item: int = self._connection.execute(_ADD, values).scalar_one()
        text, name = findable(values["kind"], values["text"], values["name"], values["subject"])
        index_text(self._connection, self._student, "archival", item, text, name)
        return item

    def _end(self, item: int, at: datetime, by: int) -> None:
        self._connection.execute(
            update(archival).where(*self._at(item)).values(valid_to=at, superseded_by=by)
        )

    def _at(self, item: int) -> Sequence[ColumnElement[bool]]:
        return archival.c.student_id == self._student, archival.c.id == item


def findable(kind: str, text: str, name: str | None, subject: str | None) -> tuple[str, str | None]:
    """Give the words and the speaker's name under which something kept is filed."""
    if kind == "passage" and name:  # it is a title: nobody speaks, but its words are asked for
        return f"{name}\n{text}", None
    called = also_called(subject)
    return (f"{text}\n{called}" if called else text), name


def _stated(values: dict[str, Any]) -> bool:
    """Whether something was said, rather than read in a source or imported under an id of its own."""
    return values["kind"] != "passage" and values["source"] is None and values["external_id"] is None


def _outranks(values: dict[str, Any], old: AnyRow) -> bool:
    return TRUST_RANK[values["trust"]] >= TRUST_RANK[old.trust]


def _held(old: AnyRow, values: dict[str, Any]) -> bool:
    """Whether what is stated now was known to hold then: it has been stored, and something newer ended it."""
    then = values["valid_from"]
    held = old.valid_to is None or old.valid_to > then or old.valid_from == then
    return held and fingerprint(old.text) == values["content_hash"]


def _companions(values: dict[str, Any], row: AnyRow) -> bool:
    """Whether two statements are two ways of putting what one message says: the sentence, and a rule's reading."""
    return (
        values["message_id"] is not None and row.message_id == values["message_id"] and row.valid_to is None
    )
