"""Which sources an answer rests on: the ids it names, resolved to what was found in this turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from ...memory.types import Hit
from ..events import Citation

MENTIONS = 1000
"""Sources of one answer that are looked up."""

_MENTION = re.compile(r"\[\s*([am]\d+(?:\s*[,;]\s*[am]\d+)*)\s*\]")
QUOTE = 200
"""Characters of a source that a citation quotes."""


def mentioned(answer: str) -> list[str]:
    """Ids an answer names in brackets, `[a12]` or `[a12, m7]`, in order of first mention."""
    found = [i for group in _MENTION.findall(answer) for i in re.split(r"\s*[,;]\s*", group)]
    return list(dict.fromkeys(found))


def cite(answer: str, shown: Collection[str], get: Callable[[str], Hit | None]) -> tuple[Citation, ...]:
    """Give a numbered citation for every id in the answer that the model was really shown.

    Args:
        answer: The reply.
        shown: The ids that the model had before it; another was made up and gives nothing.
        get: Looks a memory up by its id.
    """
    named = [i for i in mentioned(answer) if i in shown][:MENTIONS]
    hits = [hit for i in named if (hit := get(i)) is not None]
    return tuple(
        Citation(
            n=n,
            id=hit.id,
            source=hit.origin or hit.source,
            locator=hit.locator or (hit.time.date().isoformat() if hit.source == "recall" else None),
            quote=hit.text[:QUOTE],
        )
        for n, hit in enumerate(hits, 1)
    )
