"""A model that says what it was told to say: for tests, demonstrations and benchmarks.

    model = ScriptedModel(["Hello, Mina.", [ScriptedCall("core_memory_append", {"label": "student", "content": "Mina"})]])

Each call of `stream` takes the next reply. A reply is text; a call; a sequence of text and calls; or an error, which
is raised. A function from the request to such a reply makes a model that decides.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....memory.types import Message, ToolCall
from ....tools.text import estimate_tokens
from ...model import CallBroken, CallReady, Chunk, Finished, ModelProfile, Request, TextDelta, Usage
from ..chat_completions.repair import UnmendableError, dumps, mend


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """A tool call to make; arguments given as text are sent as they are, and mended or broken as a server's are."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any])


Part = str | ScriptedCall
Reply = Part | Sequence[Part] | BaseException
Script = Sequence[Reply] | Callable[[Request], Reply]


class ScriptedModel:
    """A deterministic `Model`; thread-safe.

    Args:
        script: The replies one by one, or a function of the request. A list that is used up raises `AssertionError`.
        profile: What the model claims to be.
        piece: Characters per text delta.
        usage: Counts a call's tokens from the request and the reply's text; roughly if not given.

    Attributes:
        requests: What it was asked, in order.
    """

    def __init__(
        self,
        script: Script,
        *,
        profile: ModelProfile | None = None,
        piece: int = 8,
        usage: Callable[[Request, str], Usage | None] | None = None,
    ) -> None:
        self._script = script
        self._profile = profile or ModelProfile("scripted", "scripted", local=True)
        self._piece = piece
        self._usage = usage or rough_usage
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    @property
    def profile(self) -> ModelProfile:
        """What the model claims to be."""
        return self._profile

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the next reply of the script."""
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
        reply = self._script(request) if callable(self._script) else self._next(number)
        if isinstance(reply, BaseException):
            raise reply
        parts: Sequence[Part] = [reply] if isinstance(reply, str | ScriptedCall) else reply
        texts = [part for part in parts if isinstance(part, str)]
        calls = [part for part in parts if isinstance(part, ScriptedCall)]
        for text in texts:
            for start in range(0, len(text), self._piece):
                yield TextDelta(text[start : start + self._piece])
        for index, call in enumerate(calls):
            yield made_call(call, f"call{number:04d}{index}")
        yield Finished("tool_calls" if calls else "stop", self._usage(request, "".join(texts)))

    def _next(self, number: int) -> Reply:
        assert not callable(self._script)
        if number >= len(self._script):
            raise AssertionError(f"the script has {len(self._script)} replies; this is request {number + 1}")
        return self._script[number]


def made_call(call: ScriptedCall, identity: str) -> CallReady | CallBroken:
    """Turn a scripted call into the chunk that a server's call would become."""
    arguments = call.arguments if isinstance(call.arguments, str) else dumps(dict(call.arguments))
    try:
        return CallReady(ToolCall(identity, call.name, mend(arguments, call.name)))
    except UnmendableError as error:
        return CallBroken(ToolCall(identity, call.name, arguments), str(error))


def rough_usage(request: Request, text: str) -> Usage:
    """Count tokens as FACTS for o200k: 0.86 for a Hangul syllable, 0.25 for other visible characters."""
    tools = "".join(
        json.dumps([t.name, t.description, dict(t.parameters)], ensure_ascii=False) for t in request.tools
    )
    said = "".join(_visible(message) for message in request.messages)
    return Usage(_rough(tools + said), 0, max(1, _rough(text)))


def _visible(message: Message) -> str:
    return message.content + "".join(call.name + call.arguments for call in message.tool_calls)


def _rough(text: str) -> int:
    return round(estimate_tokens(text))
