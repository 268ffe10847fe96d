"""English date expressions: patterns and what each means. `dates` runs them."""

import re

from . import calendar as days
from .calendar import Clock, Days, Meaning, Part, Rule, Which
from .english_words import (
    AMOUNT,
    CLAUSE,
    DIGIT_WORDS,
    DIGITS,
    DONE,
    FEW,
    FULL_WEEKDAY,
    HALVES,
    HOLIDAY,
    HOLIDAYS,
    IS,
    MONTH,
    MOVED,
    NTH,
    NUMBER,
    OF_YEAR,
    PART,
    SEASON,
    SEASON_LEAD,
    SEASONS,
    SHORT_WEEKDAY,
    SIDE,
    UNIT,
    UNITS,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    alone,
    amount,
    get,
    led,
    month_number,
    nth_of,
    number_of,
    side_shift,
    weekday_index,
)


def _narrow(found: re.Match[str], whole: Days, clock: Clock) -> Days:
    """A range cut to its part, where the match names one."""
    words = get(found, "part")
    match words:
        case "":
            return whole
        case "earlier":
            return Days(whole.start, min(whole.end, days.step(clock.today, 1, "day")), "part")
        case "later":
            return Days(max(whole.start, clock.today), whole.end, "part")
        case _:
            late = "late" in words or "end of" in words
            which: Part = "mid" if "mid" in words else "late" if late else "early"
            return days.part(whole, which)


def _year_number(found: re.Match[str], clock: Clock) -> int:
    text = get(found, "year")
    return (
        int(text)
        if text.isdigit()
        else clock.today.year + {"last": -1, "this": 0, "next": 1, "the": -2}[text.split()[0]]
    )


def _when(found: re.Match[str], clock: Clock) -> int | Which:
    if get(found, "year"):
        return _year_number(found, clock)
    if not get(found, "side"):
        return clock.prefer
    sides: tuple[Which | int, ...] = ("last", clock.today.year, "next")
    return sides[side_shift(found) + 1]


def _away(found: re.Match[str], clock: Clock, sign: int) -> Days | None:
    if get(found, "half"):
        if get(found, "unit") not in ("month", "year"):
            return None
        count, unit = HALVES[UNITS[get(found, "unit")][1]]
        return days.away(clock, sign * count, unit)._replace(slack=10)
    count, unit = amount(found)
    result = days.away(clock, sign * count, unit)
    if not get(found, "and_half") or unit not in HALVES:
        return result
    rest, smaller = HALVES[unit]
    return days.day(days.step(result.start, sign * rest, smaller))._replace(slack=result.slack)


def _ago(found: re.Match[str], clock: Clock) -> Days | None:
    if not get(found, "weekday") or get(found, "half") or amount(found)[1] != "week":
        result = _away(found, clock, -1)
        return days.day(days.step(result.start, -1, "day")) if result and get(found, "yesterday") else result
    count, index = amount(found)[0], weekday_index(found)
    if get(found, "on"):
        return days.weekday(clock.today, index, -count)
    recent = days.weekly(lambda n: days.weekday(clock.today, index, n), clock, "last")
    return days.day(days.step(recent.start, -count, "week")) if recent else None


def _weekday_weeks(found: re.Match[str], clock: Clock) -> Days:
    count = number_of(found)
    return days.weekday(clock.today, weekday_index(found), -count if get(found, "sign") == "ago" else count)


def _nth_weekday_away(found: re.Match[str], clock: Clock) -> Days | None:
    back = get(found, "sign") == "ago"
    near = days.weekly(
        lambda n: days.weekday(clock.today, weekday_index(found), n), clock, "last" if back else "next"
    )
    count = number_of(found) - 1
    return days.day(days.step(near.start, -count if back else count, "week")) if near else None


def _ahead(found: re.Match[str], clock: Clock) -> Days | None:
    if get(found, "unit") in ("hour", "minute") or DONE.search(
        found.string, max(0, found.start() - 60), found.start()
    ):
        return None
    return _away(found, clock, 1)


def _few(found: re.Match[str], clock: Clock) -> Days | None:
    unit = UNITS[get(found, "unit")][1]
    if unit in ("hour", "minute"):
        return days.day(clock.today)
    if get(found, "sign") == "in" and DONE.search(found.string, max(0, found.start() - 60), found.start()):
        return None
    return days.fuzzy(clock, unit, -1 if get(found, "sign") in ("ago", "back") else 1)


def _between(found: re.Match[str], clock: Clock) -> Days | None:
    (factor, unit), low, high = UNITS[get(found, "unit")], number_of(found), get(found, "high")
    most = int(high) if high.isdigit() else DIGITS.index(high) + 1
    return days.between(clock, factor * low, factor * most, unit, -1) if low < most else None


