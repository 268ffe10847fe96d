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
from .facts import Kind, extract_facts, subject_of
from .facts_clauses import is_korean

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
    found = {key for sentence in _sentences(text) if (key := _attribute(sentence)) is not None}
    return found.pop() if len(found) == 1 else None


def same_slot(old: str, new: str) -> bool:
    """Tell whether a statement is an older one with another value, and says that this holds now.

    "I drive a Honda" and "I drive a Toyota now"; "커피를 하루에 세 잔 마셔요" and "… 한 잔 마셔요". Both have the same words
    but for one place, and the new one says that something changed, or only a number differs.
    """
    before, after = _tokens(old), _tokens(new)
    if before == after or max(len(before), len(after)) > 24:
        return False
    if _many(old) or _many(new):
        return False
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    was, now = before[start : len(before) - end], after[start : len(after) - end]
    if start + end < 2 or 2 * (start + end) < max(len(before), len(after)):
        return False
    if not was or not now:  # "I'm a vegetarian", "I'm not a vegetarian any more"
        return bool(_ENDED.search(new)) and not was
    if len(was) > 4 or len(now) > 4:
        return False
    numbers = any(map(_NUMBER.search, was)) and any(map(_NUMBER.search, now))
    return numbers or bool(_NOW.search(new))


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
    "commute": "commute go get there 통학 다니는 타다",
}
"""What people call an attribute when they ask for it, for those whose statements often do not name it."""


def also_called(subject: str | None) -> str:
    """Give words under which a statement on a subject is to be found besides its own; "" for none."""
    if subject is None or not subject.startswith("is:"):
        return ""
    name = subject.removeprefix("is:").removesuffix(":when")
    return _CALLED.get(name) or _CALLED.get(name.partition(":")[0]) or ""


_NOW = re.compile(
    r"이제|요즘|지금은|더\s*이상|대신|바꿨|바뀌|변경|\b(?:now|nowadays|these days|currently|no longer|any\s?more|instead)\b",
    re.IGNORECASE,
)
_ENDED = re.compile(r"더\s*이상|이제.*(?:안|않)|\b(?:no longer|not\b.*\bany\s?more)\b", re.IGNORECASE)
_FILLER = re.compile(
    r"이제는?|요즘은?|지금은?|현재는?|그리고|다시|\b(?:now|nowadays|these|days|currently|correction|actually|also|please)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|^(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|one|two|three|four|five|six|seven|eight|nine|ten)$",
    re.IGNORECASE,
)
# What one may have, like, know or do many of at the same time.
_MANY = re.compile(
    r"좋아|싫어|헷갈|어려|알아요|압니다|이해|배우|배웠|궁금|원해|질문|친구|\b(?:like|likes|love|loves|enjoy|hate|know|knows|want|need|"
    r"understand|confused|learn|learning|learned|learnt|take|taking|took|struggle|struggling|ask|asked|friend|hobby|question)\b",
    re.IGNORECASE,
)
_MOST = re.compile(r"가장|제일|최애|\b(?:favou?rite|most|best)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.:][^\W_]+)*")
_ENDING = re.compile(r"(?<=[가-힣])(?:이에요|예요|에요|입니다|이다|이야|임)$")


def _tokens(text: str) -> list[str]:
    words = _WORD.findall(_FILLER.sub(" ", text.casefold().replace("’", "'")))
    return [_ENDING.sub("", word) for word in words]


def _many(text: str) -> bool:
    return bool(_MANY.search(text)) and not _MOST.search(text)


def _common(first: list[str], second: list[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
