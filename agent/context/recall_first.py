"""Recall first: what memory puts beside the student's message before any model is called.

No model call is spent on it, and small models work better with it. What is written here is stored with the message
and sent again verbatim, so it costs the provider's cache nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...memory.archival import ArchivalMemory
from ...memory.dates import describe_gap
from ...memory.recall import RecallMemory
from ...memory.types import Hit, ShownHit
from ...tools.hits import hit_lines, show_hits
from ..settings import local_time
from .budget import Budget
from .smalltalk import is_question

RELEVANT = 0.5
"""Calibrated relevance below which a hit is not worth showing unasked."""

CANDIDATES = 6
"""How many hits are looked at in each memory."""

LEAST_HIT = 40
"""Tokens that a hit is worth writing with; so many more for each further one."""

SHOWN = 4
"""Most hits beside one message."""

PAUSE = timedelta(hours=6)
"""A silence this long is a gap the model is told of, and opens a new view."""

_ASKED = re.compile(r"물어|물었|질문|여쭤|여쭸|\bask|question", re.IGNORECASE)

PRESSURE = (
    "(Memory pressure: the oldest turns will soon be folded into a summary. Save now what must stay in view, with "
    "core_memory_append or archival_memory_insert.)"
)


class Allowance:
    """How many tokens of finds may stand beside the next message: saved up turn by turn, so that the average holds.

    Args:
        budget: How the window is shared out.
    """

    def __init__(self, budget: Budget) -> None:
        self._most, self._each, self._left = budget.hits, budget.hits_a_turn, float(budget.hits)

    def next(self) -> int:
        """Give what may be spent on this message."""
        self._left = min(self._most, self._left + self._each)
        return int(self._left)

    def spend(self, tokens: float) -> None:
        """Take what was spent."""
        self._left = max(0.0, self._left - tokens)


def recollect(
    query: str, recall: RecallMemory, archival: ArchivalMemory, in_view: frozenset[str]
) -> tuple[Hit, ...]:
    """Find what is worth standing beside a message: relevant and not yet in view, best first.

    Questions of the student's that came earlier answer nothing, so they are left out where none is asked for. So is
    what a later statement superseded: who wants to know what was said then can search for it.
    """
    found = [
        *recall.search(query, CANDIDATES, exclude=in_view),
        *archival.search(query, CANDIDATES, exclude=in_view),
    ]
    asks_for_questions = bool(_ASKED.search(query))
    found = [hit for hit in found if hit.relevance >= RELEVANT]
    old = archival.outdated(found)
    relevant = [
        hit
        for hit in found
        if hit.id not in old and (asks_for_questions or hit.role != "user" or not is_question(hit.text))
    ]
    return tuple(sorted(relevant, key=lambda hit: -hit.relevance)[:SHOWN])


@dataclass(frozen=True, slots=True)
class ContextNote:
    """What goes in beside a student's message: as it is sent, and the hits in it as data."""

    text: str
    hits: tuple[ShownHit, ...] = ()


def context_note(
    hits: Sequence[Hit],
    now: datetime,
    zone: str,
    *,
    budget: int,
    last: datetime | None = None,
    parts: Sequence[Hit] = (),
    notes: Sequence[str] = (),
) -> ContextNote:
    """Write what goes in beside a message: hits within `budget` tokens, notes, and the time line.

    Rather few hits that can be read than many cut short.

    Args:
        last: When the conversation was last alive; a pause since then is named. The line takes 15 tokens at most.
        parts: What the parts of a message too large for the window say; beside the budget, whole.
    """
    here = local_time(now, zone)
    gap = ""
    if last is not None and now - last >= PAUSE:
        gap = f", {describe_gap(last, now, 'en')}"
    best = hits[: budget // LEAST_HIT]
    read, found = show_hits(parts, zone), show_hits(best, zone, budget)
    lines = "\n".join(text for text in (hit_lines(read, len(parts)), hit_lines(found, len(best))) if text)
    memory = [f"<memory>\n{lines}\n</memory>"] if lines else []
    return ContextNote("\n".join([*memory, *notes, f"({here:%Y-%m-%d %a %H:%M}{gap})"]), (*read, *found))
