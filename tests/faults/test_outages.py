from __future__ import annotations

import threading

import pytest

from officehours.agent.assemble import open_tutor
from officehours.agent.events import Event, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.settings import load
from officehours.bench.faults_worker import Work, trust_embedder
from officehours.memory.errors import OfficeHoursError, StoreUnreachable
from officehours.memory.index import pending
from officehours.memory.index.chroma import server as chroma_server
from officehours.memory.store import postgres as postgres_connection

pytestmark = [pytest.mark.postgres]

PAUSE = threading.Event()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_server, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(chroma_server, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(postgres_connection, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(postgres_connection, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(pending, "WORK_LOCK_SECONDS", 0.5)
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")


def opened(script=lambda _: "네, 알겠습니다.") -> Agent:
    trust_embedder(Work(load().home, load().database_url, load().chroma_url))
    return open_tutor(load(), "minji", model=ScriptedModel(script))


def say(agent: Agent, text: str) -> list[Event]:
    events = list(agent.turn(text, search="never"))
    assert isinstance(events[-1], TurnFinished), events
    return events


def found(agent: Agent, query: str) -> str:
    return "\n".join(hit.text for hit in agent.state.memories.recall.search(query, 5))


def remarks(agent: Agent) -> str:
    return "\n".join(remark.en for remark in agent.state.runtime.warnings)


def index_up(agent: Agent) -> None:
    runtime = agent.state.runtime
    # What was under way when a server went leaves its lock lying about for a while.
    assert any(runtime.embed_worker.flush(30) or PAUSE.wait(0.1) for _ in range(300))
    # The index's own thread may be at it, and then a second one leaves it to that.
    assert any(runtime.index.catch_up() or PAUSE.wait(0.1) for _ in range(300))


@pytest.mark.chroma_server
@pytest.mark.parametrize("how", ["kill", "hang"])
def test_a_chroma_server_that_goes_away_stops_no_turn_and_is_caught_up_when_it_is_back(
    how, chroma_process, monkeypatch
):
    monkeypatch.setenv("OFFICEHOURS_CHROMA_URL", chroma_process.url)
    with opened() as agent:
        say(agent, "Question about eigenvalues, number one")
        index_up(agent)
        assert found(agent, "eigenvalues")
        getattr(chroma_process, how)()
        say(agent, "질문: 드롭아웃이 뭐예요?")
        assert "드롭아웃" in found(agent, "드롭아웃")
        assert "eigenvalues" in found(agent, "eigenvalues")
        # Whoever asked the server first says so, perhaps the index's own thread a little later.
        assert any("does not answer" in remarks(agent) or PAUSE.wait(0.1) for _ in range(100))
        assert "응답하지 않습니다" in agent.state.runtime.warnings[-1].ko

        chroma_process.go_on() if how == "hang" else chroma_process.start()
        say(agent, "Question about the chain rule")
        index_up(agent)
        assert "answers again" in remarks(agent)
        assert all(report.sound and not report.behind for report in agent.state.runtime.index.verify())
        for word in ("eigenvalues", "드롭아웃", "chain rule"):
            assert word in found(agent, word)


@pytest.mark.chroma_server
def test_a_chroma_server_that_is_not_there_at_the_start_is_said_and_searched_without(monkeypatch):
    monkeypatch.setenv("OFFICEHOURS_CHROMA_URL", "http://127.0.0.1:9")
    with opened() as agent:
        say(agent, "Question about eigenvalues")
        assert not agent.state.runtime.index.catch_up()
        assert "eigenvalues" in found(agent, "eigenvalues")
        assert "does not answer" in remarks(agent)


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_a_database_server_that_goes_away_between_turns_fails_the_next_one_clearly_and_loses_nothing(
    how, postgres_process, monkeypatch
):
    monkeypatch.setenv("OFFICEHOURS_DATABASE_URL", postgres_process.url)
    with opened() as agent:
        say(agent, "Question about eigenvalues")
        getattr(postgres_process, how)()
        with pytest.raises(StoreUnreachable, match="does not answer") as caught:
            say(agent, "Never stored")
        assert "응답하지 않습니다" in caught.value.ko
        assert len(agent.state.conversation.log) == 2

        postgres_process.go_on() if how == "hang" else postgres_process.start()
        say(agent, "Question about the chain rule")
        index_up(agent)
        stored = agent.state.memories.sessions.log(agent.state.conversation.session)
        assert [m.message.content for m in stored if m.message.role == "user"] == [
            "Question about eigenvalues",
            "Question about the chain rule",
        ]
        for word in ("eigenvalues", "chain rule"):
            assert word in found(agent, word)


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_a_database_server_that_goes_away_while_the_model_speaks_leaves_a_turn_to_be_answered(
    how, postgres_process, monkeypatch
):
    monkeypatch.setenv("OFFICEHOURS_DATABASE_URL", postgres_process.url)

    def speak(_request):
        if how:
            getattr(postgres_process, how)()
        return "네, 설명하겠습니다."

    with opened(speak) as agent:
        said: list[Event] = []
        with pytest.raises(StoreUnreachable):
            said += agent.turn("Question about eigenvalues", search="never")
        postgres_process.go_on() if how == "hang" else postgres_process.start()
        how = ""
        events = list(agent.resume())
        assert isinstance(events[-1], TurnFinished)
        assert events[-1].answer == "네, 설명하겠습니다."
        assert not list(agent.resume())
        stored = agent.state.memories.sessions.log(agent.state.conversation.session)
        assert [m.message.role for m in stored] == ["user", "assistant"]


def test_no_error_of_an_outage_is_a_bare_drivers_error(postgres_process, monkeypatch):
    monkeypatch.setenv("OFFICEHOURS_DATABASE_URL", postgres_process.url)
    with opened() as agent:
        postgres_process.kill()
        memories = agent.state.memories
        for step in (
            memories.sessions.list,
            lambda: memories.core.append("student", "x"),
            lambda: memories.archival.insert("x"),
            lambda: memories.recall.search("x", 3),
            agent.state.runtime.index.verify,
        ):
            with pytest.raises(OfficeHoursError):
                step()
    with pytest.raises(StoreUnreachable):
        opened()
