"""What a fact is about, as a key, and of which subjects a person has only one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .values import Kind, StatedFact

SINGLE: Final = frozenset({"name", "nickname", "school", "year", "major"})
"""Of these a person has one: a newer statement takes the older one's place."""

NAMED: Final = frozenset({"exam", "deadline", "goal", "course", "confusion"})
"""Of these a person has many, and each that is named is one: this exam has one day, this topic is clear or not."""

PLAIN: Final = frozenset({"과제", "숙제", "assignment", "homework"})
"""Names that many things bear at the same time: two such statements need not be about one thing."""

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
_DEADLINE_WORD = re.compile(r"마감|\bdeadline\b", re.IGNORECASE)


def subject_of(kind: Kind, value: str) -> str:
    """Give the subject of a fact from the student's words: ("exam", "AI 기말") -> "exam:final:ai"."""
    if kind in SINGLE:
        return kind
    parts = [kind]
    if kind == "exam":
        parts += [name for name, pattern in _TYPE if pattern.search(value)][:1]
        for _, pattern in _TYPE:
            value = pattern.sub(" ", value)
        value = _EXAM_WORD.sub(" ", value)
    elif kind == "deadline":
        value = _DEADLINE_WORD.sub(" ", value)
    return ":".join(part for part in (*parts, normal(value)) if part)


def normal(words: str) -> str:
    """Give words as they are compared: "The linear-algebra course" and "선형대수 course" are one."""
    for name, pattern in _ALIAS.items():
        words = pattern.sub(name, words)
    words = re.sub(
        r"\b(?:[Tt]he|an?|[Mm]y|concept of)\b|^An?\s(?=[a-z])", " ", words
    )  # but an A is no article
    return re.sub(r"[\s.,·'\"()\-]+", "", words.lower())


def called(facts: Iterable[StatedFact]) -> str:
    """What a student wants to be called, of the facts that hold, oldest first: the nickname, else the name, else ""."""
    names = {fact.kind: fact.value for fact in facts if fact.kind in {"name", "nickname"}}
    return names.get("nickname") or names.get("name", "")


def single_valued(subject: str) -> bool:
    """Whether of two statements on a subject only one can hold: a name, this exam's day, this topic's state."""
    kind, _, name = subject.partition(":")
    return subject in SINGLE or (kind in NAMED and bool(name) and name not in PLAIN)


def is_within(subject: str, wider: str) -> bool:
    """Whether a subject is a nearer name for what `wider` may mean: "exam:final:ai" for "exam:final" and "exam"."""
    kind, *names = subject.split(":")
    wide_kind, *wide_names = wider.split(":")
    if kind != wide_kind:
        return False
    if kind == "deadline" and wide_names:  # "the essay" may be "the philosophy essay"
        return bool(names) and names[0].endswith(wide_names[0])
    return set(wide_names) <= set(names)
