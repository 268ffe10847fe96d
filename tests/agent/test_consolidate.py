from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from chat_server import ChatServer, Reply, say
from officehours.agent.assemble import open_tutor
from officehours.agent.billing.prices import PriceBook
from officehours.agent.billing.recorder import UsageRecorder
from officehours.agent.consolidate import Consolidator, read_reply
from officehours.agent.learner.statements import save_statements, stated_in
from officehours.agent.model import Finished, ModelProfile, Request, TextDelta
from officehours.agent.models.chat_completions.client import OpenAIModel
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Limits, Settings
from officehours.memory.store.schema import sessions, usage
from officehours.memory.types import Message, Trust
from officehours.memory.usage import UsageLog

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MUCH_LATER = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", embedder="hashing", student="minji", language="ko", zone="Asia/Seoul", now=NOW
    )


def later(settings: Settings) -> Settings:
    return replace(settings, now=LATER)


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with open_runtime(settings) as past:
        talk(past, "저는 부산에서 자랐고 로봇 동아리 회장이에요", "그렇군요.")
        talk(past, "역전파가 헷갈려요", "연쇄 법칙부터 볼까요?")
    with open_runtime(later(settings)) as opened:
        yield opened


def talk(runtime: Runtime, text: str, answer: str, trust: Trust = "model") -> int:
    memories = runtime.memories
    session = memories.sessions.latest() or memories.sessions.create("kim-yongdam")
    turn, asked = memories.sessions.begin_turn(session, text, "Asia/Seoul")
    memories.sessions.append(session, turn, Message("assistant", answer), trust=trust)
    memories.sessions.finish_turn(turn, "done")
    return asked.id


def save(runtime: Runtime, *messages: int) -> None:
    memories = runtime.memories
    for message in messages:
        said = memories.recall.stored(message)
        save_statements(
            said,
            stated_in(said),
            memories.archival,
            memories.core,
            memories.misconceptions,
            memories.student.language,
        )


def consolidator(runtime: Runtime, model) -> Consolidator:
    log = UsageLog(runtime.db, runtime.student.id, runtime.clock)
    return Consolidator(runtime, model, UsageRecorder(log, PriceBook({}), Limits(), runtime.clock, "UTC"))


def reply(*facts: tuple[str, str, str]) -> str:
    return json.dumps(
        {"facts": [{"message": m, "quote": q, "text": t} for m, q, t in facts]}, ensure_ascii=False
    )


def test_what_was_said_becomes_facts_that_quote_it_and_link_to_it(runtime: Runtime):
    model = ScriptedModel([reply(("m1", "로봇 동아리 회장이에요", "로봇 동아리 회장이다"))])
    (taken,) = consolidator(runtime, model).run_all()
    (fact,) = [k for k in runtime.memories.archival.list("fact") if "회장" in k.text]
    assert taken.stored == (fact.id,)
    assert (fact.quote, fact.message_id, fact.trust) == ("로봇 동아리 회장이에요", 1, "student")
    assert fact.time == runtime.memories.recall.get(1).time
    assert len(model.requests) == 1
    assert "[m1] user: 저는 부산에서" in model.requests[0].messages[1].content
    with runtime.db.read() as connection:
        assert connection.scalar(select(sessions.c.consolidated_seq)) == 4
        assert connection.scalars(select(usage.c.purpose)).all() == ["consolidation"]


@pytest.mark.parametrize(
    ("beside", "text", "trust"),
    [
        ("course", "로봇 동아리 회장", "student"),
        ("course", "로봇 동아리 회장은 정답을 요구함", "course"),
        ("model", "로봇 동아리를 이끄는 회장", "student"),
    ],
)
def test_beside_words_of_others_a_fact_is_the_students_only_if_it_says_no_more_than_they_did(
    settings: Settings, beside: Trust, text: str, trust: Trust
):
    with open_runtime(settings) as past:
        talk(past, "저는 로봇 동아리 회장이에요", "강의 파일에 따르면 그렇습니다.", beside)
    with open_runtime(later(settings)) as opened:
        proposed = reply(("m1", "로봇 동아리 회장이에요", text))
        consolidator(opened, ScriptedModel([proposed])).run_all()
        assert [(k.text, k.trust) for k in opened.memories.archival.list("fact")] == [(text, trust)]


def test_a_second_start_asks_nothing_again(runtime: Runtime):
    model = ScriptedModel([reply()])
    consolidator(runtime, model).run_all()
    before = runtime.memories.archival.list()
    assert consolidator(runtime, model).run_all() == []
    assert len(model.requests) == 1
    assert runtime.memories.archival.list() == before


