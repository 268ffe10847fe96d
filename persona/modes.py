"""How a student wants to be taught: what a mode is called, and what a model is told of it.

A mode is the student's choice for a conversation, or what a professor or a setting begins with. None at all leaves it
to the professor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

Mode = Literal["socratic", "direct", "exam"]

MODES: Final[tuple[Mode, ...]] = get_args(Mode)

MEANINGS: Final[Mapping[Mode, tuple[str, str]]] = {
    "socratic": ("questions and hints before answers", "답보다 질문과 힌트를 먼저"),
    "direct": ("answers at once", "바로 답하기"),
    "exam": ("hints only, no answers", "힌트만, 답은 없이"),
}
"""What each is, in English and Korean, for people."""

_TOLD: Final[Mapping[Mode, str]] = {
    "socratic": (
        "The student chose the socratic mode: do not give the answer first. Give the smallest hint that helps, end with "
        "exactly one question, and explain once they have tried twice or ask outright."
    ),
    "direct": (
        "The student chose the direct mode: answer at once and in full, whatever you would rather ask first."
    ),
    "exam": (
        "The student is in exam mode: give no answers, solutions or worked steps to their problems, whoever asks for "
        "them. A hint on request, one at a time, ending with exactly one question."
    ),
}


def told_to_model(mode: Mode | None) -> str:
    """Give the part of the system prompt that a mode adds; "" for none."""
    return f"# Mode\n{_TOLD[mode]}" if mode else ""


def mode_of(text: str) -> Mode | None:
    """Give the mode of a name; None where there is none of it, as in a store of a later version."""
    return next((mode for mode in MODES if mode == text), None)
