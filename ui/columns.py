"""Columns that line up, whatever the script: a Hangul syllable takes two cells of a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    narrow = sum(unicodedata.combining(c) == 0 for c in text)
    return narrow + wide


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to so many cells."""
    space = " " * max(0, width - cells(text))
    return space + text if right else text + space


def columns(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Give rows as lines whose columns line up.

    Args:
        right: Columns, from 0, that are set to the right.
    """
    widths = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    for row in rows:
        filled = [padded(text, widths[at], right=at in right) for at, text in enumerate(row)]
        yield "  ".join(filled).rstrip()
