"""The terminal's door: no byte of anybody's gets past but cleaned, whoever prints it and wherever its words are from."""

from __future__ import annotations

import io
import json
import re
from typing import Any, TextIO

from ...memory.text import clean

_DRAWN = re.compile(r"(\x1b\[[0-9;]*[mK]|\r)")
"""What the program itself draws: colours, the way back to the beginning of a line, and clearing it."""


_SELECTORS = frozenset("\ufe0e\ufe0f")
"""Drawn where one follows an emoji, and taken where they stand in rows."""


_KEPT: list[Door] = []
"""A stream that nobody holds closes the file behind it, and others write there."""


class Door(io.TextIOWrapper):
    """A stream on which only clean text goes out, also what libraries and students' tools print."""

    @classmethod
    def before(cls, stream: Any) -> Door:
        """Give the door before a stream; a letter that its encoding lacks is replaced."""
        door = cls(
            stream.buffer, encoding=stream.encoding, errors="replace", line_buffering=stream.line_buffering
        )
        _KEPT.append(door)
        return door

    def write(self, s: str, /) -> int:
        super().write(clean(s))
        return len(s)

    def draw(self, drawn: str) -> None:
        """Write what has been made fit already."""
        super().write(drawn)


def draw(stream: TextIO, text: str) -> None:
    """Write words that were cleaned and then drawn: colours stay, and whatever else is in it is cleaned once more."""
    parts = _DRAWN.split(text)
    drawn = "".join(part if at % 2 else clean(part) for at, part in enumerate(parts))
    if isinstance(stream, Door):
        stream.draw(drawn)
    else:
        stream.write(drawn)
    stream.flush()


def put(stream: TextIO, text: str) -> None:
    """Write words as they are, cleaned."""
    stream.write(clean(text))
    stream.flush()


def as_json(value: Any, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """Give a JSON document in which whatever the door would take out is written as JSON escapes it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half characters become U+FFFD
    letters = set(text) - {"\n"}
    escaped = {c for c in letters if not c.isprintable() or clean(c) != c or (ascii_only and not c.isascii())}
    return text.translate({ord(c): json.dumps(c)[1:-1] for c in escaped | (letters & _SELECTORS)})
