"""The student's own record, by time: complete, without today's lines and small talk, and never denied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from talks import Talk

TALKS = {
    "2026-09-07T10:00:00+09:00": ("안녕하세요", "토큰이 뭐예요?", "어텐션이 뭐예요?", "감사합니다"),
    "2026-10-29T21:00:00+09:00": ("RNN이 뭐예요?", "왜 필요해요?", "그만할게요"),
    "2026-11-09T10:00:00+09:00": ("hello!", "What is LoRA?", "what is DoRA?", "thanks, bye"),
    "2026-11-10T10:00:00+09:00": ("ReLU가 뭐예요?", "RAG가 뭐예요?", "ㅋㅋㅋ", "안녕히 계세요"),
}
NOW = "2026-11-11T09:00:00+09:00"  # a Wednesday
SMALL = ("안녕", "감사합니다", "그만할게요", "hello", "bye", "ㅋㅋㅋ")


@pytest.fixture(scope="module")
def student(course_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    talk = Talk(shutil.copytree(course_home, tmp_path_factory.mktemp("record") / "home"))
    for at, lines in TALKS.items():
        talk(*lines, at=at)
    return talk


@pytest.fixture
def record(student: Talk, tmp_path: Path) -> Talk:
    return Talk(shutil.copytree(student.settings.home, tmp_path / "student"))


@pytest.mark.parametrize(
    ("asked", "day", "has", "hasnt"),
    [
        ("어제 뭐 물어봤지?", "11월 10일", ("ReLU", "RAG"), ("LoRA", "RNN")),
        ("what did I ask yesterday?", "November 10", ("ReLU", "RAG"), ("LoRA", "RNN")),
        ("지난번에 뭐 물어봤지?", "11월 10일", ("ReLU", "RAG"), ("LoRA", "토큰")),
        ("what did we talk about last time?", "November 10", ("ReLU", "RAG"), ("LoRA",)),
        ("어디까지 했지?", "11월 10일", ("RAG",), ("LoRA",)),
        ("where did we stop?", "November 10", ("RAG",), ("LoRA",)),
        ("월요일에 뭐 했더라", "11월 9일", ("LoRA", "DoRA"), ("ReLU",)),
        ("what did we do on Monday?", "November 9", ("LoRA", "DoRA"), ("ReLU",)),
        ("9월에 무슨 얘기 했어?", "9월 7일", ("토큰", "어텐션"), ("RNN", "ReLU")),
        ("what did we talk about in September?", "September 7", ("토큰", "어텐션"), ("RNN", "ReLU")),
        ("10월 29일에 뭐 물어봤어?", "10월 29일", ("RNN", "왜 필요해요?"), ("LoRA", "토큰")),
        ("what did I ask on October 29?", "October 29", ("RNN",), ("LoRA", "토큰")),
        ("제일 처음에 뭐 물어봤지?", "9월 7일", ("토큰",), ("RNN", "ReLU")),
        ("what was my first question?", "September 7", ("토큰",), ("RNN", "ReLU")),
        ("지난달에 뭐 공부했지?", "10월 29일", ("RNN",), ("ReLU", "토큰")),
    ],
)  # fmt: skip
def test_the_record_is_read_by_its_time(
    record: Talk, asked: str, day: str, has: tuple[str, ...], hasnt: tuple[str, ...]
) -> None:
    reply = record.last("반가워요, 오늘도 왔어요", asked, at=NOW)

    assert day in reply
    assert all(words in reply for words in has)
    assert not any(words in reply for words in (*hasnt, *SMALL, asked, "오늘도 왔어요"))


def test_last_week_is_monday_to_sunday_and_what_was_said_before_it_is_not_denied(record: Talk) -> None:
    reply = record.last("지난주에 뭐 했지?", at=NOW)

    assert "기록에 없습니다" in reply
    assert "11월 10일" in reply
    assert "RNN" in record.last("지난주에 뭐 했지?", at="2026-11-04T09:00:00+09:00")


def test_a_day_without_a_talk_is_said_to_be_one_and_the_last_is_named(record: Talk) -> None:
    reply = record.last("10월 3일에 뭐 물어봤어?", at=NOW)

    assert "10월 3일에 나눈 이야기는 기록에 없습니다" in reply
    assert "RAG" in reply


def test_small_talk_alone_is_not_denied(empty: Talk) -> None:
    empty("안녕하세요", "ㅋㅋㅋ", at="2026-11-10T10:00:00+09:00")

    assert "11월 10일" in empty.last("어제 우리 이야기했나?", "어제 뭐 얘기했지?", at=NOW)


def test_what_was_said_today_is_listed_where_it_is_meant(record: Talk) -> None:
    reply = record.last("Mamba가 뭐예요?", "오늘 뭐 물어봤지?", at=NOW)

    assert "Mamba가 뭐예요?" in reply
    assert "RAG" not in reply


@pytest.mark.parametrize("asked", ["지난번에 뭐 물어봤지?", "what did we do last time?"])
def test_the_first_talk_has_nothing_before_it(empty: Talk, asked: str) -> None:
    reply = empty.last(asked)

    assert "처음" in reply or "first talk" in reply


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("전에 LoRA에 대해 뭐라고 했지?", "What is LoRA?"),
        ("what did we say about RNN?", "RNN이 뭐예요?"),
    ],
)
def test_earlier_words_on_a_topic_are_quoted_with_who_said_them(record: Talk, asked: str, words: str) -> None:
    (heard,) = record.hear(asked, at=NOW)

    assert words in heard.answer
    assert heard.called == ("conversation_search",)
    assert any(who in heard.answer for who in ("학생: “", "you: “"))
