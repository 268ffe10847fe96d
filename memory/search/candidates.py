"""What a search reads of the two memories besides terms and vectors: candidates with their context, and full texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, func, or_, select

from ..archival.memory import held_at
from ..archival.records import COLUMNS, record_from_row
from ..dates import zone_of
from ..index.writer import SCOPES, batched
from ..recall.rows import said_hit
from ..store.schema import archival, doc_lengths, messages
from ..text import language
from ..types import Hit, archival_id, message_id
from .ranking import NEAR_TURNS, Candidate

BEGINNING = 120
"""Characters by which a text's language is told."""

NO_DAY = date.min
"""The day of what was written down rather than said: no question about a day means it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be returned at all; these hold whatever the scores say.

    Attributes:
        start, end: Only what was said in this time, `end` excluded.
        role: Only what this role said.
        kinds: Only these kinds of archival memory.
        as_of: What held then, instead of what holds now.
        exclude: Ids, as shown (`m12`, `a7`), that are in view already.
    """

    start: datetime | None = None
    end: datetime | None = None
    role: str | None = None
    kinds: frozenset[str] | None = None
    as_of: datetime | None = None
    exclude: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        """Whether much of what is near may have to go."""
        return bool(self.start or self.end or self.role or self.kinds)

    def allows_time(self, time: datetime) -> bool:
        """Whether something of this time may be returned."""
        return (self.start is None or time >= self.start) and (self.end is None or time < self.end)


@dataclass(slots=True)
class CandidateRow:
    """A candidate, and whether it may be returned or is only context."""

    candidate: Candidate
    allowed: bool


class Rows(Protocol):
    """The reading side of one memory; each statement filters by the student.

    Attributes:
        letter: What an id as people and models see it begins with.
    """

    id_prefix: str

    def read(
        self, connection: Connection, items: Collection[int], filters: Filters
    ) -> dict[int, CandidateRow]:
        """Give those of `items` that can be found."""
        ...

    def around(
        self, connection: Connection, items: Collection[int], filters: Filters
    ) -> dict[int, CandidateRow]:
        """Give what stands near `items` in conversation, and themselves."""
        ...

    def within(
        self,
        connection: Connection,
        start: datetime | None,
        end: datetime | None,
        role: str | None,
        most: int,
    ) -> list[int]:
        """Give the newest items of a stretch of time."""
        ...

    def extent(self, connection: Connection) -> tuple[datetime, datetime] | None:
        """Give the times of the first and the last."""
        ...

    def texts(self, connection: Connection, items: Sequence[int]) -> dict[int, str]:
        """Give what items say."""
        ...

    def hits(self, connection: Connection, items: Sequence[int]) -> dict[int, Hit]:
        """Give items as finds, not yet scored."""
        ...


_STUDENT: BindParameter[int] = bindparam("student")
_ITEMS: BindParameter[int] = bindparam("items", expanding=True)

# "+ 0" keeps SQLite from walking through an index of all the student's rows where a few row ids are given, and from
# beginning a join at any other table than the one whose ids are given: without statistics it took the whole
# conversation for each of its texts.
_MINE = messages.c.student_id + 0 == _STUDENT
_KEPT_MINE = archival.c.student_id + 0 == _STUDENT
_TRIMMED = func.rtrim(messages.c.content)
_PLACES = (
    select(
        messages.c.id,
        messages.c.session_id,
        messages.c.seq,
        messages.c.time,
        messages.c.zone,
        messages.c.role,
        messages.c.name,
        or_(_TRIMMED.like("%?"), _TRIMMED.like("%？")),
        func.substr(messages.c.content, 1, BEGINNING),
        doc_lengths.c.length,
    )
    .join(
        doc_lengths,
        and_(
            doc_lengths.c.student_id == _STUDENT,
            doc_lengths.c.scope == SCOPES["recall"],
            doc_lengths.c.item_id == messages.c.id + 0,
        ),
    )
    .where(_MINE, messages.c.undone.is_(False))
)
_READ = _PLACES.where(messages.c.id.in_(_ITEMS))
_HERE = messages.alias("here")
_AROUND = _PLACES.join(
    _HERE,
    and_(
        messages.c.session_id == _HERE.c.session_id + 0,
        messages.c.seq.between(_HERE.c.seq - NEAR_TURNS, _HERE.c.seq + NEAR_TURNS),
    ),
).where(_HERE.c.student_id + 0 == _STUDENT, _HERE.c.id.in_(_ITEMS))
_TEXTS = select(messages.c.id, messages.c.content).where(_MINE, messages.c.id.in_(_ITEMS))
_HITS = select(
    messages.c.id,
    messages.c.external_id,
    messages.c.time,
    messages.c.role,
    messages.c.content,
    messages.c.name,
    messages.c.trust,
).where(_MINE, messages.c.id.in_(_ITEMS))


