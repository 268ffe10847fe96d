"""What a student tells the study model, asks it to remember and asks for again, with the real agent and a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFinished
from officehours.agent.greeting import welcome_back
from officehours.agent.models.study.intent import parse_question
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory import students
from officehours.persona.registry import DEFAULT, find

NOTED = ("잘 기억해 두겠습니다", "I'll remember that")
Talk = Callable[..., list[str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, embedder="hashing", language="ko", zone="Asia/Seoul")


@pytest.fixture
def talk(settings: Settings) -> Talk:
    """Say lines in a new conversation on a day of November, and give the replies."""

    def hold(*lines: str, day: int = 3) -> list[str]:
        now = datetime.fromisoformat(f"2026-11-{day:02}T14:00:00+09:00")
        model = StudyModel(persona_lines=find(DEFAULT).lines)
        replies: list[str] = []
        with open_tutor(replace(settings, now=now), model=model, session="new") as agent:
            for line in lines:
                last = list(agent.turn(line))[-1]
                assert isinstance(last, TurnFinished), last
                replies.append(last.answer)
        return replies

    return hold


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("저는 부산에 살아요", "told"),
        ("강아지를 키워요", "told"),
        ("요즘 알바를 시작했어요", "told"),
        ("I live in Busan", "told"),
        ("My roommate is a physicist", "told"),
        ("기억해 줘: 조 발표는 화요일이야", "remember"),
        ("제 랩 파트너는 지수예요. 기억해 주세요!", "remember"),
        ("Remember that my lab partner is Jisoo", "remember"),
        ("my favourite band is Radiohead, please remember that", "remember"),
        ("내가 뭐 기억해 달라고 했지?", "kept"),
        ("What did I ask you to remember?", "kept"),
        ("제 랩 파트너가 누구예요?", "own"),
        ("나 어디 살지?", "own"),
        ("Who is my lab partner?", "own"),
        ("Do you remember me?", "about_me"),
        ("저는 예시가 필요해요", "example"),
        ("I want to learn about RAG", "definition"),
        ("I don't understand the chain rule", "stuck"),
        ("RNN은 긴 글을 잘 기억해요", "statement"),
        ("너가 누구야?", "identity"),
    ],
)
def test_what_is_told_is_known_from_what_is_asked_or_claimed(said: str, intent: str) -> None:
    assert parse_question(said).intent == intent


@pytest.mark.parametrize(
    "said",
    [
        "저는 부산에 살아요",
        "전공을 통계학으로 바꿨어요",
        "강아지를 키워요",
        "I live in Busan",
        "I have two cats",
    ],
)
def test_a_statement_on_ones_life_is_acknowledged(talk: Talk, said: str) -> None:
    (reply,) = talk(said)

    assert any(words in reply for words in (*NOTED, "통계학과시군요. 기억해 두겠습니다."))


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("저는 부산에 살아요", "나 어디 살지?", "저는 부산에 살아요"),
        ("I live in Busan", "Where do I live?", "I live in Busan"),
        ("제 랩 파트너는 지수예요. 기억해 주세요!", "제 랩 파트너가 누구예요?", "지수"),
        ("Remember that my lab partner is Jisoo", "Who is my lab partner?", "Jisoo"),
    ],
)
def test_what_was_told_answers_a_question_on_it_in_a_later_talk(
    talk: Talk, told: str, asked: str, answer: str
) -> None:
    talk(told)

    assert answer in talk(asked, day=11)[0]


@pytest.mark.parametrize(
    ("said", "kept", "asked"),
    [
        ("기억해 줘: 내 사물함은 312번이야", "내 사물함은 312번이야", "내가 뭐 기억해 달라고 했지?"),
        ("제 사물함은 312번이에요. 꼭 기억해 주세요", "제 사물함은 312번이에요", "뭘 기억해 달라고 했죠?"),
        (
            "Please remember that my locker is number 312.",
            "my locker is number 312",
            "What did I ask you to remember?",
        ),
    ],
)
def test_what_is_to_be_remembered_is_kept_in_the_students_words_and_listed(
    talk: Talk, settings: Settings, said: str, kept: str, asked: str
) -> None:
    (reply,) = talk(said)

    assert any(words in reply for words in NOTED)
    with open_runtime(settings) as runtime:
        assert kept in [item.text for item in runtime.memories.archival.list("fact")]
    assert kept in talk(asked, day=11)[0]


def test_remember_this_means_what_was_said_before_it(talk: Talk, settings: Settings) -> None:
    talk("도서관 자리는 4층 창가가 좋아요", "이거 기억해 줘")

    with open_runtime(settings) as runtime:
        (kept,) = runtime.memories.archival.list("fact")
        assert kept.quote == "도서관 자리는 4층 창가가 좋아요"
    assert "4층 창가" in talk("내가 뭐 기억해 달라고 했지?", day=11)[0]


def test_nothing_to_remember_is_asked_for_and_said(talk: Talk) -> None:
    assert "무엇을 기억할까요" in talk("기억해 줘")[0]
    assert "아직 없습니다" in talk("내가 뭐 기억해 달라고 했지?", day=11)[0]


@pytest.mark.parametrize(
    ("said", "once", "all_of"),
    [
        (
            "저는 컴공 3학년이고, 기말고사는 12월 3일이에요. 역전파가 자꾸 헷갈려요",
            "기억",
            ("컴공 3학년", "12월 3일", "30일 남았습니다", "역전파"),
        ),
        ("저는 민지예요. 시험은 12월 3일이에요", "기억", ("민지 학생", "시험은 12월 3일")),
        (
            "I'm Minji, a junior in CS. My final exam is on December 3 and backpropagation keeps confusing me.",
            "remember",
            ("Minji", "junior in CS", "December 3", "30 days", "backpropagation"),
        ),
        ("기억해 줘: 우리 조 발표는 11월 10일이야", "기억", ("조 발표는 11월 10일입니다", "7일")),
    ],
)
def test_several_things_told_at_once_get_one_acknowledgement(
    talk: Talk, said: str, once: str, all_of: tuple[str, ...]
) -> None:
    (reply,) = talk(said)

    assert reply.count(once) == 1
    assert all(reply.count(words) == 1 for words in all_of), reply


def test_a_label_is_said_in_the_language_of_the_conversation(talk: Talk, settings: Settings) -> None:
    talk("제 통계 시험은 12월 3일이에요", "DoRA가 뭐예요?")

    assert "Your statistics exam is on December 3" in talk("When is my exam?", day=11)[0]
    later = datetime.fromisoformat("2026-11-12T14:00:00+09:00")
    with open_runtime(replace(settings, now=later)) as runtime:
        students.update(runtime.db, runtime.student, language="en")
    with open_runtime(replace(settings, now=later)) as runtime:
        assert "Your statistics exam is in 21 days" in welcome_back(runtime)


def test_a_label_said_in_english_is_said_in_korean_to_who_asks_in_korean(talk: Talk) -> None:
    talk("My midterm is on December 3.")

    assert "중간고사는 12월 3일입니다" in talk("시험이 언제죠?", day=11)[0]


@pytest.mark.parametrize(
    ("asked", "then", "now"),
    [
        ("11월 4일에는 시험이 언제라고 했지?", "기말고사가 12월 3일이라고", "12월 5일입니다"),
        ("지난주 수요일에는 시험이 언제라고 했어?", "기말고사가 12월 3일이라고", "12월 5일입니다"),
        ("When did I say the exam was, back on November 4?", "final exam was on December 3", "on December 5"),
    ],
)
def test_a_question_as_of_a_day_is_answered_with_what_held_then(
    talk: Talk, asked: str, then: str, now: str
) -> None:
    talk("기말고사는 12월 3일이에요")
    talk("기말고사가 12월 5일로 바뀌었어요", day=6)
    reply, today = talk(asked, "시험이 언제라고 했죠?", day=11)

    assert then in reply
    assert now in reply
    assert "12월 3일" not in today


@pytest.mark.parametrize(
    ("told", "asked", "day"),
    [
        ("다음 주 수요일에 중간고사 있어요", "그게 언제라고 했지?", "11월 11일"),
        ("I have a presentation next Friday", "when is it?", "November 13"),
    ],
)
def test_it_is_the_exam_that_was_just_named(talk: Talk, told: str, asked: str, day: str) -> None:
    assert day in talk(told, asked)[1]


def test_a_day_before_anything_was_said_is_answered_as_such(talk: Talk) -> None:
    talk("기말고사는 12월 3일이에요")

    assert "11월 1일까지는 말씀해 주신 적이 없습니다" in talk("11월 1일에는 시험이 언제라고 했지?", day=11)[0]