def _this_time(found: re.Match[str], clock: Clock) -> Days:
    return days.away(clock, -1, UNITS[get(found, "unit")][1])._replace(
        slack=15 if get(found, "unit") == "year" else 3
    )


def _rolling(found: re.Match[str], clock: Clock) -> Days:
    unit = UNITS[get(found, "unit")][1]
    count = amount(found)[0] if get(found, "number") else 7 if unit == "day" else 6
    ahead = side_shift(found) > 0 or not get(found, "side")
    return days.rolling(clock, count if ahead else -count, unit)


def _past_unit(found: re.Match[str], clock: Clock) -> Days:
    factor, unit = UNITS[get(found, "unit")]
    return days.rolling(clock, -factor, unit)


def _relative_unit(found: re.Match[str], clock: Clock) -> Days:
    shift = side_shift(found)
    match get(found, "unit"):
        case "week":
            whole = days.week(clock.today, shift)
        case "weekend":
            whole = days.weekend(clock.today, shift)
        case "month":
            whole = days.month_from(clock.today, shift)
        case _:
            whole = days.year(clock.today.year + shift)
    return _narrow(found, whole, clock)


def _weekday(found: re.Match[str], clock: Clock) -> Days | None:
    name, side, double, index = (
        found["weekday"],
        get(found, "side"),
        get(found, "double"),
        weekday_index(found),
    )
    if len(name) < 6 and (name in ("mon", "wed", "sat", "sun") or not (side or alone(found) or led(found))):
        return None
    if double:
        near = days.weekly(
            lambda n: days.weekday(clock.today, index, n), clock, "last" if "last" in double else "next"
        )
        return days.day(days.step(near.start, -1 if "last" in double else 1, "week")) if near else None
    match side:
        case "":
            return days.bare_weekday(clock, index)
        case "this":
            return days.this_weekday(clock, index)
        case "next":
            return days.weekday(clock.today, index, 1)
        case _:
            which: Which = "next" if side_shift(found) > 0 else "last"
            return days.weekly(lambda n: days.weekday(clock.today, index, n), clock, which)


def _month_day(found: re.Match[str], clock: Clock) -> Days | None:
    number = month_number(found)
    sure = found["year"] or found["ordinal"] or alone(found) or led(found)
    if found["month"] in ("may", "mar", "march", "dec") and not (
        sure or IS.search(found.string, 0, found.start())
    ):
        return None
    first, last = int(found["day"]), found.groupdict().get("to")
    return days.annual(
        lambda y: days.month_days(days.month(y, number), first, int(last) if last else None),
        clock,
        _when(found, clock),
    )


def _month(found: re.Match[str], clock: Clock) -> Days | None:
    name, number = found["month"], month_number(found)
    if not (found["part"] or found["side"] or found["year"] or alone(found)):
        certain = (len(name) > 4 and name.lower() not in ("march", "august")) or name.lower() in (
            "june",
            "july",
        )
        if not certain and not (led(found) and (name[0].isupper() or name in ("may", "march", "august"))):
            return None
    return days.annual(lambda y: _narrow(found, days.month(y, number), clock), clock, _when(found, clock))


def _of_month(found: re.Match[str], clock: Clock) -> Days | None:
    """ "The third Friday of October 2025", "the last week of last month", "the 15th of this month"."""

    def make(whole: Days) -> Days:
        if found.groupdict().get("day"):
            return days.month_days(whole, int(found["day"]))
        count = nth_of(found)
        match get(found, "what"):
            case "week":
                return days.nth_week(whole, count)
            case "weekend":
                saturday = days.nth_weekday(whole, count, 5).start
                return days.weekend(saturday)
            case "day":
                return days.day(
                    days.step(whole.end, -1, "day") if count < 0 else days.step(whole.start, count - 1, "day")
                )
            case word:
                return days.nth_weekday(whole, count, WEEKDAYS.index(word[:3]))

    if not get(found, "month"):
        return make(days.month_from(clock.today, side_shift(found)))
    return days.annual(lambda y: make(days.month(y, month_number(found))), clock, _when(found, clock))


def _season(found: re.Match[str], clock: Clock) -> Days | None:
    if not (
        get(found, "side")
        or get(found, "year")
        or SEASON_LEAD.search(found.string, max(0, found.start() - 16), found.start())
    ):
        return None  # spring is also a spring, and values fall
    when, name = _when(found, clock), SEASONS[get(found, "season")]
    if get(found, "side") == "this" and name == "winter":
        when = clock.prefer  # in January "this winter" is the one that began last year
    return days.annual(lambda y: days.season(y, name), clock, when)


