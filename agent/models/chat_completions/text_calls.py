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
from typing import Any, cast

from ....tools.base import ToolSpec
from .callshapes import Calls, Shapes, Span, WrittenCall
from .repair import dumps

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
_FUNCTION_TAG = re.compile(r"<function=\s*[\"']?([\w.-]+)[\"']?\s*>")
_PARAMETER = re.compile(
    r"<parameter=\s*[\"']?([\w.-]+)[\"']?\s*>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)", re.DOTALL
)
_LONGEST_TAG = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Calls, and where the text goes on behind them; `open` if the reply ended before the last was closed."""

    calls: Calls
    end: int
    open: bool = False


Verdict = Found | int | None
"""Calls; or how many characters are text after all; or None: not decided yet."""


class CallReader:
    """Parts streamed text into what the person sees and the calls in it.

    Args:
        tools: The tools that were offered; without any, everything is text.
    """

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._shapes = Shapes(
            {
                tool.name: tuple(cast("dict[str, Any]", tool.parameters.get("properties", {})))
                for tool in tools
            }
        )
        self._buffer = ""
        self._line_start = True
        self._fenced = False
        self._behind_call = False
        self._silent = True
        self._blank = ""
        self._span: Span | None = None

    def feed(self, text: str) -> Iterator[str | WrittenCall]:
        """Take a piece of text; give text and calls as far as they are decided."""
        self._buffer += text
        yield from self._drain(final=False, cut=False)

    def close(self, *, cut: bool = False) -> Iterator[str | WrittenCall]:
        """Give what was held back, at the end of the reply; `cut` if the reply ended at its length limit."""
        yield from self._drain(final=True, cut=cut)
        if self._blank:
            yield self._blank
            self._blank = ""

    def _drain(self, *, final: bool, cut: bool) -> Iterator[str | WrittenCall]:
        while self._buffer:
            if self._behind_call and not self._skip_ending(final=final):
                return
            yield from self._give(self._candidate())
            if not self._buffer:
                return
            verdict = self._judge(final=final)
            if verdict is None:
                return
            self._span = None
            if isinstance(verdict, int):
                yield from self._give(verdict)
                continue
            for call in verdict.calls:
                text = self._buffer[: verdict.end]
                yield WrittenCall(call.name, text, cut=True) if cut and verdict.open else call
            self._buffer = self._buffer[verdict.end :]
            self._behind_call = self._line_start = True
            self._blank = ""

    def _give(self, count: int) -> Iterator[str]:
        """Hand on text; blanks before the first word wait, for a reply that is only a call has no text at all."""
        if not count:
            return
        text, self._buffer = self._buffer[:count], self._buffer[count:]
        last = text[text.rfind("\n") + 1 :]
        self._line_start = not last.strip() and ("\n" in text or self._line_start)
        if self._silent and text.isspace():
            self._blank += text
            return
        self._silent = False
        text, self._blank = self._blank + text, ""
        yield text

    def _candidate(self) -> int:
        """Find where in the buffer a call could begin; its length if nowhere."""
        buffer = self._buffer
        if not self._shapes.tools:
            return len(buffer)
        at, fresh = 0, self._line_start
        while at < len(buffer):
            if fresh:
                at = _behind_blanks(buffer, at)
                if at == len(buffer) or self._may_begin_line(at):
                    return at
            marks = [p for p in (buffer.find(sign, at) for sign in "\n<[") if p >= 0]
            if not marks:
                return len(buffer)
            at = min(marks)
            fresh = buffer[at] == "\n"
            if not fresh and not self._fenced:
                return at
            at += 1
        return at

    def _may_begin_line(self, at: int) -> bool:
        first = self._buffer[at]
        if self._fenced or first == "`":
            return first == "`"
        if first in "{[<":
            return True
        word = _WORD.match(self._buffer, at)
        return word is not None and self._shapes.may_be_name(word[0], whole=word.end() < len(self._buffer))

    def _skip_ending(self, *, final: bool) -> bool:
        """Drop the closing tag behind a call; False while it may still be coming."""
        rest = self._buffer[_behind_blanks(self._buffer, 0) :]
        for ending in _ENDINGS:
            if rest.startswith(ending):
                self._buffer = rest[len(ending) :]
                return bool(self._buffer)
        if not final and any(ending.startswith(rest) for ending in _ENDINGS):
            return False
        if rest[:1] in {";", ","}:
            following = rest[1:].lstrip()
            if not following and not final:
                return False
            if following[:1] in {"{", "[", "<"}:
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
                return (
                    self._function_tag(0, final=final)
                    if tag == "<function="
                    else self._tagged(tag, ending, final=final)
                )
            if tag.startswith(buffer) and not final:
                return None
        if not self._line_start or buffer[0] == "<":
            return 1
        return self._plain(final=final)

    def _closing_fence(self, *, final: bool) -> Verdict:
        if self._buffer.startswith("```"):
            self._fenced = False
            return 3
        return None if "```".startswith(self._buffer) and not final else 1

    def _fence(self, *, final: bool) -> Verdict:
        buffer = self._buffer
        head = _FENCE_HEAD.match(buffer)
        if head is None:
            so_far = _FENCE_HEAD_SO_FAR.match(buffer)
            open_still = so_far is not None and any(fence.startswith(so_far[1]) for fence in _CALL_FENCES)
            if not final and (open_still or "```".startswith(buffer)):
                return None
            self._fenced = buffer.startswith("```")
            return 3 if self._fenced else 1
        verdict: Verdict = 1
        if head[1] in _CALL_FENCES:
            verdict = self._fenced_calls(head.end(), function=head[1] == "tool_code", final=final)
        if not isinstance(verdict, int):
            return verdict
        self._fenced = True
        return head.end()

    def _fenced_calls(self, at: int, *, function: bool, final: bool) -> Verdict:
        """Judge what stands in a fence: nothing but calls, up to the closing fence."""
        buffer, calls = self._buffer, ()
        while True:
            tail = _FENCE_TAIL.match(buffer, at) if calls else None
            if tail:
                return Found(calls, tail.end())
            start = _behind_blanks(buffer, at)
            rest = buffer[start:]
            if "```".startswith(rest):
                return None if not final else Found(calls, len(buffer), self._open()) if calls else 1
            kind = self._shapes.beginning(rest)
            if kind is None and not final:
                return None
            if not kind or (kind == "function" and not function):
                return 1
            end = self._end_of(start + self._shapes.bracket(rest), final=final)
            if end is None:
                return None
            more = self._shapes.read(buffer[start:end])
            if more is None:
                return 1
            calls, at = calls + more, end

    def _plain(self, *, final: bool) -> Verdict:
        """Judge JSON or a function call that stands by itself at the beginning of a line."""
        buffer = self._buffer
        kind = self._shapes.beginning(buffer)
        if kind is None and not final:
            return None
        end = self._end_of(self._shapes.bracket(buffer), final=final) if kind else 0
        if end is None:
            return None
        calls = self._shapes.read(buffer[:end]) if end else None
        if calls is None:
            return 1
        rest, newline, _ = buffer[end:].partition("\n")
        if kind == "function" and rest.strip():
            return 1
        return None if kind == "function" and not newline and not final else Found(calls, end, self._open())

    def _tagged(self, tag: str, ending: str, *, final: bool) -> Verdict:
        buffer = self._buffer
        start = _behind_blanks(buffer, len(tag))
        text = buffer[start:]
        if not text:
            return len(tag) if final else None
        if text.startswith("<function=") or ("<function=".startswith(text) and not final):
            return self._function_tag(start, final=final)
        kind = self._shapes.beginning(text, tagged=True)
        if kind is None and not final and ending not in text:
            return None
        if not kind:
            return len(tag)
        end = self._end_of(start + self._shapes.bracket(text), final=False)
        closing = buffer.find(ending, start)
        # Whichever came first: brackets that were never closed end with the tag.
        if closing >= 0 and (end is None or closing < end):
            end = closing
        if end is None and not final:
            return None
        whole = len(buffer) if end is None else end
        calls = self._shapes.read(buffer[start:whole])
        return Found(calls, whole, end is None) if calls else len(tag)

    def _function_tag(self, start: int, *, final: bool) -> Verdict:
        buffer = self._buffer
        head = _FUNCTION_TAG.match(buffer, start)
        if head is None:
            undecided = not final and ">" not in buffer[start:] and len(buffer) - start < _LONGEST_TAG
            return None if undecided else start + 1
        if head[1] not in self._shapes.tools:
            return head.end()
        closing = buffer.find("</function>", head.end())
        if closing < 0 and not final:
            return None
        content = buffer[head.end() : closing if closing >= 0 else len(buffer)].strip()
        parameters = dict(_PARAMETER.findall(content)) if content.startswith("<parameter=") else None
        arguments = content if parameters is None else dumps(parameters)
        end = closing + len("</function>") if closing >= 0 else len(buffer)
        return Found((WrittenCall(head[1], arguments),), end, closing < 0)

    def _end_of(self, opening: int, *, final: bool) -> int | None:
        """Find the end of the brackets that open at `opening`; at the end of the reply they may be left open."""
        if self._span is None or self._span.start != opening:
            self._span = Span(opening)
        end = self._span.find(self._buffer)
        return len(self._buffer) if end is None and final else end

    def _open(self) -> bool:
        return self._span is not None and self._span.find(self._buffer) is None


def _behind_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
