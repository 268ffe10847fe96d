"""A plan in words, for the terminal, the chat and a model: the same lines, in the student's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ...memory.dates import day_name, days_left
from ...memory.dates.naming import Language
from .plan import Item, Plan, Session
from .policy import Exam

_SESSIONS: Final[dict[Session, dict[Language, str]]] = {
    "learn": {"ko": "{topic} {minutes}분", "en": "{topic}, {minutes} min"},
    "review": {"ko": "{topic} 복습 {minutes}분", "en": "review {topic}, {minutes} min"},
    "cards": {"ko": "카드 복습 {minutes}분", "en": "cards, {minutes} min"},
    "check": {"ko": "{topic} 다시 확인 {minutes}분", "en": "check {topic} again, {minutes} min"},
    "question": {"ko": "질문 ‘{topic}’ {minutes}분", "en": "the question “{topic}”, {minutes} min"},
}
_WEEKDAYS: Final[dict[Language, str]] = {"ko": "월화수목금토일", "en": "Mon Tue Wed Thu Fri Sat Sun"}

NAMED: Final = 4
"""Topics that are named of those for which there is no room."""


def plan_lines(
    plan: Plan, exam: Exam | None, today: date, language: Language, most: int | None = None
) -> Iterator[str]:
    """Give a plan line by line: what it leads up to, its days, and whatever does not fit.

    Args:
        most: Days that are shown; all by default.
    """
    korean = language == "ko"
    yield _aim(plan, exam, today, language)
    yield from _missed(plan, language)
    days = list(plan.days.items())
    if not days and plan.fits:
        yield "지금 할 것은 없습니다." if korean else "There is nothing to do now."
    for day, items in days[:most]:
        yield f"- {_day(day, today, language)}: {', '.join(say_item(item, language) for item in items)}"
    if most is not None and len(days) > most:
        more = len(days) - most
        yield (
            f"- 그 뒤로 {more}일 더 (`officehours plan`)"
            if korean
            else f"- and {_days(more)} more (`officehours plan`)"
        )
    yield from _what_does_not_fit(plan, language)
    if exam is None:
        yield (
            "시험 날짜를 알려 주시면 남은 날에 맞춰 다시 짭니다."
            if korean
            else "Tell me when your exam is and I will fit this to the days left."
        )


def _missed(plan: Plan, language: Language) -> Iterator[str]:
    """Say that days were missed, and what became of what they held."""
    named = ", ".join(plan.yesterday[:NAMED]) + (" …" if len(plan.yesterday) > NAMED else "")
    if plan.missed and language == "ko":
        days = f"지금까지 {plan.missed}일을 건너뛰셨습니다. " if plan.missed > 1 or not named else ""
        what = (
            f"어제 못 한 것을 남은 날에 다시 나누었습니다: {named}"
            if named
            else "남은 날에 다시 나누었습니다."
        )
        yield days + what
    elif plan.missed:
        days = f"{_days(plan.missed)} missed so far. " if plan.missed > 1 or not named else ""
        yield days + (
            f"What yesterday held is spread over the days that are left: {named}"
            if named
            else "What they held is spread over the days that are left."
        )


def say_item(item: Item, language: Language) -> str:
    """Give one session in words."""
    return _SESSIONS[item.session][language].format(topic=item.topic, minutes=item.minutes)


def _aim(plan: Plan, exam: Exam | None, today: date, language: Language) -> str:
    korean = language == "ko"
    if exam is None:
        return (
            f"하루 {plan.minutes}분, 앞으로 한 주의 계획입니다."
            if korean
            else f"The next week, {plan.minutes} minutes a day."
        )
    day, left = day_name(exam.day, language, today), days_left(exam.day, today, language)
    if korean:
        return f"{exam.name}: {day}, {left}. 하루 {plan.minutes}분으로 짰습니다."
    return f"{exam.name}: {day}, {left}. Planned with {plan.minutes} minutes a day."


def _what_does_not_fit(plan: Plan, language: Language) -> Iterator[str]:
    if plan.fits:
        return
    short = [*plan.left_out, *plan.thinned]
    named = ", ".join(short[:NAMED]) + (" …" if len(short) > NAMED else "")
    if language == "ko":
        yield f"다 들어가지는 않습니다: {plan.needed}분이 필요한데 {plan.available}분이 있습니다."
        counts = {"자리가 없는 것": len(plan.left_out), "복습이 모자라는 것": len(plan.thinned)}
        if short:
            yield f"{', '.join(f'{what} {count}개' for what, count in counts.items() if count)}: {named}"
        if plan.cards_left:
            yield f"카드 {plan.cards_left}장은 다 보지 못합니다."
        if plan.enough:
            yield f"하루 {plan.enough}분이면 모두 들어갑니다."
        return
    yield f"It does not all fit: {plan.needed} minutes are needed, {plan.available} are there."
    counts = {"without room": len(plan.left_out), "with too few reviews": len(plan.thinned)}
    if short:
        yield f"{', '.join(f'{count} {what}' for what, count in counts.items() if count)}: {named}"
    if plan.cards_left:
        yield f"{plan.cards_left} {'card' if plan.cards_left == 1 else 'cards'} will not be reached."
    if plan.enough:
        yield f"With {plan.enough} minutes a day everything fits."


def _day(day: date, today: date, language: Language) -> str:
    name = day_name(day, language, today)
    if language == "ko":
        return f"{name}({_WEEKDAYS['ko'][day.weekday()]}{', 오늘' if day == today else ''})"
    return f"{_WEEKDAYS['en'].split()[day.weekday()]} {name}{' (today)' if day == today else ''}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
