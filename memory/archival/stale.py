"""Which messages repeat what was superseded since they were said: history, and no answer to a question of today."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from ..store.database import Database
from ..store.rows import AnyRow
from ..store.schema import archival, messages


def outdated(db: Database, student_id: int, spoken: Mapping[int, str]) -> frozenset[int]:
    """Give those messages that repeat what was superseded since, in the turn in which the student stated it.

    "My exam is on December 3" is no news once it was moved, and no less so the answer that repeats it.

    Args:
        spoken: Row ids of messages with what they say.
    """
    if not spoken:
        return frozenset()
    turn = select(messages.c.id, messages.c.turn_id).where(
        messages.c.student_id == student_id, messages.c.id.in_(list(spoken)), messages.c.turn_id.is_not(None)
    )
    stated = (
        select(messages.c.turn_id, archival.c.text, archival.c.superseded_by)
        .join(archival, archival.c.message_id == messages.c.id)
        .where(
            messages.c.student_id == student_id,
            archival.c.student_id == student_id,
            archival.c.superseded_by.is_not(None),
            messages.c.turn_id.in_(bindparam("turns", expanding=True)),
        )
    )
    with db.read() as connection:
        turn_of: dict[int, int] = {row.id: row.turn_id for row in connection.execute(turn)}
        old: list[AnyRow] = []
        if turn_of:
            old += connection.execute(stated, {"turns": sorted(set(turn_of.values()))}).all()
        gone = [(row.turn_id, _lost(connection, student_id, row.text, row.superseded_by)) for row in old]
    return frozenset(
        item
        for item, said in spoken.items()
        for of, words in gone
        if turn_of.get(item) == of and words & _marks(said)
    )


def _lost(connection: Connection, student_id: int, old: str, by: int) -> frozenset[str]:
    """Give the words of a statement that the one which holds now no longer has."""
    text = ""
    following: int | None = by
    while following is not None:
        row = connection.execute(
            select(archival.c.text, archival.c.superseded_by).where(
                archival.c.student_id == student_id, archival.c.id == following
            )
        ).first()
        if row is None:
            break
        text, following = row.text, row.superseded_by
    return _marks(old) - _marks(text)


_MARK = re.compile(r"\d+|[a-z]{2,}|[가-힣](?=[가-힣])")
_ENDINGS = frozenset(
    {"니다", "입니", "습니", "이에", "에요", "예요", "어요", "아요", "해요", "했어", "있어", "이고", "인데"}
)


def _marks(text: str) -> frozenset[str]:
    """Give numbers, words and pairs of syllables: coarser than `text.terms`, and without loading an analyser."""
    low = text.casefold()
    marks = (low[found.start() : found.end() + ("가" <= found[0] <= "힣")] for found in _MARK.finditer(low))
    return frozenset(marks) - _ENDINGS
