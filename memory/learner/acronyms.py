"""What acronyms stand for: each sense with its source, and the one that the student means where there are several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from ..index.writer import SCOPES
from ..store import Database
from ..store.schema import acronyms, archival, messages, postings
from ..text import content_words, mentions, terms
from ..text.acronyms import spelled_out_in
from ..text.terms import stem
from ..types import Hit, Trust, archival_id, message_id

MOST_READ = 200
"""Passages that are read for one acronym: who defines it does so early."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What an acronym stands for.

    Attributes:
        id: The passage (`a12`) that spells it out, or the message (`m40`) that brought it in.
        source, locator: A file and its heading, or an address.
        chosen: The student said that they mean this one.
    """

    short: str
    long: str
    id: str
    source: str
    locator: str
    trust: Trust
    time: datetime
    chosen: bool = False

    def as_hit(self) -> Hit:
        """The sense as it stands beside a message; it is no text to cite at length."""
        return Hit(
            id=self.id,
            external_id=None,
            source="archival",
            score=0.0,
            relevance=1.0,
            time=self.time,
            role="source",
            name=self.short,
            kind="acronym",
            trust=self.trust,
            text=f"{self.short} = {self.long}",
            origin=self.source,
            locator=self.locator,
        )


class Acronyms:
    """One student's glossary of acronyms.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock

    def look_up(self, short: str) -> list[Sense]:
        """Give what an acronym stands for: in the course, else on the web; only what the student chose, where they did.

        What the course says now and is not in the glossary yet is put there.
        """
        self._read_course(short)
        known = self._senses(short)
        chosen = [sense for sense in known if sense.chosen]
        course = [sense for sense in known if sense.trust != "web"]
        return list({_folded(sense.long): sense for sense in reversed(chosen or course or known)}.values())[
            ::-1
        ]

    def add(
        self,
        short: str,
        long: str,
        *,
        trust: Trust,
        source: str = "",
        passage: int | None = None,
        message: int | None = None,
    ) -> None:
        """Put a sense into the glossary, once for each row that it rests on; it goes with that row.

        Args:
            short, long: The acronym, and the words it is made of.
            trust: Of the text that spells it out.
            source: A file's place, or an address.
            passage, message: The row that the text stands in.
        """
        row = {"student_id": self._student, "short": short, "long": long, "source": source, "trust": trust}
        row |= {"archival_id": passage, "message_id": message, "chosen": False, "created_at": self._clock()}
        there = select(acronyms.c.id).where(
            *self._named(short),
            acronyms.c.long == long,
            acronyms.c.archival_id == passage if passage else acronyms.c.source == source,
        )
        with self._db.begin() as connection:
            if connection.execute(there).first() is None:
                connection.execute(insert(acronyms), row)

    def read_web(self, named: Iterable[str], text: str, source: str, message: int) -> None:
        """Put what a stranger's text says of some acronyms into the glossary."""
        wanted = {short.casefold() for short in named}
        for short, long in dict.fromkeys(spelled_out_in(text)):
            if short.casefold() in wanted:
                self.add(short, long, trust="web", source=source, message=message)

    def choose(self, senses: Sequence[Sense], said: str) -> Sense | None:
        """Take the sense that the student's words name and no other sense is named by; None where they name none."""
        meant = [sense for sense in senses if _means(said, sense, senses)]
        if len(meant) != 1:
            return None
        short, same = meant[0].short, _folded(meant[0].long)
        written = {sense.long for sense in self._senses(short) if _folded(sense.long) == same}
        with self._db.begin() as connection:
            connection.execute(update(acronyms).where(*self._named(short)).values(chosen=False))
            its = (*self._named(short), acronyms.c.long.in_(written))
            connection.execute(update(acronyms).where(*its).values(chosen=True))
        return meant[0]

    def _read_course(self, short: str) -> None:
        words = list(terms(short))
        if not words:
            return
        spoken_of = select(postings.c.item_id).where(
            postings.c.student_id == self._student,
            postings.c.scope == SCOPES["archival"],
            postings.c.term.in_(words),
        )
        passages = (
            select(archival.c.id, archival.c.text, archival.c.trust)
            .where(
                archival.c.student_id == self._student,
                archival.c.kind == "passage",
                archival.c.valid_to.is_(None),
                archival.c.id.in_(spoken_of),
            )
            .order_by(archival.c.id)
            .limit(MOST_READ)
        )
        known = {(sense.id, sense.long) for sense in self._senses(short)}
        with self._db.read() as connection:
            spelled = [
                (row, one, long)
                for row in connection.execute(passages)
                for one, long in dict.fromkeys(spelled_out_in(row.text))
                if one.casefold() == short.casefold() and (archival_id(row.id), long) not in known
            ]
        if spelled:
            with self._db.begin(durable=False):  # the course says it again, should the power fail
                for row, one, long in spelled:
                    self.add(one, long, trust=row.trust, passage=row.id)

    def _senses(self, short: str) -> list[Sense]:
        held = or_(
            and_(acronyms.c.archival_id.is_not(None), archival.c.valid_to.is_(None)),
            and_(acronyms.c.archival_id.is_(None), messages.c.undone.is_(False)),
        )
        rows = (
            select(acronyms, archival.c.source.label("file"), archival.c.locator)
            .outerjoin(archival, archival.c.id == acronyms.c.archival_id)
            .outerjoin(messages, messages.c.id == acronyms.c.message_id)
            .where(*self._named(short), held)
            .order_by(acronyms.c.id)
        )
        with self._db.read() as connection:
            return [
                Sense(
                    row.short,
                    row.long,
                    archival_id(row.archival_id) if row.archival_id else message_id(row.message_id),
                    row.file or row.source,
                    row.locator or "",
                    row.trust,
                    row.created_at,
                    row.chosen,
                )
                for row in connection.execute(rows)
            ]

    def _named(self, short: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return (acronyms.c.student_id == self._student, func.lower(acronyms.c.short) == short.casefold())


def _folded(long: str) -> str:
    """Give a full name as it is compared: without hyphens, capitals and the endings of its words."""
    return " ".join(stem(word) for word in long.replace("-", " ").casefold().split())


def _means(said: str, sense: Sense, senses: Sequence[Sense]) -> bool:
    """Whether words name what only this sense has of all."""
    others = {word for other in senses if other is not sense for word in _folded(other.long).split()}
    own = [word for word in content_words(sense.long.replace("-", " ")) if _folded(word) not in others]
    return any(mentions(said, (word,)) for word in own)
