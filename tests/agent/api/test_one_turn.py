from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer
from chat_server import say as reply
from officehours.agent.api import one_turn
from officehours.agent.events import TextDelta, TurnFailed, TurnFinished, TurnStarted
from officehours.agent.loop import Agent
from officehours.agent.model import Chunk, Finished, ModelProfile, Request
from officehours.agent.model import TextDelta as Piece
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.memory.errors import ServerUnreachable, Stopped, UsageError
from officehours.memory.types import StoredMessage
from tutors import answer, assert_valid, log_of, online, say, tutor, wait_for_requests


class Waiting:
    """Says one piece and then nothing, until it is interrupted or told to go on."""

    def __init__(self) -> None:
        self.profile = ModelProfile("waiting", "scripted", local=True)
        self.silent, self.go_on = threading.Event(), threading.Event()
        self.interrupted = False

    def stream(self, _: Request) -> Generator[Chunk]:
        yield Piece("The first half.")
        self.silent.set()
        self.go_on.wait()
        if self.interrupted:
            raise ServerUnreachable("broken off", "끊김")
        yield Piece(" The second half.")
        yield Finished("stop")


class Interruptible(Waiting):
    def interrupt(self) -> None:
        self.interrupted = True
        self.go_on.set()


def in_thread(agent: Agent, text: str) -> tuple[threading.Thread, list[Any]]:
    found: list[Any] = []

    def read() -> None:
        try:
            found.extend(agent.turn(text))
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            found.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, found


def last_reply(agent: Agent) -> StoredMessage:
    return [m for m in log_of(agent) if m.message.role == "assistant"][-1]


def test_stop_from_another_thread_ends_a_silent_reply_and_keeps_what_was_said(tmp_path: Path) -> None:
    model = Interruptible()
    with tutor(tmp_path, model) as agent:
        thread, events = in_thread(agent, "What is ReLU?")
        model.silent.wait()
        agent.stop()
        thread.join()
        assert isinstance(events[-1], TurnFailed)
        assert isinstance(events[-1].error, Stopped)
        assert events[-1].partial == "The first half."
        assert (last_reply(agent).message.content, last_reply(agent).state) == ("The first half.", "partial")


def test_a_model_that_cannot_be_interrupted_ends_at_its_next_piece(tmp_path: Path) -> None:
    model = Waiting()
    with tutor(tmp_path, model) as agent:
        thread, events = in_thread(agent, "What is ReLU?")
        model.silent.wait()
        agent.stop()
        model.go_on.set()
        thread.join()
        assert isinstance(events[-1].error, Stopped)
        assert last_reply(agent).message.content == "The first half. The second half."


def test_a_reply_from_a_server_is_stopped_also_before_its_first_word(tmp_path: Path) -> None:
    with (
        ChatServer([reply("Late.", delay=3600), reply("Hello.")]) as server,
        tutor(tmp_path, online(server.url)) as agent,
    ):
        thread, events = in_thread(agent, "Hi")
        wait_for_requests(server, 1)
        agent.stop()
        thread.join()
        assert isinstance(events[-1].error, Stopped)
        assert answer(say(agent, "Hi again")) == "Hello."


