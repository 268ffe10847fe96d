"""On which of their own days a student studied what: the passages that replies cite, by their rows, answers and reviews."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, select

from ..dates import zone_of
from ..store import Database
from ..store.schema import archival, attempts, messages, reviews, students

_CITED = re.compile(r"\ba(\d+)(?=[\],;\s])")
_REPLIES = select(messages.c.content, messages.c.time, messages.c.zone).where(
    messages.c.student_id == bindparam("student"),
    messages.c.role == "assistant",
    messages.c.undone.is_(False),
    messages.c.content.like("%[a%"),
)
_PASSAGES = select(archival.c.id, archival.c.source, archival.c.locator).where(
    archival.c.student_id == bindparam("student"), archival.c.kind == "passage"
)


def days_of_passages(db: Database, student_id: int) -> Mapping[tuple[str, str], frozenset[date]]:
    """Give the student's own days on which each place of the course was cited: by (file, locator)."""
    at: dict[int, set[date]] = {}
    with db.read() as connection:
        for row in connection.execute(_REPLIES, {"student": student_id}):
            day = row.time.astimezone(zone_of(row.zone)).date()
            for item in _CITED.findall(row.content):
                at.setdefault(int(item), set()).add(day)
        rows = connection.execute(_PASSAGES, {"student": student_id}) if at else ()
        places = {row.id: (row.source or "", row.locator or "") for row in rows if row.id in at}
    found: dict[tuple[str, str], frozenset[date]] = {}
    for item, place in places.items():
        found[place] = found.get(place, frozenset()) | at[item]
    return found


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
