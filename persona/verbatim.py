"""Whether a reply recites the persona file: the longest run that both have letter by letter, spaces aside."""

from __future__ import annotations

import re
from typing import Final

from ..memory.text import HANGUL

SHORTEST: Final = 12
"""Letters without spaces from which a run is no chance: the longest in 16,674 ordinary Korean texts has 6; of 3,281
English messages and paragraphs three have one of 12."""

FEWEST_WORDS: Final = 5
"""Words of Latin letters in a row that are no term; the longest in the professors' own files has four."""


def longest_run(reply: str, source: str, shortest: int = SHORTEST) -> str:
    """Give the longest run of a reply that stands in the source too, without its spaces; "" where none is long enough."""
    said, kept = "".join(reply.split()), "".join(source.split())
    best = ""
    start = 0
    while start + max(shortest, len(best) + 1) <= len(said):
        end = start + max(shortest, len(best) + 1)
        if said[start:end] not in kept:
            start += 1
            continue
        while end < len(said) and said[start : end + 1] in kept:
            end += 1
        best = said[start:end]
        start += 1
    return best


def recited(reply: str, source: str) -> str:
    """Give what a reply recites of a source, as it stands in the reply; "" for nothing but a term.

    Twelve Latin letters may be a single word that both need ("artificial intelligence", an acronym's full name), so
    there it takes `FEWEST_WORDS` in a row. Korean words are short, and twelve syllables are half a sentence.
    """
    run = longest_run(reply, source)
    found = run and re.search(r"\s*".join(map(re.escape, run)), reply)
    if not found:
        return ""
    said = found[0]
    syllables = len(HANGUL.findall(said))
    return said if 2 * syllables >= len(run) or len(said.split()) >= FEWEST_WORDS else ""
