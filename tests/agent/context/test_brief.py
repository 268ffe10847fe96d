from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from officehours.agent.context.brief import (
    TOKENS,
    Brief,
    LastTime,
    make_brief,
    short,
)
from officehours.agent.greeting import brief_for
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.agent.tutor.policy import Step
from officehours.memory.archival import ArchivalRecord
from officehours.memory.facts import extract_facts
from officehours.memory.learner.misconceptions import Event, Misconception, MisconceptionState
from officehours.memory.learner.promises import Promise
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


def kept(*texts: str, valid_to: datetime | None = None, zone: str = SEOUL) -> list[ArchivalRecord]:
    facts = [fact for text in texts for fact in extract_facts(text, THEN, zone)]
    return [
        ArchivalRecord(
            f"a{n}", "fact", "", "student", THEN, zone, fact=fact, valid_from=THEN, valid_to=valid_to
        )
        for n, fact in enumerate(facts, 1)
    ]


def hard(topic: str, message: int, state: MisconceptionState = "suspected") -> Misconception:
    seen = Event("seen", f"{topic}!", message, THEN, THEN.date())
    return Misconception(message, topic, topic, state, (seen,))


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
    kept("인공지능 기말시험이 12월 3일이에요."),
    [hard("역전파", 5), hard("고유값", 6), hard("행렬식", 7, "claimed")],
    due=[f"k{n}" for n in range(1, 13)],
    minutes=4,
)


KOREAN_REVIEWS = "복습할 카드: 12장(4분쯤), `officehours review`"
PROMISE = Promise(3, "특잇값 분해부터 합니다", "open", 11, THEN)


def korean(last: LastTime = KOREAN, now: datetime = NOW) -> Brief:
    return make_brief(last, now=now, zone=SEOUL, language="ko")


def test_a_korean_brief_says_where_we_stopped_what_is_open_what_comes_and_what_is_next() -> None:
    assert korean().for_student.splitlines() == [
        "지난번은 8일 전(11월 3일)이었고, ‘DoRA가 뭐예요?’까지 이야기했습니다.",
        "아직 답을 드리지 못한 질문: ‘베이즈 정리가 뭐예요?’",
        "인공지능 기말시험까지 22일 남았습니다(12월 3일).",
        "헷갈린다고 하신 것: 고유값, 역전파",
        "알겠다고 하셨고 아직 확인하지 않은 것: 행렬식",
        "복습할 카드: 12장(4분쯤), `officehours review`",
    ]


def test_the_models_brief_is_the_same_with_the_rows_it_rests_on() -> None:
    assert korean().for_model.splitlines() == [
        "지난번은 8일 전(11월 3일)이었고, ‘DoRA가 뭐예요?’까지 이야기했습니다. [m13]",
        "아직 답을 드리지 못한 질문: ‘베이즈 정리가 뭐예요?’ [m11]",
        "인공지능 기말시험까지 22일 남았습니다(12월 3일). [a1]",
        "헷갈린다고 하신 것: 고유값, 역전파 [m6, m5]",
        "알겠다고 하셨고 아직 확인하지 않은 것: 행렬식 [m7]",
        "복습할 카드: 12장(4분쯤), `officehours review` [k1, k2]",
    ]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (replace(KOREAN, step=Step("check", "역전파", {}, "m5")), "역전파를 다시 확인해 볼까요?"),
        (replace(KOREAN, step=Step("study", "08-lora.md", {}, "a7")), "오늘은 08-lora.md부터 볼까요?"),
        (replace(KOREAN, step=Step("study", "no row says so", {})), KOREAN_REVIEWS),
        (replace(KOREAN, step=Step("review", "12", {}, "k1", 4)), KOREAN_REVIEWS),
        (replace(KOREAN, due=(), promises=[PROMISE]), "약속드린 것: 특잇값 분해부터 합니다"),
    ],
)
def test_the_last_line_offers_what_is_next_where_no_other_line_does(last: LastTime, expected: str) -> None:
    assert korean(last).for_student.splitlines()[-1] == expected


