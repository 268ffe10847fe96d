"""Tool calls that a model wrote into its text, found while the text streams.

Understood where they name a tool that was offered:

    <tool_call>{"name": …, "arguments": {…}}</tool_call>     our own protocol, Hermes, Qwen
    a fence, bare or of JSON, that holds one such object and nothing else
    one such object that is the whole reply

All other text is handed on unchanged, and at once unless it could be the beginning of one of these. Nothing inside
a fence of another language counts: lessons show code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .....tools.base import ToolSpec

_OPENING, _CLOSING = "<tool_call>", "</tool_call>"
_CANDIDATE = re.compile(r"(?P<tag><)|^[ \t]*(?P<fence>[`~])", re.MULTILINE)
_FENCE = re.compile(r"(`{3,}(?=[^`\n]*\n)|~{3,})[ \t]*([\w+-]*)[^\n]*\n")
_FENCE_SO_FAR = re.compile(r"`{1,2}|`{3,}[^`\n]*|~{1,2}|~{3,}[^\n]*")
_FENCE_END = re.compile(r"\n[ \t]*`{3,}[ \t]*(?=\r?\n|\Z)")
_CALL_FENCES = frozenset({"", "json", "tool_call"})
_HEAD_LENGTH = 400

OPEN_CHARS = 1000
"""Characters of a call that is still open, beyond which it is looked at only when it has grown by an eighth: to look at
all of it with each piece would take time with the square of its length."""


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call found in the text.

    Attributes:
        name: The tool.
        arguments: The whole object as it was written; `mend` takes the arguments out of it.
        cut: The reply reached its length limit before the call was closed.
    """

    name: str
    arguments: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the first `length` characters of the buffer are: a call, or text."""

    length: int
    call: WrittenCall | None = None


class CallReader:
    """Parts streamed text into what the person sees and the calls in it.

    Args:
        tools: The tools that were offered; without any, everything is text.
    """

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._heads = {head: tool.name for tool in tools for head in _heads(tool.name)}
        self._buffer: str = ""
        self._waiting: list[str] = []
        self._waiting_chars = 0
        self._blank_line: bool = True
        self._silent: bool = True
        self._fence: str = ""

    def feed(self, text: str) -> Iterator[str | WrittenCall]:
        """Take a piece of text; give text and calls as far as they are decided."""
        self._waiting.append(text)
        self._waiting_chars += len(text)
        if len(self._buffer) > OPEN_CHARS and self._waiting_chars < len(self._buffer) // 8:
            return
        self._take_in()
        yield from self._drain(final=False, cut=False)

    def _take_in(self) -> None:
        self._buffer += "".join(self._waiting)
        self._waiting.clear()
        self._waiting_chars = 0

    def close(self, *, cut: bool = False) -> Iterator[str | WrittenCall]:
        """Give what was held back, at the end of the reply; `cut` if the reply ended at its length limit."""
        self._take_in()
        yield from self._drain(final=True, cut=cut)

    def _drain(self, *, final: bool, cut: bool) -> Iterator[str | WrittenCall]:
        while self._buffer:
            yield from self._give(self._candidate())
            decision = self._decide(final=final, cut=cut) if self._buffer else None
            if decision is None:
                return
            if decision.call is None:
                yield from self._give(decision.length)
                continue
            yield decision.call
            self._buffer = self._buffer[decision.length :]
            self._silent, self._blank_line = False, True

    def _give(self, length: int) -> Iterator[str]:
        if not length:
            return
        text, self._buffer = self._buffer[:length], self._buffer[length:]
        line = text.rpartition("\n")[2]
        self._blank_line = not line.strip(" \t") and ("\n" in text or self._blank_line)
        self._silent = self._silent and text.isspace()
        yield text

    def _candidate(self) -> int:
        """Find where in the buffer a call, or the end of a fence, could begin; its length if nowhere."""
        if not self._heads:
            return len(self._buffer)
        if self._silent and self._buffer.lstrip().startswith("{"):
            return self._buffer.index("{")
        for found in _CANDIDATE.finditer(self._buffer):
            if found["tag"] and not self._fence:
                return found.start()
            if found["fence"] and (found.start() > 0 or self._blank_line):
                return found.start("fence")
        return len(self._buffer)

    def _decide(self, *, final: bool, cut: bool) -> _Decision | None:
        """Decide about the candidate at the beginning of the buffer; None while more text may change it."""
        if self._fence:
            return self._closing_fence(final=final)
        match self._buffer[0]:
            case "{":
                return self._bare(final=final, cut=cut)
            case "<":
                return self._tagged(final=final, cut=cut)
            case _:
                return self._fenced(final=final, cut=cut)

    def _bare(self, *, final: bool, cut: bool) -> _Decision | None:
        name = self._named(self._buffer, final=final)
        if name is None or (name and not final):
            return None
        if name and (cut or self._buffer.rstrip().endswith("}")):
            return _Decision(len(self._buffer), _call(name, self._buffer, cut=cut))
        return _Decision(1)

    def _tagged(self, *, final: bool, cut: bool) -> _Decision | None:
        if not self._buffer.startswith(_OPENING):
            undecided = not final and _OPENING.startswith(self._buffer)
            marks = len(self._buffer) - len(self._buffer.lstrip("<"))
            return None if undecided else _Decision(max(1, marks - 1))
        written = self._buffer[len(_OPENING) :]
        name = self._named(written, final=final)
        if not name:
            return None if name is None else _Decision(len(_OPENING))
        end, closed, _ = written.partition(_CLOSING)
        content, next_call, _ = end.partition(_OPENING)  # some models leave the closing tag out
        if not closed and not next_call and not final:
            return None
        length = len(_OPENING) + len(content) + (0 if next_call else len(closed))
        return _Decision(length, _call(name, content, cut=cut and not closed and not next_call))

    def _fenced(self, *, final: bool, cut: bool) -> _Decision | None:
        opening = _FENCE.match(self._buffer)
        if opening is None:
            undecided = not final and _FENCE_SO_FAR.fullmatch(self._buffer)
            return None if undecided else _Decision(len(self._buffer) - len(self._buffer.lstrip("`~")))
        written = self._buffer[opening.end() :]
        callable_here = opening[1][0] == "`" and opening[2].lower() in _CALL_FENCES
        name = self._named(written, final=final) if callable_here else False
        if name is None:
            return None
        ending = _FENCE_END.search(written) if name else None
        if name and not final and (ending is None or ending.end() == len(written)):
            return None
        content = written[: ending.start()] if ending else written
        if name and (content.rstrip().endswith("}") or (cut and not ending)):
            end = opening.end() + (ending.end() if ending else len(written))
            return _Decision(end, _call(name, content, cut=cut and not ending))
        self._fence = opening[1]
        return _Decision(opening.end())

    def _closing_fence(self, *, final: bool) -> _Decision | None:
        marks = len(self._buffer) - len(self._buffer.lstrip(self._fence[0]))
        line, newline, _ = self._buffer.partition("\n")
        if line[marks:].strip() or (newline and marks < len(self._fence)):
            return _Decision(max(marks, 1))
        if not newline and not final:
            return None
        self._fence = self._fence if marks < len(self._fence) else ""
        return _Decision(marks)

    def _named(self, text: str, *, final: bool) -> str | Literal[False] | None:
        """Give the tool that the object at the beginning of a text calls, or False; None while that is open."""
        compact = "".join(text[:_HEAD_LENGTH].split()).replace("'", '"')
        for head, name in self._heads.items():
            if compact.startswith(head):
                return name
        return None if not final and any(head.startswith(compact) for head in self._heads) else False


def _heads(name: str) -> Iterator[str]:
    """Give the ways in which a call of a tool begins, without blanks."""
    for before in ("{", '{"type":"function",'):
        for arguments in ("arguments", "parameters"):
            yield f'{before}"name":"{name}","{arguments}":'


def _call(name: str, written: str, *, cut: bool = False) -> WrittenCall:
    return WrittenCall(name, written.strip(), cut=cut)
