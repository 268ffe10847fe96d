"""What a reply brings besides its text and calls: thoughts, signatures, fields that nobody here knows.

A thinking model may want them back with the next request, to the letter, and refuse the conversation without them. So
they are kept with the message, with the server and model they came from, and returned to nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ....memory.types import Message

Json = dict[str, Any]

THOUGHTS = ("reasoning_content", "reasoning", "thinking", "thoughts")
"""Fields that hold a thought as plain text."""

MOST = 200_000
"""Most characters that are kept of one reply; half a signature is worth nothing, so more are not kept at all."""

_MESSAGE = frozenset({"role", "content", "refusal", "tool_calls", "function_call", "audio", "name", "index"})
_CALL = frozenset({"id", "type", "index", "function"})
_FUNCTION = frozenset({"name", "arguments"})
_WHOLE = frozenset({"type", "id", "index", "format", "role", "name"})
"""Fields of which every piece of a stream repeats the whole value; other texts come in pieces."""


class Extras:
    """Gathers the fields of one message from its pieces."""

    def __init__(self) -> None:
        self._fields: Json = {}
        self._pieces: dict[str, list[str]] = {}
        self._size = 0

    def take(self, piece: Mapping[str, Any], known: frozenset[str] = _MESSAGE) -> None:
        """Take what nobody here knows of a piece."""
        for name, value in piece.items():
            if name in known or value in (None, "", [], {}) or self._size > MOST:
                continue
            self._size += _size(value)
            if isinstance(value, str) and name not in _WHOLE:
                self._pieces.setdefault(name, []).append(value)
            else:
                self._fields[name] = joined(self._fields.get(name), value)

    def take_call(self, piece: Mapping[str, Any]) -> None:
        """Take what nobody here knows of a piece of a call."""
        self.take(piece, _CALL)
        function = piece.get("function")
        if isinstance(function, dict):
            inner = {k: v for k, v in cast("Json", function).items() if k not in _FUNCTION and v is not None}
            if inner:
                self._fields["function"] = joined(self._fields.get("function"), inner)

    def fields(self) -> Json:
        """Give what was gathered; {} of more than is kept."""
        if self._size > MOST:
            return {}
        return self._fields | {name: "".join(pieces) for name, pieces in self._pieces.items()}


def _size(value: object) -> int:
    """Count the characters of a value; one that is nested beyond writing is more than is kept."""
    try:
        return len(value) if isinstance(value, str) else len(json.dumps(value))
    except RecursionError:
        return MOST + 1


def joined(before: object, piece: object) -> object:
    """Join a value of a stream with its next piece: texts grow, lists are joined by their entries' `index`."""
    if isinstance(before, str) and isinstance(piece, str):
        return before + piece
    if isinstance(before, dict) and isinstance(piece, dict):
        old, new = cast("Json", before), cast("Json", piece)
        return old | {k: v if k in _WHOLE else joined(old.get(k), v) for k, v in new.items() if v is not None}
    if isinstance(before, list) and isinstance(piece, list):
        entries = list(cast("list[object]", before))
        for entry in cast("list[object]", piece):
            place = next((i for i, old in enumerate(entries) if _same(old, entry)), None)
            if place is None:
                entries.append(entry)
            else:
                entries[place] = joined(entries[place], entry)
        return entries
    return piece


def _same(old: object, new: object) -> bool:
    """Whether two entries are pieces of one: the same `index` and kind."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return False
    before, after = cast("Json", old), cast("Json", new)
    return "index" in after and all(before.get(k) == after.get(k, before.get(k)) for k in ("index", "type"))


def written(origin: str, message: Json, calls: Sequence[Json]) -> str:
    """Write what a reply brought as a message keeps it, in ASCII, which no filter changes; "" where it brought nothing.

    Args:
        origin: The server and model it came from.
        calls: Of each of the message's calls, in their order.
    """
    if not message and not any(calls):
        return ""
    kept: Json = {"from": origin}
    if message:
        kept["message"] = message
    if any(calls):
        kept["calls"] = list(calls)
    return json.dumps(kept)


def returned(message: Message, origin: str) -> tuple[Json, list[Json]]:
    """Give what a message brought and what each of its calls did; nothing of it to anybody but the origin."""
    calls: list[Json] = [{} for _ in message.tool_calls]
    try:
        kept: object = json.loads(message.extras) if message.extras else None
    except (ValueError, RecursionError):
        kept = None
    fields = cast("Json", kept) if isinstance(kept, dict) else {}
    if fields.get("from") != origin:
        return {}, calls
    for index, extra in enumerate(cast("list[Json]", fields.get("calls") or [])[: len(calls)]):
        calls[index] = extra
    return cast("Json", fields.get("message") or {}), calls
