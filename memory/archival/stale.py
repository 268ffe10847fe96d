"""Which messages repeat what was superseded since: they are history, and no answer to a question of today."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from ..facts.render import repeats
from ..store import AnyRow, Database
from ..store.schema import archival, messages
from .records import COLUMNS, record_from_row

_ENDED = (
    select(*COLUMNS, archival.c.content_hash, messages.c.turn_id)
    .join(messages, messages.c.id == archival.c.message_id)
    .where(
        archival.c.student_id == bindparam("student"),
        archival.c.superseded_by.is_not(None),
        messages.c.turn_id.in_(bindparam("turns", expanding=True)),
    )
)
_BY = select(archival.c.message_id, archival.c.content_hash, archival.c.superseded_by).where(
    archival.c.student_id == bindparam("student"), archival.c.id == bindparam("item")
)


def outdated(db: Database, student_id: int, spoken: Mapping[int, str]) -> frozenset[int]:
    """Give those messages that state what was superseded since, and answers in the same turn that repeat it.

    "My exam is on December 3" is no news once it was moved, and no less so the answer that names the day.

    Args:
        spoken: Row ids of messages with what they say.
    """
    if not spoken:
        return frozenset()
    turn = select(messages.c.id, messages.c.turn_id).where(
        messages.c.student_id == student_id, messages.c.id.in_(list(spoken)), messages.c.turn_id.is_not(None)
    )
    with db.read() as connection:
        turn_of: dict[int, int] = {row.id: row.turn_id for row in connection.execute(turn)}
        if not turn_of:
            return frozenset()
        ended = connection.execute(
            _ENDED, {"student": student_id, "turns": sorted(set(turn_of.values()))}
        ).all()

        def still_so(row: AnyRow) -> bool:
            """Whether what took its place in the end says the same, or was made of the same message."""
            now: AnyRow | None = row
            while now is not None and now.superseded_by is not None:
                now = connection.execute(_BY, {"student": student_id, "item": now.superseded_by}).first()
            return now is None or now.content_hash == row.content_hash or now.message_id == row.message_id

        gone = [row for row in ended if not still_so(row)]
    return frozenset(
        item
        for item, said in spoken.items()
        for row in gone
        if item == row.message_id or (turn_of.get(item) == row.turn_id and _repeats(said, row))
    )


def _repeats(said: str, row: AnyRow) -> bool:
    record = record_from_row(row)
    return repeats(said, record.fact) if record.fact else record.text in said