def test_what_a_model_invents_is_dropped(runtime: Runtime):
    inventions = reply(
        ("m1", "저는 서울에서 자랐어요", "서울에서 자랐다"),  # never said
        ("m1", "저는 부산에서 자랐고", "시험 답안을 받기로 약속했다"),  # the quote says nothing of it
        ("m2", "그렇군요.", "학생은 그렇다고 한다"),  # the professor's words
        ("m4", "연쇄 법칙부터 볼까요?", "연쇄 법칙을 배웠다"),
        ("", "", "빈 인용"),
        ("m1", "로봇 동아리 회장이에요", "로봇 동아리 회장 " + "x" * 400),
        ("m1", "로봇 동아리 회장이에요", "로봇 동아리 회장이라 스트레스를 받는다"),  # nobody said so
    )
    (taken,) = consolidator(runtime, ScriptedModel([inventions])).run_all()
    assert taken.stored == ()
    assert taken.dropped == 6  # a feeling is left out before it is counted
    assert runtime.memories.archival.list() == []


def test_nothing_is_stored_twice_that_the_rules_have_stored(runtime: Runtime):
    confused = reply(
        ("m3", "역전파가 헷갈려요", "역전파가 헷갈린다"), ("m3", "역전파가 헷갈려요", "역전파를 헷갈려한다")
    )
    (taken,) = consolidator(runtime, ScriptedModel([confused])).run_all()
    assert (taken.stored, runtime.memories.archival.list()) == ((), [])
    assert [item.topic for item in runtime.memories.misconceptions.open()] == ["역전파"]


@pytest.mark.parametrize(
    "bad", ["", "Sorry, I cannot.", "{", '{"facts": "none"}', '{"facts": [1, {"text": 2}]}', "[]"]
)
def test_an_answer_that_is_no_json_gives_nothing_and_is_not_asked_again(runtime: Runtime, bad: str):
    assert read_reply(bad) == []
    model = ScriptedModel([bad])
    consolidator(runtime, model).run_all()
    consolidator(runtime, model).run_all()
    assert len(model.requests) == 1


def test_json_in_a_fence_is_read():
    assert read_reply(f"Here:\n```json\n{reply(('m1', 'a', 'b'))}\n```")[0].quote == "a"


def test_without_a_model_the_rules_go_through_it(runtime: Runtime):
    consolidator(runtime, StudyModel(persona_lines={})).run_all()
    assert [item.topic for item in runtime.memories.misconceptions.open()] == ["역전파"]
    with runtime.db.read() as connection:
        assert connection.scalars(select(usage.c.id)).all() == []


def test_what_the_rules_have_stored_and_something_newer_ended_is_not_stored_again(settings: Settings):
    with open_runtime(settings) as past:
        first = talk(past, "기말고사는 12월 10일이에요.", "네.")
        save(past, first)
    with open_runtime(later(settings)) as runtime:
        second = talk(runtime, "기말고사가 12월 17일로 바뀌었어요.", "네.")
        save(runtime, second)
        before = runtime.memories.archival.list("fact", superseded=True)
        assert len(before) == 2
    with open_runtime(replace(settings, now=MUCH_LATER)) as runtime:
        consolidator(runtime, StudyModel(persona_lines={})).run_all()
        assert runtime.memories.archival.list("fact", superseded=True) == before


def test_a_conversation_still_going_on_is_left_alone(settings: Settings):
    with open_runtime(settings) as runtime:
        talk(runtime, "저는 부산에서 자랐어요", "네.")
        assert consolidator(runtime, ScriptedModel([])).run_all() == []


def test_old_words_end_nothing_that_was_said_since(runtime: Runtime):
    archival = runtime.memories.archival
    archival.insert("제 동아리는 합창단이에요", kind="fact")
    model = ScriptedModel([reply(("m1", "로봇 동아리 회장이에요", "제 동아리는 로봇 동아리예요"))])
    consolidator(runtime, model).run_all()
    assert {"제 동아리는 합창단이에요", "제 동아리는 로봇 동아리예요"} <= {k.text for k in archival.list()}


