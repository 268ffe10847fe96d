"""Dates in what people write, Korean and English: find them, count from them, notice that one is asked for.

A relative date means nothing without the moment it was said, so every function takes `now`, an aware datetime in
the speaker's zone; its calendar decides what "today" is, and nothing here reads a clock.

Conventions, where people differ: weeks begin on Monday. "Last Tuesday" is the nearest Tuesday before today,
"next Friday" the Friday of next week, "this Friday" this week's, a weekday alone the nearest that is not today.
"Last October" is the nearest October that is over. 12/3 is month/day, and a date only where the words around it
say so. Months part at the 10th and 20th (초·중순·말, early, mid, late); the first week of a month is its days 1-7.
"Recently" is the last 14 days, "a few days ago" 2 to 7 days back. "The last 3 days" counts back three days and
includes today; "since Monday" runs to today.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from ..text import HANGUL
from . import calendar as days
from . import english_words as dates_en_words
from . import korean_words as dates_ko_words
from .calendar import Clock, Days, Kind, Prefer, Rule, Span
from .detect import asks_when, has_time_words

__all__ = [
    "Kind",
    "Prefer",
    "Span",
    "asks_when",
    "countdown",
    "days_meant",
    "describe_gap",
    "find_dates",
    "has_time_words",
    "resolve",
]

Language = Literal["ko", "en"]

_DIGIT = re.compile(r"[0-9]")
# Signs of arithmetic, next to which 12/3 is a fraction.
_ARITHMETIC = re.compile(
    r"[=+×*÷^√]|[0-9]\s*-\s*[0-9]|분수|확률|곱|더하|나누|나눠|빼|얼마|계산|약분|비율|배(?:\s|가|로)|"
    r"fraction|probab|half|times|divide|ratio|equal|percent",
    re.IGNORECASE,
)
_AFTER_SLASH = re.compile(
    r"(?:까지|부터|에(?!\s*(?:대|[0-9])|서)|날|자(?![가-힣])|\s*\([월화수목금토일]\)|\s?[~∼–]\s?[0-9]{1,2}/[0-9])"
)
_BEFORE_SLASH = re.compile(
    r"(?:\b(?:on|by|until|since|due|before|after|from)\s+|[0-9]{1,2}/[0-9]{1,2}\s?[~∼–]\s?|"
    r"(?:시험|고사|기말|중간|퀴즈|발표|과제|숙제|마감|제출|면접)(?:일|날짜)?[은는이가:]?\s+|\b(?:exam|midterm|final|finals|quiz|test|deadline)(?:\s+is|'s|:)?\s+)$",
    re.IGNORECASE,
)


def _year_month_day(found: re.Match[str], _clock: Clock) -> Days:
    return days.day(date(int(found[1]), int(found[3]), int(found[4])))


def _month_day_year(found: re.Match[str], _clock: Clock) -> Days:
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    number, day = (second, first) if first > 12 else (first, second)
    return days.day(date(year if year > 99 else 2000 + year, number, day))


def _month_day(found: re.Match[str], clock: Clock) -> Days | None:
    text = found.string
    said = (
        dates_en_words.alone(found)
        or _AFTER_SLASH.match(text, found.end())
        or _BEFORE_SLASH.search(text, max(0, found.start() - 24), found.start())
    )
    if not said or _ARITHMETIC.search(text, max(0, found.start() - 60), found.end() + 60):
        return None
    number, day = int(found[1]), int(found[2])
    return days.annual(lambda y: days.month_days(days.month(y, number), day), clock, clock.prefer)


_DAY_NUMBER = r"(3[01]|[12][0-9]|0?[1-9])"
_NUMERIC: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?<![\w./-])((?:19|20)[0-9]{{2}})\s?([-/.])\s?(1[0-2]|0?[1-9])\s?\2\s?{_DAY_NUMBER}(?![0-9]|[-/.][0-9])\.?"
        ),
        _year_month_day,
    ),
    (re.compile(r"(?<![\w./-])([0-9]{1,2})/([0-9]{1,2})/((?:20|19)?[0-9]{2})(?![0-9/])"), _month_day_year),
    (
        re.compile(r"(?<![\w./-])((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])(?![-0-9]|\s*(?:시즌|season))"),
        lambda found, _: days.month(int(found[1]), int(found[2])),
    ),
    (re.compile(rf"(?<![\w./-])(1[0-2]|0?[1-9])/{_DAY_NUMBER}(?![0-9A-Za-z/%]|\.[0-9])"), _month_day),
)

_SINCE_BEFORE = re.compile(r"\bsince\s+(?:the\s+)?$", re.IGNORECASE)
_SINCE_AFTER = re.compile(r"\s?(?:부터|이후|이래)")
_JOINT = re.compile(r"\s*(?:부터|에서|~|∼|–|-|to|until|till|through)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE)
_BARE_DAY = re.compile(r"([0-9]{1,2})일")


def find_dates(text: str, now: datetime, prefer: Prefer = "past") -> list[Span]:
    """Every date expression in a text, in order, resolved against `now`.

    `prefer` decides what a date without a year or a weekday without a week means: the nearest one behind
    ("what did I ask in March?") or ahead ("시험은 3월이에요"). Habits ("매주 화요일", "every Tuesday"),
    durations, clock times and impossible days (30 February) give nothing. Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("find_dates needs an aware now: whose day is it?")
    clock = Clock(now, prefer)
    spans = _candidates(text, clock)
    spans.sort(key=lambda span: (-len(span.text), span.offset))
    taken = bytearray(len(text))
    chosen: list[Span] = []
    for span in spans:
        if not any(taken[span.offset : _end(span)]):
            taken[span.offset : _end(span)] = b"\1" * len(span.text)
            chosen.append(span)
    chosen = sorted((span for span in chosen if span.start < span.end), key=lambda span: span.offset)
    return _since(text, _join(text, _shift(text, chosen), clock), clock)


