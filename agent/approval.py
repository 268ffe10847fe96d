"""Which tool calls wait for the student's yes: whatever could be done by order of a text that nobody here wrote.

Text in view that is neither the student's own nor the program's (a course file and its name, an imported conversation,
the web, a tool that is not ours, and what rests on any of them) may tell a model what to do. While it is in view, calls
that change memory or leave this machine wait, unless they write down nothing but what the student says in this turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ..memory.dates import find_dates
from ..memory.errors import ToolRetry
from ..memory.search.ranking import subject_terms
from ..memory.text import terms
from ..memory.types import ShownHit, ToolCall, Trust, is_untrusted
from ..tools.arguments import read_arguments
from ..tools.base import OUTSIDE, Tool, ToolContext
from .settings import local_time

_NOT_WRITTEN = frozenset({"label", "kind", "id", "old_content"})
"""Arguments that say where a text goes, not what it says."""

_FRAME = frozenset({"student", "user", "k:학생"})
"""Terms by which a model speaks of the student; they claim nothing."""

_DENIES = re.compile(
    r"\b(?:no|not|never|nor|none|cannot)\b|n['’]t\b|(?<![가-힣])(?:안|못)(?![가-힣])|않|아니|없|말(?:고|아)|못\s?하",
    re.IGNORECASE,
)


def from_outside(trust: Trust, hits: Sequence[ShownHit]) -> bool:
    """Whether a stranger's own words came in with a message, and not only what others made of them.

    Args:
        trust: The message's.
        hits: Those that it shows: where it is a list of hits, each is whose it is.
    """
    if hits:
        return any(hit.trust in OUTSIDE and hit.kind == "passage" for hit in hits)
    return trust in OUTSIDE


def waits_for_yes(call: ToolCall, tool: Tool, context: ToolContext) -> bool:
    """Whether a guarded call waits for the student.

    In the very turn that brought in a stranger's words every such call does. Later, and beside course files and
    imports, a note may be written (it is trusted as little as what is in view), and into memory the student's own
    words. What leaves this machine and what a tool does that is not ours is not made harmless by its words.
    """
    if not is_untrusted(context.trust):
        return False
    if context.outside or tool.source or tool.effect != "write":
        return True
    return not _is_note(call) and not own_words(call, context)


def own_words(call: ToolCall, context: ToolContext) -> bool:
    """Whether all that a call writes is what the student says in this turn; nothing is not the student's own.

    A day may be written otherwise than it was said: "next Friday" is 2026-12-04.
    """
    said, now = context.text, local_time(context.now, context.zone)
    written = "\n".join(
        value for name, value in _values(call).items() if isinstance(value, str) and name not in _NOT_WRITTEN
    )
    if _DENIES.search(written) and not _DENIES.search(said):
        return False
    days = {(span.start, span.end) for span in find_dates(said, now, "future")}
    named = [span for span in find_dates(written, now, "future") if (span.start, span.end) in days]
    for span in reversed(named):
        written = f"{written[: span.offset]} {written[span.offset + len(span.text) :]}"
    wanted = subject_terms(terms(written)) - _FRAME
    return bool(wanted or named) and wanted <= terms(said).keys()


def _values(call: ToolCall) -> dict[str, Any]:
    with suppress(ToolRetry):
        return dict(read_arguments(call.arguments))
    return {}


def _is_note(call: ToolCall) -> bool:
    values = _values(call)
    plain = values.get("kind", "note") == "note" and not values.get("subject")
    return call.name == "archival_memory_insert" and plain
