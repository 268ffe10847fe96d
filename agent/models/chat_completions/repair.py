"""Tool arguments that are not JSON, mended once into JSON, or refused with a reason the model can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast

Value = dict[str, "Value"] | list["Value"] | str | int | float | bool | None

_WORDS: dict[str, Value] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
    "undefined": None, "NaN": None,
}  # fmt: skip
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "`": "`"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/|#[^\n]*)*", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_KEY = re.compile(r"[\w가-힣$-]+")
_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n?(.*?)(?:```\s*)?\Z", re.DOTALL)
_AROUND = ("arguments", "parameters", "args", "input", "params")
_DEPTH = 60


class UnmendableError(ValueError):
    """The text cannot be read as arguments; the message says why, for the model."""


def mend(text: str, tool: str = "") -> str:
    """Turn the arguments of a call into JSON text of an object.

    Text that is JSON of an object already comes back as it is, to the byte. Otherwise fences, comments, trailing
    commas, single or missing quotes, Python's literals, raw control characters, missing closing brackets, doubled
    objects and JSON inside a JSON string are put right. A string that was cut off is refused: its end is lost.

    Args:
        text: What came as the arguments.
        tool: The name of the tool; a call wrapped once more in its own arguments is unwrapped.

    Raises:
        UnmendableError: It holds no object, or reading it would be guessing.
    """
    if not text.strip():
        return "{}"
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        value = _read(text)
    mended = _object(value, tool)
    if mended is value:
        return text if _is_json(text) else dumps(mended)
    return dumps(mended)


def read_values(text: str) -> list[Value]:
    """Read one or more JSON values that stand one after another, however badly written.

    Raises:
        UnmendableError: It is not that.
    """
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        reader = _Reader(text)
    values: list[Value] = []
    at = reader.blank(0)
    while at < len(text):
        value, at = reader.value(at, 0)
        values.append(value)
        at = reader.blank(at + (text[at : at + 1] in {";", ","}))
    return values


def read_arguments(text: str, at: int, names: Sequence[str]) -> tuple[dict[str, Value], int]:
    """Read the arguments of a call written as `name(key="value")`, from behind the bracket.

    Args:
        text: The text with the call.
        at: The position behind the opening bracket.
        names: The names that arguments without a key get, in order.

    Raises:
        UnmendableError: An argument is not a literal.
    """
    reader = _Reader(text, ",)]}:")
    found: dict[str, Value] = {}
    unnamed = iter(names)
    while True:
        at = reader.blank(at)
        if text[at : at + 1] in {"", ")"}:
            return found, at + 1
        if text[at] == ",":
            at += 1
            continue
        word = re.compile(r"(\w+)\s*[=:](?!=)\s*").match(text, at)
        name = word[1] if word else next(unnamed, None)
        if name is None:
            raise UnmendableError("there are more arguments than the tool takes")
        found[name], at = reader.value(word.end() if word else at, 0)


def dumps(value: Any) -> str:
    """Write JSON as it goes to a model: Hangul as Hangul."""
    return json.dumps(value, ensure_ascii=False)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_number(_name: str) -> None:
    """Read NaN and Infinity, which JSON does not have, as null."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _object(value: Any, tool: str) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case str() if value.strip()[:1] in {"{", "[", '"'}:
            return _object(json.loads(mend(value, tool)), tool)
        case [dict()]:
            return _object(cast("list[object]", value)[0], tool)
        case dict():
            return _unwrapped(cast("dict[str, Any]", value), tool)
        case _:
            raise UnmendableError("the arguments must be a JSON object")


def _unwrapped(value: dict[str, Any], tool: str) -> dict[str, Any]:
    if not tool or value.get("name") != tool or len(value) != 2:
        return value
    inner = next((value[key] for key in _AROUND if key in value), value)
    return _object(inner, "") if inner is not value else value


def _read(text: str) -> Value:
    fenced = _FENCE.match(text)
    if fenced:
        text = fenced[1]
    start = text.find("{")
    if start < 0:
        raise UnmendableError("the arguments are not a JSON object")
    reader = _Reader(text)
    value, end = reader.value(start, 0)
    after = text.find("{", end)
    if after < 0:
        return value
    second, _ = reader.value(after, 0)
    if value in ({}, second):
        return second
    raise UnmendableError("there are two different JSON objects; send one call for each")


class _Reader:
    """A forgiving reader of JSON; each method takes a position and gives the value and the position after it."""

    def __init__(self, text: str, closers: str = ",:}]=") -> None:
        self.text = text
        self.closers = closers

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> tuple[Value, int]:
        at = self.blank(at)
        if depth > _DEPTH:
            raise UnmendableError("the JSON is nested too deeply")
        if at >= len(self.text):
            raise UnmendableError("the JSON ends before a value; it was cut off")
        first = self.text[at]
        if first == "{":
            return self.object(at + 1, depth)
        if first == "[":
            return self.array(at + 1, depth)
        if first in _QUOTES:
            return self.string(at)
        return self.bare(at)

    def object(self, at: int, depth: int) -> tuple[Value, int]:
        found: dict[str, Value] = {}
        while True:
            at = self.blank(at)
            if at >= len(self.text):
                return found, at
            if self.text[at] in "}])":
                return found, at + (self.text[at] == "}")
            if self.text[at] == ",":
                at += 1
                continue
            key, at = self.key(at)
            at = self.blank(at)
            if self.text[at : at + 1] not in {":", "="} or not self.text[at : at + 1]:
                raise UnmendableError(f"a colon is missing after {key!r}")
            found[key], at = self.value(at + 1, depth + 1)

    def key(self, at: int) -> tuple[str, int]:
        if self.text[at] in _QUOTES:
            return self.string(at)
        word = _KEY.match(self.text, at)
        if not word:
            raise UnmendableError(f"a key was expected at {self.text[at : at + 20]!r}")
        return word[0], word.end()

    def array(self, at: int, depth: int) -> tuple[Value, int]:
        found: list[Value] = []
        while True:
            at = self.blank(at)
            if at >= len(self.text):
                return found, at
            if self.text[at] in "]})":
                return found, at + (self.text[at] == "]")
            if self.text[at] == ",":
                at += 1
                continue
            one, at = self.value(at, depth + 1)
            found.append(one)

    def string(self, at: int) -> tuple[str, int]:
        opening = self.text[at]
        tripled = opening * 3 if self.text.startswith(opening * 3, at) and opening in "\"'" else ""
        closing = tripled or _QUOTES[opening]
        at += len(tripled) or 1
        pieces: list[str] = []
        while at < len(self.text):
            if self.text.startswith(closing, at) and (tripled or self.closes(at)):
                return "".join(pieces), at + len(closing)
            if self.text[at] == "\\" and at + 1 < len(self.text):
                piece, at = self.escape(at + 1)
                pieces.append(piece)
                continue
            pieces.append(self.text[at])
            at += 1
        raise UnmendableError("a string has no closing quote; it was cut off")

    def closes(self, at: int) -> bool:
        """Tell a closing quote from one inside the text: what follows must go on with the JSON."""
        after = self.blank(at + 1)
        return after >= len(self.text) or self.text[after] in self.closers

    def escape(self, at: int) -> tuple[str, int]:
        character = self.text[at]
        code = self.text[at + 1 : at + 5]
        if character == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", code):
            return self.unicode(at, int(code, 16))
        if character in _ESCAPES:
            return _ESCAPES[character], at + 1
        # \d, \l, \( … are LaTeX or a path in a string that nobody escaped: the backslash is meant.
        return (character if character in "\"'\\/`“”‘’" else "\\" + character), at + 1

    def unicode(self, at: int, high: int) -> tuple[str, int]:
        low = re.match(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})", self.text[at + 5 : at + 11])
        if 0xD800 <= high < 0xDC00 and low:
            return chr(0x10000 + ((high - 0xD800) << 10) + int(low[1], 16) - 0xDC00), at + 11
        return ("\ufffd" if 0xD800 <= high < 0xE000 else chr(high)), at + 5

    def bare(self, at: int) -> tuple[Value, int]:
        number = _NUMBER.match(self.text, at)
        if number and not _KEY.match(self.text, number.end()):
            digits = number[0].replace("_", "")
            return (float(digits) if re.search(r"[.eE]", digits) else int(digits)), number.end()
        word = _KEY.match(self.text, at)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]], word.end()
        raise UnmendableError(f"a value was expected at {self.text[at : at + 20]!r}")
