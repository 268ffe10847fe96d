"""Calendar arithmetic below `dates`: ranges of whole days around an injected now."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

Prefer = Literal["past", "future"]
# "past" and "future" may include today; "last" and "next" lie wholly before or after it.
Which = Literal["past", "future", "last", "next"]
Unit = Literal["minute", "hour", "day", "week", "month", "year"]
Part = Literal["early", "mid", "late"]
Season = Literal["spring", "summer", "autumn", "winter"]
Kind = Literal[
    "day", "week", "weekend", "month", "quarter", "half", "season", "year", "part", "range", "fuzzy"
]


class Days(NamedTuple):
    """The days from `start` up to, not including, `end`; `slack` as in `Span`."""

    start: date
    end: date
    kind: Kind
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A date expression and the days it means: `start` is the first, `end` the day after the last.

    `text` is what was read, at character `offset`. `slack` is how many days either way a speaker may be off:
    0 for a day that was named, 3 where weeks were counted ("two weeks ago"), 10 for months, 45 for years.
    """

    start: date
    end: date
    text: str
    offset: int
    kind: Kind
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment a text was said, in the speaker's zone, and which way a date without a year leans."""

    now: datetime
    prefer: Prefer = "past"

    @property
    def today(self) -> date:
        return self.now.date()


Meaning = Callable[[re.Match[str], Clock], Days | None]
Rule = tuple[re.Pattern[str], Meaning]

_SLACK: dict[Unit, int] = {"minute": 0, "hour": 0, "day": 0, "week": 3, "month": 10, "year": 45}
_SEASON_MONTH: dict[Season, int] = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}

_LUNAR_DAYS = {"seollal": (1, 1), "chuseok": (8, 15)}


def day(when: date) -> Days:
    return Days(when, when + timedelta(days=1), "day")


def week(today: date, offset: int = 0) -> Days:
    """The Monday-first week `offset` weeks from today's."""
    start = today + timedelta(days=7 * offset - today.weekday())
    return Days(start, start + timedelta(days=7), "week")


def weekend(today: date, offset: int = 0) -> Days:
    """Saturday and Sunday of the week `offset` weeks from today's."""
    end = week(today, offset).end
    return Days(end - timedelta(days=2), end, "weekend")


def weekday(today: date, index: int, offset: int = 0) -> Days:
    """Weekday `index` (Monday is 0) of the week `offset` weeks from today's."""
    return day(week(today, offset).start + timedelta(days=index))


def this_weekday(clock: Clock, index: int) -> Days:
    """This week's weekday, or next week's where the speaker looks ahead and this week's is past."""
    found = weekday(clock.today, index)
    if clock.prefer == "future" and found.start < clock.today:
        return weekday(clock.today, index, 1)
    return found


def month(year_number: int, number: int) -> Days:
    start = date(year_number, number, 1)
    return Days(start, add_months(start, 1), "month")


def month_from(today: date, offset: int) -> Days:
    first = add_months(today.replace(day=1), offset)
    return month(first.year, first.month)


def year(number: int) -> Days:
    return Days(date(number, 1, 1), date(number + 1, 1, 1), "year")


def half(year_number: int, number: int) -> Days:
    start = date(year_number, 6 * number - 5, 1)
    return Days(start, add_months(start, 6), "half")


def quarter(year_number: int, number: int) -> Days:
    start = date(year_number, 3 * number - 2, 1)
    return Days(start, add_months(start, 3), "quarter")


def season(year_number: int, name: Season) -> Days:
    """Three whole months from March, June, September or December; winter belongs to its December's year."""
    start = date(year_number, _SEASON_MONTH[name], 1)
    return Days(start, add_months(start, 3), "season")


def holiday(year_number: int, name: str) -> Days:
    """A holiday by `MM-DD`, or by name for those that move.

    Raises ValueError outside 1000-2050 for the lunar ones: so far reaches the table of Korea's observatory.
    """
    match name:
        case "seollal" | "chuseok":
            return day(_solar(year_number, *_LUNAR_DAYS[name]))
        case "thanksgiving":
            return nth_weekday(month(year_number, 11), 4, 3)
        case _:
            return day(date.fromisoformat(f"{year_number}-{name}"))


@cache
def _solar(year_number: int, lunar_month: int, lunar_day: int) -> date:
    from korean_lunar_calendar import KoreanLunarCalendar

    calendar: Any = KoreanLunarCalendar()
    if not calendar.setLunarDate(year_number, lunar_month, lunar_day, False):
        raise ValueError(f"{year_number} is outside the lunar calendar")
    return date.fromisoformat(calendar.SolarIsoFormat())


def add_months(when: date, count: int) -> date:
    """The same day `count` months on, or the month's last day where there is no such day."""
    years, index = divmod(when.month - 1 + count, 12)
    target = when.year + years
    if not 1 <= target <= 9999:
        raise OverflowError(f"year {target} is outside the calendar")
    return date(target, index + 1, min(when.day, monthrange(target, index + 1)[1]))


def step(when: date, count: int, unit: Unit) -> date:
    match unit:
        case "day":
            return when + timedelta(days=count)
        case "week":
            return when + timedelta(weeks=count)
        case "month":
            return add_months(when, count)
        case "year":
            return add_months(when, 12 * count)
        case "hour" | "minute":
            raise ValueError("a day has no hours to step by; use away()")


