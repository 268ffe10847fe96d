"""The values of quizzes: a problem with its key, a question, an answer as it was given, a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .problem_sets import Problem

Kind = Literal["short", "choice", "ox", "explain"]
"""A free answer, one of several, true or false, or something to be put in the student's own words."""

GradedBy = Literal["code", "model", "student", "nobody"]
ItemState = Literal["waiting", "asked", "answered", "given_up"]


@dataclass(frozen=True, slots=True)
class KeptProblem:
    """A problem that is kept; `id` is its row, shown as `p12`."""

    id: int
    problem_set: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something a quiz asks, with its key and what it was made of."""

    question: str
    answers: tuple[str, ...]
    kind: Kind = "short"
    answer_type: str = ""
    topic: str = ""
    choices: tuple[str, ...] = ()
    card_id: int | None = None
    problem_id: int | None = None
    archival_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuizItem(NewItem):
    """One question of a quiz that was begun; `place` counts from 1, and `hints` were given for it."""

    id: int = 0
    place: int = 0
    state: ItemState = "waiting"
    hints: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer as it was given. Asking for a hint, for choices or for the answer is none.

    Attributes:
        correct: 0, 0.5 or 1; None where nobody has graded it: the student saw the key and compares.
        reason: Why it was graded so.
        message_id: The message it stood in; it goes with it.
    """

    response: str
    correct: float | None
    graded_by: GradedBy
    topic: str = ""
    reason: str = ""
    hints_used: int = 0
    item_id: int | None = None
    problem_id: int | None = None
    card_id: int | None = None
    message_id: int | None = None
    id: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How a quiz stands, each question by its best attempt.

    Attributes:
        points: Sum of those, half points included.
        closed: Questions that were answered or given up; `asked` of them have an attempt.
        total: All questions.
    """

    points: float
    closed: int
    asked: int
    total: int


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz; `id` is its row, shown as `q3`. It is asked in the conversation `session_id`, or by the command."""

    id: int
    topic: str
    kind: str
    state: Literal["open", "finished", "stopped"]
    again_of: int | None
    session_id: int | None
    created_at: datetime
    finished_at: datetime | None
