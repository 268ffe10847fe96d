"""What a server says in an error, found in whatever shape it says it: a person reads words, never JSON."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, cast

WORDS = 400
"""Characters of a server's own words that a person is shown."""

DEPTH = 8
"""Levels of an error body that are looked into."""

BODY = 100_000
"""Characters of an error body that are read at all."""

_HTML = re.compile(r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html|<head|<body)", re.IGNORECASE)
_SAID = (
    "message", "detail", "msg", "error_description", "error_message", "error_msg", "errorMessage", "status_msg", "error",
    "errors", "base_resp", "raw", "reason", "title", "description", "text",
)  # fmt: skip
_NAMED = frozenset({"code", "type", "status", "reason", "error_code", "errcode", "error_type", "error"})


def is_web_page(body: str) -> bool:
    """Whether a body is a page for people."""
    return _HTML.match(body) is not None


def said_in(body: str) -> str:
    """Find the server's own words in an error body, at most `WORDS` characters on one line; "" where there are none."""
    return "" if is_web_page(body) else _short(_words(_value(body[:BODY]), DEPTH))


def said_of(value: object) -> str:
    """The same for a body that is read already."""
    return _short(_words(value, DEPTH))


def names_in(body: str) -> str:
    """Give the codes and types in an error body, parted by blanks."""
    return " ".join(
        str(value) for key, value in fields_of(_value(body[:BODY])) if key in _NAMED and _plain(value)
    )


def fields_of(value: object, depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """Give every field of a JSON value at any depth, the outer ones first; JSON inside a string is looked into too."""
    if depth <= 0:
        return
    match value:
        case dict():
            inner = cast("dict[str, Any]", value)
            yield from inner.items()
            for one in inner.values():
                yield from fields_of(one, depth - 1)
        case list():
            for one in cast("list[Any]", value)[:50]:
                yield from fields_of(one, depth - 1)
        case str() if value.lstrip()[:1] in {"{", "["}:
            yield from fields_of(_value(value[:BODY]), depth - 1)
        case _:
            pass


def _plain(value: object) -> bool:
    return isinstance(value, str | int) and not (isinstance(value, str) and len(value) > 100)


def _words(value: object, depth: int) -> str:
    if depth <= 0:
        return ""
    match value:
        case str():
            return _unwrapped(value, depth)
        case dict():
            fields = cast("dict[str, Any]", value)
            # A router puts what the provider behind it said beside its own words.
            raw = fields_of({"raw": fields.get("metadata")}, 2)
            told = [*(value for key, value in raw if key == "raw"), *(fields.get(key) for key in _SAID)]
            words = next((found for one in told if (found := _words(one, depth - 1))), "")
            place = fields.get("loc")
            if words and isinstance(place, list):  # how FastAPI names the field it refuses
                return f"{'.'.join(str(part) for part in cast('list[object]', place))}: {words}"
            return words or _words(fields.get("type") or fields.get("code"), depth - 1)
        case list():
            each = (_words(one, depth - 1) for one in cast("list[Any]", value)[:3])
            return "; ".join(found for found in each if found)
        case _:
            return ""


def _unwrapped(text: str, depth: int) -> str:
    """Take the words out of JSON that is written into them, as in `Error code: 400 - {'error': …}`."""
    at = 0 if text.lstrip()[:1] in {"{", "["} else text.find("{")
    if at < 0:
        return text
    inner = _value(text[at:])
    if isinstance(inner, str):
        # A brace in a sentence stays; what looks like JSON and cannot be read is left out.
        return text if at and not re.search(r"[\"']\s*:", text[at:]) else text[:at].rstrip(" :-–—")
    return _words(inner, depth - 1) or text[:at].rstrip(" :-–—")


def _value(text: str) -> object:
    """Read JSON, or a Python literal as some servers print it; the text itself where it is neither."""
    text = text.strip().removeprefix("\ufeff").removeprefix("data:").strip()
    if text[:1] not in {"{", "[", '"'}:
        return text
    try:
        value, end = json.JSONDecoder(parse_int=_code).raw_decode(text)
        return value if end else text
    except (ValueError, RecursionError):
        pass
    try:
        return cast("object", ast.literal_eval(text)) if text[:1] != '"' else text
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return text


def _code(digits: str) -> int | float:
    return int(digits) if len(digits) < 18 else float(digits)


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * WORDS]).split())
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"
