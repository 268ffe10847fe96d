from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from officehours.agent.context.brief import (
    MODEL_TOKENS,
    Brief,
    LastTime,
    current_facts,
    make_brief,
    short,
)
from officehours.agent.greeting import brief_for
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.memory.archival import ArchivalRecord
from officehours.memory.facts import extract_facts
from officehours.memory.learner.questions import OpenQuestion
from officehours.memory.types import Message, Role, StoredMessage
from officehours.tools import web
from officehours.tools.text import estimate_tokens
from tutors import MovableClock, say, settings_for, tutor

THEN = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
NOW = THEN + timedelta(days=8)
SEOUL = "Asia/Seoul"


def log(*turns: tuple[Role, str]) -> list[StoredMessage]:
    return [
        StoredMessage(10 + n, 1, n, n, Message(role, text), THEN + timedelta(minutes=n), SEOUL)
        for n, (role, text) in enumerate(turns, 1)
    ]


def question(message: int, text: str) -> OpenQuestion:
    return OpenQuestion(message, message, text, "open", None, THEN, None)


def kept(text: str, *, valid_to: datetime | None = None) -> ArchivalRecord:
    fact = next(iter(extract_facts(text, THEN, SEOUL)), None)
    return ArchivalRecord(
        "a1", "fact", text, "student", THEN, SEOUL, fact=fact, valid_from=THEN, valid_to=valid_to
    )


KOREAN = LastTime(
    log(
        ("user", "안녕하세요"),
        ("assistant", "안녕하세요."),
        ("user", "DoRA가 뭐예요?"),
        ("assistant", "가중치를 크기와 방향으로 나눕니다. [a3]"),
        ("user", "감사합니다"),
        ("assistant", "천만에요."),
    ),
    [question(11, "베이즈 정리가 뭐예요?")],
    [
        *extract_facts("인공지능 기말시험이 12월 3일이에요. 역전파가 아직도 헷갈려요.", THEN, SEOUL),
        *extract_facts("고유값이 헷갈려요", THEN, SEOUL),
    ],
)


def korean(last: LastTime = KOREAN, now: datetime = NOW) -> Brief:
    return make_brief(last, now=now, zone=SEOUL, language="ko")


def test_a_korean_brief_says_when_where_what_is_open_the_exam_and_what_confuses() -> None:
    assert korean().for_student.splitlines() == [
        "지난번은 8일 전(11월 3일)이었고, ‘DoRA가 뭐예요?’까지 이야기했습니다.",
        "아직 답을 드리지 못한 질문: ‘베이즈 정리가 뭐예요?’",
        "인공지능 기말시험까지 22일 남았습니다(12월 3일).",
        "헷갈린다고 하신 것: 고유값, 역전파",
    ]


def test_the_models_brief_holds_the_same_with_ids() -> None:
    assert korean().for_model.splitlines() == [
        "Last talk 2026-11-03 (8 days later).",
        "Stopped at [m13] DoRA가 뭐예요?",
        "Exam: 인공지능 기말시험 in 22 days (Dec 3).",
        "Unanswered: [m11] 베이즈 정리가 뭐예요?",
        "Confused about: 고유값, 역전파.",
    ]


def test_an_english_brief_is_english() -> None:
    last = LastTime(
        log(("user", "What is RAG?"), ("assistant", "It retrieves passages. [a3]")),
        [question(11, "What is Bayes' theorem?")],
        extract_facts("My machine learning exam is on December 3 and I don't get backprop.", THEN, "UTC"),
    )

    assert make_brief(last, now=NOW, zone="UTC", language="en").for_student.splitlines() == [
        "We last talked 8 days ago (November 3) and stopped at “What is RAG?”.",
        "Still without an answer: “What is Bayes' theorem?”",
        "Your machine learning exam is in 22 days (December 3).",
        "You said these confuse you: backprop",
    ]


def test_whoever_was_never_here_gets_no_brief() -> None:
    assert make_brief(LastTime(), now=NOW, zone=SEOUL, language="ko") == Brief("", "")


