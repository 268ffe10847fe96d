"""Archival memory: facts, notes and passages put away on purpose. Nothing is overwritten; the new supersedes the old.

A fact has a subject and a time from which it holds. A newer statement on the same subject ends the older one's time;
the older one is found again only by asking as of a date.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select

from ..errors import NotFound, ToolRetry
from ..facts import StatedFact, extract_facts, render_fact
from ..index import forget_items, lock_student
from ..index.writer import SCOPES
from ..recall.rows import ITEMS, texts_of
from ..store import AnyRow, Database, row_id
from ..store.schema import archival, postings
from ..text import mask_secrets, sanitize_user, terms, warm_for
from ..types import Hit, Trust, archival_id, message_id
from .records import (
    COLUMNS,
    ArchivalRecord,
    InsertResult,
    Kind,
    contents_of,
    fact_columns,
    fingerprint,
    holds_no_more,
    record_from_row,
    subject_key,
    superseded_already,
)
from .stale import outdated
from .supersede import ArchivalWriter


class ArchivalSearch(Protocol):
    """What finds: `HybridSearch` over the space "archival"."""

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        kinds: Collection[str] | None = None,
        as_of: datetime | None = None,
        exclude: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Give the best `k`, best first."""
        ...


_MINE = archival.c.student_id == bindparam("student")
_BY_ID = select(*COLUMNS).where(_MINE, archival.c.id == bindparam("item"))
_CURRENT = archival.c.valid_to.is_(None)
_TEXTS = select(archival.c.id, archival.c.text).where(_MINE, _CURRENT, archival.c.id.in_(ITEMS))
_VOCABULARY = (
    select(postings.c.term)
    .where(
        postings.c.student_id == bindparam("student"),
        postings.c.scope == SCOPES["archival"],
        postings.c.term >= "a",
        postings.c.term < "{",
        postings.c.term.not_like("_:%"),
    )
    .distinct()
)


