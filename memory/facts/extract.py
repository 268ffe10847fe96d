"""What students say about themselves, read by rule from one message, Korean and English.

Nothing is stored that the student did not state: questions, suppositions, quotations, hearsay, negations and what is
said of other people give nothing. Each fact has a subject, a stable key, so that a newer statement on it supersedes
the older one. A missed fact costs a repetition; a wrong one costs trust: where a rule is in doubt it stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ..dates.calendar import Span
from ..text.josa import josa
from .clauses import Clause, Found, Kind, clauses, is_korean, supposes

if TYPE_CHECKING:
    from .korean_words import Rule

__all__ = ["Kind", "StatedFact", "extract_facts", "read_fact", "settle"]

LONGEST = 4_000
"""Characters of a message that are read; a pasted text is no statement about oneself."""


@dataclass(frozen=True, slots=True)
class StatedFact:
    """One thing a student stated.

    Attributes:
        subject: What it is about, as a key: "name", "exam:midterm:ai", "confusion:고유값".
        text: A short sentence in the student's language, dates written out.
        quote: The sentence as the student wrote it.
        value: The words that matter: the name, which exam, what confuses.
        date: The day of an exam or a deadline, None where only a range was said.
        valid_from: When it was said.
        change: It corrects an earlier statement ("바뀌었어요", "moved to").
    """

    kind: Kind
    subject: str
    text: str
    quote: str
    value: str
    date: date | None
    valid_from: datetime
    change: bool = False


def extract_facts(text: str, when: datetime, zone: str, language: str) -> list[StatedFact]:
    """Find what one message states about its writer, at most one fact a subject, the last one said.

    Args:
        text: The student's words.
        when: When they were said, aware.
        zone: The student's IANA zone: whose "tomorrow" it is.
        language: The language of the facts' text, "ko" or "en".
    """
    found: dict[str, StatedFact] = {}
    local = when.astimezone(ZoneInfo(zone))
    for clause in clauses(text[:LONGEST], local):
        rules = _rules_ko() if is_korean(clause.text) else _rules_en()
        for rule in rules:
            for item in rule(clause):
                if not _holds(item, clause):
                    continue
                fact = _stated(item, clause, when, language)
                found.pop(fact.subject, None)
                found[fact.subject] = fact
    return list(found.values())


# A language's rules are loaded with its first clause: their patterns take longer to compile than a greeting may wait.


@cache
def _rules_ko() -> tuple[Rule, ...]:
    from . import korean as facts_ko
    from . import korean_study as facts_ko_study

    return facts_ko.RULES + facts_ko_study.RULES


@cache
def _rules_en() -> tuple[Rule, ...]:
    from . import english as facts_en
    from . import english_study as facts_en_study

    return facts_en.RULES + facts_en_study.RULES


def settle(fact: StatedFact, known: Iterable[StatedFact]) -> StatedFact:
    """Give a fact the subject and the name of what it corrects, where it named it only loosely.

    "시험이 12월 5일로 바뀌었어요" after "인공지능 기말시험은 12월 3일" means that exam, if it is the only one known. A
    loose statement of a new thing stays as it is.

    Args:
        known: The facts that hold now.
    """
    if fact.kind not in {"exam", "deadline"}:
        return fact
    same = {other.subject: other for other in known if other.kind == fact.kind}
    if fact.subject in same or len(same) != 1:
        return fact
    (other,) = same.values()
    if fact.subject != fact.kind and not (fact.change and other.subject == fact.kind):
        return fact
    named = _renamed(fact.text, fact.value, other.value) if fact.subject == fact.kind else fact.text
    value = other.value if fact.subject == fact.kind else fact.value
    return replace(fact, subject=other.subject, value=value, text=named)


def _renamed(text: str, old: str, new: str) -> str:
    for tail in ("", " 마감"):
        head = josa(old + tail, "은/는")
        if text.startswith(head):
            return josa(new + tail, "은/는") + text[len(head) :]
    return text.replace(old, new, 1)


_NAMES = re.compile(r"^(?:이름은 (?P<ko>.+?)입니다\.|The student's name is (?P<en>.+?)\.)$")
_DATED = re.compile(
    r"^(?P<ko>.+?)(?P<due> 마감)?[은는] (?:(?P<y>\d{4})년 (?P<m>\d{1,2})월 (?P<d>\d{1,2})일쯤?입니다|취소되었습니다|\d{4}년.+사이입니다)\.$"
    r"|^The (?P<en>.+?) is (?P<edue>due )?(?:on |around )?(?:(?P<iso>\d{4}-\d\d-\d\d)|cancelled|between .+)\.$"
)
_PLAIN: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("confusion", re.compile(r"^(.+?)[을를] 헷갈려합니다\.$|^The student is confused about (.+)\.$")),
    ("understood", re.compile(r"^(.+?)[을를] 이제 이해합니다\.$|^The student now understands (.+)\.$")),
    ("goal", re.compile(r"^목표: (.+)$|^Goal: (.+)$")),
    ("course", re.compile(r"^(.+?) 수업을 듣습니다\.$|^The student takes (.+)\.$")),
    ("major", re.compile(r"^전공은 (.+?)입니다\.$|^The student's major is (.+)\.$")),
    ("year", re.compile(r"^학년: (.+)$|^Year: (.+)$")),
)


def read_fact(line: str, when: datetime) -> StatedFact | None:
    """Read back a sentence that `extract_facts` wrote, None for any other and for preferences, times and levels.

    Args:
        line: A line of a core block or the text of an archival fact.
        when: What the fact's `valid_from` becomes.
    """
    line = line.strip().removeprefix("- ").strip()
    if name := _NAMES.match(line):
        return StatedFact("name", "name", line, "", name["ko"] or name["en"], None, when)
    if dated := _DATED.match(line):
        value = dated["ko"] or dated["en"]
        kind: Kind = "deadline" if dated["due"] or dated["edue"] else "exam"
        return StatedFact(kind, subject_of(kind, value), line, "", value, _read_date(dated), when)
    for kind, pattern in _PLAIN:
        if plain := pattern.match(line):
            value = plain[1] or plain[2]
            return StatedFact(kind, subject_of(kind, value), line, "", value, None, when)
    return None


def _read_date(found: re.Match[str]) -> date | None:
    if found["iso"]:
        return date.fromisoformat(found["iso"])
    return date(int(found["y"]), int(found["m"]), int(found["d"])) if found["y"] else None


def _holds(item: Found, clause: Clause) -> bool:
    """Whether what a rule read is stated as so, and of a day that is not over."""
    if item.when is not None and item.when.end <= clause.now.date():
        return False
    return item.kind in {"confusion", "understood"} or not supposes(clause.text)


def _stated(item: Found, clause: Clause, when: datetime, language: str) -> StatedFact:
    day = item.when.start if item.when and item.when.kind == "day" else None
    text = _korean(item) if language == "ko" else _english(item)
    subject = subject_of(item.kind, item.key)
    return StatedFact(item.kind, subject, text, clause.sentence, item.value, day, when, item.change)


# Subjects

_ALIASES = {
    "ai": "인공지능|artificial intelligence",
    "ml": "머신러닝|기계학습|machine learning",
    "dl": "딥러닝|심층학습|deep learning",
    "linearalgebra": "선형대수학?|linear algebra",
    "statistics": "통계학?|stats",
    "calculus": "미적분학?",
    "physics": "물리학?",
    "nlp": "자연어처리|자연어 처리|natural language processing",
}
_ALIAS = {name: re.compile(words, re.IGNORECASE) for name, words in _ALIASES.items()}
_TYPE = (
    ("midterm", re.compile(r"중간고사|중간시험|중간|mid-?term", re.IGNORECASE)),
    ("final", re.compile(r"기말고사|기말시험|기말|finals?", re.IGNORECASE)),
    ("quiz", re.compile(r"쪽지시험|퀴즈|quiz", re.IGNORECASE)),
)
_EXAM_WORD = re.compile(r"시험|고사|\bexam(?:ination)?s?\b|\btest\b", re.IGNORECASE)


def subject_of(kind: Kind, key: str) -> str:
    """Give the subject of a fact of a kind about `key`, in the student's words: ("exam", "AI 기말") -> "exam:final:ai"."""
    match kind:
        case "name" | "major" | "year" | "goal":
            return kind
        case "exam":
            type_ = next((name for name, pattern in _TYPE if pattern.search(key)), "")
            for _, pattern in _TYPE:
                key = pattern.sub(" ", key)
            return ":".join(part for part in ("exam", type_, _normal(_EXAM_WORD.sub(" ", key))) if part)
        case "availability":
            return ":".join(["availability", *sorted(set(_WHENEVER.findall(key.lower())))])
        case "understood":
            return f"confusion:{_normal(key)}"
        case "preference":
            return f"preference:{_manner(key)}"
        case _:
            return ":".join(part for part in (kind, _normal(key)) if part)


