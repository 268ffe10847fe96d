"""How a day is named to a person, and how far off it is, in either language."""

from __future__ import annotations

from datetime import date
from typing import Literal

Language = Literal["ko", "en"]

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day_name(day: date, language: Language, today: date | None = None) -> str:
    """Name a day: "12월 3일", "December 3"; with its year where that is not `today`'s."""
    other = today is not None and day.year != today.year
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일" if other else f"{day.month}월 {day.day}일"
    return (
        f"{MONTH_NAMES[day.month - 1]} {day.day}, {day.year}"
        if other
        else f"{MONTH_NAMES[day.month - 1]} {day.day}"
    )


def days_left(day: date, today: date, language: Language) -> str:
    """Say how far off a day is: "22일 남았습니다", "22 days left"."""
    left = (day - today).days
    if language == "ko":
        named = {0: "오늘입니다", 1: "내일입니다(1일 남았습니다)", -1: "어제였습니다"}
        return named.get(left) or (f"{left}일 남았습니다" if left > 0 else f"{-left}일 지났습니다")
    named = {0: "it is today", 1: "it is tomorrow (1 day left)", -1: "it was yesterday"}
    return named.get(left) or (f"{left} days left" if left > 0 else f"{-left} days ago")