def test_a_failing_model_loses_nothing_and_is_tried_at_the_next_start(runtime: Runtime):
    from officehours.memory.errors import ServerUnreachable

    failing = consolidator(runtime, ScriptedModel([ServerUnreachable("down")]))
    failing.start()
    failing._thread.end(timeout=20)
    failing.stop()
    assert [type(error) for error in runtime.warnings] == [ServerUnreachable]
    model = ScriptedModel([reply(("m1", "로봇 동아리 회장이에요", "로봇 동아리 회장이다"))])
    assert consolidator(runtime, model).run_all()[0].stored


class Slow:
    """A model that waits in the middle of its answer until it is let go on, or closed."""

    profile = ModelProfile("slow", "slow", local=True)

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.requests: list[Request] = []
        self.closed = 0

    def stream(self, request: Request):
        self.requests.append(request)
        try:
            yield TextDelta('{"facts":')
            self.begun.set()
            self.go_on.wait(20)
            yield TextDelta(" []}")
            yield Finished("stop")
        finally:
            self.closed += 1


def test_a_turn_goes_first_and_the_rest_is_taken_up_after_it(runtime: Runtime):
    model = Slow()
    work = consolidator(runtime, model)
    work.start()
    assert model.begun.wait(20)
    with work.paused():
        model.go_on.set()
        for _ in range(2_000):
            if model.closed:
                break
            threading.Event().wait(0.005)
        assert model.closed == 1
        with runtime.db.read() as connection:
            assert connection.scalar(select(sessions.c.consolidated_seq)) == 0
    for _ in range(2_000):
        if model.closed == 2:
            break
        threading.Event().wait(0.005)
    work.stop()
    assert len(model.requests) == 2
    bill = UsageLog(runtime.db, runtime.student.id, runtime.clock).between(
        NOW, datetime(2027, 1, 1, tzinfo=UTC)
    )
    assert [(spent.purpose, spent.estimated, spent.input_tokens > 0) for spent in bill] == [
        ("consolidation", True, True)
    ] * 2
    with runtime.db.read() as connection:
        assert connection.scalar(select(sessions.c.consolidated_seq)) == 4


def test_a_server_that_has_said_nothing_yet_is_let_go_for_a_turn_and_at_the_end(runtime: Runtime):
    silent = threading.Event()
    silent.set()

    def script(_: dict) -> Reply:
        return say(reply(), delay=600 if silent.is_set() else 0)

    with ChatServer(script) as server:
        work = consolidator(runtime, OpenAIModel(ModelProfile("test-model", "test"), base_url=server.url))
        work.start()
        until(lambda: len(server.requests) == 1)
        with work.paused():
            until(lambda: bills(runtime) == 1)
            silent.clear()
        work._thread.end(timeout=20)
        assert len(server.requests) == 2
        with runtime.db.read() as connection:
            assert connection.scalar(select(sessions.c.consolidated_seq)) == 4


def test_leaving_waits_for_no_server(runtime: Runtime):
    with ChatServer(lambda _: say(reply(), delay=600)) as server:
        work = consolidator(runtime, OpenAIModel(ModelProfile("test-model", "test"), base_url=server.url))
        work.start()
        until(lambda: len(server.requests) == 1)
        work.stop()
        assert "consolidation" not in {thread.name for thread in threading.enumerate()}
    assert work._runtime.warnings == []


def until(true: Callable[[], bool]) -> None:
    for _ in range(4_000):
        if true():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not come to that")


def bills(runtime: Runtime) -> int:
    log = UsageLog(runtime.db, runtime.student.id, runtime.clock)
    return len(log.between(NOW, datetime(2027, 1, 1, tzinfo=UTC)))


def test_an_agent_consolidates_only_once_it_is_warm(settings: Settings, runtime: Runtime):
    def wanted(request: Request) -> str:
        return reply() if "JSON alone" in request.messages[0].content else "네."

    model = ScriptedModel(wanted)
    with open_tutor(later(settings), model=model, session="new") as agent:
        list(agent.turn("안녕하세요"))
        assert not any("JSON alone" in request.messages[0].content for request in model.requests)
        agent.warm()
        work = agent._background
        assert work is not None
        work._thread.end(timeout=20)
    assert sum("JSON alone" in request.messages[0].content for request in model.requests) == 1


def test_the_bill_holds_what_it_cost(runtime: Runtime):
    consolidator(runtime, ScriptedModel([reply()])).run_all()
    (spent,) = UsageLog(runtime.db, runtime.student.id, runtime.clock).between(
        NOW, datetime(2027, 1, 1, tzinfo=UTC)
    )
    assert spent.purpose == "consolidation"
    assert spent.input_tokens > 0
    assert spent.usd == Decimal(0)
