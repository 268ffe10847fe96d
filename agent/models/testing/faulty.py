"""A model that fails on purpose, around any other: for proving that nothing is lost when servers misbehave.

    model = FaultyModel(ScriptedModel(["One.", "Two."]), {0: refuse(), 1: cut(after=1)})

The faults are given by the number of the call, from 0; a call without one goes through as it is. A function of the
call's number makes faults at random or by rule. `LoopingModel` asks for the same tool call for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from ....memory.errors import BadReply, ProviderError, ServerUnreachable
from ....memory.types import ToolCall
from ...model import CallBroken, CallReady, Chunk, Finished, Model, ModelProfile, Request, TextDelta
from ..chat_completions.repair import dumps

Fault = Callable[[Iterator[Chunk]], Iterator[Chunk]]
"""Turns the chunks of a call into those of a call that fails."""


class FaultyModel:
    """Another model whose calls fail where it is told; thread-safe if the other is.

    Args:
        inner: The model that answers.
        faults: By the number of the call, from 0, or a function of it that gives a fault or None.

    Attributes:
        calls: How many calls there were.
    """

    def __init__(self, inner: Model, faults: Mapping[int, Fault] | Callable[[int], Fault | None]) -> None:
        self._inner = inner
        self._fault = faults if callable(faults) else faults.get
        self._lock = threading.Lock()
        self.calls = 0

    @property
    def profile(self) -> ModelProfile:
        """The other model's profile."""
        return self._inner.profile

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the other model's reply, with the fault of this call."""
        with self._lock:
            number, self.calls = self.calls, self.calls + 1
        fault = self._fault(number)
        chunks = self._inner.stream(request)
        try:
            yield from chunks if fault is None else fault(chunks)
        finally:
            chunks.close()


def refuse(error: BaseException | None = None) -> Fault:
    """Raise before the first chunk; by default as a server that is down."""
    raised = error or ServerUnreachable("The faulty model is down.", "고장 난 모델이 꺼져 있습니다.")

    def fault(_chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        raise raised
        yield  # makes this a generator: the error comes when the first chunk is asked for

    return fault


def cut(after: int = 1, error: BaseException | None = None) -> Fault:
    """Give `after` chunks and then raise; by default as a connection that closed."""
    raised = error or BadReply("The faulty model was cut off.", "고장 난 모델의 답이 끊겼습니다.")

    def fault(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for _, chunk in zip(range(after), chunks, strict=False):
            yield chunk
        raise raised

    return fault


def break_calls(why: str = "the JSON is broken") -> Fault:
    """Break the arguments of every call."""

    def broken(chunk: Chunk) -> Chunk:
        if not isinstance(chunk, CallReady):
            return chunk
        return CallBroken(ToolCall(chunk.call.id, chunk.call.name, chunk.call.arguments[:-1]), why)

    return lambda chunks: map(broken, chunks)


def ask_for(name: str, arguments: Mapping[str, Any] | None = None, identity: str = "faulty0") -> Fault:
    """Ask for one more tool call, such as of a tool that does not exist."""
    call = CallReady(ToolCall(identity, name, dumps(dict(arguments or {}))))

    def fault(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            if isinstance(chunk, Finished):
                yield call
                yield Finished("tool_calls", chunk.usage)
            else:
                yield chunk

    return fault


def say_nothing() -> Fault:
    """Leave out all text and calls: an empty reply, which a real server's client would have refused."""
    return lambda chunks: (chunk for chunk in chunks if isinstance(chunk, Finished))


def forget_usage() -> Fault:
    """Leave out the token counts."""

    def without(chunk: Chunk) -> Chunk:
        return Finished(chunk.reason) if isinstance(chunk, Finished) else chunk

    return lambda chunks: map(without, chunks)


def never_finish() -> Fault:
    """Leave out the end: the stream just stops."""
    return lambda chunks: (chunk for chunk in chunks if not isinstance(chunk, Finished))


def spoil_text(noise: Iterable[str]) -> Fault:
    """Put noise between the pieces of text: control characters, half words, anything."""
    pieces = tuple(noise)

    def fault(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for number, chunk in enumerate(chunks):
            yield chunk
            if pieces and isinstance(chunk, TextDelta):
                yield TextDelta(pieces[number % len(pieces)])

    return fault


class LoopingModel:
    """A model that asks for the same tool call again and again and never speaks."""

    def __init__(
        self, name: str, arguments: Mapping[str, Any] | None = None, *, profile: ModelProfile | None = None
    ) -> None:
        self._name, self._arguments = name, dumps(dict(arguments or {}))
        self._profile = profile or ModelProfile("looping", "scripted", local=True)
        self._numbers = count()

    @property
    def profile(self) -> ModelProfile:
        """What the model claims to be."""
        return self._profile

    def stream(self, request: Request) -> Generator[Chunk]:
        """Ask for the call; refuses a request without tools, as nothing could be asked for."""
        if not request.tools:
            raise ProviderError("The looping model was given no tools.", "반복 모델에 도구가 없습니다.")
        yield CallReady(ToolCall(f"loop{next(self._numbers):05d}", self._name, self._arguments))
        yield Finished("tool_calls")