def test_a_turn_that_got_no_answer_comes_first_and_is_not_said_twice() -> None:
    last = LastTime(
        log(("user", "역전파가 뭐예요?")), [question(3, "아까 그 질문"), question(11, "역전파가 뭐예요?")]
    )

    lines = korean(last).for_student.splitlines()

    assert lines[1] == "아직 답을 드리지 못한 질문: ‘역전파가 뭐예요?’, ‘아까 그 질문’"


def test_after_a_short_silence_it_only_says_where_we_are() -> None:
    assert korean(now=THEN + timedelta(hours=1)).for_student.splitlines()[0] == (
        "조금 전에 ‘DoRA가 뭐예요?’까지 이야기했습니다."
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, "지난번은 어제였고"),
        (29, "인공지능 기말시험: 내일입니다."),
        (30, "인공지능 기말시험: 오늘입니다."),
    ],
)
def test_days_are_counted_by_the_calendar(days: int, expected: str) -> None:
    assert expected in korean(now=THEN + timedelta(days=days)).for_student


def test_an_exam_that_is_over_is_not_counted_down_to() -> None:
    assert "시험" not in korean(now=THEN + timedelta(days=31)).for_student


def test_days_are_those_of_the_students_zone() -> None:
    evening = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # 01:00 on 2 December in Seoul

    assert "내일입니다" in korean(now=evening).for_student


def test_superseded_and_understood_things_are_left_out() -> None:
    facts = current_facts(
        [
            kept("인공지능 기말시험은 12월 3일이에요", valid_to=NOW),
            kept("인공지능 기말시험은 12월 5일이에요"),
            kept("역전파를 이제 이해했어요"),
            kept("좋아하는 색은 파랑."),
        ]
    )
    text = korean(LastTime(KOREAN.messages, [], facts)).for_student

    assert "24일 남았습니다(12월 5일)" in text
    assert "12월 3일)." not in text
    assert "헷갈린다고" not in text


def test_a_brief_stays_short_whatever_was_said() -> None:
    long = "왜 그런지 설명해 주세요? " * 60
    last = LastTime(
        log(("user", long), ("assistant", long)),
        [question(n, long) for n in range(20)],
        [
            fact
            for n in range(1, 9)
            for fact in extract_facts(f"과목{n} 시험이 12월 {n}일이에요", THEN, SEOUL)
        ],
    )
    brief = korean(last)

    assert len(brief.for_student.splitlines()) <= 6
    assert all(len(line) <= 160 for line in brief.for_student.splitlines())
    assert estimate_tokens(brief.for_model) <= MODEL_TOKENS


def test_a_long_question_is_shortened_to_one_line() -> None:
    assert short("왜\n그런가요?") == "왜 그런가요?"
    assert len(short("가" * 100)) == 44


def test_a_brief_is_gathered_from_what_the_store_holds(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "search_ddgs", lambda _query, _where: [])
    clock = MovableClock(THEN)
    with tutor(own_home, StudyModel(), clock=clock, language="ko") as professor:
        say(professor, "제 이름은 민지예요. 기말고사가 12월 3일이에요.")
        say(professor, "양자 컴퓨터가 뭐예요?")
        say(professor, "시험이 12월 5일로 바뀌었어요. 고유값이 헷갈려요.")
        say(professor, "감사합니다")
    clock.forward(days=8)

    with open_runtime(settings_for(own_home, clock, language="ko")) as runtime:
        brief = brief_for(runtime)

    assert brief.for_student.splitlines() == [
        "지난번은 8일 전(11월 3일)이었고, ‘양자 컴퓨터가 뭐예요?’까지 이야기했습니다.",
        "아직 답을 드리지 못한 질문: ‘양자 컴퓨터가 뭐예요?’",
        "기말고사까지 24일 남았습니다(12월 5일).",
        "헷갈린다고 하신 것: 고유값",
    ]
    assert "Unanswered: [m" in brief.for_model


def test_a_store_without_talks_gives_no_brief(own_home: Path) -> None:
    with open_runtime(settings_for(own_home)) as runtime:
        assert brief_for(runtime) == Brief()