def _half(found: re.Match[str], clock: Clock) -> Days | None:
    return days.half(_year_number(found, clock), nth_of(found)) if nth_of(found) in (1, 2) else None


def _quarter(found: re.Match[str], clock: Clock) -> Days | None:
    number = int(found["q"]) if found["q"] else nth_of(found)
    return days.quarter(_year_number(found, clock), number) if 1 <= number <= 4 else None


def _bare_year(found: re.Match[str], clock: Clock) -> Days | None:
    if not (found["part"] or found["said"] or alone(found) or led(found)):
        return None
    return _narrow(found, days.year(int(found["year"])), clock)


def _holiday(found: re.Match[str], clock: Clock) -> Days | None:
    text = get(found, "holiday")
    name = HOLIDAYS[re.split(r"[ '’]|s$", text)[0] if not text.startswith("chris") else "christmas"]
    if text.endswith("eve"):
        name = "12-24" if text.startswith("chris") else "12-31"
    return days.annual(lambda y: days.holiday(y, name), clock, _when(found, clock))


def _from_day(found: re.Match[str], clock: Clock) -> Days | None:
    """ "A week from Monday", "two weeks from tomorrow"."""
    base = days.away(clock, 1, "day")
    if get(found, "side"):
        base = days.weekday(clock.today, weekday_index(found), 1)
    elif get(found, "weekday"):
        index = weekday_index(found)
        base = days.weekly(lambda n: days.weekday(clock.today, index, n), clock, "next") or base
    count, unit = amount(found)
    return None if unit in ("hour", "minute") else days.day(days.step(base.start, count, unit))


def _ordinal(found: re.Match[str], clock: Clock) -> Days | None:
    if found["moved"] is not None and not MOVED.search(found.string, 0, found.start()):
        return None  # "raised to the 10th"
    return days.monthly(lambda whole: days.month_days(whole, int(found["day"])), clock, clock.prefer)


def _near_day(shift: int) -> Meaning:
    return lambda _, clock: days.away(clock, shift, "day")


def _week_weekday(found: re.Match[str], clock: Clock) -> Days:
    return days.weekday(clock.today, weekday_index(found), side_shift(found))


def _weekend(_found: re.Match[str], clock: Clock) -> Days | None:
    return days.weekly(lambda n: days.weekend(clock.today, n), clock, clock.prefer)


