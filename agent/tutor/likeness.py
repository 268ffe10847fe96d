"""Which of a few kinds of example a short text is most like: the cosine of its letter n-grams, the nearest example decides.

For closed questions about how people put something, where a list of what they say is easier to keep than rules.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

SIZES: Final = (2, 3)
"""Letters of an n-gram, spaces counted."""


def nearest(text: str, file: Path) -> tuple[str, float]:
    """Give the kind of the example that a text is most like, and how like it is, from 0 to 1.

    Args:
        text: What was said.
        file: TOML, a list of examples for each kind.
    """
    examples = _read(file)
    given = _grams(text)
    shared = [0.0] * len(examples.kinds)
    for gram, count in given.items():
        for place, weight in examples.holding.get(gram, ()):
            shared[place] += count * weight
    length = math.hypot(*given.values())
    best = max(range(len(shared)), key=shared.__getitem__)
    return examples.kinds[best], shared[best] / length if length else 0.0


@dataclass(frozen=True, slots=True)
class _Examples:
    """Examples by n-gram: which hold it, each by its place, and its share of that example's length."""

    kinds: tuple[str, ...]
    holding: Mapping[str, Sequence[tuple[int, float]]]


@lru_cache(maxsize=8)
def _read(file: Path) -> _Examples:
    lists: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    kinds: list[str] = []
    holding: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for kind, texts in lists.items():
        for grams in map(_grams, texts):
            length = math.hypot(*grams.values())
            for gram, count in grams.items():
                holding[gram].append((len(kinds), count / length))
            kinds.append(kind)
    return _Examples(tuple(kinds), holding)


def _grams(text: str) -> Counter[str]:
    letters = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in text.casefold()).split())} "
    return Counter(letters[at : at + size] for size in SIZES for at in range(len(letters) - size + 1))
