"""What is embedded of an item: the parts of its text, with what it needs to be understood alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from .changes import batched
from .messages import Space
from .schema import archival, messages
from .text import parts

SPOKEN = ("user", "assistant")


def item_texts(
    connection: Connection, student_id: int, items: Sequence[tuple[Space, int]]
) -> dict[tuple[Space, int], list[str]]:
    """Give the texts to embed for each item; those whose row is gone are left out."""
    found: dict[tuple[Space, int], list[str]] = {}
    recall = [item for space, item in items if space == "recall"]
    kept = [item for space, item in items if space == "archival"]
    for batch in batched(recall):
        found.update((("recall", item), texts) for item, texts in _spoken(connection, student_id, batch))
    for batch in batched(kept):
        rows = connection.execute(
            select(archival.c.id, archival.c.kind, archival.c.text, archival.c.locator).where(
                archival.c.student_id == student_id, archival.c.id.in_(batch)
            )
        )
        found.update((("archival", row.id), kept_parts(row.kind, row.text, row.locator)) for row in rows)
    return found


def kept_parts(kind: str, text: str, locator: str | None) -> list[str]:
    """Give the texts to embed of something in archival memory.

    A passage of a course begins with its headings (`ingest.py`); each of its parts is read under them.
    """
    headings, gap, body = text.partition("\n\n")
    if kind != "passage" or locator is None or not gap or "\n" in headings:
        return parts(text)
    return [f"{headings}: {part}" for part in parts(body)]


def _spoken(connection: Connection, student_id: int, batch: Sequence[int]) -> Iterable[tuple[int, list[str]]]:
    """Give messages' parts, each read with the question that stood before it in its session."""
    earlier = messages.alias()
    previous = (
        select(earlier.c.content)
        .where(
            earlier.c.session_id == messages.c.session_id,
            earlier.c.seq < messages.c.seq,
            earlier.c.role.in_(SPOKEN),
            earlier.c.content != "",
        )
        .order_by(earlier.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(messages.c.id, messages.c.content, previous).where(
            messages.c.student_id == student_id, messages.c.role.in_(SPOKEN), messages.c.id.in_(batch)
        )
    )
    return [(item, parts(content, before or "")) for item, content, before in rows]