@pytest.mark.parametrize(
    ("step", "wish"),
    [
        (Step("check", "역전파", {}, "m5"), "역전파 문제 내 주세요"),
        (Step("study", "08-lora.md", {}, "a7"), "08-lora.md 알려 주세요"),
        (Step("await_answer", "2 + 2는?", {}, "a7"), "문제 내 주세요"),
        (Step("review", "12", {}, "k1", 4), ""),
        (None, ""),
    ],
)
def test_what_it_offers_is_known_as_what_takes_it_up(step: Step | None, wish: str) -> None:
    assert korean(replace(KOREAN, step=step)).offer == wish


def test_an_english_brief_is_english() -> None:
    last = LastTime(
        log(("user", "What is RAG?"), ("assistant", "It retrieves passages. [a3]")),
        [question(n, f"What is {name}?") for n, name in ((11, "Bayes' theorem"), (12, "LoRA"), (13, "SVD"))],
        kept("My machine learning exam is on December 3.", zone="UTC"),
        [hard("backprop", 5)],
    )

    assert make_brief(last, now=NOW, zone="UTC", language="en").for_student.splitlines() == [
        "We last talked 8 days ago (November 3) and stopped at “What is RAG?”.",
        "Still without an answer: “What is SVD?”, “What is LoRA?” and 1 more",
        "Your machine learning exam is in 22 days (December 3).",
        "You said these confuse you: backprop",
    ]


def test_whoever_was_never_here_gets_no_brief() -> None:
    assert make_brief(LastTime(), now=NOW, zone=SEOUL, language="ko") == Brief()


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


def test_superseded_things_are_left_out_and_a_goal_with_a_day_is_counted_down_to() -> None:
    facts = [
        *kept("인공지능 기말시험은 12월 3일이에요", valid_to=NOW),
        *kept(
            "인공지능 기말시험은 12월 5일이에요",
            "목표는 12월 20일까지 교재 완독입니다",
            "좋아하는 색은 파랑.",
        ),
    ]
    text = korean(LastTime(KOREAN.messages, [], facts)).for_student

    assert "24일 남았습니다(12월 5일)" in text
    assert "12월 3일)." not in text
    assert "목표 ‘교재 완독’까지 39일 남았습니다(12월 20일)." in text


@pytest.mark.parametrize(
    ("days", "expected"),
    [(29, "지난번은 29일 전(11월 3일)"), (95, "오랜만에 오셨습니다. 지난번은 약 3개월 전(2026년 11월 3일)")],
)
def test_after_long_it_says_so_in_months(days: int, expected: str) -> None:
    assert korean(now=THEN + timedelta(days=days)).for_student.startswith(expected)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_brief_stays_short_whatever_was_said(language: str) -> None:
    long = "왜 그런지 설명해 주세요? " * 60
    last = LastTime(
        log(("user", long), ("assistant", long)),
        [question(n, long) for n in range(20)],
        kept(*(f"과목{n} 시험이 12월 {n}일이에요" for n in range(1, 9))),
        [hard("아주 긴 주제의 이름" * 3, n) for n in range(9)],
        due=[f"k{n}" for n in range(400)],
        minutes=10,
        promises=[replace(PROMISE, text=long[:300])] * 3,
        step=Step("await_answer", long, {}, "q3"),
    )
    brief = make_brief(last, now=NOW, zone=SEOUL, language=language)

    assert len(brief.lines) >= 4
    assert estimate_tokens(brief.for_model) <= TOKENS


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
    assert all(line.ids for line in brief.lines)


def test_a_store_without_talks_gives_no_brief(own_home: Path) -> None:
    with open_runtime(settings_for(own_home)) as runtime:
        assert brief_for(runtime) == Brief()