def test_after_a_stop_the_next_turn_works_and_a_stop_without_a_turn_does_nothing(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One two three.", "Four."], piece=4)) as agent:
        agent.stop()
        events = []
        for event in agent.turn("Count"):
            events.append(event)
            if isinstance(event, TextDelta):
                agent.stop()
        assert isinstance(events[-1].error, Stopped)
        assert events[-1].error.exit_code == 130
        assert answer(say(agent, "Go on")) == "Four."


def test_after_a_stop_at_a_tool_the_conversation_goes_on_as_servers_want_it(tmp_path: Path) -> None:
    calls = [ScriptedCall("calculate", {"expression": terms}) for terms in ("2+3", "4+5")]
    for place, at in enumerate(("tool_started", "tool_finished")):
        model = ScriptedModel([calls, "Nine."])
        with tutor(tmp_path / str(place), model) as agent:
            events = []
            for event in agent.turn("2+3 and 4+5?", search="never"):
                events.append(event)
                if event.type == at:
                    agent.stop()
            assert isinstance(events[-1].error, Stopped)
            assert len(model.requests) == 1
            assert answer(say(agent, "Only 4+5, please", search="never")) == "Nine."
            assert_valid(model.requests[-1].messages)


def test_a_second_turn_waits_for_the_first(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One.", "Two."])) as agent:
        first = agent.turn("first")
        assert isinstance(next(first), TurnStarted)
        thread, events = in_thread(agent, "second")
        rest = list(first)
        thread.join()
        assert [answer(rest), answer(events)] == ["One.", "Two."]


def test_a_second_turn_goes_on_when_the_first_is_dropped(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One.", "Two."])) as agent:
        first = agent.turn("first")
        next(event for event in first if isinstance(event, TextDelta))
        thread, events = in_thread(agent, "second")
        del first
        gc.collect()
        thread.join()
        assert answer(events) == "Two."
        assert [m.state for m in log_of(agent) if m.message.role == "assistant"] == ["partial", "whole"]


def test_a_turn_waits_for_another_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_turn, "PATIENCE", 0.0)
    with tutor(tmp_path, ScriptedModel(["One."])) as agent:
        first = agent.turn("first")
        next(first)
        thread, events = in_thread(agent, "second")
        thread.join()
        assert "in the middle of a turn" in str(events[0])
        assert answer(first) == "One."


def test_closing_waits_only_so_long_for_a_model_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_turn, "CLOSING", 0.0)
    model = Waiting()
    agent = tutor(tmp_path, model)
    thread, events = in_thread(agent, "What is ReLU?")
    model.silent.wait()
    agent.close()
    model.go_on.set()
    thread.join()
    assert isinstance(events[-1].error, Stopped)


def test_a_thread_that_would_wait_for_itself_is_told(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One."])) as agent:
        first = agent.turn("first")
        next(first)
        with pytest.raises(UsageError, match="in the middle of a turn"):
            next(agent.turn("second"))
        assert answer(first) == "One."


def test_closing_twice_and_using_what_is_closed(tmp_path: Path) -> None:
    agent = tutor(tmp_path, ScriptedModel(["One."]))
    begun, memory = agent.turn("before"), agent.memory
    agent.close()
    agent.close()
    with agent:
        pass
    for use in (lambda: agent.turn("x"), agent.resume, lambda: next(begun), lambda: memory.search("x")):
        with pytest.raises(UsageError, match="closed"):
            use()
    agent.stop()


def test_closing_ends_a_turn_that_another_thread_reads(tmp_path: Path) -> None:
    model = Interruptible()
    agent = tutor(tmp_path, model)
    thread, events = in_thread(agent, "What is ReLU?")
    model.silent.wait()
    waiting, second = in_thread(agent, "And then?")
    agent.close()
    thread.join()
    waiting.join()
    assert isinstance(events[-1].error, Stopped)
    assert isinstance(second[-1], UsageError)
    with tutor(tmp_path, ScriptedModel(["Again."])) as again:
        assert (last_reply(again).message.content, last_reply(again).state) == ("The first half.", "partial")


def test_closing_a_turn_that_waits_for_its_reader_keeps_what_was_said(tmp_path: Path) -> None:
    agent = tutor(tmp_path, ScriptedModel(["One two three."], piece=4))
    turn = agent.turn("Count")
    next(event for event in turn if isinstance(event, TextDelta))
    agent.close()
    assert list(turn) == []
    with tutor(tmp_path, ScriptedModel(["Again."])) as again:
        assert last_reply(again).message.content == "One "


def test_closing_from_inside_a_turn_lets_it_end_first(tmp_path: Path) -> None:
    closing: list[Agent] = []

    class Closes(ScriptedModel):
        def stream(self, request: Request) -> Generator[Chunk]:
            closing[0].close()
            yield from super().stream(request)

    agent = tutor(tmp_path, Closes(["One."]))
    closing.append(agent)
    events = say(agent, "Close yourself")
    assert isinstance(events[-1].error, Stopped)
    with pytest.raises(UsageError, match="closed"):
        agent.turn("x")


def test_interrupting_the_reader_keeps_what_was_said(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One two three."], piece=4)) as agent:
        turn = agent.turn("Count")
        next(event for event in turn if isinstance(event, TextDelta))
        with pytest.raises(KeyboardInterrupt):
            turn.throw(KeyboardInterrupt())
        assert (last_reply(agent).message.content, last_reply(agent).state) == ("One ", "partial")
        assert not any(isinstance(event, TurnFinished) for event in turn)
