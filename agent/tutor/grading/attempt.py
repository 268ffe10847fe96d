"""Whether words are an attempt at all, by the examples they are most like (`attempts.toml`), not by their wording.

Compared are counts of letter n-grams, by the cosine; the nearest examples decide.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from .values import ResponseKind

ALIKE: Final = 0.45
"""The cosine from which an example speaks for a text."""

SIZES: Final = (2, 3)


def kind_of(text: str) -> ResponseKind:
    """Give what a response is, by its words alone; "attempt" where no example is like it."""
    if not any(map(str.isalnum, text)):
        return "empty"
    given = _grams(text)
    likeness, nearest = max((_cosine(given, example), at) for at, (_, example) in enumerate(_examples()))
    return _examples()[nearest][0] if likeness >= ALIKE else "attempt"


@lru_cache(maxsize=1)
def _examples() -> tuple[tuple[ResponseKind, Counter[str]], ...]:
    lists = tomllib.loads(Path(__file__).with_name("attempts.toml").read_text(encoding="utf-8"))
    return tuple((cast("ResponseKind", kind), _grams(text)) for kind in lists for text in lists[kind])


def _grams(text: str) -> Counter[str]:
    letters = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in text.casefold()).split())} "
    return Counter(letters[at : at + size] for size in SIZES for at in range(len(letters) - size + 1))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(count * other[gram] for gram, count in one.items())
    return shared / math.sqrt(sum(c * c for c in one.values()) * sum(c * c for c in other.values()))
