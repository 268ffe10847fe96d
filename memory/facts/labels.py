"""What exams, assignments and subjects are called in the other language, for those that have a common name.

A student may state "시험" in Korean and ask in English. A label of which every word is known is said in the language
of the conversation; any other stays in the student's words.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from .clauses import is_korean

_PAIRS: Final = (
    # Korean | English; of several Korean names for one thing the first is the one that is said
    "기말고사 기말시험 기말 | final exam", "중간고사 중간시험 중간 | midterm exam", "쪽지시험 퀴즈 | quiz",
    "시험 고사 | exam", "시험 | test", "모의고사 | mock exam", "기말고사 | final", "중간고사 | midterm", "면접 | interview",
    "과제 | assignment", "숙제 | homework", "보고서 레포트 리포트 | report", "에세이 | essay", "프로젝트 | project",
    "발표 | presentation", "논문 | paper", "제안서 | proposal", "조 | group", "팀 | team", "최종 | final",
    "인공지능 | AI", "머신러닝 기계학습 | machine learning", "딥러닝 심층학습 | deep learning", "자연어처리 | NLP",
    "선형대수 선형대수학 | linear algebra", "통계 통계학 | statistics", "미적분 미적분학 | calculus",
    "확률 | probability", "물리 물리학 | physics", "화학 | chemistry", "생물 생물학 | biology", "수학 | math",
    "영어 | English", "한국어 | Korean", "국어 | Korean", "역사 | history", "경제학 경제 | economics",
    "심리학 | psychology", "철학 | philosophy", "알고리즘 | algorithms", "자료구조 | data structures",
    "운영체제 | operating systems", "데이터베이스 | databases", "네트워크 | networks", "프로그래밍 | programming",
)  # fmt: skip
_SPLIT = [pair.split(" | ") for pair in _PAIRS]
_ENGLISH: Final = {korean: english for names, english in reversed(_SPLIT) for korean in names.split()}
_KOREAN: Final = {english.casefold(): names.split()[0] for names, english in reversed(_SPLIT)}
_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9+#-]*")


def label_in(label: str, language: Literal["ko", "en"]) -> str:
    """Say a label in a language: ("AI 기말고사", "en") -> "AI final exam". Unknown words leave it as it is."""
    if is_korean(label) == (language == "ko"):
        return label
    said = _spelled(label.split(), _ENGLISH if language == "en" else _KOREAN)
    return label if said is None else said


def _spelled(words: list[str], names: dict[str, str]) -> str | None:
    """Say words by the longest names known among them; None where one is not known. Codes such as CS101 stay."""
    said: list[str] = []
    while words:
        for count in range(len(words), 0, -1):
            name = _named(" ".join(words[:count]), names)
            if name is not None:
                break
        else:
            return None
        said.append(name)
        words = words[count:]
    return " ".join(said)


def _named(words: str, names: dict[str, str]) -> str | None:
    """One name: a known one, a code, or Korean names written together ("통계기말고사")."""
    if words.casefold() in names:
        return names[words.casefold()]
    if _PLAIN.fullmatch(words):
        return words
    for end in range(len(words) - 1, 0, -1):
        if words[:end] in names and is_korean(words) and (rest := _named(words[end:], names)) is not None:
            return f"{names[words[:end]]} {rest}"
    return None
