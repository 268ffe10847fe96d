"""Lengths of time in what people write: "일주일", "이틀", "two days", "a week"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import english_words as english
from . import korean_words as korean
from .calendar import Unit

_WRITTEN = (
    (re.compile(korean.HEAD + korean.AMOUNT), korean.amount),
    (re.compile(rf"\b{english.AMOUNT}", re.IGNORECASE), english.amount),
)


@dataclass(frozen=True, slots=True)
class Length:
    """So many days, weeks, months or years; `text` is what was read, at character `offset`."""

    count: int
    unit: Unit
    text: str
    offset: int


def find_lengths(text: str) -> list[Length]:
    """Find the lengths of whole days and longer, in order; halves ("a week and a half") are left out."""
    found: list[Length] = []
    for pattern, amount in _WRITTEN:
        for match in pattern.finditer(text):
            if match.groupdict().get("half") or match.groupdict().get("and_half"):
                continue
            try:
                count, unit = amount(match)
            except ValueError:
                continue  # 이삼 is an estimate
            if unit not in ("hour", "minute"):
                found.append(Length(count, unit, match.group(), match.start()))
    return sorted(found, key=lambda length: length.offset)