def away(clock: Clock, count: int, unit: Unit) -> Days:
    """The day `count` units from now. Hours are counted in real time, so a clock change cannot shift them."""
    if unit in ("hour", "minute"):
        gap = timedelta(hours=count) if unit == "hour" else timedelta(minutes=count)
        return day((clock.now.astimezone(UTC) + gap).astimezone(clock.now.tzinfo).date())
    return day(step(clock.today, count, unit))._replace(slack=_SLACK[unit])


def rolling(clock: Clock, count: int, unit: Unit) -> Days:
    """The last (negative) or next `count` units, today included."""
    edge = clock.today if unit in ("hour", "minute") else step(clock.today, count, unit)
    return Days(min(edge, clock.today), max(edge, clock.today) + timedelta(days=1), "range")


def fuzzy(clock: Clock, unit: Unit, sign: int) -> Days:
    """ "A few" units ago or ahead: days 2 to 7, other units 2 to 6."""
    near, far = step(clock.today, 2 * sign, unit), step(clock.today, (7 if unit == "day" else 6) * sign, unit)
    return Days(min(near, far), max(near, far) + timedelta(days=1), "fuzzy")


def between(clock: Clock, low: int, high: int, unit: Unit, sign: int) -> Days:
    """ "Two or three" units ago or ahead: the days from the nearer to the farther."""
    near, far = away(clock, sign * low, unit).start, away(clock, sign * high, unit).start
    return Days(min(near, far), max(near, far) + timedelta(days=1), "fuzzy")


def recently(clock: Clock, most: int = 14, least: int = 0) -> Days:
    """From `most` to `least` days ago."""
    today = clock.today
    return Days(today - timedelta(days=most), today - timedelta(days=least - 1), "fuzzy")


def part(whole: Days, which: Part) -> Days:
    """The early, middle or late part of a week, month, year or other range.

    Months split at the 10th and 20th, weeks into Mon-Tue, Wed-Thu and Fri-Sun, years into a quarter, two, one.
    """
    length = (whole.end - whole.start).days
    match whole.kind:
        case "month":
            first, second = 10, 20
        case "week":
            first, second = 2, 4
        case "year":
            first, second = ((add_months(whole.start, n) - whole.start).days for n in (3, 9))
        case _:
            first, second = length // 3, 2 * length // 3
    low, high = {"early": (0, first), "mid": (first, second), "late": (second, length)}[which]
    return Days(whole.start + timedelta(days=low), whole.start + timedelta(days=high), "part")


def nth_week(whole: Days, n: int) -> Days:
    """Days 1-7, 8-14 and so on of a month; -1 is its last seven days."""
    if n == -1:
        return Days(whole.end - timedelta(days=7), whole.end, "week")
    start = whole.start + timedelta(days=7 * (n - 1))
    if start >= whole.end:
        raise ValueError(f"a month has no week {n}")
    return Days(start, min(start + timedelta(days=7), whole.end), "week")


def nth_weekday(whole: Days, n: int, index: int) -> Days:
    """The n-th such weekday of a month (-1 is the last). Raises ValueError where there is none."""
    if n == -1:
        last = whole.end - timedelta(days=1)
        return day(last - timedelta(days=(last.weekday() - index) % 7))
    found = whole.start + timedelta(days=(index - whole.start.weekday()) % 7 + 7 * (n - 1))
    if found >= whole.end:
        raise ValueError(f"the month has no weekday {index} number {n}")
    return day(found)


def pick(candidates: Iterable[Days], today: date, which: Which) -> Days | None:
    """The candidate nearest to today on the asked side."""
    found = list(candidates)
    match which:
        case "past":
            return max((c for c in found if c.start <= today), default=None)
        case "future":
            return min((c for c in found if c.end > today), default=None)
        case "last":
            return max((c for c in found if c.end <= today), default=None)
        case "next":
            return min((c for c in found if c.start > today), default=None)


def _existing(make: Callable[[int], Days], numbers: Iterable[int]) -> list[Days]:
    """What `make` gives; numbers without such a day (29 February) are left out. Raises ValueError if all are."""
    found: list[Days] = []
    for number in numbers:
        try:
            found.append(make(number))
        except ValueError:
            continue
    if not found:
        raise ValueError("there is no such day in any year or month")
    return found


def annual(make: Callable[[int], Days], clock: Clock, when: int | Which) -> Days | None:
    """What comes once a year: of the year given, or the nearest on the asked side (leap days need 8 years)."""
    if isinstance(when, int):
        return make(when)
    around = range(max(1, clock.today.year - 8), min(9998, clock.today.year + 8) + 1)
    return pick(_existing(make, around), clock.today, when)


def monthly(make: Callable[[Days], Days], clock: Clock, which: Which) -> Days | None:
    """What comes once a month, the nearest on the asked side; months without it are skipped."""
    return pick(_existing(lambda n: make(month_from(clock.today, n)), range(-3, 4)), clock.today, which)


def weekly(make: Callable[[int], Days], clock: Clock, which: Which) -> Days | None:
    """What comes once a week; `make` takes the offset in weeks from today's."""
    return pick(_existing(make, range(-2, 3)), clock.today, which)


def bare_weekday(clock: Clock, index: int) -> Days | None:
    """A weekday without a modifier: the nearest one that is not today."""
    which: Which = "last" if clock.prefer == "past" else "next"
    return weekly(lambda n: weekday(clock.today, index, n), clock, which)


def month_days(whole: Days, first: int, last: int | None = None) -> Days:
    """Day `first`, or `first` to `last`, of a month."""
    start = whole.start.replace(day=first)
    if last is None:
        return day(start)
    end = whole.start.replace(day=last) + timedelta(days=1)
    if end <= start:
        raise ValueError("the range runs backwards")
    return Days(start, end, "range")
