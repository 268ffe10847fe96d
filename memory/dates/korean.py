"""Korean date expressions: patterns and what each means. `dates` runs them."""

import re

from . import calendar as days
from .calendar import Clock, Days, Meaning, Rule, Unit, Which
from .korean_words import (
    ABOUT,
    AFTER_SIDE,
    AMOUNT,
    EVENT,
    HALVES,
    HEAD,
    HOLIDAYS,
    IN_MONTH,
    MONTH_WORDS,
    PART,
    SEASONS,
    SHIFT_DAY,
    SHIFT_WEEK,
    SHIFT_YEAR,
    SIDE,
    TAIL,
    UNIT,
    UNITS,
    WEEKDAY,
    WHEN,
    YEAR_WORD,
    amount,
    followed,
    get,
    number_of,
    part_of,
    weekday_index,
    when_said,
)


def _in_month(whole: Days, found: re.Match[str]) -> Days:
    """A month narrowed by what `IN_MONTH` found behind it."""
    if get(found, "day"):
        return days.month_days(whole, number_of(found["day"]), int(found["to"]) if found["to"] else None)
    if get(found, "part"):
        return days.part(whole, part_of(found["part"]))
    if get(found, "last_day"):
        return days.day(days.step(whole.end, -1, "day"))
    if not get(found, "nth"):
        return whole
    count = number_of(found["nth"])
    return (
        days.nth_weekday(whole, count, weekday_index(found))
        if found["weekday"]
        else days.nth_week(whole, count)
    )


def _day_word(found: re.Match[str], clock: Clock) -> Days:
    word = found.group().replace(" ", "")
    return days.away(clock, SHIFT_DAY[word], "day")._replace(slack=1 if word.startswith("엊그") else 0)


def _week(found: re.Match[str], clock: Clock) -> Days:
    offset = SHIFT_WEEK[found["week"]]
    if found["weekday"]:
        return days.weekday(clock.today, weekday_index(found), offset)
    if found["weekend"]:
        return days.weekend(clock.today, offset)
    whole = days.week(clock.today, offset)
    return days.part(whole, part_of(found["part"])) if found["part"] else whole


def _weekday(found: re.Match[str], clock: Clock) -> Days | None:
    index = weekday_index(found)
    match get(found, "side"):
        case "":
            return days.bare_weekday(clock, index)
        case "이번":
            return days.this_weekday(clock, index)
        case "다음":
            return days.weekday(clock.today, index, 1)
        case side:
            which: Which = "last" if side in ("지난", "저번") else "next"
            return days.weekly(lambda n: days.weekday(clock.today, index, n), clock, which)


def _weekend(_found: re.Match[str], clock: Clock) -> Days | None:
    return days.weekly(lambda n: days.weekend(clock.today, n), clock, clock.prefer)


def _offset(found: re.Match[str], clock: Clock) -> Days | None:
    count, unit = amount(found)
    left = found["sign"] == "남"
    if (
        unit in ("year", "hour", "minute")
        if left
        else EVENT.search(found.string, max(0, found.start() - 12), found.start())
    ):
        return None
    if found["number"] in ("이", "한") and found["unit"] == "일":
        return None  # "이 일 전에" is "before this work"
    sign = -1 if found["sign"] == "전" else 1
    if unit == "week" and found["weekday"]:
        return days.weekday(clock.today, weekday_index(found), sign * count)
    if unit == "week" and found["weekend"]:
        return days.weekend(clock.today, sign * count)
    result = days.away(clock, sign * count, unit)
    if not found["half"] or unit not in HALVES:
        return result
    rest, smaller = HALVES[unit]
    return days.day(days.step(result.start, sign * rest, smaller))._replace(slack=result.slack)


def _rolling(found: re.Match[str], clock: Clock) -> Days | None:
    count, unit = amount(found)
    if unit == "year" and count > 100:
        return None  # "지난 2013년"
    if found["unit"] == "일" and found.group().endswith("일") and followed(found, "에", "까지", "부터"):
        return None  # "지난 15일에" is a day of the month
    return days.rolling(clock, count if found["way"] in ("앞으로", "향후") else -count, unit)


def _within(found: re.Match[str], clock: Clock) -> Days | None:
    count, unit = amount(found)
    return days.rolling(clock, count, unit) if clock.prefer == "future" else None


def _few(found: re.Match[str], clock: Clock) -> Days:
    unit = UNITS.get(found["few"] or "일", "day")
    return days.fuzzy(clock, unit, -1 if found["sign"] == "전" else 1)


def _between(found: re.Match[str], clock: Clock) -> Days | None:
    if found["low"]:
        low, high = int(found["low"]), int(found["high"])
    else:
        low, high = ABOUT[re.sub(r"\s", "", found["about"] or found["about_days"])]
    unit: Unit = "day" if found["about_days"] else UNITS[found["unit"]]
    sign = -1 if found["sign"] == "전" else 1
    return days.between(clock, low, high, unit, sign) if low < high else None


