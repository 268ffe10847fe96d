"""Tool calls that a model wrote into its text, found while the text streams.

Understood where they name a tool that was offered:

    <tool_call>{"name": …, "arguments": {…}}</tool_call>          Hermes, Qwen
    <|python_tag|>{"name": …, "parameters": {…}}                  Llama 3
    <function=NAME>{…}</function>                                 Llama 3, Qwen Coder (with <parameter=KEY>)
    [TOOL_CALLS] [{"name": …, "arguments": {…}}]                  Mistral
    a JSON fence, or JSON at the beginning of a line              {"name": …}, {"tool_calls": […]}, {"NAME": {…}}
    NAME(key="value")                                             alone on its line, or as a list

All other text is handed on unchanged, and at once unless it could be the beginning of one of these. Nothing inside
a fence of another language counts: lessons show code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from ...tools.base import ToolSpec
from .mending import UnmendableError, dumps, read_arguments, read_values

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

_TAGS = {
    "<tool_call>": "</tool_call>",
    "<function_call>": "</function_call>",
    "<tool_calls>": "</tool_calls>",
    "<|tool_call|>": "<|/tool_call|>",
    "<|python_tag|>": "<|eom_id|>",
    "[TOOL_CALLS]": "</s>",
    "<function=": "</function>",
}
_ENDINGS = (*dict.fromkeys(_TAGS.values()), "<|eot_id|>", "<|im_end|>")
_CALL_FENCES = ("", "json", "jsonc", "json5", "tool", "tool_call", "tool_calls", "tool_code", "function_call")
_FENCE_HEAD = re.compile(r"```[ \t]*([\w+-]*)[ \t]*\r?\n")
_FENCE_HEAD_SO_FAR = re.compile(r"```[ \t]*([\w+-]*)[ \t]*\r?\Z")
_FENCE_TAIL = re.compile(r"\s*```")
_WORD = re.compile(r"[A-Za-z_]\w*")
_MARK = re.compile(r"\\.|[\"'{}\[\]()]", re.DOTALL)
_BLANK = re.compile(r"\s*")
_OPENING = re.compile(r"[\[\s]*\{\s*")
_PAIR = re.compile(r"[\s,]*[\"']?(\w+)[\"']?\s*:\s*(?:[\"']([^\"'\\]*)[\"']|([\[{]\s*\{?)|(\w+))")
_PAIR_SO_FAR = re.compile(r"[\s,]*[\"']?(\w*)[\"']?\s*(?::\s*(?:[\"']([^\"'\\]*))?)?\Z")
_FUNCTION_TAG = re.compile(r"<function=\s*[\"']?([\w.-]+)[\"']?\s*>")
_PARAMETER = re.compile(
    r"<parameter=\s*[\"']?([\w.-]+)[\"']?\s*>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)", re.DOTALL
)
_NAMED = re.compile(r"[\"']?(?:name|tool|tool_name|function)[\"']?\s*:\s*[\"']([\w.-]+)")


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call found in the text; `arguments` may still need mending, `cut` says that the reply ended inside it."""

    name: str
    arguments: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Calls, and where the text goes on behind them."""

    calls: tuple[WrittenCall, ...]
    end: int


Verdict = Found | int | None
"""Calls; or how many characters are text after all; or None: not decided yet."""


class CallReader:
    """Parts streamed text into what the person sees and the calls in it.

    Args:
        tools: The tools that were offered; without any, everything is text.
    """

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._tools = {
            tool.name: tuple(cast("dict[str, Any]", tool.parameters.get("properties", {}))) for tool in tools
        }
        self._buffer = ""
        self._line_start = True
        self._fenced = False
        self._behind_call = False
        self._silent = True
        self._blank = ""
        self._span: _Span | None = None

    def feed(self, text: str) -> Iterator[str | WrittenCall]:
        """Take a piece of text; give text and calls as far as they are decided."""
        self._buffer += text
        yield from self._drain(final=False, cut=False)

    def close(self, *, cut: bool = False) -> Iterator[str | WrittenCall]:
        """Give what was held back, at the end of the reply; `cut` if the reply ended at its length limit."""
        yield from self._drain(final=True, cut=cut)

    def _drain(self, *, final: bool, cut: bool) -> Iterator[str | WrittenCall]:
        while self._buffer:
            if self._behind_call and not self._skip_ending(final=final):
                return
            at = self._candidate()
            if at:
                yield from self._give(at)
            if not self._buffer:
                return
            verdict = self._judge(final=final)
            if verdict is None:
                return
            self._span = None
            if isinstance(verdict, int):
                yield from self._give(verdict)
                continue
            for one in verdict.calls:
                whole = not cut or verdict.end < len(self._buffer)
                yield one if whole else WrittenCall(one.name, one.arguments, cut=True)
            self._buffer = self._buffer[verdict.end :]
            self._behind_call = self._line_start = True
            self._blank = ""

    def _give(self, count: int) -> Iterator[str]:
        text, self._buffer = self._buffer[:count], self._buffer[count:]
        last = text[text.rfind("\n") + 1 :]
        self._line_start = not last.strip() and ("\n" in text or self._line_start)
        # Blanks before the first word wait: a reply that is only a call has no text at all.
        if self._silent and text.isspace():
            self._blank += text
            return
        self._silent = False
        text, self._blank = self._blank + text, ""
        yield text

    def _candidate(self) -> int:
        """Find where in the buffer a call could begin; its length if nowhere."""
        buffer = self._buffer
        if not self._tools:
            return len(buffer)
        at, fresh = 0, self._line_start
        while at < len(buffer):
            if fresh:
                at = cast("re.Match[str]", _BLANK.match(buffer, at)).end()
                if at == len(buffer) or self._may_begin_line(at):
                    return at
            fresh = False
            marks = [p for p in (buffer.find(c, at) for c in ("\n", "<", "[")) if p >= 0]
            if not marks:
                return len(buffer)
            at = min(marks)
            if buffer[at] != "\n" and not self._fenced:
                return at
            fresh = buffer[at] == "\n"
            at += 1
        return at

    def _may_begin_line(self, at: int) -> bool:
        first = self._buffer[at]
        if self._fenced:
            return first == "`"
        if first in "{[<`":
            return True
        word = _WORD.match(self._buffer, at)
        return word is not None and self._may_be_name(word[0], whole=word.end() < len(self._buffer))

    def _may_be_name(self, word: str, *, whole: bool) -> bool:
        return word in self._tools if whole else any(name.startswith(word) for name in self._tools)

    def _skip_ending(self, *, final: bool) -> bool:
        """Drop the closing tag behind a call; False while it may still be coming."""
        blank = cast("re.Match[str]", _BLANK.match(self._buffer)).end()
        rest = self._buffer[blank:]
        for ending in _ENDINGS:
            if rest.startswith(ending):
                self._buffer = rest[len(ending) :]
                return bool(self._buffer)
        if not final and any(ending.startswith(rest) for ending in _ENDINGS):
            return False
        if rest[:1] in {";", ","} and rest[1:].lstrip()[:1] in {"{", "[", "<"}:
            self._buffer = rest[1:]
        self._behind_call = False
        return True

    def _judge(self, *, final: bool) -> Verdict:
        """Decide about the candidate at the beginning of the buffer."""
        buffer = self._buffer
        if self._fenced:
            return self._closing_fence(final=final)
        if buffer[0] == "`":
            return self._fence(final=final)
        for tag, ending in _TAGS.items():
            if buffer.startswith(tag):
                return self._tagged(tag, ending, final=final)
            if tag.startswith(buffer) and not final:
                return None
        if not self._line_start or buffer[0] == "<":
            return 1
        return self._plain(0, final=final)

    def _closing_fence(self, *, final: bool) -> Verdict:
        if self._buffer.startswith("```"):
            self._fenced = False
            return 3
        waiting = "```".startswith(self._buffer) and not final
        return None if waiting else 1

    def _fence(self, *, final: bool) -> Verdict:
        buffer = self._buffer
        head = _FENCE_HEAD.match(buffer)
        if head is None:
            so_far = _FENCE_HEAD_SO_FAR.match(buffer)
            open_still = so_far is not None and any(f.startswith(so_far[1]) for f in _CALL_FENCES)
            if not final and (open_still or "```".startswith(buffer)):
                return None
            self._fenced = buffer.startswith("```")
            return 3 if self._fenced else 1
        start = cast("re.Match[str]", _BLANK.match(buffer, head.end())).end()
        verdict: Verdict = head.end()
        if head[1] in _CALL_FENCES:
            if start == len(buffer) and not final:
                return None
            verdict = self._plain(start, final=final, fence=head[1]) if start < len(buffer) else head.end()
        if isinstance(verdict, int):
            self._fenced = True
            return head.end()
        return verdict

    def _plain(self, start: int, *, final: bool, fence: str | None = None) -> Verdict:
        """Judge JSON or a function call that begins at `start` and stands by itself."""
        text = self._buffer[start:]
        kind = self._prospect(text) if text[0] in "{[" else self._call_prospect(text)
        if kind is None and not final:
            return None
        if not kind or (kind == "python" and fence not in {None, "tool_code"}):
            return start + 1
        end = self._end_of(start + (0 if text[0] in "{[" else text.index("(")), final=final)
        if end is None:
            return None
        calls = self._read(self._buffer[start:end])
        if calls is None:
            return start + 1
        if fence is not None:
            return self._fenced_calls(calls, end, final=final)
        if kind == "python":
            rest = self._buffer[end:].partition("\n")[0]
            if rest.strip():
                return start + 1
            if end == len(self._buffer) and not final:
                return None
        return Found(calls, end)

    def _fenced_calls(self, calls: tuple[WrittenCall, ...], end: int, *, final: bool) -> Verdict:
        while True:
            tail = _FENCE_TAIL.match(self._buffer, end)
            if tail:
                return Found(calls, tail.end())
            rest = self._buffer[end:]
            if not rest.strip() or "```".startswith(rest.strip()):
                return Found(calls, len(self._buffer)) if final else None
            start = cast("re.Match[str]", _BLANK.match(self._buffer, end)).end()
            following = _Span(start).find(self._buffer) if self._buffer[start] in "{[" else None
            if following is None and not final and self._buffer[start] in "{[":
                return None
            more = self._read(self._buffer[start:following]) if following else None
            if not more or not following:
                return 1
            calls, end = calls + more, following

    def _tagged(self, tag: str, ending: str, *, final: bool) -> Verdict:
        if tag == "<function=":
            return self._function_tag(0, final=final)
        buffer = self._buffer
        start = cast("re.Match[str]", _BLANK.match(buffer, len(tag))).end()
        if start == len(buffer):
            return len(tag) if final else None
        if buffer.startswith("<function=", start) or ("<function=".startswith(buffer[start:]) and not final):
            return self._function_tag(start, final=final)
        text = buffer[start:]
        kind = self._prospect(text) if text[0] in "{[" else self._call_prospect(text)
        if kind is None and not final and ending not in text:
            return None
        if not kind:
            return len(tag)
        end = self._end_of(start + cast("re.Match[str]", re.search(r"[{\[(]", text)).start(), final=False)
        if end is None:
            closing = buffer.find(ending, start)
            if closing < 0 and not final:
                return None
            end = closing if closing >= 0 else len(buffer)
        calls = self._read(buffer[start:end])
        return Found(calls, end) if calls else len(tag)

    def _function_tag(self, start: int, *, final: bool) -> Verdict:
        buffer = self._buffer
        head = _FUNCTION_TAG.match(buffer, start)
        if head is None:
            undecided = not final and ">" not in buffer[start:] and len(buffer) - start < 100
            return None if undecided else start + 1
        if head[1] not in self._tools:
            return head.end()
        closing = buffer.find("</function>", head.end())
        if closing < 0 and not final:
            return None
        content = buffer[head.end() : closing if closing >= 0 else len(buffer)].strip()
        parameters = dict(_PARAMETER.findall(content)) if content.startswith("<parameter=") else None
        arguments = content if parameters is None else dumps(parameters)
        end = closing + len("</function>") if closing >= 0 else len(buffer)
        return Found((WrittenCall(head[1], arguments),), end)

    def _end_of(self, opening: int, *, final: bool) -> int | None:
        """Find the end of the brackets that open at `opening`; at the end of the reply they may be left open."""
        if self._span is None or self._span.start != opening:
            self._span = _Span(opening)
        end = self._span.find(self._buffer)
        return len(self._buffer) if end is None and final else end

    def _prospect(self, text: str) -> Literal["json", "python"] | bool | None:
        """Tell from the beginning of JSON (or of a list of function calls) whether it is a call of a known tool."""
        opening = _OPENING.match(text)
        if opening:
            return self._pairs(text, opening.end())
        inside = text.lstrip("[ \t\r\n")
        if not inside:
            return None
        return self._call_prospect(inside) if inside != text else False

    def _pairs(self, text: str, at: int) -> Literal["json"] | bool | None:
        while True:
            pair = _PAIR.match(text, at)
            if pair is None:
                return self._undecided(text, at)
            key, value, nested = pair[1], pair[2], pair[3]
            if key in self._tools:
                return "json"
            if key in _NAME_KEYS and value is not None:
                return "json" if value in self._tools else False
            if nested is not None and key in _ARGUMENT_KEYS:
                return self._behind_arguments(text, pair.start(3))
            if nested is not None and key in {*_NAME_KEYS, *_LIST_KEYS}:
                at = pair.end()
                continue
            if key not in _SKIPPED_KEYS and not (key == "type" and value in _KINDS):
                return False
            at = pair.end()

    def _behind_arguments(self, text: str, at: int) -> Literal["json"] | bool | None:
        """The arguments came first: the name, if any, stands behind them."""
        end = _Span(at).find(text)
        return None if end is None else self._pairs(text, end)

    def _undecided(self, text: str, at: int) -> bool | None:
        so_far = _PAIR_SO_FAR.match(text, at)
        if so_far is None:
            return False
        if so_far[1] in _NAME_KEYS and so_far[2]:
            return None if self._may_be_name(so_far[2], whole=False) else False
        return None

    def _call_prospect(self, text: str) -> Literal["python"] | bool | None:
        word = _WORD.match(text)
        if word is None:
            return False
        if word.end() == len(text):
            return None if self._may_be_name(word[0], whole=False) else False
        if word[0] not in self._tools:
            return False
        follows = text[word.end() :]
        for opening in ("(", "{", "[ARGS]{", ".call("):
            if follows.startswith(opening):
                return "python"
            if opening.startswith(follows):
                return None
        return False

    def _read(self, text: str) -> tuple[WrittenCall, ...] | None:
        """Read the calls of a piece of text that is nothing but calls; None if it is anything else."""
        if text[0] not in "{[":
            return self._read_function(text)
        if text[0] == "[" and _WORD.match(text.lstrip("[ \t\r\n")):
            return self._read_functions(text)
        try:
            values = read_values(text)
        except UnmendableError:
            named = _NAMED.search(text)
            return (WrittenCall(named[1], text),) if named and named[1] in self._tools else None
        found = [calls_in(value, self._tools) for value in values]
        return None if None in found else tuple(one for calls in found for one in calls or ())

    def _read_function(self, text: str) -> tuple[WrittenCall, ...] | None:
        word = cast("re.Match[str]", _WORD.match(text))
        opening = re.compile(r"(?:\[ARGS\])?\{|(?:\.call)?\(").match(text, word.end())
        if opening is None:
            return None
        if opening[0].endswith("{"):
            return (WrittenCall(word[0], text[opening.end() - 1 :]),)
        try:
            arguments, _ = read_arguments(text, opening.end(), self._tools[word[0]])
        except UnmendableError:
            return None
        return (WrittenCall(word[0], dumps(arguments)),)

    def _read_functions(self, text: str) -> tuple[WrittenCall, ...] | None:
        found: list[WrittenCall] = []
        at = 1
        while at < len(text):
            start = cast("re.Match[str]", re.compile(r"[\s,\]]*").match(text, at)).end()
            if start == len(text):
                break
            word = _WORD.match(text, start)
            end = _Span(word.end()).find(text) if word and text[word.end() : word.end() + 1] == "(" else None
            if word is None or end is None or word[0] not in self._tools:
                return None
            calls = self._read_function(text[start:end])
            if calls is None:
                return None
            found.extend(calls)
            at = end
        return tuple(found) or None


class _Span:
    """Finds, piece by piece, where the brackets that open at `start` are closed again."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._at = start
        self._depth = 0
        self._quote = ""

    def find(self, text: str) -> int | None:
        """Give the position behind the closing bracket, or None while it has not come."""
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
                    return self._at
        return None


