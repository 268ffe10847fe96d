"""The sentence in which a reader sees a fact, Korean or English, made from its values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from ..text import josa
from .values import StatedFact

_KOREAN: Final = {
    "name": "이름은 {value}입니다.",
    "nickname": "부르는 이름은 {value}입니다.",
    "school": "다니는 학교는 {value}입니다.",
    "year": "학년: {value}",
    "major": "전공은 {value}입니다.",
    "course": "{value} 수업을 듣습니다.",
    "goal": "목표: {value}",
}
_ENGLISH: Final = {
    "name": "The student's name is {value}.",
    "nickname": "The student goes by {value}.",
    "school": "The student's school is {value}.",
    "year": "Year: {value}",
    "major": "The student's major is {value}.",
    "course": "The student takes {value}.",
    "goal": "Goal: {value}",
}


def render_fact(fact: StatedFact, language: str) -> str:
    """Write a fact as a short sentence in "ko" or English, dates written out."""
    return _korean(fact) if language == "ko" else _english(fact)


def repeats(text: str, fact: StatedFact) -> bool:
    """Whether a text names what a fact says: its day, in any of the ways in which days are written, else its value."""
    names = [fact.value] if fact.day is None else _written(fact.day)
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\d)", text, re.IGNORECASE) for name in names)


def _korean(fact: StatedFact) -> str:
    value = fact.value
    match fact.kind:
        case "exam" | "deadline":
            thing = value if fact.kind == "exam" else f"{value} 마감"
            return f"{josa(thing, '은/는')} {_korean_when(fact)}."
        case "confusion":
            done = "이제 이해합니다" if fact.polarity == "understood" else "헷갈려합니다"
            return f"{josa(value, '을/를')} {done}."
        case kind:
            by = f" ({_korean_day(fact.day)}까지)" if fact.day else ""
            return _KOREAN[kind].format(value=value) + by


def _korean_when(fact: StatedFact) -> str:
    if fact.shift:
        count, unit = fact.shift
        named = {"day": "일", "week": "주", "month": "달", "year": "년"}
        return f"{abs(count)}{named.get(unit, '')} {'미뤄' if count > 0 else '당겨'}졌습니다"
    if fact.polarity == "cancelled" or fact.day is None:
        return "취소되었습니다"
    if fact.last_day is not None:
        return f"{_korean_day(fact.day)}에서 {_korean_day(fact.last_day)} 사이입니다"
    return f"{_korean_day(fact.day)}{'쯤' if fact.polarity == 'about' else ''}입니다"


def _korean_day(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def _english(fact: StatedFact) -> str:
    value = fact.value
    match fact.kind:
        case "exam" | "deadline":
            due = (
                "due " if fact.kind == "deadline" and not fact.shift and fact.polarity != "cancelled" else ""
            )
            return f"The {value} is {due}{_english_when(fact)}."
        case "confusion":
            state = "now understands" if fact.polarity == "understood" else "is confused about"
            return f"The student {state} {value}."
        case kind:
            by = f" (by {fact.day.isoformat()})" if fact.day else ""
            return _ENGLISH[kind].format(value=value) + by


def _english_when(fact: StatedFact) -> str:
    if fact.shift:
        count, unit = fact.shift
        return f"{abs(count)} {unit}{'s' if abs(count) > 1 else ''} {'later' if count > 0 else 'earlier'} than it was"
    if fact.polarity == "cancelled" or fact.day is None:
        return "cancelled"
    if fact.last_day is not None:
        return f"between {fact.day.isoformat()} and {fact.last_day.isoformat()}"
    return f"{'around' if fact.polarity == 'about' else 'on'} {fact.day.isoformat()}"


def _written(day: date) -> Iterator[str]:
    month = f"{day:%B}"
    yield day.isoformat()
    yield f"{day.month}월 {day.day}일"
    yield f"{day.month}/{day.day}"
    yield f"{day.day} {month}"
    for name in (month, month[:3], f"{month[:3]}."):
        yield f"{name} {day.day}"
