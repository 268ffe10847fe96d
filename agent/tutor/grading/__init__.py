"""Grading in code: numbers, algebra, sets, intervals, choices and words, in any notation and in both languages.

It calls the calculator's notation and `memory`'s text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....memory.lazy import hand_on

if TYPE_CHECKING:
    from .grader import grade
    from .values import AnswerKey, Grade, ResponseKind

__all__ = ["AnswerKey", "Grade", "ResponseKind", "grade"]

__getattr__ = hand_on(__name__, {"grader": "grade", "values": "AnswerKey Grade ResponseKind"})
