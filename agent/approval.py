"""Whose words are in view, and what must not leave or change by their order (docs/adr/0052).

Text in view that is neither the student's own nor the program's (a course file and its name, an imported conversation,
the web, a tool that is not ours, and what rests on any of them) may tell a model what to do. While it is in view,
guarded calls wait for the student; each tool's guard says which (`tools/guards.py`, `tools/web.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from ..memory.archival.own_words import not_in
from ..memory.text import sentences, terms
from ..memory.text.terms import stem
from ..memory.types import ShownHit, StoredMessage, Trust
from ..tools.base import OUTSIDE
from .context.smalltalk import is_question
from .models.study.intent import framing

OF_TEXTS = frozenset({"passage", "acronym"})
"""Kinds of hits whose words are those of a text, and tell nothing of the student."""

LONGEST_WORD = 24
"""Characters of a word in a search; in a longer one that the student did not type, anything could be hidden."""

_WORD = re.compile(r"\w+")


def from_outside(trust: Trust, hits: Sequence[ShownHit]) -> bool:
    """Whether a stranger's own words came in with a message, and not only what others made of them.

    Args:
        trust: The message's.
        hits: Those that it shows: where it is a list of hits, each is whose it is.
    """
    if hits:
        return any(hit.trust in OUTSIDE and hit.kind in OF_TEXTS for hit in hits)
    return trust in OUTSIDE


def reveals(text: str, said: str, log: Iterable[StoredMessage], known: Iterable[str], now: datetime) -> bool:
    """Whether a text would tell somebody what is known of the student, and this turn's message does not say.

    What the student asked before may be looked up; what they told may not. A year says nothing, and neither do the
    words that questions on anything have.

    Args:
        said: This turn's message.
        log: The messages in view.
        known: What else is in view of what is known of the student.
    """
    log = list(log)
    before = [m.message.content for m in log if m.message.role == "user" and m.message.content != said]
    parts = [part for said_before in before for part in sentences(said_before)]
    asked = [part for part in parts if is_question(part)]
    told = [part for part in parts if not is_question(part)]
    new = (
        not_in("\n".join([said, *asked]), text)
        - _name_nothing()
        - {str(now.year + ahead) for ahead in (-1, 0, 1)}
    )
    if not new:
        return False
    words = {word for text in (*told, *_of_hits(log), *known) for word in _WORD.findall(text.casefold())}
    stems = {stem(word) for word in words}
    return any(len(term) > LONGEST_WORD or _stands_in(term, words, stems) for term in new)


@lru_cache(maxsize=1)
def _name_nothing() -> frozenset[str]:
    return frozenset(terms("\n".join(framing())))


def _of_hits(log: Iterable[StoredMessage]) -> Iterator[str]:
    """Give what hits in view tell of the student: their own messages, and what is kept of them."""
    for stored in log:
        yield from (hit.text for hit in stored.hits if hit.kind not in OF_TEXTS and hit.role != "assistant")


def _stands_in(term: str, words: set[str], stems: set[str]) -> bool:
    if term.startswith(("k:", "b:")):
        return any(word.startswith(term[2:]) if len(term) == 3 else term[2:] in word for word in words)
    return any(part in stems or part in words for part in _WORD.findall(term))