class RecallRows:
    """Messages."""

    id_prefix = "m"

    def __init__(self, student_id: int) -> None:
        self._student = student_id

    def read(
        self, connection: Connection, items: Collection[int], filters: Filters
    ) -> dict[int, CandidateRow]:
        return self._places(connection, _READ, items, filters)

    def around(
        self, connection: Connection, items: Collection[int], filters: Filters
    ) -> dict[int, CandidateRow]:
        return self._places(connection, _AROUND, items, filters)

    def _places(
        self,
        connection: Connection,
        statement: Select[*tuple[Any, ...]],
        items: Collection[int],
        filters: Filters,
    ) -> dict[int, CandidateRow]:
        found: dict[int, CandidateRow] = {}
        for batch in batched(items):
            rows = connection.execute(statement, {"student": self._student, "items": batch}).all()
            for row in rows:
                item, session, seq, time, zone, role, name, asks, begins, length = cast(
                    "tuple[Any, ...]", row
                )
                if item in found:
                    continue
                candidate = Candidate(
                    item,
                    session,
                    seq,
                    time,
                    _day(time, zone),
                    role,
                    name or "",
                    language=language(begins),
                    asks=bool(asks),
                    length=length,
                )
                allowed = (
                    (filters.role is None or role == filters.role)
                    and filters.allows_time(time)
                    and message_id(item) not in filters.exclude
                )
                found[item] = CandidateRow(candidate, allowed)
        return found

    def within(
        self,
        connection: Connection,
        start: datetime | None,
        end: datetime | None,
        role: str | None,
        most: int,
    ) -> list[int]:
        wanted = [messages.c.student_id == self._student, messages.c.undone.is_(False)]
        wanted += [messages.c.time >= start] if start else []
        wanted += [messages.c.time < end] if end else []
        wanted += [messages.c.role == role if role else messages.c.role.in_(["user", "assistant"])]
        newest = select(messages.c.id).where(*wanted).order_by(messages.c.time.desc()).limit(most)
        return list(connection.scalars(newest))

    def extent(self, connection: Connection) -> tuple[datetime, datetime] | None:
        return _extent(
            connection, select(messages.c.time).where(messages.c.student_id == self._student), messages.c.time
        )

    def texts(self, connection: Connection, items: Sequence[int]) -> dict[int, str]:
        return dict(connection.execute(_TEXTS, {"student": self._student, "items": list(items)}).all())

    def hits(self, connection: Connection, items: Sequence[int]) -> dict[int, Hit]:
        rows = connection.execute(_HITS, {"student": self._student, "items": list(items)})
        return {row.id: said_hit(row) for row in rows}


_KEPT = (
    select(
        archival.c.id,
        archival.c.kind,
        archival.c.trust,
        archival.c.time,
        archival.c.zone,
        archival.c.name,
        func.substr(archival.c.text, 1, BEGINNING).label("begins"),
        doc_lengths.c.length,
    )
    .join(
        doc_lengths,
        and_(
            doc_lengths.c.student_id == _STUDENT,
            doc_lengths.c.scope == SCOPES["archival"],
            doc_lengths.c.item_id == archival.c.id + 0,
        ),
    )
    .where(_KEPT_MINE, archival.c.id.in_(_ITEMS))
)
_KEPT_TEXTS = select(archival.c.id, archival.c.text).where(_KEPT_MINE, archival.c.id.in_(_ITEMS))
_KEPT_HITS = select(*COLUMNS).where(_KEPT_MINE, archival.c.id.in_(_ITEMS))
_ROLE_OF_TRUST = {"student": "user", "model": "assistant"}