def calls_in(value: object, tools: dict[str, tuple[str, ...]]) -> tuple[WrittenCall, ...] | None:
    """Read a JSON value as calls of known tools; None if it is anything else."""
    if isinstance(value, list):
        each = [calls_in(one, tools) for one in cast("list[object]", value)]
        if not each or None in each:
            return None
        return tuple(call for calls in each for call in calls or ())
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, Any]", value)
    for key in _LIST_KEYS:
        if isinstance(fields.get(key), list):
            return calls_in(fields[key], tools)
    if isinstance(fields.get("function"), dict):
        return calls_in(fields["function"], tools)
    if len(fields) == 1:
        (name, inner), *_ = fields.items()
        if name in tools and isinstance(inner, dict):
            return (WrittenCall(name, dumps(inner)),)
    named = next(
        (key for key in _NAME_KEYS if isinstance(fields.get(key), str) and fields[key] in tools), None
    )
    return None if named is None else (WrittenCall(fields[named], _arguments(fields, named)),)


def _arguments(fields: dict[str, Any], named: str) -> str:
    given = next((fields[key] for key in _ARGUMENT_KEYS if key in fields), None)
    if given is None:
        left_out = {named, "type", *_SKIPPED_KEYS}
        given = {key: value for key, value in fields.items() if key not in left_out}
    return given if isinstance(given, str) else dumps(given)
