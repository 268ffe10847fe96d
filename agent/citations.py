"""Which sources an answer rests on: the ids it names, resolved to what was found in this turn."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..memory.messages import Hit
from .events import Citation

_MENTION = re.compile(r"\[\s*([am]\d+(?:\s*[,;]\s*[am]\d+)*)\s*\]")
QUOTE = 200
"""Characters of a source that a citation quotes."""


def mentioned(answer: str) -> list[str]:
    """Ids an answer names in brackets, `[a12]` or `[a12, m7]`, in order of first mention."""
    found = [i for group in _MENTION.findall(answer) for i in re.split(r"\s*[,;]\s*", group)]
    return list(dict.fromkeys(found))


def cite(answer: str, known: Mapping[str, Hit]) -> tuple[Citation, ...]:
    """Give a numbered citation for every id in the answer that was really found; invented ids give none."""
    hits = [known[i] for i in mentioned(answer) if i in known]
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
