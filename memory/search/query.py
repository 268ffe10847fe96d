"""Reading what a question asks about: whose words, which days, a time, or questions themselves. By rule, no model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..dates import Span, asks_when, find_dates
from ..text import HANGUL
from .ranking import Question

_I = re.compile(
    r"\b(?:I|my|me|mine|myself)\b|(?:^|\s)(?:내가|제가|나는|저는|나도|저도|난|전|내|제|나의|저의|나한테|저한테|나를|저를)(?=\s)"
)
# The tutor's own words, looked back on. "Can you explain …?" looks back on nothing.
_YOU_SAID = re.compile(
    r"\b(?:you|the\s+(?:professor|tutor|teacher|assistant)|professor)\b.{0,40}?\b(?:told|said|explained|recommended|suggested"
    r"|mentioned|advised|taught|gave|showed|answered|wrote|listed|provided)\b"
    r"|\bdid\s+(?:you|the\s+(?:professor|tutor|teacher)|professor\b.{0,20}?)\s+(?:tell|say|explain|recommend|suggest|mention|advise|teach"
    r"|give|show|answer|write|list)\b"
    r"|\byour\s+(?:explanation|answer|advice|example|suggestion|recommendation)s?\b"
    r"|(?:교수|선생|튜터).{0,30}?(?:말씀|설명|추천|가르|알려|답하|답해|했|하셨|하신)"
    r"|(?:말씀|설명|추천|대답|답변|조언)\s*(?:해\s*)?(?:주셨|주신|줬|준|하셨|하신)|(?:알려|가르쳐|보여)\s*(?:주셨|주신|줬|준)",
    re.IGNORECASE,
)
_QUESTIONS = re.compile(
    r"\b(?:did|have|had)\s+I\s+(?:\w+\s+){0,2}?ask(?:ed)?\b|\bI\s+(?:\w+\s+)?asked\b|\bmy\s+(?:\w+\s+)?questions?\b"
    r"|(?:물어\s?[보본봤]|물었|물은|여쭤|여쭸|질문)",
    re.IGNORECASE,
)
_NAMED_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?<!\d)1?\d월", re.IGNORECASE
)
_WHICH_YEAR = re.compile(
    r"(?:19|20)\d\d|\b(?:last|this|next|past|previous|year|ago)\b|작년|올해|내년|재작년|지난|이번|다음",
    re.IGNORECASE,
)
# An exact key: what a person would paste, not type.
_KEY = re.compile(r"(?=.{9})=(.*\d.*)")


@dataclass(frozen=True, slots=True)
class Times:
    """The days a question names.

    Attributes:
        days: First day and the day after the last, of each.
        any_year: Those that name a month or a day of a year and leave the year open; the nearest is in `days` too.
    """

    days: tuple[tuple[date, date], ...]
    any_year: tuple[tuple[date, date], ...]


def times_of(text: str, now: datetime) -> Times:
    """Read the days a text names, looking back from `now` (aware, in the asker's zone)."""
    spans = find_dates(text, now, "past")
    days = tuple(_loosened(span) for span in spans)
    open_year = tuple(
        pair
        for span, pair in zip(spans, days, strict=True)
        if _NAMED_MONTH.search(span.text) and not _WHICH_YEAR.search(span.text)
    )
    return Times(days, open_year)


def in_each_year(pairs: Iterable[tuple[date, date]], first: int, last: int) -> list[tuple[date, date]]:
    """Move stretches of time into every year from `first` to `last`; 29 February only where there is one."""
    found: list[tuple[date, date]] = []
    for start, end in pairs:
        for year in range(first, last + 1):
            try:
                moved = start.replace(year=year)
            except ValueError:
                continue
            found.append((moved, moved + (end - start)))
    return found


def read_question(
    text: str,
    *,
    speakers: Iterable[str],
    student: str,
    days: Iterable[tuple[date, date]],
) -> Question:
    """Put together what a question asks about.

    Args:
        speakers: Names in it by which somebody spoke.
        student: The student's own name, "" if unknown: naming the student asks about what "user" said.
        days: Stretches of time that it names.
    """
    named = frozenset(name.lower() for name in speakers)
    return Question(
        speakers=named,
        role=None if named else _role(text, student),
        days=tuple(days),
        asks_when=asks_when(text),
        asks_for_questions=_QUESTIONS.search(text) is not None,
    )


def keys_of(terms: Iterable[str]) -> list[str]:
    """Give the exact keys (identifiers, long numbers) among a question's terms."""
    return [found[1] for term in terms if (found := _KEY.fullmatch(term))]


def _role(text: str, student: str) -> str | None:
    if _YOU_SAID.search(text):
        return "assistant"
    if _I.search(text) or (student and student.lower() in text.lower()) or _QUESTIONS.search(text):
        return "user"
    return None


def _loosened(span: Span) -> tuple[date, date]:
    slack = timedelta(days=span.slack)
    return span.start - slack, span.end + slack


def in_first_person(question: str, names: Iterable[str]) -> str:
    """Ask as the speaker would tell it: "What did Ann paint?" becomes "What did I paint?".

    People say "I" of themselves and rarely their own name, so a question that names them is far, as vectors go,
    from the sentence that answers it. One question is turned rather than every sentence that is stored.
    """
    for name in sorted(names, key=len, reverse=True):
        if HANGUL.match(name):
            question = re.sub(rf"{re.escape(name)}(?:이가|가)(?![가-힣])", "내가", question)
            question = re.sub(rf"{re.escape(name)}(?:이의|의)(?![가-힣])", "내", question)
            question = question.replace(name, "나")
        else:
            question = re.sub(rf"\b{re.escape(name)}(?:['’]s?)(?!\w)", "my", question)
            question = re.sub(rf"\b{re.escape(name)}\b", "I", question)
    return question
