"""Columns that line up, whatever the script: a Hangul syllable takes two cells of a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from typing import TextIO

from ...memory.text import clean
from .stdout import stdout


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    from wcwidth import width

    return width(text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to so many cells."""
    from wcwidth import ljust, rjust

    return rjust(text, width) if right else ljust(text, width)


def screen(stream: TextIO | None = None) -> int | None:
    """How many cells wide the terminal behind a stream (stdout) is; None in a pipe, where nothing is to be cut."""
    return shutil.get_terminal_size().columns if (stream or stdout()).isatty() else None


def fitted(text: str, width: int | None) -> str:
    """Cut a text that takes more than so many cells."""
    if width is None or cells(text) <= width:
        return text
    from wcwidth import clip

    return clip(text, 0, width - 1).rstrip() + "…"


def wrapped(text: str, indent: int = 0, stream: TextIO | None = None) -> Iterator[str]:
    """Break a text into the lines of the terminal, between words where that is possible; in a pipe it stays one."""
    width = screen(stream)
    margin = " " * indent
    if width is None:
        yield margin + text
        return
    from wcwidth import wrap

    yield from wrap(
        " ".join(text.split()),
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Give rows as lines whose columns line up.

    Args:
        right: Columns, from 0, that are set to the right.
    """
    rows = [[clean(text).replace("\n", " ") for text in row] for row in rows]
    widths = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    for row in rows:
        filled = [padded(text, widths[at], right=at in right) for at, text in enumerate(row)]
        yield "  ".join(filled).rstrip()