_ANY_WEEKDAY = rf"(?:{FULL_WEEKDAY}|{SHORT_WEEKDAY}\b\.?)"
_DAY_OF_MONTH = r"(?P<day>3[01]|[12][0-9]|0?[1-9])(?P<ordinal>st|nd|rd|th)?(?![0-9a-z%]|[.:/][0-9])"
_SPOKEN_MONTH = rf"(?:of|in)\s+(?:{MONTH}{OF_YEAR}|(?:the|{SIDE})\s+month\b)"
_PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (r"(?:today|tonight|earlier\s+today|this\s+(?:morning|afternoon|evening))\b", _near_day(0)),
    (r"(?:yesterday|last\s+night)\b", _near_day(-1)),
    (r"(?:tomm?orr?ow|tmrw?)\b", _near_day(1)),
    (r"(?:the\s+)?day\s+before\s+yesterday\b", _near_day(-2)),
    (r"(?:the\s+)?day\s+after\s+tomorrow\b", _near_day(2)),
    (
        rf"{AMOUNT}\s+(?:ago|back)\b(?:\s+(?:today|(?P<yesterday>yesterday))\b|(?P<on>\s+on)?\s+{WEEKDAY})?",
        _ago,
    ),
    (rf"{WEEKDAY},?\s+{NUMBER}\s+weeks?\s+(?P<sign>ago|from\s+now)\b", _weekday_weeks),
    (rf"{NUMBER}\s+(?P<weekday>{FULL_WEEKDAY})s\s+(?P<sign>ago|from\s+now)\b", _nth_weekday_away),
    (rf"{AMOUNT}\s+from\s+(?:now|today)\b", _ahead),
    (rf"{AMOUNT}\s+from\s+(?:tomorrow\b|(?:(?P<side>next)\s+)?{WEEKDAY})", _from_day),
    (rf"in\s+{AMOUNT}(?:['’]?\s+time)?{CLAUSE}", _ahead),
    (rf"{FEW}\s+(?P<sign>ago|back|from\s+now)\b", _few),
    (rf"(?P<sign>in)\s+(?:a\s+few|several|some)\s+{UNIT}{CLAUSE}", _few),
    (rf"{NUMBER}\s*(?:-|–|or|to)\s*(?P<high>[0-9]{{1,2}}|{DIGIT_WORDS})\s+{UNIT}\s+(?:ago|back)\b", _between),
    (r"this\s+time\s+last\s+(?P<unit>week|month|year)\b", _this_time),
    (r"(?:recently|lately|these\s+days)\b", lambda _, clock: days.recently(clock)),
    (r"the\s+other\s+day\b", lambda _, clock: days.recently(clock, 14, 1)),
    (rf"(?:the\s+|these\s+)?{SIDE}\s+(?:{NUMBER}|few|several)\s+{UNIT}", _rolling),
    (rf"within\s+(?:the\s+next\s+)?{NUMBER}\s+{UNIT}", _rolling),
    (r"(?:the|this)\s+past\s+(?P<unit>week|month|year)\b", _past_unit),
    (rf"(?:{PART}(?:the\s+)?)?{SIDE}\s+(?P<unit>week|weekend|month|year)\b(?!\s+of\b)", _relative_unit),
    (rf"{PART}(?:the\s+)?(?P<unit>week|month|year)\b(?!\s+(?:of|before)\b)", _relative_unit),
    (
        r"(?:the\s+)?(?P<unit>week|weekend|month|year)\s+(?P<double>before\s+last|after\s+next)\b",
        _relative_unit,
    ),
    (r"the\s+weekend\b", _weekend),
    (
        rf"{WEEKDAY}(?:,|\s+of)?\s+(?:the\s+week\s+(?P<double>before\s+last|after\s+next)|{SIDE}\s+week)\b",
        _week_weekday,
    ),
    (rf"{SIDE}\s+week(?:['’]s)?(?:\s+on)?\s+{WEEKDAY}", _week_weekday),
    (rf"(?:the\s+)?(?:{SIDE}\s+)?{WEEKDAY}(?:\s+(?P<double>before\s+last|after\s+next)\b)?", _weekday),
    (
        (
            rf"(?:{_ANY_WEEKDAY},?\s+)?{MONTH}\s+(?:the\s+)?{_DAY_OF_MONTH}"
            rf"(?:\s*(?:[-–]|to)\s*(?P<to>3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?(?![0-9]))?{OF_YEAR}(?:,?\s+\(?{_ANY_WEEKDAY}\)?)?"
        ),
        _month_day,
    ),
    (rf"(?:{_ANY_WEEKDAY},?\s+)?(?:the\s+)?{_DAY_OF_MONTH}\s+(?:of\s+)?{MONTH}{OF_YEAR}", _month_day),
    (rf"(?:{PART})?(?:the\s+month\s+of\s+)?(?:{SIDE}\s+)?{MONTH}{OF_YEAR}", _month),
    (
        rf"(?:{NTH}\s+(?P<what>week|weekend|day|{FULL_WEEKDAY})|(?:the\s+)?{_DAY_OF_MONTH})\s+{_SPOKEN_MONTH}",
        _of_month,
    ),
    (
        rf"(?:(?<=on the )|(?<=by the )|(?<=until the )|(?P<moved>(?<=to the )))(?P<day>3[01]|[12]?[0-9])(?:st|nd|rd|th)\b{CLAUSE}",
        _ordinal,
    ),
    (rf"(?:the\s+)?{SIDE}\s+{SEASON}", _season),
    (rf"{SEASON}{OF_YEAR}", _season),
    (rf"(?:the\s+)?{NTH}\s+half\s+of\s+{YEAR}", _half),
    (rf"(?:Q(?P<q>[1-4])|(?:the\s+)?{NTH}\s+quarter)\s+(?:of\s+)?{YEAR}", _quarter),
    (rf"(?:{PART}|(?P<said>(?:the\s+)?year\s+))?(?P<year>(?:19|20)[0-9]{{2}})\b{CLAUSE}", _bare_year),
    (rf"(?:{SIDE}\s+)?{HOLIDAY}{OF_YEAR}", _holiday),
)
# A hyphen, a slash or a point in front makes a word part of another ("year-on-year", "GPT-2023").
RULES: tuple[Rule, ...] = tuple(
    (re.compile(r"(?<![\w./-])" + pattern, re.IGNORECASE), meaning) for pattern, meaning in _PATTERNS
)

# What may precede a day and count from it: "two days before Christmas", "the day after Thanksgiving".
SHIFT = re.compile(rf"\b(?:{AMOUNT}|the\s+day)\s+(?P<sign>before|after)\s+(?=\w)", re.IGNORECASE)


def shift(found: re.Match[str], anchor: Days) -> Days | None:
    """The day that a match of SHIFT means, counted from the day behind it."""
    sign = -1 if get(found, "sign") == "before" else 1
    if not found["unit"]:
        return days.day(days.step(anchor.start, sign, "day"))
    if get(found, "half") or get(found, "unit") in ("hour", "minute"):
        return None
    count, unit = amount(found)
    return days.day(days.step(anchor.start, sign * count, unit))
