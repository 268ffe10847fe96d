from __future__ import annotations

import asyncio  # noqa: TID251 - the bridge to asyncio is what is tested
import threading
from collections.abc import Coroutine, Generator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from officehours.agent.events import TextDelta, TurnFinished, TurnWaiting
from officehours.agent.model import Chunk, Finished, ModelProfile, Request
from officehours.agent.model import TextDelta as Piece
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.memory.errors import UsageError
from officehours.tools.base import tool
from tutors import answer, log_of, say, streamed, tutor


class Counting:
    """Says number after number, and remembers how many it was asked for; in which thread, too."""

    def __init__(self, numbers: int) -> None:
        self.profile = ModelProfile("counting", "scripted", local=True)
        self.numbers, self.said = numbers, 0
        self.threads: set[int] = set()
        self.interrupted = threading.Event()

    def stream(self, _: Request) -> Generator[Chunk]:
        for number in range(self.numbers):
            self.threads.add(threading.get_ident())
            self.said += 1
            yield Piece(f"{number} ")
        yield Finished("stop")


class Silent:
    def __init__(self) -> None:
        self.profile = ModelProfile("silent", "scripted", local=True)
        self.asked, self.interrupted = threading.Event(), threading.Event()

    def stream(self, _: Request) -> Generator[Chunk]:
        yield Piece("Well, ")
        self.asked.set()
        self.interrupted.wait()
        raise ConnectionError("broken off")

    def interrupt(self) -> None:
        self.interrupted.set()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def taken(agent: Any, text: str) -> list[Any]:
    return [event async for event in agent.aturn(text)]


def partials(agent: Any) -> list[str]:
    return [m.message.content for m in log_of(agent) if m.state == "partial"]


def test_the_events_are_those_of_turn(tmp_path: Path) -> None:
    with (
        tutor(tmp_path / "a", ScriptedModel(["One two three."])) as one,
        tutor(tmp_path / "b", ScriptedModel(["One two three."])) as other,
    ):
        events = run(taken(one, "Count"))
        assert answer(events) == streamed(events) == "One two three."
        assert [event.type for event in events] == [event.type for event in say(other, "Count")]


def test_a_turn_runs_in_one_thread_and_not_in_the_loops(tmp_path: Path) -> None:
    model = Counting(20)
    with tutor(tmp_path, model) as agent:
        run(taken(agent, "Count"))
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


def test_the_model_goes_no_faster_than_its_reader(tmp_path: Path) -> None:
    model = Counting(50)

    async def read(agent: Any) -> None:
        heard = 0
        async with aclosing(agent.aturn("Count")) as events:
            async for event in events:
                heard += isinstance(event, TextDelta)
                assert model.said <= heard + 1
                if heard == 5:
                    break

    with tutor(tmp_path, model) as agent:
        run(read(agent))
        assert model.said == 5
        assert partials(agent) == ["0 1 2 3 4 "]


def test_cancelling_stops_a_silent_model_and_keeps_what_was_said(tmp_path: Path) -> None:
    model = Silent()

    async def read(agent: Any) -> None:
        task = asyncio.create_task(taken(agent, "Hello?"))
        await asyncio.to_thread(model.asked.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert partials(agent) == ["Well, "]  # before whoever cancelled goes on

    with tutor(tmp_path, model) as agent:
        run(read(agent))


def test_a_turn_that_waits_for_another_is_cancelled_without_touching_that_one(tmp_path: Path) -> None:
    async def read(agent: Any) -> None:
        first = agent.aturn("first")
        await anext(first)
        second = asyncio.create_task(taken(agent, "second"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        rest = [event async for event in first]
        assert isinstance(rest[-1], TurnFinished)
        assert rest[-1].answer == "One."

    with tutor(tmp_path, ScriptedModel(["One."])) as agent:
        run(read(agent))
        assert [m.message.content for m in log_of(agent)] == ["first", "One."]


def test_two_students_are_answered_side_by_side_in_one_loop(tmp_path: Path) -> None:
    meet = threading.Barrier(2)

    class Meeting(ScriptedModel):
        def stream(self, request: Request) -> Generator[Chunk]:
            meet.wait()  # neither goes on without the other
            yield from super().stream(request)

    async def both(one: Any, other: Any) -> tuple[list[Any], list[Any]]:
        return await asyncio.gather(taken(one, "Hi"), taken(other, "Hi"))

    with (
        tutor(tmp_path / "a", Meeting(["Mina."])) as one,
        tutor(tmp_path / "b", Meeting(["Junho."])) as other,
    ):
        assert [answer(events) for events in run(both(one, other))] == ["Mina.", "Junho."]


def test_what_a_turn_raises_comes_through(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel([])) as agent, pytest.raises(UsageError, match="empty"):
        run(taken(agent, "   "))
    with pytest.raises(UsageError, match="closed"):
        run(taken(agent, "Hi"))


def test_a_call_that_waits_is_answered_and_the_turn_goes_on(own_home: Path) -> None:
    @tool(effect="outside")
    def send_letter(to: str) -> str:
        """Send a letter.

        Args:
            to: Who it is for.
        """
        return f"sent to {to}"

    async def work() -> tuple[list[Any], list[Any]]:
        model = ScriptedModel([ScriptedCall("send_letter", {"to": "Ada"}), "It is sent."])
        with tutor(own_home, model, tools=[send_letter]) as agent:
            asked = await taken(agent, "Write to Ada.")
            agent.approve(agent.waiting()[0].id, yes=True)
            return asked, [event async for event in agent.aresume()]

    asked, resumed = run(work())

    assert isinstance(asked[-1], TurnWaiting)
    assert answer(resumed) == "It is sent."
