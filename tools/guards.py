"""Which calls of our own memory tools wait for the student's yes, once words that nobody here wrote are in view.

A text in view may order whatever it likes, so what is written unasked is the student's own words of this turn, and
what makes room for them is what the student speaks of. While a stranger's words came in this very turn, all wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..memory.archival import ArchivalMemory
from ..memory.archival.own_words import meant_by, says_no_more, speaks_of
from ..memory.errors import NotFound, UsageError
from ..memory.learner.wording import refuse_inferred_feelings
from .base import Guard, ToolContext

_WRITTEN = ("content", "new_content", "subject", "topic", "quote")
"""Arguments whose text is kept; the others say where it goes."""


def writes_more(arguments: Mapping[str, Any], context: ToolContext) -> bool:
    """Whether a call writes down more than the student says in this turn; nothing is more than that, too."""
    written = "\n".join(filter(None, (arguments.get(name) for name in _WRITTEN)))
    return context.outside or not is_own(written, context)


def keeps_more(arguments: Mapping[str, Any], context: ToolContext) -> bool:
    """The same of something to be kept, but that a plain note waits for nobody: it is trusted as little as what is in view."""
    plain = arguments.get("kind", "note") == "note" and not arguments.get("subject")
    return context.outside or (not plain and writes_more(arguments, context))


def comes_from_outside(_arguments: Mapping[str, Any], context: ToolContext) -> bool:
    """Whether a stranger's words came in this very turn: what is kept unasked may then be by their order."""
    return context.outside


def replaces_more(arguments: Mapping[str, Any], context: ToolContext) -> bool:
    """The same where text of core memory makes room: the student speaks of it, or says all of what is deleted."""
    old: str = arguments["old_content"]
    if not arguments["new_content"].strip():
        return context.outside or len(meant_by(old)) < 2 or not is_own(old, context)
    return writes_more(arguments, context) or not _speaks_of(old, context)


def supersedes_more(archival: ArchivalMemory) -> Guard:
    """The same where a memory makes room; one that is not there makes none."""

    def guard(arguments: Mapping[str, Any], context: ToolContext) -> bool:
        try:
            old = archival.details(arguments["id"].strip("[] ")).text
        except (NotFound, UsageError):
            return False
        return writes_more(arguments, context) or not _speaks_of(old, context)

    return guard


def not_asked_for(wanted: Callable[[str], bool]) -> Guard:
    """Let a call through where what the student says in this turn is read as wanting it."""
    return lambda _arguments, context: context.outside or not wanted(context.text)


def refuse_feelings(text: str, context: ToolContext, kept: str = "") -> None:
    """Refuse to keep a feeling that the student has not spoken of, in this turn or before it.

    Args:
        text: What a model wants kept of the student.
        kept: What makes room for it.

    Raises:
        ToolRetry: It names one; the text says what to keep instead.
    """
    refuse_inferred_feelings(text, "\n".join([context.text, *context.earlier, kept]))


def is_own(text: str, context: ToolContext) -> bool:
    """Whether a text says nothing but what the student says in this turn."""
    return says_no_more(text, context.text, context.now, context.zone)


def _speaks_of(old: str, context: ToolContext) -> bool:
    return speaks_of(context.text, old, context.now, context.zone)