def _normal(key: str) -> str:
    for name, pattern in _ALIAS.items():
        key = pattern.sub(name, key)
    key = re.sub(r"\b(?:the|a|an|my|concept of)\b", " ", key.lower())
    return re.sub(r"[\s.,·'\"()\-]+", "", key)


_WHENEVER = re.compile(
    r"평일|주말|매일|[월화수목금토일](?=요일)|아침|오전|오후|저녁|새벽|밤|weekday|weekend|every day|(?:mon|tues|wednes|thurs|fri|satur|sun)(?=day)|"
    r"morning|afternoon|evening|night"
)
_MANNERS = {
    "examples": "예시|예제|예$|예를|example",
    "code": "코드|code",
    "pictures": "그림|picture|diagram",
    "analogy": "비유|analog",
    "steps": "단계|step",
    "language": "한국어|영어|우리말|korean|english",
    "tone": "반말|존댓말",
    "length": "짧|길게|간단|핵심|결론|자세|short|brief|long|detailed",
    "simplicity": "쉽|simple",
    "tables": "표|table",
    "formulas": "수식|formula|증명|proof",
    "hints": "hint",
}
_MANNER = {name: re.compile(words, re.IGNORECASE) for name, words in _MANNERS.items()}


def _manner(key: str) -> str:
    return next((name for name, pattern in _MANNER.items() if pattern.search(key)), "other")


