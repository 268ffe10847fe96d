"""The spellings in which models write tool calls: is this the beginning of one, where does it end, what does it say.

Everything here is a function of the text alone. `beginning` answers None while the text so far may become either,
and what it once answered no later letter changes: how a stream is cut must not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from .repair import UnmendableError, dumps, read_arguments, read_values

Kind = Literal["json", "function"]
"""JSON that names a tool, or a call written like a function's: NAME(key="value"), or a list of those."""

_NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "action")
_ARGUMENT_KEYS = (
    "arguments",
    "parameters",
    "args",
    "input",
    "tool_input",
    "action_input",
    "params",
    "kwargs",
)
_LIST_KEYS = ("tool_calls", "calls")
_SKIPPED_KEYS = ("id", "index", "call_id")
_KINDS = ("function", "tool_call", "function_call", "tool_use")

_WORD = re.compile(r"[A-Za-z_]\w*")
_OPENING = re.compile(r"[\[\s]*\{\s*")
_PAIR = re.compile(r"[\s,]*[\"']?(\w+)[\"']?\s*:\s*(?:[\"']([^\"'\\]*)[\"']|([\[{]\s*\{?)|(\w+))")
_PAIR_SO_FAR = re.compile(r"[\s,]*[\"']?(\w*)[\"']?\s*(?::\s*(?:[\"']([^\"'\\]*))?)?\Z")
_NAMED = re.compile(r"[\"']?(?:name|tool|tool_name|function)[\"']?\s*:\s*[\"']([\w.-]+)")
_BETWEEN = re.compile(r"[\s,\]]*")
_MARK = re.compile(r"\\.|[\"'{}\[\]()]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call found in the text; `arguments` may still need mending, `cut` says that the reply ended inside it."""

    name: str
    arguments: str
    cut: bool = False


Calls = tuple[WrittenCall, ...]


class Span:
    """Finds, piece by piece, where the brackets that open at `start` are closed again."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._at = start
        self._depth = 0
        self._quote = ""
        self._end: int | None = None

    def find(self, text: str) -> int | None:
        """Give the position behind the closing bracket, or None while it has not come; `text` may only grow."""
        if self._end is not None:
            return self._end
        for mark in _MARK.finditer(text, self._at):
            self._at = mark.end()
            sign = mark[0]
            if self._quote:
                self._quote = "" if sign == self._quote else self._quote
            elif sign in "\"'":
                self._quote = sign
            elif sign in "{[(":
                self._depth += 1
            elif sign in "}])":
                self._depth -= 1
                if self._depth <= 0:
                    self._end = self._at
                    return self._end
        return None


class Shapes:
    """The spellings of calls of some tools.

    Args:
        tools: The parameters' names, in order, by the tool's name.
    """

    def __init__(self, tools: Mapping[str, Sequence[str]]) -> None:
        self.tools = tools

    def may_be_name(self, word: str, *, whole: bool) -> bool:
        """Tell whether a word is a tool's name, or, if it is not whole yet, may become one."""
        return word in self.tools if whole else any(name.startswith(word) for name in self.tools)

    def beginning(self, text: str, *, tagged: bool = False) -> Kind | Literal[False] | None:
        """Tell whether text begins a call of a known tool; None while that is open.

        Args:
            text: Not empty.
            tagged: A tag came before, so that NAME{…} and NAME[ARGS]{…} count too.
        """
        if text[0] not in "{[":
            return self._function(text, tagged=tagged)
        opening = _OPENING.match(text)
        if opening:
            return self._pairs(text, opening.end())
        inside = text.lstrip("[ \t\r\n")
        if not inside:
            return None
        return self._function(inside, tagged=False) if text[0] == "[" else False

    def bracket(self, text: str) -> int:
        """Find the bracket whose end is the end of a call that begins the text."""
        if text[0] in "{[":
            return 0
        word = cast("re.Match[str]", _WORD.match(text))
        rest = text[word.end() :]
        skipped = next(mark for mark in (".call", "[ARGS]", "") if rest.startswith(mark))
        return word.end() + len(skipped)

    def read(self, text: str) -> Calls | None:
        """Read text that is nothing but one call, or a list of calls; None if it is not that after all.

        A call that names a known tool but cannot be read is given with its whole text as arguments.
        """
        if text[0] not in "{[":
            return self._read_function(text)
        if text[0] == "[" and _WORD.match(text.lstrip("[ \t\r\n")):
            return self._read_functions(text)
        try:
            values = read_values(text)
        except UnmendableError:
            named = _NAMED.search(text)
            return (WrittenCall(named[1], text),) if named and named[1] in self.tools else None
        return self._all([self.calls_in(value) for value in values])

    def calls_in(self, value: object) -> Calls | None:
        """Read a JSON value as calls of known tools; None if it is anything else."""
        if isinstance(value, list):
            return self._all([self.calls_in(one) for one in cast("list[object]", value)])
        if not isinstance(value, dict):
            return None
        fields = cast("dict[str, Any]", value)
        for key in _LIST_KEYS:
            if isinstance(fields.get(key), list):
                return self.calls_in(fields[key])
        if isinstance(fields.get("function"), dict):
            return self.calls_in(fields["function"])
        if len(fields) == 1:
            (name, inner), *_ = fields.items()
            if name in self.tools and isinstance(inner, dict):
                return (WrittenCall(name, dumps(inner)),)
        for key in _NAME_KEYS:
            if isinstance(fields.get(key), str) and fields[key] in self.tools:
                return (WrittenCall(fields[key], _arguments(fields, key)),)
        return None

    def _all(self, each: Sequence[Calls | None]) -> Calls | None:
        return None if not each or None in each else tuple(call for calls in each for call in calls or ())

    def _pairs(self, text: str, at: int) -> Literal["json", False] | None:
        """Follow the keys of an object until one decides."""
        while True:
            pair = _PAIR.match(text, at)
            if pair is None:
                return self._undecided(text, at)
            key, value, nested = pair[1], pair[2], pair[3]
            if key in self.tools:
                return "json"
            if key in _NAME_KEYS and value is not None:
                return "json" if value in self.tools else False
            if nested is not None and key in _ARGUMENT_KEYS:
                # The arguments came first: the name, if any, stands behind them.
                end = Span(pair.start(3)).find(text)
                return None if end is None else self._pairs(text, end)
            passed = key in _SKIPPED_KEYS or (key == "type" and value in _KINDS)
            if not passed and (nested is None or key not in {*_NAME_KEYS, *_LIST_KEYS}):
                return False
            at = pair.end()

    def _undecided(self, text: str, at: int) -> Literal[False] | None:
        so_far = _PAIR_SO_FAR.match(text, at)
        if so_far is None:
            return False
        naming = so_far[1] in _NAME_KEYS and so_far[2]
        return False if naming and not self.may_be_name(so_far[2], whole=False) else None

    def _function(self, text: str, *, tagged: bool) -> Literal["function", False] | None:
        word = _WORD.match(text)
        if word is None:
            return False
        if word.end() == len(text):
            return None if self.may_be_name(word[0], whole=False) else False
        if word[0] not in self.tools:
            return False
        follows = text[word.end() :]
        for opening in ("(", ".call(", "{", "[ARGS]{") if tagged else ("(",):
            if follows.startswith(opening):
                return "function"
            if opening.startswith(follows):
                return None
        return False

    def _read_function(self, text: str) -> Calls | None:
        word = cast("re.Match[str]", _WORD.match(text))
        at = self.bracket(text)
        if text[at : at + 1] == "{":
            return (WrittenCall(word[0], text[at:]),)
        try:
            arguments, _ = read_arguments(text, at + 1, self.tools[word[0]])
        except UnmendableError:
            return None
        return (WrittenCall(word[0], dumps(arguments)),)

    def _read_functions(self, text: str) -> Calls | None:
        found: list[WrittenCall] = []
        at = 1
        while at < len(text):
            at = cast("re.Match[str]", _BETWEEN.match(text, at)).end()
            word = _WORD.match(text, at)
            if word is None or word[0] not in self.tools or text[word.end() : word.end() + 1] != "(":
                break
            end = Span(word.end()).find(text) or len(text)
            found.extend(self._read_function(text[at:end]) or ())
            at = end
        return tuple(found) if found and at == len(text) else None


def _arguments(fields: Mapping[str, Any], named: str) -> str:
    given = next((fields[key] for key in _ARGUMENT_KEYS if key in fields), None)
    if given is None:
        left_out = {named, "type", *_SKIPPED_KEYS}
        given = {key: value for key, value in fields.items() if key not in left_out}
    return given if isinstance(given, str) else dumps(given)
