from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from officehours.agent.events import TurnFailed, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.model import CallReady, Finished, ModelProfile, Request, TextDelta, Usage, side_request
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.memory.errors import BadReply, Bug, ConfigError
from officehours.memory.types import ToolCall
from tutors import answer, log_of, say, tutor

PROFILE = ModelProfile("custom", "custom", local=True)


class Custom:
    """A model whose next reply is whatever a test gives."""

    def __init__(self) -> None:
        self.profile = PROFILE
        self.next: Callable[[Request], Any] = lambda _: iter(())

    def stream(self, request: Request) -> Any:
        return self.next(request)


def raising(error: BaseException) -> Callable[[Request], Iterator[Any]]:
    def stream(_: Request) -> Iterator[Any]:
        yield TextDelta("So ")
        raise error

    return stream


def at_once(error: BaseException) -> Callable[[Request], Any]:
    def stream(_: Request) -> Any:
        raise error

    return stream


def giving(*pieces: Any) -> Callable[[Request], Any]:
    return lambda _: (piece for piece in pieces)


async def asynchronous(_: Request) -> Any:
    yield TextDelta("hello")


async def awaited(_: Request) -> Any:
    return []


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Custom, Agent]]:
    model = Custom()
    with tutor(tmp_path_factory.mktemp("home"), model) as agent:
        yield model, agent


def failed(talk: tuple[Custom, Agent], reply: Callable[[Request], Any]) -> TurnFailed:
    """The turn fails, and the next one works."""
    model, agent = talk
    model.next = reply
    last = say(agent, "Hello", search="never")[-1]
    model.next = giving(TextDelta("Fine."), Finished("stop"))
    assert answer(say(agent, "Again", search="never")) == "Fine."
    assert isinstance(last, TurnFailed)
    return last


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("choices"),
        StopIteration(),
        AssertionError(),
        RecursionError(),
        MemoryError(),
        SystemExit(3),
        GeneratorExit(),
        BaseException("bare"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_model_raises_is_a_failed_turn(talk: Any, error: BaseException) -> None:
    last = failed(talk, raising(error))
    assert isinstance(last.error, Bug)
    assert last.partial.strip() == "So"
    assert isinstance(failed(talk, at_once(error)).error, Bug)


@pytest.mark.parametrize(
    "pieces",
    [
        ["text"],
        [None],
        [b"bytes"],
        [{"type": "text"}],
        [TextDelta(5)],  # pyright: ignore[reportArgumentType]
        [TextDelta],
        [CallReady("calculate")],  # pyright: ignore[reportArgumentType]
        [CallReady(ToolCall("1", "calculate", {"expression": "1"}))],  # pyright: ignore[reportArgumentType]
        [TextDelta("x"), Finished("stop", 12)],  # pyright: ignore[reportArgumentType]
        [TextDelta("x"), Finished(None)],  # pyright: ignore[reportArgumentType]
    ],
    ids=lambda given: getattr(given, "__name__", type(given).__name__),
)
def test_what_is_no_piece_of_a_reply_is_named(talk: Any, pieces: list[Any]) -> None:
    last = failed(talk, giving(*pieces))
    assert isinstance(last.error, BadReply)
    assert last.error.en.startswith("The model custom gave ")
    assert "docs/api/models.md" in last.error.ko


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(
    "reply",
    [lambda _: None, lambda _: 7, asynchronous, awaited],
    ids=lambda given: getattr(given, "__name__", type(given).__name__),
)
def test_what_is_no_stream_is_named(talk: Any, reply: Callable[[Request], Any]) -> None:
    assert "plain generator" in failed(talk, reply).error.en


def test_a_list_of_pieces_is_a_stream_too_and_an_end_may_be_missing(talk: Any) -> None:
    model, agent = talk
    for pieces in ([TextDelta("One."), Finished("stop", Usage(3, 0, 1))], [TextDelta("One.")]):
        model.next = lambda _, pieces=pieces: pieces
        assert answer(say(agent, "Hi", search="never")) == "One."


@pytest.mark.parametrize("arguments", ["", "{", "[1]", "null", '"x"', "[" * 100_000])
def test_arguments_that_are_no_object_are_told_to_the_model(talk: Any, arguments: str) -> None:
    model, agent = talk
    replies = iter([CallReady(ToolCall("c1", "calculate", arguments)), TextDelta("Sorry.")])
    model.next = lambda _: iter([next(replies), Finished("stop")])
    events = say(agent, "2+3", search="never")
    assert answer(events) == "Sorry."
    assert [event.ok for event in events if event.type == "tool_finished"] == [False]


def test_a_stream_that_cannot_be_closed_does_no_harm(talk: Any) -> None:
    def stubborn(_: Request) -> Generator[TextDelta]:
        try:
            while True:
                yield TextDelta("on and on ")
        finally:
            raise ValueError("not now")

    model, agent = talk
    model.next = stubborn
    turn = agent.turn("Talk", search="never")
    next(event for event in turn if event.type == "text_delta")
    turn.close()
    assert log_of(agent)[-1].state == "partial"
    model.next = giving(TextDelta("Fine."), Finished("stop"))
    assert answer(say(agent, "Again", search="never")) == "Fine."


def test_a_reply_without_end_is_broken_off_and_what_came_is_kept(talk: Any) -> None:
    last = failed(talk, lambda _: iter(lambda: TextDelta("on and on " * 1_000), None))
    assert "200,000" in last.error.ko
    assert len(last.partial) == 200_000


def test_the_same_call_id_in_every_reply_does_no_harm(talk: Any) -> None:
    model, agent = talk

    def reply(request: Request) -> Iterator[Any]:
        if len([m for m in request.messages if m.role == "tool" and m.content == "5"]) < 2:
            yield CallReady(ToolCall("call", "calculate", '{"expression": "2+3"}'))
            yield CallReady(ToolCall("call", "calculate", '{"expression": "3+2"}'))
        else:
            yield TextDelta("Five.")
        yield Finished("stop")

    model.next = reply
    events = say(agent, "2+3", search="never")
    assert isinstance(events[-1], TurnFinished), events[-1]


@pytest.mark.parametrize(
    "reply", [raising(KeyError("x")), at_once(ValueError("x")), lambda _: None, lambda _: 7]
)
def test_a_request_that_is_no_turn_is_done_without(reply: Callable[[Request], Any]) -> None:
    model = Custom()
    model.next = reply
    assert side_request(model, Request(()), len).text == ""


class NoStream:
    profile = PROFILE


class NoProfile:
    profile = None

    def stream(self, request: Request) -> Any: ...


@pytest.mark.parametrize(
    "model",
    [ScriptedModel, NoStream(), NoProfile(), 5],
    ids=lambda given: getattr(given, "__name__", type(given).__name__),
)
def test_what_is_no_model_is_refused_before_anything_is_opened(tmp_path: Path, model: Any) -> None:
    with pytest.raises(ConfigError):
        tutor(tmp_path, model)
    assert not list(tmp_path.iterdir())
