"""The documents of a streamed answer, however the server parts them.

Server-sent events as the standard has them, and as servers write them: parted by one newline, ended by CR or CRLF,
`data:` without a blank or twice, with a byte order mark, with comments and empty events between; also JSON without
any `data:`, one document or one a line, because a server that cannot stream answers whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

STREAM_BYTES = 64_000_000
"""Bytes of one answer, unpacked; a long reply of a thinking model with all its events has some 30 million."""

EVENT_BYTES = 16_000_000
"""Bytes of one event."""

EVENT_TRIES = 64
"""How often an event that no empty line has ended is looked at whether it is whole."""

INTEGER_DIGITS = 18
"""Digits of a whole number that is read exactly; a longer one is read as a float, which has a largest value."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIELD = re.compile(rb"(data|event|id|retry)\s{0,3}:", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


class TooLong(Exception):
    """The answer, or one event of it, is larger than any real one."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name, "" mostly, and its data."""

    name: str
    data: str

    @property
    def done(self) -> bool:
        """Whether it is the `[DONE]` after the last one."""
        return self.data.strip("\"' ").upper() == "[DONE]"


def server_events(chunks: Iterable[bytes]) -> Iterator[ServerEvent | None]:
    """Give each event as soon as it is whole, and None after each piece of bytes: a moment to look at the clock.

    Lines end at CR and LF only: a JSON string may hold U+2028 or U+0085, at which `str.splitlines` would cut it.

    Raises:
        TooLong: There are more bytes than `STREAM_BYTES`, or more in one event than `EVENT_BYTES`.
    """
    reader = _Reader()
    total, held, after_return = 0, bytearray(), False
    for chunk in chunks:
        total += len(chunk)
        if total > STREAM_BYTES or len(held) + reader.size > EVENT_BYTES:
            raise TooLong
        piece = chunk[1:] if after_return and chunk.startswith(b"\n") else chunk
        after_return = chunk.endswith(b"\r")
        first, *lines = _LINE_END.split(piece)
        held += first
        for line in lines:
            yield from reader.line(bytes(held))
            held = bytearray(line)
        if not held and (event := reader.whole()):
            yield event
        yield None
    yield from reader.line(bytes(held))
    yield from reader.end()


class _Reader:
    """Puts lines together to events."""

    def __init__(self) -> None:
        self.size = 0
        self._name = ""
        self._data: list[bytes] = []
        self._bare = False
        self._begun = False
        self._tries = 0

    def line(self, line: bytes) -> Iterator[ServerEvent]:
        """Take a line and give the events that it ends."""
        if not self._begun and line:
            line, self._begun = line.removeprefix(_BOM), True
        field = _FIELD.match(line)
        if field is None and line.strip() and not line.startswith(b":"):
            yield from self._bare_line(line)
        elif field is None:
            if not line.strip() and not self._bare:
                yield from self.end()
        elif field[1].lower() == b"event":
            yield from self.end()
            self._name = line[field.end() :].strip().decode("utf-8", "replace")[:40]
        elif field[1].lower() == b"data":
            if event := self._take() if self._bare else self.whole():
                yield event
            self._add(_unwrapped(line[field.end() :].strip()))

    def whole(self) -> ServerEvent | None:
        """Give the event that is complete although no empty line ended it, as where one newline parts them."""
        if not self._data or self._tries >= EVENT_TRIES or self._data[-1].rstrip()[-1:] not in {b"}", b"]"}:
            return None
        self._tries += 1
        return self._take() if is_whole(self._joined()) else None

    def end(self) -> Iterator[ServerEvent]:
        """Give what was begun."""
        if self._data:
            yield self._take()
        self._name = ""

    def _bare_line(self, line: bytes) -> Iterator[ServerEvent]:
        """Take a line that belongs to no event: JSON, over several lines or one document a line, or words."""
        if not self._bare:
            yield from self.end()
        self._bare = True
        self._add(line)
        if self._data[0].lstrip()[:1] not in {b"{", b"["}:
            yield self._take()
        elif line[:1] in {b"{", b"[", b"}", b"]"} and (event := self.whole()):
            yield event

    def _add(self, data: bytes) -> None:
        self._data.append(data)
        self.size += len(data)

    def _joined(self) -> str:
        return b"\n".join(self._data).decode("utf-8", "replace")

    def _take(self) -> ServerEvent:
        event = ServerEvent(self._name, self._joined())
        self._data.clear()
        self._name, self._bare, self.size, self._tries = "", False, 0, 0
        return event


def _unwrapped(data: bytes) -> bytes:
    """Take the `data:` off that a proxy wrote before the server's own."""
    while data[:5].lower() == b"data:":
        data = data[5:].strip()
    return data


def is_whole(text: str) -> bool:
    """Whether a text is JSON, or the `[DONE]`."""
    text = text.strip()
    if text == "[DONE]":
        return True
    if text[:1] not in {"{", "["} or text[-1:] not in {"}", "]"}:
        return False
    try:
        return bool(documents(text))
    except ValueError:
        return False


def documents(text: str) -> list[Any]:
    """Read one JSON document after the other; a server may write several without a line between.

    Raises:
        ValueError: It is no JSON, or nested too deeply to be read.
    """
    found: list[Any] = []
    at = 0
    text = text.lstrip("\ufeff \t\r\n")
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        found.append(value)
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= INTEGER_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_integer, strict=False)
