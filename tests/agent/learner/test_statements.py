from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from officehours.agent import turn_store
from officehours.agent.context.learner_state import ahead
from officehours.agent.greeting import arrive
from officehours.agent.learner.statements import save_statements, stated_in
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.session_actions import fork, undo
from officehours.memory import students
from officehours.memory.archival import ArchivalMemory, Consolidation
from officehours.memory.archival.consolidation import Proposed
from officehours.memory.core import CoreMemory
from officehours.memory.learner.misconceptions import Misconceptions
from officehours.memory.recall import Sessions
from officehours.memory.store import Database
from officehours.memory.types import Message, StoredMessage
from officehours.ui.chat.first_run import settle_in
from tutors import MovableClock, say, scripted, settings_for, tutor

ZONE = "Asia/Seoul"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SAID = [
    "인공지능 기말시험은 12월 3일이에요.",
    "시험이 12월 5일로 바뀌었어요.",
    "시험은 12월 5일이에요.",
    "통계 퀴즈가 12월 1일에 있어요.",
    "AI 기말시험이 12월 8일로 연기됐어요.",
    "시험은 12월 8일이 아니라 12월 9일이에요.",
    "제 이름은 민지예요.",
    "My exam moved to December 10.",
    "고유값이 헷갈려요.",
    "고유값은 이제 이해했어요.",
    "제 전공은 수학이에요. 과제 마감이 12월 2일이에요.",
    "배가 고파요.",
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Give one fresh student after another in one store."""
    database = Database.open(tmp_path_factory.mktemp("home") / "officehours.db")
    ticks, handles = itertools.count(), itertools.count()

    def clock() -> datetime:
        return NOW.replace(microsecond=next(ticks) % 1_000_000)

    def make() -> SimpleNamespace:
        student = students.find_or_create(database, f"s{next(handles)}", language="ko", zone=ZONE, now=NOW)
        archival = ArchivalMemory(database, student.id, clock, search=None)  # pyright: ignore[reportArgumentType]
        return SimpleNamespace(
            sessions=Sessions(database, student.id, clock),
            core=CoreMemory(database, student.id, clock),
            archival=archival,
            misconceptions=Misconceptions(database, student.id, clock),
            work=Consolidation(database, student.id, archival, lambda: NOW.replace(year=2027)),
        )

    yield make
    database.close()


def tell(memory: SimpleNamespace, said: list[str]) -> list[StoredMessage]:
    session = memory.sessions.create("kim-yongdam")
    messages: list[StoredMessage] = []
    for text in said:
        turn, asked = memory.sessions.begin_turn(session, text, ZONE)
        memory.sessions.append(session, turn, Message("assistant", "네."))
        memory.sessions.finish_turn(turn, "done")
        messages.append(asked)
        keep(memory, asked)
    return messages


def keep(memory: SimpleNamespace, said: StoredMessage, language: str = "ko") -> None:
    save_statements(said, stated_in(said), memory.archival, memory.core, memory.misconceptions, language)


def exams(memory: SimpleNamespace) -> list[tuple[str, date | None]]:
    return [(exam.name, exam.day) for exam in ahead(memory.archival.list("fact"), NOW.date())]


@settings(deadline=None, max_examples=40)
@given(
    said=st.lists(st.sampled_from(SAID), min_size=1, max_size=5),
    again=st.lists(st.integers(0, 4), max_size=6),
    language=st.sampled_from(["ko", "en"]),
)
def test_going_over_messages_again_is_as_once(fresh, said, again, language):
    memory = fresh()
    messages = tell(memory, said)
    before = memory.archival.list(superseded=True)
    for place in again:
        if place < len(messages):
            keep(memory, messages[place], language)
    assert memory.archival.list(superseded=True) == before


@settings(deadline=None, max_examples=25)
@given(said=st.lists(st.sampled_from(SAID), min_size=1, max_size=5))
def test_a_model_that_goes_over_what_the_rules_have_read_adds_no_second_exam(fresh, said):
    memory = fresh()
    messages = tell(memory, said)
    before = exams(memory)
    while (span := memory.work.next()) is not None:
        memory.work.take(span, [Proposed(m.message.content, m.message.content, f"m{m.id}") for m in messages])
    assert exams(memory) == before


def test_a_loose_correction_read_again_after_a_second_exam_is_known(fresh):
    memory = fresh()
    messages = tell(memory, [SAID[0], SAID[1], SAID[3]])
    expected = [("통계 퀴즈", date(2026, 12, 1)), ("인공지능 기말시험", date(2026, 12, 5))]
    assert exams(memory) == expected
    keep(memory, messages[1])
    assert exams(memory) == expected


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


def facts(agent) -> list[str]:
    return [kept.text for kept in agent.state.memories.archival.list("fact")]


def core(agent) -> str:
    return agent.state.memories.core.blocks()["student"].value


def test_core_lines_that_come_from_facts_bear_their_ids_and_follow_them(own_home, clock):
    with tutor(own_home, StudyModel(), clock=clock, language="ko") as professor:
        say(professor, "제 이름은 민지예요. 인공지능 기말고사는 12월 3일이에요.")
        assert core(professor) == "이름은 민지입니다. [a1]\n인공지능 기말고사는 2026년 12월 3일입니다. [a2]"
        say(professor, "시험이 12월 5일로 바뀌었어요.")
        assert core(professor) == "이름은 민지입니다. [a1]\n인공지능 기말고사는 2026년 12월 5일입니다. [a3]"
        say(professor, "My name is Sarah.")
        assert core(professor).startswith("이름은 Sarah입니다. [a4]\n")
        say(professor, "My goal is to get an A.")
        assert core(professor).endswith("목표: get an A [a5]")


def test_a_line_of_a_fact_that_an_earlier_version_wrote_follows_it_too(own_home, clock):
    with tutor(own_home, scripted(lambda _: "네."), clock=clock, language="ko") as professor:
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        professor.state.memories.core.append("student", "- 인공지능 기말고사는 2026년 12월 3일입니다.")
        professor.state.memories.core.append("student", "그림을 좋아한다")
        say(professor, "시험이 12월 5일로 바뀌었어요.")
        assert core(professor) == "인공지능 기말고사는 2026년 12월 5일입니다. [a2]\n그림을 좋아한다"


def test_a_line_of_a_fact_that_the_model_updates_follows_it(own_home, clock):
    update = ScriptedCall(
        "archival_memory_update",
        {"id": "a1", "content": "인공지능 기말고사는 12월 9일이에요", "request_heartbeat": False},
    )
    model = scripted(lambda request: ["네.", update] if "아홉" in request.messages[-1].content else "네.")
    with tutor(own_home, model, clock=clock, language="ko") as professor:
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        professor.state.memories.core.append("student", "인공지능 기말고사는 2026년 12월 3일입니다. [a1]")
        say(professor, "아, 아홉 번째 날이라네요")
        assert core(professor) == "인공지능 기말고사는 12월 9일이에요 [a2]"
        undo(professor)
        assert core(professor) == "인공지능 기말고사는 2026년 12월 3일입니다. [a1]"


def test_undo_takes_back_what_the_turn_taught(own_home, clock):
    model = scripted(
        [
            [
                "적어 둘게요.",
                ScriptedCall(
                    "core_memory_append",
                    {"label": "student", "content": "AI 기말 12월 3일", "request_heartbeat": False},
                ),
            ],
            [
                "네.",
                ScriptedCall(
                    "archival_memory_insert",
                    {"content": "학생은 오늘 기분이 좋다", "request_heartbeat": False},
                ),
            ],
            [
                "고쳤습니다.",
                ScriptedCall(
                    "core_memory_replace",
                    {
                        "label": "student",
                        "old_content": "12월 3일",
                        "new_content": "12월 5일",
                        "request_heartbeat": False,
                    },
                ),
            ],
        ]
    )
    with tutor(own_home, model, clock=clock, language="ko") as professor:
        archival = professor.state.memories.archival
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        clock.forward(minutes=1)
        taught = archival.list()
        say(professor, "오늘 기분이 좋아요.")
        clock.forward(minutes=1)
        noted = archival.list()
        say(professor, "시험이 12월 5일로 바뀌었어요. 제 이름은 민지예요.")
        assert core(professor) == "AI 기말 12월 5일"
        assert len(facts(professor)) == 2

        undo(professor)
        assert archival.list() == noted
        assert core(professor) == "AI 기말 12월 3일"
        undo(professor)
        assert archival.list() == taught
        undo(professor)
        assert archival.list() == []
        assert core(professor) == ""
        assert [block.value for block in professor.state.memories.core.history("student")] == [
            "",
            "AI 기말 12월 3일",
            "AI 기말 12월 5일",
            "AI 기말 12월 3일",
        ]


def test_what_is_told_again_after_undo_is_kept(own_home, clock):
    with tutor(own_home, scripted(lambda _: "네."), clock=clock, language="ko") as professor:
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        undo(professor)
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        assert facts(professor) == ["인공지능 기말고사는 2026년 12월 3일입니다."]


def test_undo_in_a_fork_leaves_the_parents_turn_its_facts(own_home, clock):
    with tutor(own_home, scripted(lambda _: "네."), clock=clock, language="ko") as professor:
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        fork(professor)
        undo(professor)
        assert facts(professor) == ["인공지능 기말고사는 2026년 12월 3일입니다."]


def test_lines_of_later_turns_outlive_an_undone_one(fresh):
    memory = fresh()
    one, two, three = (message.id for message in tell(memory, ["하나", "둘", "셋"]))
    memory.core.append("student", "first", one)
    memory.core.append("student", "second", two)
    memory.core.replace("student", "first", "changed", two)
    memory.core.append("student", "third", three)
    memory.core.retract({two})
    assert memory.core.blocks()["student"].value == "first\nthird"


def test_rules_read_a_message_while_others_may_write(own_home, monkeypatch):
    with tutor(own_home, scripted(lambda _: "네."), language="ko") as professor:
        db = professor.state.db
        wrote: list[bool] = []

        def reading(said):
            def write() -> None:
                with db.begin():
                    pass

            other = threading.Thread(target=write, daemon=True)
            other.start()
            other.join(10)
            wrote.append(not other.is_alive())
            return stated_in(said)

        monkeypatch.setattr(turn_store, "stated_in", reading)
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        assert wrote == [True]
        assert facts(professor) == ["인공지능 기말고사는 2026년 12월 3일입니다."]


def test_a_day_moved_by_a_length_follows_in_core_and_keeps_its_history(own_home, clock):
    with tutor(own_home, StudyModel(), clock=clock, language="ko") as professor:
        say(professor, "인공지능 기말고사는 12월 3일이에요.")
        say(professor, "시험이 일주일 미뤄졌어")
        assert core(professor) == "인공지능 기말고사는 2026년 12월 10일입니다. [a2]"
        history = professor.state.memories.archival.history("a2")
        assert [kept.fact.day for kept in history] == [date(2026, 12, 3), date(2026, 12, 10)]
        undo(professor)
        assert facts(professor) == ["인공지능 기말고사는 2026년 12월 3일입니다."]


def test_a_move_that_may_mean_two_exams_changes_neither(own_home, clock):
    with tutor(own_home, scripted(lambda _: "네."), clock=clock, language="ko") as professor:
        say(professor, "통계 시험은 12월 3일이에요. 물리 시험은 12월 7일이에요.")
        before = facts(professor)
        say(professor, "시험이 일주일 미뤄졌어")
        assert facts(professor) == before


def test_a_new_name_is_used_in_core_and_from_the_next_greeting_on(own_home, clock):
    settings = settings_for(own_home, clock)
    typed = iter(["2", "what is this", "hi, I'm Emma"])
    settle_in(replace(settings, language=None, student=None), None, lambda _: next(typed))
    with tutor(own_home, scripted(lambda _: "Hello."), clock=clock) as professor:
        assert core(professor) == "The student's name is Emma."
        say(professor, "call me Em")
        assert professor.state.called(professor.state.memories.archival.facts()) == "Em"
        say(professor, "change my name to Alex please")
        assert core(professor) == "The student's name is Alex. [a2]"
        assert facts(professor) == ["The student's name is Alex.", "The student goes by Alex."]
    assert arrive(settings, None, None, "latest").called == "Alex"
