"""Keeping one statement in archival memory, for the model or for a tool: whose words it is, and what it rests on."""

from __future__ import annotations

import re
from typing import Literal

from ..memory.archival import ArchivalMemory, InsertResult
from ..memory.archival.records import fingerprint, quotes, rests_on
from ..memory.errors import ToolRetry
from ..memory.facts.clauses import corrects
from ..memory.recall import RecallMemory
from ..memory.types import Trust, is_untrusted, least_trusted
from .base import ToolContext
from .guards import is_own, refuse_feelings

OF_STUDENT = re.compile(r"\bstudent\b|\blearner\b|학생", re.IGNORECASE)
"""A note that speaks of the student; others are about the course, where "depressed" may be a cubic."""

_LEAST_REPEATED = 12
"""Characters from which a part of what is in view counts as a repetition of it."""

_LOOKED_THROUGH = 5
"""Earlier messages in which a quote is looked for."""


def keep(
    archival: ArchivalMemory,
    recall: RecallMemory,
    content: str,
    context: ToolContext,
    *,
    kind: Literal["fact", "note"],
    subject: str | None = None,
    quote: str | None = None,
) -> tuple[InsertResult, str]:
    """Put a statement away; gives what became of it and what whoever wrote it is to know.

    Raises:
        ToolRetry: It is empty, names a feeling that the student has not spoken of, or the quote is not theirs.
    """
    if kind == "fact" or OF_STUDENT.search(content):
        refuse_feelings(content, context)
    seen = _seen(content, context, archival, recall)
    if seen is not None:
        return InsertResult(seen, "known", seen), ""
    if not quote and quotes(context.text, content):
        quote = content
    said_in = find_said(quote, context, recall) if quote else None
    if quote and not rests_on(content, quote):
        said_in = None
    message = said_in or context.message_id
    own = said_in is not None and (not is_untrusted(context.trust) or is_own(content, context))
    inserted = archival.insert(
        content,
        kind=kind if said_in else "note",
        subject=subject,
        quote=quote if said_in else None,
        corrects=own and corrects(quote or ""),
        message_id=message,
        trust=trust_of(context, said=own),
        zone=None if message else context.zone,  # a message brings its own time and zone
    )
    if said_in or kind == "note":
        return inserted, ""
    return inserted, " Kept as a note: a fact needs the student's words that say so in `quote`."


def _seen(content: str, context: ToolContext, archival: ArchivalMemory, recall: RecallMemory) -> str | None:
    """Give the id of what is in view and says this already: what was recalled is not new, whoever repeats it."""
    if quotes(context.text, content):
        return None
    same = fingerprint(content)
    in_view = archival.texts(context.exclude) | recall.texts(context.exclude)
    for identity, text in sorted(in_view.items()):
        repeats = len(content) >= _LEAST_REPEATED and quotes(text, content)
        if identity != f"m{context.message_id}" and (repeats or fingerprint(text) == same):
            return identity
    return None


def find_said(quote: str, context: ToolContext, recall: RecallMemory) -> int:
    """Find the student's message that holds a quote: this turn's, else an earlier one.

    Raises:
        ToolRetry: The student never said so.
    """
    if context.message_id is not None and quotes(context.text, quote):
        return context.message_id
    for hit in recall.search(quote, _LOOKED_THROUGH, role="user"):
        if hit.trust == "student" and quotes(hit.text, quote):
            return int(hit.id[1:])
    raise ToolRetry(
        f"The student did not say {quote!r}. Quote their exact words, or leave `quote` out and it is kept as a note.",
        f"학생이 {quote!r}라고 말한 적이 없습니다.",
    )


def trust_of(context: ToolContext, *, said: bool) -> Trust:
    """The student's own words are theirs in any turn; the model's are worth no more than what it has just read."""
    return "student" if said else least_trusted("model", context.trust)
