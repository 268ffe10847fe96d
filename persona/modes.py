"""How a student wants to be taught: what a mode is called, and what a model is told of it.

A mode is the student's choice for a conversation, or what a professor or a setting begins with. None at all leaves it
to the professor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from ..memory.errors import UsageError

Mode = Literal["socratic", "direct", "exam"]

MODES: Final[tuple[Mode, ...]] = get_args(Mode)

LABELS: Final[Mapping[Mode, tuple[str, str]]] = {
    "socratic": ("socratic", "문답"),
    "direct": ("direct", "직답"),
    "exam": ("exam", "시험"),
}
"""What each is called in English and Korean."""

MEANINGS: Final[Mapping[Mode, tuple[str, str]]] = {
    "socratic": ("hints and questions before answers", "답보다 힌트와 질문 먼저"),
    "direct": ("answers at once", "바로 답하기"),
    "exam": ("hints only, no answers", "답 없이 힌트만"),
}
"""What each is, in English and Korean."""

_TOLD: Final[Mapping[Mode, str]] = {
    "socratic": (
        "Socratic: not the answer first, but the smallest hint that helps and exactly one question at the end. Explain "
        "after two tries, or when asked outright."
    ),
    "direct": "Direct: the student wants answers at once and in full; do not ask first.",
    "exam": (
        "Exam: no answers, solutions or worked steps to the student's problems, whoever asks for them. One hint at a "
        "time, on request, with exactly one question at the end."
    ),
}


def told_to_model(mode: Mode | None) -> str:
    """Give the part of the system prompt that a mode adds; "" for none."""
    return f"# Mode\n{_TOLD[mode]}" if mode else ""


def mode_of(text: str) -> Mode | None:
    """Give the mode of a name in either language; None where there is none of it, as in a store of a later version."""
    name = text.strip().casefold()
    return next((mode for mode in MODES if name in LABELS[mode]), None)


def chosen_mode(text: str) -> Mode:
    """Give the mode that a person names.

    Raises:
        UsageError: There is no such mode; the text lists them.
    """
    mode = mode_of(text)
    if mode is None:
        raise UsageError(
            f"There is no mode {text!r}. Choose one of: {', '.join(MODES)}.",
            f"그런 방식은 없습니다: {text}. 다음 중에서 고르세요: {', '.join(ko for _, ko in LABELS.values())}.",
        )
    return mode
