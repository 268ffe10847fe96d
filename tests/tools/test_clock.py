from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from officehours.tools.word_problems.clock import clock_answer

NOW = datetime(2026, 11, 26, 15, 5, tzinfo=timezone(timedelta(hours=9)))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("오늘 며칠이야?", "오늘은 2026년 11월 26일 목요일입니다."),
        ("오늘 날짜 알려줘", "오늘은 2026년 11월 26일 목요일입니다."),
        ("오늘이 무슨 요일이지", "오늘은 2026년 11월 26일 목요일입니다."),
        ("교수님, 오늘은 몇월 며칠이에요?", "오늘은 2026년 11월 26일 목요일입니다."),
        ("지금 몇 시야?", "지금은 오후 3시 5분입니다."),
        ("몇시예요", "지금은 오후 3시 5분입니다."),
        ("내일 무슨 요일이야", "2026년 11월 27일 금요일입니다."),
        ("어제 며칠이었지", "2026년 11월 25일 수요일이었습니다."),
        ("다음 주 화요일이 며칠이야", "2026년 12월 1일 화요일입니다."),
        ("3월 1일은 무슨 요일이야?", "2027년 3월 1일 월요일입니다."),
        ("크리스마스까지 며칠 남았어?", "2026년 12월 25일 금요일까지 29일 남았습니다."),
        ("100일 뒤는 며칠이야", "2027년 3월 6일 토요일입니다."),
        ("오늘부터 100일 뒤는 며칠이야?", "2027년 3월 6일 토요일입니다."),
        ("추석이 언제야?", "2027년 9월 15일 수요일입니다."),
    ],
)
def test_a_question_to_the_calendar_is_answered_in_korean(said: str, answer: str) -> None:
    assert clock_answer(said, NOW, "ko") == answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what day is it today?", "Today is Thursday, November 26, 2026."),
        ("whats today's date", "Today is Thursday, November 26, 2026."),
        ("what time is it", "It is 15:05."),
        ("what day was yesterday", "That was Wednesday, November 25, 2026."),
        ("what date is next tuesday", "That is Tuesday, December 1, 2026."),
        ("what day of the week is march 1", "That is Monday, March 1, 2027."),
        ("how many days until christmas", "It is 29 days until Friday, December 25, 2026."),
        ("how long until tomorrow?", "It is 1 day until Friday, November 27, 2026."),
        ("how many days since halloween", "Saturday, October 31, 2026 was 26 days ago."),
        ("what's the date 100 days from now", "That is Saturday, March 6, 2027."),
        ("when is christmas", "That is Friday, December 25, 2026."),
    ],
)
def test_a_question_to_the_calendar_is_answered_in_english(said: str, answer: str) -> None:
    assert clock_answer(said, NOW, "en") == answer


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("3월 1일부터 4월 1일까지 며칠이야", "31일"),
        ("12월 25일부터 1월 1일까지 며칠이야?", "7일"),
        ("how many days between november 1 and december 25", "54 days"),
        ("how many days from 2026-11-01 to 2026-11-02", "1 day,"),
    ],
)
def test_days_between_two_days_are_counted(said: str, days: str) -> None:
    assert days in (clock_answer(said, NOW, "ko" if "일" in said else "en") or "")


@pytest.mark.parametrize(
    "said",
    [
        "시험까지 며칠 남았지?",
        "시험이 언제야",
        "내 생일까지 며칠이야",
        "과제 마감이 언제야",
        "3월 1일 시험까지 며칠 남았어",
        "내일 시험이야",
        "언제 배웠지",
        "오늘 뭐 배웠지",
        "얼마나 남았어",
        "오늘 며칠 동안 공부했지",
        "when is my final",
        "how many days until my midterm",
        "what day is my exam",
        "what is the time complexity of quicksort",
        "when is a matrix invertible",
        "when was attention introduced",
        "what did we do yesterday",
        "what is date augmentation",
        "time",
    ],
)
def test_what_only_the_student_or_the_course_knows_is_left_alone(said: str) -> None:
    assert clock_answer(said, NOW, "ko") is None
    assert clock_answer(said, NOW, "en") is None