# Sentences


def _korean(item: Found) -> str:
    value = item.value
    match item.kind:
        case "name":
            return f"이름은 {value}입니다."
        case "exam" | "deadline":
            thing = value if item.kind == "exam" else f"{value} 마감"
            return f"{josa(thing, '은/는')} {_korean_when(item)}"
        case "confusion":
            return f"{josa(value, '을/를')} 헷갈려합니다."
        case "understood":
            return f"{josa(value, '을/를')} 이제 이해합니다."
        case "course":
            return f"{value} 수업을 듣습니다."
        case "major":
            return f"전공은 {value}입니다."
        case kind:
            return f"{_KO_HEADS[kind]}: {value}"


_KO_HEADS = {
    "goal": "목표",
    "year": "학년",
    "preference": "바라는 방식",
    "availability": "공부하는 시간",
    "level": "수준",
}
_EN_HEADS = {
    "goal": "Goal",
    "year": "Year",
    "preference": "Preference",
    "availability": "Availability",
    "level": "Level",
}


def _korean_when(item: Found) -> str:
    if item.cancelled or item.when is None:
        return "취소되었습니다."
    first, last = item.when.start, item.when.end - timedelta(days=1)
    if item.when.kind == "day":
        about = "쯤" if item.when.slack else ""
        return f"{_korean_day(first)}{about}입니다."
    return f"{_korean_day(first)}에서 {_korean_day(last)} 사이입니다."


def _korean_day(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def _english(item: Found) -> str:
    value = item.value
    match item.kind:
        case "name":
            return f"The student's name is {value}."
        case "exam":
            return f"The {value} is {_english_when(item.when, item.cancelled, 'on')}."
        case "deadline":
            due = "" if item.cancelled else "due "
            return f"The {value} is {due}{_english_when(item.when, item.cancelled, 'on')}."
        case "confusion":
            return f"The student is confused about {value}."
        case "understood":
            return f"The student now understands {value}."
        case "course":
            return f"The student takes {value}."
        case "major":
            return f"The student's major is {value}."
        case kind:
            return f"{_EN_HEADS[kind]}: {value}"


def _english_when(when: Span | None, cancelled: bool, preposition: str) -> str:
    if cancelled or when is None:
        return "cancelled"
    if when.kind == "day":
        return f"{'around' if when.slack else preposition} {when.start.isoformat()}"
    return f"between {when.start.isoformat()} and {(when.end - timedelta(days=1)).isoformat()}"
