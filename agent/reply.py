"""A reply as it is heard, and when it ends a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from ..memory.types import Message, ToolCall
from ..tools.registry import Registry, wants_heartbeat
from ..tools.text import estimate_tokens
from .model import AttemptFailed, CallBroken, CallReady, Chunk, Finished, TextDelta, Usage
from .tool_execution import ToolCallResult

PREFACE_TOKENS = 30
"""A shorter text beside a write that does not say whether to go on is a preface ("one moment, I'll note that")."""


@dataclass(slots=True)
class Reply:
    """What has been heard of one reply so far.

    Attributes:
        prompt: Our estimate of the request, in tokens; it held `shown` messages besides the system prompt.
        kept: It is committed.
        finished: The model said that this is the end; until then an interruption leaves a partial reply.
    """

    text: str = ""
    calls: list[ToolCall | CallBroken] = field(default_factory=list["ToolCall | CallBroken"])
    usage: Usage | None = None
    reason: str = ""
    finished: bool = False
    started: float = field(default_factory=monotonic)
    first: float | None = None
    seconds: float = 0.0
    prompt: float = 0.0
    shown: int = 0
    kept: bool = False

    @property
    def empty(self) -> bool:
        """Whether it says nothing and asks for nothing."""
        return not self.text.strip() and not self.calls

    def hear(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        self.seconds = max(0.0, monotonic() - self.started)
        if isinstance(chunk, AttemptFailed):
            self.started = monotonic() + (chunk.wait or 0.0)
            return
        if self.first is None:
            self.first = self.seconds
        match chunk:
            case TextDelta(text):
                self.text += text
            case CallReady(call):
                self.calls.append(call)
            case CallBroken():
                self.calls.append(chunk)
            case Finished(reason, usage):
                self.reason, self.usage, self.finished = reason, usage, True

    def message(self) -> Message:
        """The reply as the log keeps it; broken arguments are stored as an empty object, so that servers accept it."""
        calls = tuple(
            ToolCall(c.call.id, c.call.name, "{}") if isinstance(c, CallBroken) else c for c in self.calls
        )
        return Message("assistant", self.text, calls)


def ends_turn(reply: Reply, done: Sequence[ToolCallResult], registry: Registry) -> bool:
    """Whether a reply with calls was already the whole answer: text, and nothing but writes that succeeded.

    The write tools carry MemGPT's `request_heartbeat`: true goes on, false ends. Where the model leaves it out, a
    short text counts as a preface and the turn goes on.
    """
    if not reply.text.strip() or not done:
        return False
    for entry in done:
        tool = registry.get(entry.call.name)
        if tool is None or tool.effect != "write" or not entry.outcome.ok:
            return False
        if wants_heartbeat(entry.call):
            return False
    said = all("request_heartbeat" in entry.call.arguments for entry in done)
    return said or estimate_tokens(reply.text) >= PREFACE_TOKENS
