from __future__ import annotations

import pytest

from officehours.memory.dates import find_lengths, minutes_in


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("시험이 일주일 미뤄졌어", [(1, "week", "일주일")]),
        ("이틀 당겨졌대", [(2, "day", "이틀")]),
        ("3일 늦춰졌어요", [(3, "day", "3일")]),
        ("보름 연기됐어요", [(15, "day", "보름")]),
        ("한 달 밀렸어요", [(1, "month", "한 달")]),
        ("postponed by a week", [(1, "week", "a week")]),
        ("moved up two days, then ten days", [(2, "day", "two days"), (10, "day", "ten days")]),
        ("a fortnight later", [(2, "week", "a fortnight")]),
        ("두 시간 미뤄졌어요", []),
        ("half an hour later", []),
        ("a week and a half later", []),
        ("이삼 일 늦춰졌어요", []),
        ("시험을 봤어요", []),
    ],
)
def test_lengths_of_whole_days_and_longer_are_found_in_order(
    text: str, lengths: list[tuple[int, str, str]]
) -> None:
    found = find_lengths(text)

    assert [(length.count, length.unit, length.text) for length in found] == lengths
    assert all(text[length.offset :].startswith(length.text) for length in found)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("하루 40분", 40),
        ("1시간 30분씩 할게요", 90),
        ("하루에 한 시간 반이요", 90),
        ("I have an hour a day", 60),
        ("half an hour, daily", 30),
        ("an hour and a half", 90),
        ("복습 계획 짜줘", None),
    ],
)
def test_the_minutes_a_day_that_are_named(said, minutes):
    assert minutes_in(said) == minutes
