"""Recall first: what memory puts beside the student's message before any model is called.

No model call is spent on it, and small models work better with it. What is written here is stored with the message
and sent again verbatim, so it costs the provider's cache nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..memory.archival import ArchivalMemory
from ..memory.dates import describe_gap
from ..memory.messages import Hit
from ..memory.recall import RecallMemory
from ..tools.hits import format_hits
from .settings import local_time

RELEVANT = 0.5
"""Calibrated relevance below which a hit is not worth showing unasked."""

CANDIDATES = 6
"""How many hits are looked at in each memory."""

SHOWN = 4
"""Most hits beside one message."""

PAUSE = timedelta(hours=6)
"""A silence this long is a gap the model is told of, and opens a new view."""

PRESSURE = (
    "(Memory pressure: the oldest turns will soon be folded into a summary. Save now what must stay in view, with "
    "core_memory_append or archival_memory_insert.)"
)


def recollect(
    query: str, recall: RecallMemory, archival: ArchivalMemory, in_view: frozenset[str]
) -> tuple[Hit, ...]:
    """Find what is worth standing beside a message: relevant and not yet in view, best first."""
    found = [
        *recall.search(query, CANDIDATES, exclude=in_view),
        *archival.search(query, CANDIDATES, exclude=in_view),
    ]
    relevant = [hit for hit in found if hit.relevance >= RELEVANT]
    return tuple(sorted(relevant, key=lambda hit: -hit.relevance)[:SHOWN])


def write_beside(
    hits: Sequence[Hit],
    now: datetime,
    zone: str,
    *,
    budget: int,
    last: datetime | None = None,
    parts: Sequence[Hit] = (),
    notes: Sequence[str] = (),
) -> str:
    """Write what goes in beside a message: finds within `budget` tokens, notes, and the time line.

    Args:
        last: When the conversation was last alive; a pause since then is named. The line takes 15 tokens at most.
        parts: What the parts of a message too large for the window say; beside the budget, whole.
    """
    here = local_time(now, zone)
    gap = ""
    if last is not None and now - last >= PAUSE:
        gap = f", {describe_gap(last, now, 'en')}"
    found = "\n".join(text for text in (format_hits(parts, zone), format_hits(hits, zone, budget)) if text)
    memory = [f"<memory>\n{found}\n</memory>"] if found else []
    return "\n".join([*memory, *notes, f"({here:%Y-%m-%d %a %H:%M}{gap})"])
