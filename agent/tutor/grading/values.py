"""A key, and what an answer is worth by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ResponseKind = Literal["attempt", "dont_know", "gives_up", "asks_for_answer", "asks_for_choices", "empty"]
"""What a student's words are; only an attempt is graded. Asking for the answer, however often, is not giving up."""

Verdict = Literal["right", "part", "rounded", "wrong", "other_choice", "unclear", "no_attempt"]


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What a problem is graded by.

    Attributes:
        answers: Each alone is a right answer.
        answer_type: As the problem set says, such as "arithmetic" or "string"; "" where it says nothing.
        choices: What is offered to choose from; empty where the answer is free.
        question: What is asked: given back as the answer it is none.
    """

    answers: tuple[str, ...]
    answer_type: str = ""
    choices: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a response is worth.

    Attributes:
        correct: 0, 0.5 or 1; None where it is no attempt, or where code cannot tell.
        verdict: Why.
    """

    correct: float | None
    kind: ResponseKind
    verdict: Verdict

    def reason(self, language: str) -> str:
        """Say why, in a sentence that does not give the answer away."""
        return _REASONS[self.verdict]["ko" if language == "ko" else "en"]


_REASONS: Final[Mapping[Verdict, Mapping[str, str]]] = {
    "right": {"en": "That is the answer.", "ko": "정답과 같습니다."},
    "part": {"en": "A part of it is right.", "ko": "일부만 맞았습니다."},
    "rounded": {
        "en": "It is near, but rounded too far or written without what belongs to it.",
        "ko": "가깝지만, 너무 크게 반올림했거나 빠진 표기가 있습니다.",
    },
    "wrong": {"en": "It is not equal to the answer.", "ko": "정답과 다릅니다."},
    "other_choice": {"en": "It is another of the choices.", "ko": "다른 보기를 골랐습니다."},
    "unclear": {
        "en": "Whether it is right takes reading, not comparing.",
        "ko": "비교만으로는 채점할 수 없고 읽어 봐야 합니다.",
    },
    "no_attempt": {"en": "It is not an attempt.", "ko": "답을 시도한 것이 아닙니다."},
}
