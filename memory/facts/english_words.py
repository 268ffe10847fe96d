"""What the rules for English clauses share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .clauses import Clause, Found

Rule = Callable[[Clause], Iterator[Found]]
"""Reads what a clause states of one kind."""

CI = re.IGNORECASE
AM = r"(?:i'm|i\s+am|im)"
SOFT = r"(?:(?:still|really|always|just|currently|now|actually|so|very|a\s+bit|a\s+little|quite|completely|totally|often|also|kind\s+of|kinda|pretty)\s+)*"
NEGATED = re.compile(r"\b(?:not|isn't|aren't|won't|wasn't|don't|doesn't|haven't|hasn't|no|never)\b", CI)


def bare(text: str) -> str:
    """A clause without the signs, the greeting and the small words at its ends."""
    text = re.sub(r"[\s.!~…,;:)]+$", "", text.replace("’", "'"))
    return re.sub(
        r"^(?:(?:hi|hello|hey|good\s+(?:morning|afternoon|evening)|professor|prof|there(?!'s|\s+(?:is|are|was))|oh|well|ok|okay|by\s+the\s+way|btw|actually|so|and|but|also|because|yes|no|sorry|anyway|fyi|though|although)\b[\s,.!:-]*)+",
        "",
        text,
        flags=CI,
    )
