"""What of the course was looked at together, and on which days: the passages that replies cite, by their rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, select

from ..dates import zone_of
from ..store import Database
from ..store.schema import archival, messages

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
