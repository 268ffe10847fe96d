"""Which attribute of the student a statement gives a value to, where nobody said: "where they live", "their bank".

Two statements on one attribute cannot both hold, so the newer supersedes the older (`archival.py`). What may have
many values at once (friends, hobbies, questions) is no attribute, nor is what is said of the world. Where a rule is
in doubt it gives none: a fact that was not recognised as outdated is a nuisance, one wrongly thought so is a loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from .attributes_en import english_attribute
from .attributes_ko import korean_attribute
from .facts.clauses import is_korean
from .facts.extract import Kind, extract_facts, subject_of
from .slots import clauses

LONGEST = 200
"""Characters of a statement that is read; what is longer says more than one thing."""

_KINDS: dict[str, Kind] = {
    "major": "major",
    "전공": "major",
    "name": "name",
    "이름": "name",
    "goal": "goal",
    "목표": "goal",
    "학년": "year",
}
"""Names of attributes that the rules of `facts.py` know as a kind."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)|\n+")
_ABBREVIATED = re.compile(r"\b(?:Mr|Ms|Mrs|Dr|Prof|St)\.$")
_EXAM = re.compile(r"시험|고사|퀴즈|\b(?:exam|midterm|final|finals|test|quiz)\b", re.IGNORECASE)
_EXAM_NO_DATE = re.compile(r"점수|성적|결과|범위|과목|score|grade|result|room", re.IGNORECASE)


def attribute_of(text: str, when: datetime, zone: str) -> str | None:
    """Give the subject of a statement about the student, as a key; None where it has none.

    Args:
        text: The statement, the student's own or a model's in the third person.
        when: When it was said; `zone` is where.
    """
    if len(text) > LONGEST:
        return None
    stated = {fact.subject for fact in extract_facts(text, when, _iana(zone), "en")}
    if len(stated) == 1:
        return stated.pop()
    if stated:
        return None
    found = {key for sentence in _sentences(text) for key in _attributes(sentence)}
    return found.pop() if len(found) == 1 else None


def settled(subject: str, known: Iterable[str]) -> str:
    """Give the subject that "the exam" means where only one exam is known (as `facts.settle` does)."""
    if subject not in {"exam", "deadline"}:
        return subject
    same = {other for other in known if other.startswith(f"{subject}:")}
    return same.pop() if len(same) == 1 else subject


def _iana(zone: str) -> str:
    """Give a zone that has a name: the day a statement means matters to the rules only by being past or not."""
    return zone if zone in available_timezones() else "UTC"


def _attribute(sentence: str) -> str | None:
    key = korean_attribute(sentence) if is_korean(sentence) else english_attribute(sentence)
    if key is None:
        return None
    name = key.removesuffix(":when")
    if name in _KINDS:
        return subject_of(_KINDS[name], name)
    if name.endswith(("수준", "level")):
        return subject_of("level", name)
    if _EXAM.search(name) and not _EXAM_NO_DATE.search(name):
        return subject_of("exam", name)
    return f"is:{key}"


def _attributes(sentence: str) -> set[str]:
    """The attributes of the clauses, else that of the sentence as a whole."""
    pieces = clauses(sentence)
    found = {key for piece in pieces if (key := _attribute(piece)) is not None}
    whole = _attribute(sentence) if not found and len(pieces) > 1 else None
    return found or ({whole} if whole else set())


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for piece in _SENTENCE.split(text):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return [piece.strip() for piece in found if piece.strip()]


_CALLED = {
    "home": "home address live lives living 집 주소 동네 사는 살다",
    "work": "work works working job company employer 회사 직장 일 다니는",
    "part-time": "part-time job work 아르바이트 알바",
    "아르바이트": "part-time job 알바 일하다",
    "school": "school university college attend 학교 대학 대학교 다니는",
    "room": "room class classroom 강의실 교실 수업",
    "wake": "wake up get up morning 일어나다 기상",
    "sleep": "sleep bed 자다 취침",
    "study time": "study hours 공부 시간",
    "reading": "read reading book 읽다 책",
    "car": "car drive 차 자동차",
    "manner": "explanation answer 설명 방식",
    "enrolment": "on leave enrolled 휴학 복학 재학",
    "commute": "commute go get there 통학 다니는 타다",
}
"""What people call an attribute when they ask for it, for those whose statements often do not name it."""


def also_called(subject: str | None) -> str:
    """Give words under which a statement on a subject is to be found besides its own; "" for none."""
    if subject is None or not subject.startswith("is:"):
        return ""
    name = subject.removeprefix("is:").removesuffix(":when")
    return _CALLED.get(name) or _CALLED.get(name.partition(":")[0]) or ""