def resolve(phrase: str, now: datetime, prefer: Prefer = "past") -> Span | None:
    """The first date in a single phrase, or None. Raises ValueError for a naive `now`."""
    return next(iter(find_dates(phrase, now, prefer)), None)


def days_meant(phrase: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The beginning and the end, in UTC, of the days that a phrase means to whoever is in the zone of `now`."""
    span = resolve(phrase, now)
    if span is None:
        return None
    start, end = (datetime.combine(day, time(), now.tzinfo).astimezone(UTC) for day in (span.start, span.end))
    return start, end


def _candidates(text: str, clock: Clock) -> list[Span]:
    # Their patterns take a tenth of a second to compile: not before the first date is looked for.
    from . import english as dates_en
    from . import korean as dates_ko

    spans: list[Span] = []
    lowered = text.lower()
    for needed, rules, recurs in (
        (_DIGIT, _NUMERIC, None),
        (HANGUL, dates_ko.RULES, dates_ko_words.recurs),
        (dates_en_words.HINT, dates_en.RULES, dates_en_words.recurs),
    ):
        if not needed.search(lowered):
            continue
        for pattern, meaning in rules:
            for found in pattern.finditer(text):
                if recurs is not None and recurs(text, found.start(), found.end()):
                    continue
                try:
                    result = meaning(found, clock)
                except (ValueError, OverflowError):
                    # A day that no calendar has (30 February, the year 12000) takes its words and means no day.
                    result = Days(clock.today, clock.today, "day")
                if result is not None:
                    spans.append(_span(result, text, found.start(), found.end()))
    return spans


def _span(result: Days, text: str, start: int, end: int) -> Span:
    words = text[start:end].rstrip()
    return Span(result.start, result.end, words, start, result.kind, result.slack)


def _end(span: Span) -> int:
    return span.offset + len(span.text)


def _days(span: Span) -> Days:
    return Days(span.start, span.end, span.kind, span.slack)


def _shift(text: str, spans: list[Span]) -> list[Span]:
    """Days counted from a day that is named: "크리스마스 이틀 전", "two days before Christmas"."""
    if not any(span.kind == "day" for span in spans):
        return spans
    from . import english as dates_en
    from . import korean as dates_ko

    ahead = {found.end(): found for found in dates_en.SHIFT.finditer(text)}
    shifted: list[Span] = []
    for span in spans:
        if shifted and span.offset < shifted[-1].offset + len(shifted[-1].text):
            continue  # taken in by the day in front of it
        end = _end(span)
        behind = (
            dates_ko.SHIFT.match(text, end)
            if span.kind == "day" and span.text not in ("오늘", "아까", "방금")
            else None
        )
        front = ahead.get(span.offset) if span.kind == "day" else None
        result = None
        if behind:
            result = dates_ko.shift(behind, _days(span))
        elif front:
            result = dates_en.shift(front, _days(span))
        start, end = front.start() if front else span.offset, behind.end() if behind else end
        shifted.append(_span(result, text, start, end) if result else span)
    return shifted


def _join(text: str, spans: list[Span], clock: Clock) -> list[Span]:
    """ "From A to B" as one range."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before is None:
            joined.append(span)
            continue
        gap = text[before.offset + len(before.text) : span.offset]
        linked = _JOINT.fullmatch(gap) or (
            gap.strip() == "and" and _BETWEEN.search(text, max(0, before.offset - 16), before.offset)
        )
        whole = _range(before, span, clock) if linked else None
        if whole is None:
            joined.append(span)
        else:
            joined[-1] = _span(whole, text, before.offset, _end(span))
    return joined


def _range(first: Span, last: Span, clock: Clock) -> Days | None:
    """The days from one span to the next; a first one that fell behind the last is moved a week or a year."""
    start, end = first.start, last.end
    same_month = _BARE_DAY.fullmatch(last.text)
    if same_month and first.kind == "day":
        try:
            end = first.start.replace(day=int(same_month[1])) + timedelta(days=1)
        except ValueError:
            return None
    elif start >= end:
        back = clock.prefer == "past"
        near = (start - end).days < 7
        amount, unit = (1, "week") if near else (1, "year")
        if back:
            start = days.step(start, -amount, unit)
        else:
            end = days.step(end, amount, unit)
    return Days(start, end, "range") if start < end else None


def _since(text: str, spans: list[Span], clock: Clock) -> list[Span]:
    """ "Since Monday" and "지난주부터" run to today."""
    tomorrow = clock.today + timedelta(days=1)
    result: list[Span] = []
    for span in spans:
        open_ended = _SINCE_BEFORE.search(text, max(0, span.offset - 16), span.offset) or _SINCE_AFTER.match(
            text, _end(span)
        )
        if open_ended and span.start <= clock.today:
            result.append(replace(span, end=max(span.end, tomorrow), kind="range"))
        else:
            result.append(span)
    return result


def describe_gap(then: datetime, now: datetime, language: Language) -> str:
    """How long after `then` it is now, coarsely: "3 days later", "3일 뒤". Both datetimes must be aware.

    Under six hours, or within one day, by the clock; beyond that by the calendar days of `now`'s zone. A clock
    that was set back reads as no time at all.
    """
    seconds = int((now - then).total_seconds())
    if seconds < 60:
        return "moments later" if language == "en" else "잠시 뒤"
    if seconds < 3600:
        return _later(seconds // 60, "minute", "분", language)
    gap = (now.date() - then.astimezone(now.tzinfo).date()).days
    if gap == 0 or seconds < 6 * 3600:
        return _later(seconds // 3600, "hour", "시간", language)
    if gap == 1:
        return "the next day" if language == "en" else "다음 날"
    if gap < 14:
        return _later(gap, "day", "일", language)
    if gap < 60:
        return _later(gap // 7, "week", "주", language)
    if gap < 730:
        return _later(round(gap / 30.44), "month", "개월", language)
    return _later(int(gap / 365.25), "year", "년", language)


def _later(count: int, unit: str, korean: str, language: Language) -> str:
    if language == "ko":
        return f"{count}{korean} 뒤"
    return f"{count} {unit}{'' if count == 1 else 's'} later"


_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def countdown(day: date, now: datetime, language: Language) -> str:
    """How far a day is from now, with its date: "in 12 days (Dec 3)", "12일 뒤 (12월 3일)"; the year if another."""
    gap = (day - now.date()).days
    if language == "ko":
        name = (
            f"{day.month}월 {day.day}일"
            if day.year == now.year
            else f"{day.year}년 {day.month}월 {day.day}일"
        )
        near = {0: "오늘", 1: "내일", -1: "어제"}.get(gap) or (f"{gap}일 뒤" if gap > 0 else f"{-gap}일 전")
    else:
        month = _MONTH_NAMES[day.month - 1]
        name = f"{month} {day.day}" if day.year == now.year else f"{month} {day.day}, {day.year}"
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(gap) or (
            f"in {gap} days" if gap > 0 else f"{-gap} days ago"
        )
    return f"{near} ({name})"