class ArchivalRows:
    """Facts, notes and passages. They stand alone: there is no context to read."""

    id_prefix = "a"

    def __init__(self, student_id: int) -> None:
        self._student = student_id

    def around(
        self,
        connection: Connection,  # noqa: ARG002  there is nothing to read
        items: Collection[int],  # noqa: ARG002
        filters: Filters,  # noqa: ARG002
    ) -> dict[int, CandidateRow]:
        return {}

    def read(
        self, connection: Connection, items: Collection[int], filters: Filters
    ) -> dict[int, CandidateRow]:
        holds = archival.c.valid_to.is_(None) if filters.as_of is None else held_at(filters.as_of)
        found: dict[int, CandidateRow] = {}
        for batch in batched(items):
            at = {"student": self._student, "items": batch}
            for item, kind, trust, time, zone, name, begins, length in connection.execute(
                _KEPT.where(holds), at
            ).all():
                passage = kind == "passage"
                day = NO_DAY if passage else _day(time, zone)
                role = _ROLE_OF_TRUST.get(trust, "source")
                allowed = (
                    (filters.kinds is None or kind in filters.kinds)
                    and filters.allows_time(time)
                    and archival_id(item) not in filters.exclude
                )
                speaker = "" if passage else name or ""
                candidate = Candidate(
                    item,
                    0,
                    0,
                    time,
                    day,
                    role,
                    speaker,
                    language=language(begins),
                    length=length,
                    passage=passage,
                )
                found[item] = CandidateRow(candidate, allowed)
        return found

    def within(
        self,
        connection: Connection,
        start: datetime | None,
        end: datetime | None,
        role: str | None,  # noqa: ARG002  nobody speaks here
        most: int,
    ) -> list[int]:
        wanted = [archival.c.student_id == self._student]
        wanted += [archival.c.time >= start] if start else []
        wanted += [archival.c.time < end] if end else []
        newest = select(archival.c.id).where(*wanted).order_by(archival.c.time.desc()).limit(most)
        return list(connection.scalars(newest))

    def extent(self, connection: Connection) -> tuple[datetime, datetime] | None:
        mine = select(archival.c.time).where(
            archival.c.student_id == self._student, archival.c.kind != "passage"
        )
        return _extent(connection, mine, archival.c.time)

    def texts(self, connection: Connection, items: Sequence[int]) -> dict[int, str]:
        rows = connection.execute(_KEPT_TEXTS, {"student": self._student, "items": list(items)})
        return dict(rows.all())

    def hits(self, connection: Connection, items: Sequence[int]) -> dict[int, Hit]:
        rows = connection.execute(_KEPT_HITS, {"student": self._student, "items": list(items)})
        return {row.id: record_from_row(row).as_hit() for row in rows}


def _extent(connection: Connection, times: Select[datetime], column: Any) -> tuple[datetime, datetime] | None:
    first = connection.scalar(times.order_by(column).limit(1))
    last = connection.scalar(times.order_by(column.desc()).limit(1))
    return None if first is None or last is None else (first, last)


def time_spans(days: Iterable[tuple[date, date]], zone: str) -> list[tuple[datetime, datetime]]:
    """Give days as times, a day wider each way: who spoke may have been in another zone."""
    local = zone_of(zone)
    loose = timedelta(days=1)
    return [
        (
            datetime(first.year, first.month, first.day, tzinfo=local) - loose,
            datetime(end.year, end.month, end.day, tzinfo=local) + loose,
        )
        for first, end in days
    ]


def _day(time: datetime, zone: str) -> date:
    return time.astimezone(zone_of(zone)).date()
