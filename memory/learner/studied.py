"""What was studied, and when: the passages that replies cite, the messages of conversations, answers and reviews, by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from ..dates import zone_of
from ..store import Database
from ..store.schema import archival, attempts, messages, reviews, sessions, students

_CITED = re.compile(r"\ba(\d+)(?=[\],;\s])")
_REPLIES = (
    select(messages.c.id, messages.c.content, messages.c.time, messages.c.zone)
    .where(
        messages.c.student_id == bindparam("student"),
        messages.c.role == "assistant",
        messages.c.undone.is_(False),
        messages.c.content.like("%[a%"),
    )
    .order_by(messages.c.id)
)
_PASSAGES = select(archival.c.id, archival.c.source, archival.c.locator).where(
    archival.c.student_id == bindparam("student"), archival.c.kind == "passage"
)
# Conversation that was held elsewhere and imported is no time spent here.
_SPOKEN = (
    select(messages.c.id, messages.c.session_id, messages.c.time)
    .join(sessions, sessions.c.id == messages.c.session_id)
    .where(
        messages.c.student_id == bindparam("student"),
        messages.c.role.in_(("user", "assistant")),
        messages.c.undone.is_(False),
        messages.c.time >= bindparam("since"),
        sessions.c.origin == "chat",
    )
    .order_by(messages.c.time, messages.c.id)
)


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage of the course that a reply cites.

    Attributes:
        file, locator: Its place.
        at: When the reply was given; `day` is that day where the student was.
    """

    archival_id: int
    message_id: int
    file: str
    locator: str
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message of a conversation held here."""

    message_id: int
    session_id: int
    at: datetime


def cited_passages(db: Database, student_id: int) -> list[CitedPassage]:
    """Give every passage that a reply cites, once for each reply, the oldest first."""
    with db.read() as connection:
        replies = [
            (int(item), row)
            for row in connection.execute(_REPLIES, {"student": student_id})
            for item in dict.fromkeys(_CITED.findall(row.content))
        ]
        rows = connection.execute(_PASSAGES, {"student": student_id}) if replies else ()
        cited = {item for item, _ in replies}
        places = {row.id: (row.source or "", row.locator or "") for row in rows if row.id in cited}
    return [
        CitedPassage(item, row.id, *places[item], row.time, row.time.astimezone(zone_of(row.zone)).date())
        for item, row in replies
        if item in places
    ]


def days_of_passages(db: Database, student_id: int) -> Mapping[tuple[str, str], frozenset[date]]:
    """Give the student's own days on which each place of the course was cited: by (file, locator)."""
    found: dict[tuple[str, str], frozenset[date]] = {}
    for cited in cited_passages(db, student_id):
        place = (cited.file, cited.locator)
        found[place] = found.get(place, frozenset()) | {cited.day}
    return found


def spoken(db: Database, student_id: int, since: datetime) -> list[Spoken]:
    """Give the messages of conversations held here since a time, the oldest first."""
    with db.read() as connection:
        rows = connection.execute(_SPOKEN, {"student": student_id, "since": since})
        return [Spoken(row.id, row.session_id, row.time) for row in rows]


def days_of_practice(db: Database, student_id: int) -> frozenset[date]:
    """Give the student's own days on which a card was reviewed or an answer was given."""
    of = day_of(db, student_id)
    with db.read() as connection:
        times = [
            at
            for table in (reviews, attempts)
            for at in connection.scalars(select(table.c.at).where(table.c.student_id == student_id))
        ]
    return frozenset(map(of, times))


def day_of(db: Database, student_id: int) -> Callable[[datetime], date]:
    """Give what says on which of a student's own days a moment is."""
    with db.read() as connection:
        zone = zone_of(connection.scalars(select(students.c.zone).where(students.c.id == student_id)).one())
    return lambda at: at.astimezone(zone).date()
