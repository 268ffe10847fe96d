from __future__ import annotations

from collections.abc import Generator

import pytest

from officehours.agent.model import CallBroken, CallReady, Chunk, Finished, ModelProfile, Request, TextDelta
from officehours.agent.models.testing.faulty import (
    Fault,
    FaultyModel,
    LoopingModel,
    ask_for,
    break_calls,
    cut,
    forget_usage,
    never_finish,
    refuse,
    say_nothing,
    spoil_text,
)
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.memory.errors import BadReply, ProviderError, RateLimited, ServerUnreachable
from officehours.memory.types import Message
from officehours.tools.base import ToolSpec

REQUEST = Request((Message("user", "hi"),))


def with_fault(fault: Fault) -> FaultyModel:
    return FaultyModel(
        ScriptedModel([["네, 미나.", ScriptedCall("note", {"a": 1})]] * 2, piece=3), {0: fault}
    )


def heard(model: FaultyModel) -> list[Chunk]:
    return list(model.stream(REQUEST))


def test_only_the_named_call_fails() -> None:
    model = with_fault(refuse())

    with pytest.raises(ServerUnreachable):
        heard(model)
    assert heard(model)[0] == TextDelta("네, ")
    assert model.calls == 2


def test_a_cut_comes_after_the_chunks_that_were_given() -> None:
    seen: list[Chunk] = []

    with pytest.raises(BadReply):
        seen.extend(with_fault(cut(after=2)).stream(REQUEST))
    assert seen == [TextDelta("네, "), TextDelta("미나.")]
    with pytest.raises(RateLimited):
        heard(with_fault(cut(0, RateLimited("later"))))


def test_calls_are_broken_added_or_left_out() -> None:
    assert [type(chunk) for chunk in heard(with_fault(break_calls()))][-2:] == [CallBroken, Finished]
    names = [
        chunk.call.name
        for chunk in heard(with_fault(ask_for("launch_rocket")))
        if isinstance(chunk, CallReady)
    ]
    assert names == ["note", "launch_rocket"]
    assert [type(chunk) for chunk in heard(with_fault(say_nothing()))] == [Finished]


def test_the_end_and_its_usage_can_be_left_out() -> None:
    assert heard(with_fault(forget_usage()))[-1] == Finished("tool_calls", None)
    assert not any(isinstance(chunk, Finished) for chunk in heard(with_fault(never_finish())))


def test_noise_stands_between_the_pieces() -> None:
    texts = [
        chunk.text
        for chunk in heard(with_fault(spoil_text(["\x00", "\x1b"])))
        if isinstance(chunk, TextDelta)
    ]

    assert texts == ["네, ", "\x00", "미나.", "\x1b"]


def test_closing_the_reply_closes_the_model_inside() -> None:
    class Open:
        closed = False
        profile = ModelProfile("open", "test")

        def stream(self, request: Request) -> Generator[Chunk]:  # noqa: ARG002
            try:
                yield TextDelta("하나")
                yield TextDelta("둘")
            finally:
                self.closed = True

    inner = Open()
    reply = FaultyModel(inner, lambda _: None).stream(REQUEST)
    next(reply)
    reply.close()

    assert inner.closed


def test_a_looping_model_asks_for_the_same_call_under_new_ids() -> None:
    model = LoopingModel("note", {"a": 1})
    asked = Request(REQUEST.messages, (ToolSpec("note", "Note.", {"type": "object"}),))

    calls = [chunk.call for _ in range(2) for chunk in model.stream(asked) if isinstance(chunk, CallReady)]

    assert calls[0].arguments == calls[1].arguments == '{"a": 1}'
    assert calls[0].id != calls[1].id
    with pytest.raises(ProviderError, match="no tools"):
        next(model.stream(REQUEST))
