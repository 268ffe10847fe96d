"""Recall first: what memory puts beside the student's message before any model is called.

No model call is spent on it, and small models work better with it. What is written here is stored with the message
and sent again verbatim, so it costs the provider's cache nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

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

PAUSE_HOURS = 6
"""A silence this long is a gap the model is told of, and opens a new view."""

PRESSURE = (
    "(Memory pressure: the oldest turns will soon be folded into a summary. Save now what must stay in view, with "
    "core_memory_append or archival_memory_insert.)"
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a message, and the hits it was made from."""

    text: str
    hits: tuple[Hit, ...]


def recollect(
    query: str,
    recall: RecallMemory,
    archival: ArchivalMemory,
    *,
    in_view: frozenset[str],
    budget: int,
    count: Callable[[str], int],
) -> tuple[Hit, ...]:
    """Find what is worth standing beside a message: relevant, not yet in view, within `budget` tokens."""
    found = [
        *recall.search(query, CANDIDATES, exclude=in_view),
        *archival.search(query, CANDIDATES, exclude=in_view),
    ]
    chosen: list[Hit] = []
    left = budget
    for hit in sorted(found, key=lambda h: -h.relevance):
        if hit.relevance < RELEVANT:
            break
        cost = count(format_hits((hit,)))
        if cost <= left:
            chosen.append(hit)
            left -= cost
    return tuple(chosen)


def write_beside(
    hits: Sequence[Hit], now: datetime, zone: str, last: datetime | None, notes: Sequence[str] = ()
) -> str:
    """Write hits, notes and the time line that go in beside a message; at most 15 tokens for the time."""
    here = local_time(now, zone)
    gap = ""
    if last is not None and (now - last).total_seconds() >= PAUSE_HOURS * 3600:
        gap = f", {describe_gap(last, now, 'en')}"
    parts = [f"<memory>\n{format_hits(hits)}\n</memory>"] if hits else []
    return "\n".join([*parts, *notes, f"({here:%Y-%m-%d %a %H:%M}{gap})"])
