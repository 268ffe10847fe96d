from __future__ import annotations

from pathlib import Path

import pytest

from officehours.agent.loop import Agent
from officehours.agent.model import Request
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.memory.erasure.correct import correct
from officehours.memory.errors import UsageError
from tutors import MovableClock, say, scripted, tutor

OLD, NEW = "12월 3일", "12월 9일"
STATED = f"인공지능 기말시험은 {OLD}이에요"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def home(tmp_path: Path, clock: MovableClock) -> Path:
    """A home in which the old value stands in core memory, in archival memory, in recall and in an answer."""
    model = scripted(
        [
            [
                f"인공지능 기말시험이 {OLD}이군요. 적어 두겠습니다.",
                ScriptedCall("core_memory_append", {"label": "student", "content": STATED}),
                ScriptedCall("archival_memory_insert", {"content": STATED, "kind": "fact", "quote": STATED}),
            ],
            "네.",
        ]
    )
    with tutor(tmp_path / "home", model, clock=clock, language="ko") as agent:
        say(agent, STATED)
        agent.state.runtime.embed_worker.flush(20)
    clock.forward(days=1)
    return tmp_path / "home"


def correction(agent: Agent, identity: str, text: str):
    runtime = agent.state.runtime
    return correct(
        runtime.db, runtime.student.id, runtime.memories.core, runtime.memories.archival, identity, text
    )


def prompt(model: ScriptedModel) -> str:
    request: Request = model.requests[-1]
    return "\n".join(message.content for message in request.messages)


def facts(agent: Agent) -> list[str]:
    return [kept.id for kept in agent.state.memories.archival.list("fact") if OLD in kept.text]


def test_the_old_value_is_there_before_it_is_corrected(home: Path, clock: MovableClock):
    model = scripted(["네."])
    with tutor(home, model, clock=clock, session="new", language="ko") as agent:
        say(agent, "인공지능 기말시험이 언제지?")
    assert OLD in prompt(model)


def test_a_corrected_fact_never_comes_back_in_a_new_conversation(home: Path, clock: MovableClock):
    model = scripted(lambda _request: "네.")
    with tutor(home, model, clock=clock, session="new", language="ko") as agent:
        done = correction(agent, facts(agent)[0], f"인공지능 기말시험은 {NEW}입니다.")
        assert done.blocks == ("student",)
        assert facts(agent) == []  # the sentence that the model kept and the fact that was read in it are one
        agent.state.runtime.embed_worker.flush(20)
        for question in ("인공지능 기말시험이 언제지?", "기말시험 날짜 다시 알려줘", "시험까지 며칠 남았지?"):
            say(agent, question)
            assert OLD not in prompt(model), question
            assert "12월 3일" not in agent.state.memories.core.blocks()["student"].value
        assert NEW in prompt(model)


def test_an_open_conversation_is_told_and_its_system_text_holds_the_new(home: Path, clock: MovableClock):
    model = scripted(lambda _request: "네.")
    with tutor(home, model, clock=clock, language="ko") as agent:
        say(agent, "안녕하세요 교수님")
        assert OLD in model.requests[-1].messages[0].content
        correction(agent, facts(agent)[0], f"인공지능 기말시험은 2026년 {NEW}입니다.")
        say(agent, "이제 무엇을 공부할까요?")
    system = model.requests[-1].messages[0].content
    assert OLD not in system
    assert NEW in system


def test_a_corrected_core_block_is_what_the_next_prompt_holds(home: Path, clock: MovableClock):
    model = scripted(lambda _request: "네.")
    with tutor(home, model, clock=clock, language="ko") as agent:
        say(agent, "안녕하세요 교수님")
        correction(agent, "student", f"인공지능 기말시험은 {NEW}")
        say(agent, "이제 무엇을 공부할까요?")
    system = model.requests[-1].messages[0].content
    assert STATED not in system
    assert f"인공지능 기말시험은 {NEW}" in system


def test_the_past_still_answers_when_it_is_asked_for(home: Path, clock: MovableClock):
    with tutor(home, scripted(["네."]), clock=clock, language="ko") as agent:
        then = agent.state.memories.archival.list("fact")[0].time
        correction(agent, facts(agent)[0], f"인공지능 기말시험은 2026년 {NEW}입니다.")
        held = agent.state.memories.archival.list("fact", as_of=then)
    assert any(OLD in kept.text for kept in held)


def test_what_was_said_is_not_rewritten(home: Path, clock: MovableClock):
    with tutor(home, scripted(["네."]), clock=clock, language="ko") as agent:
        with pytest.raises(UsageError, match="memory forget m1"):
            correction(agent, "m1", "다른 말")
        assert agent.state.memories.recall.get("m1").text == STATED
