"""Questions to the clock and the calendar: what day it is, and how far it is to one that everybody knows."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final, Literal

from ...memory.dates import resolve
from ...memory.text import josa

Language = Literal["ko", "en"]

_MOST_LETTERS: Final = 120
_IS = r"(?:이|인|일|였|이었)?(?:야|에요|예요|가요|지|죠|까|까요|니|냐|더라|요|었지|었어|임)?"
_LEFT = r"(?: ?(?:이나|이|정도|쯤))?(?: ?남(?:았|은|아)(?:어|어요|지|죠|나|나요|을까|을까요|는지|습니까|거야|거죠)?)?"
_DAYS = r"(?:며칠|몇 ?일|얼마나)"
# Each is a whole question; `day`, `past` and `last` are what the calendar has to know.
_TIME = re.compile(
    rf"(?:지금|현재) ?(?:은|는|이)? ?(?:몇 ?시|시간|시각)(?:이|은|는)? ?(?:몇 ?시|뭐|어떻게 ?돼)?{_IS}|몇 ?시{_IS}"
    r"|(?:what(?:'?s| is)? (?:the )?(?:current )?|current )time(?: is it| it is)?(?: right)?(?: now)?|(?:tell me|do you know|do you have) (?:the|what) time(?: it is| is it)?"
)
_QUESTIONS: Final = (
    re.compile(
        rf"(?P<day>.+?) ?(?:부터|에서|와|과|하고) (?P<last>.+?) ?(?:까지|사이)(?:는|에|가|의)? ?(?:총 )?{_DAYS} ?(?:차이)? ?(?:이나)? ?(?:걸려|있어|남아)?{_IS}"
        r"|how many days (?:are |is )?(?:there )?(?:between|from) (?P<day_en>.+?) (?:and|to|until|till) (?P<last_en>.+)"
    ),
    re.compile(
        rf"(?P<day>.+?)까지(?:는)? ?(?:앞으로 )?{_DAYS}{_LEFT}{_IS}"
        r"|how (?:many (?:more )?days|long)(?: are| is)?(?: there| it)?(?: left)? ?(?:until|till?|before|to) (?P<day_en>.+)|days (?:until|till|to) (?P<day_en2>.+)"
        rf"|(?P<past>.+?)(?:로?부터|에서) ?{_DAYS} ?(?:이나)? ?지났(?:어|어요|지|죠|나|나요)?"
        r"|how (?:many days|long)(?: is it| has it been)? since (?P<past_en>.+)|how (?:many days|long) ago was (?P<past_en2>.+)"
    ),
    re.compile(
        rf"(?P<day>.+?) ?(?:은|는|이|가|의)? ?(?:{_DAYS}|몇 ?월 ?(?:며칠|몇 ?일)|(?:무슨|어떤) ?요일|요일(?:은|이)? ?(?:뭐|무엇)?|날짜(?:가|는|은)? ?(?:뭐|며칠|몇 ?일|어떻게 ?돼)?|언제){_IS}"
        r"|(?:what(?:'?s| is)? |which |tell me )(?:the )?(?:date|day|weekday)(?: of the week)?(?: is it| it is| is| was| will it be| will| falls on)?(?: on)? ?(?P<day_en>.+?)?(?: be| on| fall on)?"
        r"|(?:what(?:'?s| is)? |tell me )?(?P<day_en2>.+?)'?s date|whe(?:n|ns|n's)(?: is| was)? (?P<day_en3>.+)"
    ),
)  # fmt: skip


def clock_answer(said: str, now: datetime, language: Language) -> str | None:
    """Answer a question to the clock or the calendar in a sentence; None where the whole text is no such question.

    Args:
        said: What the student typed.
        now: An aware datetime in the student's zone.
        language: That of the answer.
    """
    text = " ".join(said.casefold().replace("’", "'").split())
    text = re.sub(r"^(?:(?:교수님|혹시|그럼|근데|hey|hi|ok|so|and|pls|please)[\s,]+)+", "", text)
    text = re.sub(r"[\s,]*(?:please|pls|again|알려 ?줘(?:요)?|알려 ?주세요)?[\s?.!~]*$", "", text)
    if len(text) > _MOST_LETTERS:
        return None
    if _TIME.fullmatch(text):
        clock = f"{'오전' if now.hour < 12 else '오후'} {now.hour % 12 or 12}시 {now.minute}분"
        return f"지금은 {clock}입니다." if language == "ko" else f"It is {now:%H:%M}."
    for kind, question in enumerate(_QUESTIONS):
        if found := question.fullmatch(text):
            named = {name.partition("_")[0]: words for name, words in found.groupdict().items() if words}
            day = _day(named.get("day") or named.get("past") or "today", now, past="past" in named)
            if day is None:
                continue
            if kind == 0:
                return _between(day, named["last"], now, language)
            return _distance(day, now.date(), language) if kind == 1 else _named(day, now.date(), language)
    return None


def _day(phrase: str, now: datetime, *, past: bool = False) -> date | None:
    """The day that a whole phrase means; None for what only the student knows ("시험")."""
    short = re.sub(r"^(?:on|the|앞으로|오늘로?부터)\s+", "", phrase.strip())
    for words in (phrase.strip(), short):
        span = resolve(words, now, "past" if past else "future")
        if span and span.kind == "day" and span.text.strip() == words:
            return span.start
    return None


def _between(day: date, phrase: str, now: datetime, language: Language) -> str | None:
    last = _day(phrase, now)
    if last and last < day:  # "between November 1 and December 25", asked in between
        last = _day(phrase, datetime.combine(day, time(), now.tzinfo))
    if last is None:
        return None
    gap = abs((last - day).days)
    if language == "ko":
        return f"{_written(day, language)}부터 {_written(last, language)}까지 {gap}일입니다. (첫날은 세지 않았습니다.)"
    return f"From {_written(day, language)} to {_written(last, language)} it is {gap} day{'s' * (gap != 1)}, the first day not counted."


def _distance(day: date, today: date, language: Language) -> str:
    gap, name = (day - today).days, _written(day, language)
    if language == "ko":
        near = f"{gap}일 남았습니다" if gap > 0 else f"{-gap}일 지났습니다" if gap else "바로 오늘입니다"
        return (
            f"{name}까지 {near}."
            if gap > 0
            else f"{josa(name, '은/는')} {near}."
            if not gap
            else f"{name}부터 {near}."
        )
    days = f"{abs(gap)} day{'s' * (abs(gap) != 1)}"
    return (
        f"{name} is today."
        if not gap
        else f"It is {days} until {name}."
        if gap > 0
        else f"{name} was {days} ago."
    )


def _named(day: date, today: date, language: Language) -> str:
    name, gap = _written(day, language), (day - today).days
    if language == "ko":
        return f"오늘은 {name}입니다." if not gap else f"{name}{'입니다' if gap > 0 else '이었습니다'}."
    return f"Today is {name}." if not gap else f"That {'is' if gap > 0 else 'was'} {name}."


def _written(day: date, language: Language) -> str:
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일 {'월화수목금토일'[day.weekday()]}요일"
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"