def _this_time(found: re.Match[str], clock: Clock) -> Days:
    return days.away(clock, SHIFT_YEAR[found["year_word"]], "year")._replace(slack=15)


def _last_few(found: re.Match[str], clock: Clock) -> Days:
    unit = UNITS[found["few"]]
    return days.rolling(clock, -7 if unit == "day" else -6, unit)


def _recent(found: re.Match[str], clock: Clock) -> Days:
    if found.group().startswith("얼마"):
        return days.recently(clock, 30, 1)
    return days.recently(clock, 7 if found.group().endswith("며칠") else 14)


def _month(found: re.Match[str], clock: Clock) -> Days | None:
    number = int(found["month"]) if found["month"] else MONTH_WORDS[found["month_word"]]
    return days.annual(lambda y: _in_month(days.month(y, number), found), clock, when_said(found, clock))


def _month_ref(found: re.Match[str], clock: Clock) -> Days:
    return _in_month(days.month_from(clock.today, SHIFT_WEEK[found["month"]]), found)


def _month_part(found: re.Match[str], clock: Clock) -> Days | None:
    return days.monthly(lambda whole: days.part(whole, part_of(found["edge"])), clock, clock.prefer)


def _month_day(found: re.Match[str], clock: Clock) -> Days | None:
    which: Which = "last" if found["way"] == "지난" else "next" if found["way"] == "오는" else clock.prefer
    return days.monthly(lambda whole: days.month_days(whole, int(found["day"])), clock, which)


def _season(found: re.Match[str], clock: Clock) -> Days | None:
    when, name = when_said(found, clock), SEASONS[found["season"]]
    if when == clock.prefer and not followed(found, "에"):
        return None  # 봄 alone may be a word or a noun made of 보다
    if when == clock.today.year and name == "winter" and not found["year"]:
        when = clock.prefer  # in January "올겨울" is the winter that began last year
    return days.annual(lambda y: days.season(y, name), clock, when)


def _half(found: re.Match[str], clock: Clock) -> Days | None:
    return days.annual(
        lambda y: days.half(y, 1 if found["which"] == "상" else 2), clock, when_said(found, clock)
    )


def _quarter(found: re.Match[str], clock: Clock) -> Days | None:
    when = when_said(found, clock)
    if when == clock.prefer and not followed(found, "에", "까지", "부터"):
        return None
    return days.annual(lambda y: days.quarter(y, int(found["quarter"])), clock, when)


def _holiday(found: re.Match[str], clock: Clock) -> Days | None:
    name = re.sub(r"\s", "", found["holiday"])
    result = days.annual(lambda y: days.holiday(y, HOLIDAYS[name]), clock, when_said(found, clock))
    if result is None or not found["long"]:
        return result
    return Days(days.step(result.start, -1, "day"), days.step(result.end, 1, "day"), "range")


def _year(found: re.Match[str], clock: Clock) -> Days:
    whole = days.year(
        int(found["year"]) if found["year"] else clock.today.year + SHIFT_YEAR[found["year_word"]]
    )
    return days.part(whole, part_of(found["part"])) if found["part"] else whole


def _year_part(found: re.Match[str], clock: Clock) -> Days | None:
    return days.annual(lambda y: days.part(days.year(y), part_of(found["edge"])), clock, clock.prefer)


_PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (
        HEAD
        + r"(?:내일\s?모레|낼모레|내일(?!배움)|낼(?=까지|부터|은|\s*(?:시험|아침|저녁|점심|수업|과제|발표|퀴즈|학교|봐|뵐|뵈))|모레|그?글피|오늘(?!날)|아까(?![워운울움웠])|방금|어제|어저께|어젯밤|엊저녁|"
        r"간밤|지난밤|그저께|그제(?!야|서)|엊그제|엊그저께|그끄저께|그끄제)",
        _day_word,
    ),
    (
        (
            r"(?<![가-힣])(?P<week>지지난|저저번|지난|저번|이번|금|다다음|다음|담|차|내(?=주\s*[월화수목금토일]요일))\s?주"
            rf"(?:\s?(?:주\s?)?(?P<weekend>말)(?![고씀했하한할이해로])|\s*{PART}|(?:의|에)?\s*{WEEKDAY}|{TAIL})"
        ),
        _week,
    ),
    (rf"(?<![가-힣])(?:{SIDE}\s*)?{WEEKDAY}", _weekday),
    (HEAD + r"주말(?!고)", _weekend),
    (
        (
            rf"(?:(?:오늘|지금)(?:으?로)?부터\s*)?{HEAD}{AMOUNT}\s*(?:쯤\s*|정도\s*)?(?P<sign>(?:전|뒤|후){AFTER_SIDE}|남(?=[았은기을]))"
            rf"(?:\s*오늘)?(?:\s*(?:의\s*)?(?:{WEEKDAY}|(?P<weekend>주말)))?"
        ),
        _offset,
    ),
    (
        rf"{HEAD}(?P<way>지난|최근|앞으로|향후)\s*{AMOUNT}(?!\s*(?:전|뒤|후))\s*(?:동안|간|사이)?{TAIL}",
        _rolling,
    ),
    (rf"{HEAD}{AMOUNT}\s*(?:안에|이내에?|내에|내로)", _within),
    (
        (
            rf"{HEAD}(?:(?:(?P<low>[0-9])\s*[~∼-]\s*(?P<high>[0-9]{{1,2}})|(?P<about>한두|두세|두어|서너|네댓|일이|이삼|삼사|사오|오륙))\s*{UNIT}"
            rf"|(?P<about_days>하루\s*이틀|이틀\s*사흘|사나흘|네댓새|대엿새|예니레))\s*(?P<sign>전|뒤|후){AFTER_SIDE}"
        ),
        _between,
    ),
    (rf"{HEAD}{YEAR_WORD}\s*이맘때", _this_time),
    (rf"{HEAD}(?:며칠|수일|몇\s*(?P<few>일|주일|주|달|개월|년|해))\s*(?P<sign>전|뒤|후){AFTER_SIDE}", _few),
    (rf"{HEAD}(?:지난|최근)\s*몇\s*(?P<few>일|주|달|개월|년)\s*(?:동안|간|사이)?{TAIL}", _last_few),
    (HEAD + r"(?:(?:요|지난|최근)\s며칠|최근(?![접린])|요즘|요새|근래|얼마\s?전)", _recent),
    (
        (
            rf"{HEAD}{WHEN}(?:(?P<month>1[0-2]|0?[1-9])월달?|(?P<month_word>십[일이]|[일이삼사오유칠팔구시])월(?=에|\s*[0-9일이삼사오육칠팔구십]+일|\s*[초중말]))"
            rf"(?:\s*{IN_MONTH}|{TAIL})"
        ),
        _month,
    ),
    (
        rf"{HEAD}(?P<month>지지난|저저번|지난|저번|이번|이|다다음|다음|담|내(?=달))\s?달(?:에?\s*{IN_MONTH}|{TAIL})",
        _month_ref,
    ),
    (HEAD + r"월(?P<edge>초|말|중순)(?=[^가-힣]|$|[에엔쯤]|부터|까지)", _month_part),
    (
        (
            rf"{HEAD}(?:(?P<way>지난|오는|이번)\s*)?(?P<day>[0-3]?[0-9])일"
            r"(?=에(?!\s*(?:한|두|세|[0-9]+)\s*번|\s*걸)|까지(?!\s*걸)|부터|날|자)"
        ),
        _month_day,
    ),
    (rf"{HEAD}{WHEN}(?P<season>봄|여름|가을|겨울)(?:방학)?", _season),
    (rf"{HEAD}{WHEN}(?P<which>상|하)반기", _half),
    (rf"{HEAD}{WHEN}(?P<quarter>[1-4])\s*[/사]?분기{TAIL}", _quarter),
    (
        (
            rf"{HEAD}{WHEN}(?P<holiday>설날|설(?=\s*연휴)|구정|추석|한가위|크리스마스(?:\s?이브)?|성탄절|신정|새해\s?첫날|삼일절|어린이날|"
            r"스승의\s?날|현충일|광복절|개천절|한글날|[밸발]런타인데이|핼러윈)(?P<long>\s*연휴)?"
        ),
        _holiday,
    ),
    (rf"{HEAD}(?:(?P<year>(?:19|20)[0-9]{{2}})\s*년도?|{YEAR_WORD})(?:\s*{PART}|{TAIL})", _year),
    (HEAD + r"연(?P<edge>초|말)(?=[^가-힣]|$|[에엔쯤]|부터|까지)", _year_part),
)
RULES: tuple[Rule, ...] = tuple((re.compile(pattern), meaning) for pattern, meaning in _PATTERNS)

# What may follow a day and count from it: "크리스마스 이틀 전", "추석 전날".
SHIFT = re.compile(
    rf"\s*(?:의\s*)?(?:{AMOUNT}\s*(?P<sign>전|뒤|후){AFTER_SIDE}|(?P<next>전날|다음\s?날|이튿날))"
)


def shift(found: re.Match[str], anchor: Days) -> Days | None:
    """The day that a match of SHIFT means, counted from the day in front of it."""
    if found["next"]:
        return days.day(days.step(anchor.start, -1 if found["next"] == "전날" else 1, "day"))
    count, unit = amount(found)
    if unit in ("hour", "minute"):
        return None
    return days.day(days.step(anchor.start, -count if found["sign"] == "전" else count, unit))