class ArchivalMemory:
    """One student's archival memory.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
        search: Finds in this student's archival memory.
    """

    def __init__(
        self, db: Database, student_id: int, clock: Callable[[], datetime], search: ArchivalSearch
    ) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock
        self._search = search

    def insert(
        self,
        text: str,
        *,
        kind: Kind = "note",
        subject: str | None = None,
        fact: StatedFact | None = None,
        corrects: bool = False,
        quote: str | None = None,
        message_id: int | str | None = None,
        trust: Trust = "student",
        source: str | None = None,
        locator: str | None = None,
        role: str | None = None,
        name: str | None = None,
        tags: Iterable[str] = (),
        external_id: str | None = None,
        time: datetime | None = None,
        zone: str | None = None,
        valid_from: datetime | None = None,
    ) -> InsertResult:
        """Put something away, unless it is known already.

        Without an `external_id`, what says the same as something current is known; what differs from a current fact
        supersedes it where only one of the two can hold (`single_valued`) or the student corrected it, in the order of
        `valid_from` and not of insertion. With one, that id says what is the same thing, and another text under it
        supersedes the old.

        Args:
            fact: What `text` says, as values.
            corrects: The student said that what is known on the subject is not, or no longer, so.
            quote: The words it rests on, which `message_id` must hold.
            trust: Whose word it is. "student" becomes "model" where the message is not the student's.
            time: When it was said or written; the message's time, else now. `zone` likewise.
            valid_from: Since when it holds; `time` where it is not given.

        Raises:
            ToolRetry: The text is empty, or the quote is not in the message.
            ToolError: It is from the web and would take the place of what the student or the course says.
            NotFound: This student has no such message.
        """
        clean, kinds = _clean(text)
        if not clean:
            raise ToolRetry("There is nothing to store: the text is empty.", "저장할 내용이 비어 있습니다.")
        values: dict[str, Any] = {
            "student_id": self._student,
            "kind": kind,
            "text": clean,
            "subject": subject_key(subject and mask_secrets(subject)),
            **fact_columns(fact),
            "quote": None if quote is None else _clean(quote)[0] or None,
            "message_id": None if message_id is None else row_id(message_id, "m"),
            "trust": trust,
            "source": source and mask_secrets(source),
            "locator": locator and mask_secrets(locator),
            "role": role,
            "name": name and mask_secrets(name),
            "tags": [mask_secrets(tag) for tag in tags],
            "external_id": external_id,
            "content_hash": fingerprint(clean),
            "created_at": self._clock(),
        }
        with self._db.begin() as connection:
            lock_student(connection, self._student)  # or two programs could both find it unknown
            writer = ArchivalWriter(connection, self._student, self._clock)
            writer.check_source(values, time, zone, valid_from)
            status, item, of = writer.insert(values, corrects=corrects)
        return InsertResult(archival_id(item), status, None if of is None else archival_id(of), kinds)

    def insert_fact(self, fact: StatedFact, message_id: int, language: str, time: datetime) -> InsertResult:
        """Keep a fact that rules read in a message of the student's; its sentence is written from its values."""
        return self.insert(
            render_fact(fact, language),
            kind="fact",
            subject=fact.subject,
            fact=fact,
            corrects=fact.change,
            quote=fact.quote,
            message_id=message_id,
            time=time,
        )

    def update(
        self,
        item: int | str,
        text: str,
        *,
        quote: str | None = None,
        message_id: int | str | None = None,
        trust: Trust = "student",
        valid_from: datetime | None = None,
    ) -> InsertResult:
        """Supersede one thing by a new text on the same subject; the old one stays, as what held until then.

        Raises:
            ToolRetry: The text is empty, the quote is not in the message, or the thing was superseded already.
            ToolError: It is from the web and would take the place of what the student or the course says.
            NotFound: This student has nothing of that id.
        """
        clean, kinds = _clean(text)
        if not clean:
            raise ToolRetry("There is nothing to store: the text is empty.", "저장할 내용이 비어 있습니다.")
        restated = self._restated(self.details(item), clean)
        with self._db.begin() as connection:
            lock_student(connection, self._student)
            old = self._row(connection, row_id(item, "a"))
            if old.valid_to is not None:
                raise superseded_already(old)
            if old.text == clean:
                return InsertResult(archival_id(old.id), "known", archival_id(old.id), kinds)
            values: dict[str, Any] = {
                "student_id": self._student,
                "text": clean,
                "quote": None if quote is None else _clean(quote)[0] or None,
                "message_id": None if message_id is None else row_id(message_id, "m"),
                "trust": trust,
                "content_hash": fingerprint(clean),
                "created_at": self._clock(),
                **fact_columns(restated),
            }
            for same in ("kind", "subject", "source", "locator", "role", "name", "tags", "external_id"):
                values[same] = getattr(old, same)
            values["subject"] = restated.subject if restated else old.subject
            writer = ArchivalWriter(connection, self._student, self._clock)
            writer.check_source(values, None, None, valid_from)
            new = writer.supersede(old, values)
        return InsertResult(archival_id(new), "superseded", archival_id(old.id), kinds)

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        kinds: Collection[str] | None = None,
        as_of: datetime | None = None,
        exclude: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Find the best `k`, best first; what was superseded only where `as_of` asks for a time when it held.

        Args:
            start, end: Only what was said or written in this time, `end` excluded.
            kinds: Only these kinds.
            exclude: Ids (`a7`) that are in view already.
        """
        found = self._search.search(query, k, start=start, end=end, kinds=kinds, as_of=as_of, exclude=exclude)
        return newest_first(found)

    def get(self, item: int | str) -> Hit:
        """Give one thing as a find.

        Raises:
            NotFound: This student has nothing of that id, or it was superseded.
        """
        kept = self.details(item)
        if kept.valid_to is not None:
            raise holds_no_more(kept)
        return kept.as_hit()

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """Give what those of some ids say that are current and in this memory; other ids are passed over."""
        return texts_of(self._db, _TEXTS, self._student, "a", ids)

    def details(self, item: int | str) -> ArchivalRecord:
        """Give one thing with all that is known of it, superseded or not.

        Raises:
            NotFound: This student has nothing of that id.
        """
        with self._db.read() as connection:
            return record_from_row(self._row(connection, row_id(item, "a")))

    def list(
        self,
        kind: Kind | None = None,
        *,
        subject: str | None = None,
        message: int | None = None,
        as_of: datetime | None = None,
        superseded: bool = False,
    ) -> builtins.list[ArchivalRecord]:
        """Give what is kept, the oldest first: what holds now, or held at `as_of`, or all of it.

        Args:
            subject: Only what is on this subject, or under it where it ends in ":" ("exam:").
            message: Only what rests on the message of this number.
            superseded: Everything, whether it holds or not.
        """
        wanted: list[ColumnElement[bool]] = []
        if kind is not None:
            wanted.append(archival.c.kind == kind)
        if subject is not None:
            key = subject_key(subject) or ""
            under = key.endswith(":")
            wanted.append(
                archival.c.subject.startswith(key, autoescape=True) if under else archival.c.subject == key
            )
        if message is not None:
            wanted.append(archival.c.message_id == message)
        if not superseded:
            wanted.append(_CURRENT if as_of is None else held_at(as_of))
        return self._records(*wanted)

    def facts(self) -> builtins.list[ArchivalRecord]:
        """Give what is known as values, what was superseded too, the oldest first."""
        return self._records(archival.c.kind == "fact", archival.c.fact_kind.is_not(None))

    def statements(self) -> builtins.list[ArchivalRecord]:
        """Give what rests on the student's own words, what was superseded too, the oldest first."""
        return self._records(archival.c.kind != "passage", archival.c.trust == "student")

    def contents(self) -> builtins.list[tuple[str, str]]:
        """Give where the passages of the course stand, in their order: (file, locator)."""
        return contents_of(self._db, self._student)

    def vocabulary(self) -> set[str]:
        """Give the stems of the words in Latin letters that archival memory holds."""
        with self._db.read() as connection:
            return set(connection.scalars(_VOCABULARY, {"student": self._student}))

    def superseded_by(self, item: int | str) -> builtins.list[ArchivalRecord]:
        """Give what a thing took the place of, the oldest first."""
        return self._records(archival.c.superseded_by == row_id(item, "a"))

    def history(self, item: int | str) -> builtins.list[ArchivalRecord]:
        """Give a thing, what it superseded and what superseded it, the oldest first."""
        known = {kept.id: kept for kept in self.list(superseded=True)}
        newest = self.details(item)
        while newest.superseded_by in known:
            newest = known[newest.superseded_by]
        chain = {newest.id}
        found = [newest]
        for at in found:  # grows while it is walked
            before = [kept for kept in known.values() if kept.superseded_by == at.id and kept.id not in chain]
            chain.update(kept.id for kept in before)
            found += before
        return sorted(found, key=lambda kept: (kept.valid_from or kept.time, row_id(kept.id, "a")))

    def outdated(self, hits: Sequence[Hit]) -> frozenset[str]:
        """Give the ids of those finds in recall memory that repeat what was superseded since they were said."""
        spoken = {int(hit.id[1:]): hit.text for hit in hits if hit.source == "recall"}
        return frozenset(message_id(item) for item in outdated(self._db, self._student, spoken))

    def retract(self, message_ids: Collection[int]) -> None:
        """Let what rests on undone messages hold no more; what it superseded holds again."""
        with self._db.begin() as connection:
            lock_student(connection, self._student)
            ArchivalWriter(connection, self._student, self._clock).retract(message_ids)

    def forget(self, item: int | str) -> None:
        """Delete one thing with everything that could find it. What it superseded stays superseded.

        Raises:
            NotFound: This student has nothing of that id.
        """
        number = row_id(item, "a")
        with self._db.begin() as connection:
            self._row(connection, number)
            forget_items(connection, self._student, "archival", [number])
            connection.execute(
                delete(archival).where(archival.c.student_id == self._student, archival.c.id == number)
            )

    def _restated(self, old: ArchivalRecord, text: str) -> StatedFact | None:
        """Give the values of a fact in new words; None where they do not state one that the old message stated."""
        same = [old] if old.message_id is None else self.list(message=old.message_id)
        known = {kept.fact.kind: kept.fact for kept in same if kept.fact}
        stated = (
            [f for f in extract_facts(text, old.time, old.zone) if f.kind in known and not f.shift]
            if known
            else []
        )
        return replace(stated[0], subject=known[stated[0].kind].subject) if len(stated) == 1 else None

    def _records(self, *wanted: ColumnElement[bool]) -> builtins.list[ArchivalRecord]:
        statement = select(*COLUMNS).where(_MINE, *wanted).order_by(archival.c.id)
        with self._db.read() as connection:
            return [record_from_row(row) for row in connection.execute(statement, {"student": self._student})]

    # Inside a transaction

    def _row(self, connection: Connection, item: int) -> AnyRow:
        row = connection.execute(_BY_ID, {"student": self._student, "item": item}).first()
        if row is None:
            name = archival_id(item)
            raise NotFound(
                f"There is no memory {name} of this student.", f"이 학생에게는 {name} 기억이 없습니다."
            )
        return row


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    clean, kinds = sanitize_user(text)
    warm_for(clean)
    return clean.strip(), kinds


def newest_first(hits: Sequence[Hit]) -> builtins.list[Hit]:
    """Put of two statements on one thing the newer before the older, where both were found.

    Nobody can tell every correction from a second fact: both are kept then, and the later word is read first.
    """
    ordered: builtins.list[Hit] = []
    for hit in hits:
        older = (i for i, other in enumerate(ordered) if other.time < hit.time and _on_one_thing(other, hit))
        ordered.insert(next(older, len(ordered)), hit)
    return ordered


def _on_one_thing(older: Hit, newer: Hit) -> bool:
    if not all(
        hit.kind != "passage" and hit.origin is None and hit.external_id is None for hit in (older, newer)
    ):
        return False
    before, after = terms(older.text).keys(), terms(newer.text).keys()
    return 2 * len(before & after) > min(len(before), len(after))


def held_at(moment: datetime) -> ColumnElement[bool]:
    """Give the condition that an archival row held at a moment."""
    return and_(
        or_(archival.c.valid_from.is_(None), archival.c.valid_from <= moment),
        or_(archival.c.valid_to.is_(None), archival.c.valid_to > moment),
    )
