"""What a good tutor does next, and why: one pure function, read by the brief, the faces and the model.

docs/tutor-policy.md is its table of states and steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from ...memory.dates.naming import Language
from ...memory.text import josa

Action = Literal[
    "answer",
    "await_answer",
    "answer_parked",
    "check",
    "review",
    "study",
    "practise",
    "explain",
    "go_on",
    "ask_goal",
]

EVE: Final = 1
"""Days before an exam from which nothing new is begun."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits, or something held wrongly that waits to be checked: its words and its row."""

    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam or another goal to come, the row that says so, and what that is about ("exam:final:ai")."""

    name: str
    day: date
    id: str
    subject: str = "exam"

    @property
    def is_goal(self) -> bool:
        """Whether it is a goal of the student's and no exam."""
        return self.subject.startswith("goal")


@dataclass(frozen=True, slots=True)
class LearnerState:
    """What is known of the learner, from rows.

    Attributes:
        unanswered: The question of a turn that got no answer.
        quiz: The question that the professor asked and that is open.
        parked: Questions put off, the oldest first.
        checks: What is hard or held wrongly and was not spoken of today, the longest ago first.
        due, minutes: Cards that are due, and how long they take.
        exams: To come, the nearest first.
        today: The first topic of today's plan that is new.
        weak: Topics below what is solid, the weakest first.
        unexplained: Topics that go well and were not put in the student's own words yet.
        stopped: The last real question of the last talk.
    """

    unanswered: Waiting | None = None
    quiz: Waiting | None = None
    parked: Sequence[Waiting] = ()
    checks: Sequence[Waiting] = ()
    due: int = 0
    minutes: int = 0
    exams: Sequence[Exam] = ()
    today: str | None = None
    weak: Sequence[str] = ()
    unexplained: Sequence[str] = ()
    stopped: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next.

    Attributes:
        what: The question, topic or thing it is about.
        why: In both languages, one sentence.
        id: The row that it rests on, "" where it is counted from many.
        minutes: It takes; 0 where nobody knows.
    """

    action: Action
    what: str
    why: dict[Language, str]
    id: str = ""
    minutes: int = 0


def next_step(state: LearnerState, now: datetime) -> Step:
    """Say what a good tutor does next.

    Args:
        now: The student's local time.
    """
    return _waiting(state) or _before_exam(state, now.date()) or _learning(state) or _otherwise(state)


def say_step(step: Step, language: Language) -> str:
    """Put a step to the student as an offer, in one line."""
    action = "look_over" if step.action == "review" and not step.what else step.action
    object_of = josa(step.what, "을/를") if step.what else ""
    return _OFFERS[action][language].format(what=step.what, object=object_of, minutes=step.minutes)


def wish_for(step: Step, language: Language) -> str:
    """Say what a student says who wants a step done that a brief offers."""
    if step.action == "await_answer":
        return "문제 내 주세요" if language == "ko" else "quiz me"
    course = step.action == "study"
    if language == "ko":
        return f"{step.what} 알려 주세요" if course else f"{step.what} 문제 내 주세요"
    return f"tell me about {step.what}" if course else f"quiz me on {step.what}"


_OFFERS: Final[dict[str, dict[Language, str]]] = {
    "await_answer": {
        "ko": "먼저 이 문제의 답을 들려주세요: ‘{what}’",
        "en": "First your answer to this: “{what}”",
    },
    "answer": {"ko": "먼저 이 질문부터 답해 드릴까요? ‘{what}’", "en": "Shall I answer this first? “{what}”"},
    "answer_parked": {
        "ko": "먼저 이 질문부터 답해 드릴까요? ‘{what}’",
        "en": "Shall I answer this first? “{what}”",
    },
    "check": {"ko": "{object} 다시 확인해 볼까요?", "en": "Shall we check {what} again?"},
    "review": {
        "ko": "복습 {what}장({minutes}분쯤)부터 할까요?",
        "en": "Start with {what} reviews (about {minutes} min)?",
    },
    "look_over": {
        "ko": "지금까지 본 것을 한 번 훑어볼까요?",
        "en": "Shall we go over what we had once more?",
    },
    "study": {"ko": "오늘은 {what}부터 볼까요?", "en": "Shall we begin with {what} today?"},
    "practise": {"ko": "{object} 더 연습해 볼까요?", "en": "Shall we practise {what} some more?"},
    "explain": {
        "ko": "{object} 직접 설명해 보시겠어요?",
        "en": "Would you explain {what} in your own words?",
    },
    "go_on": {"ko": "‘{what}’ 이야기를 이어서 할까요?", "en": "Shall we go on with “{what}”?"},
    "ask_goal": {
        "ko": "언제 무엇을 준비하시나요? 시험 날짜를 알려 주시면 계획을 세워 드립니다.",
        "en": "What are you preparing for, and when is it? With the day of the exam I can make a plan.",
    },
}


def _waiting(state: LearnerState) -> Step | None:
    """What somebody waits for."""
    if state.quiz:
        return _about(
            "await_answer",
            state.quiz,
            "물어본 문제의 답을 아직 듣지 못했습니다.",
            "A question that I asked is still open.",
        )
    if state.unanswered:
        return _about(
            "answer",
            state.unanswered,
            "마지막 질문이 답을 받지 못했습니다.",
            "The last question got no answer.",
        )
    if state.parked:
        return _about("answer_parked", state.parked[0], "미뤄 둔 질문입니다.", "This question was put off.")
    return None


def _learning(state: LearnerState) -> Step | None:
    """What keeps and extends what is known."""
    if state.checks:
        why = (
            "다른 날 다시 확인하기로 한 것입니다.",
            "It was hard, and is asked about again on another day.",
        )
        return _about("check", state.checks[0], *why)
    if state.due:
        return _reviews(state)
    if state.today:
        exam = state.exams[0].id if state.exams else ""
        return Step(
            "study", state.today, {"ko": "오늘 계획에 있습니다.", "en": "It is on today's plan."}, exam
        )
    if state.weak:
        return Step(
            "practise", state.weak[0], {"ko": "가장 약한 주제입니다.", "en": "It is the weakest topic."}
        )
    return None


def _otherwise(state: LearnerState) -> Step:
    why: dict[Language, str]
    if state.unexplained:
        why = {
            "ko": "아직 자신의 말로 설명해 보지 않았습니다.",
            "en": "It was not yet put in the student's own words.",
        }
        return Step("explain", state.unexplained[0], why)
    if state.stopped:
        return _about(
            "go_on", state.stopped, "지난번에 여기까지 이야기했습니다.", "This is where we stopped."
        )
    why = {"ko": "시험이나 목표를 아직 모릅니다.", "en": "No exam or goal is known yet."}
    return Step("ask_goal", "", why)


def _before_exam(state: LearnerState, today: date) -> Step | None:
    """On the eve and on the day only what was learnt is gone over: cards, then what was hard, then the weakest."""
    if not state.exams or (left := (state.exams[0].day - today).days) > EVE:
        return None
    exam = state.exams[0]
    if state.due:
        return _reviews(state)
    if state.checks:
        return _about(
            "check", state.checks[0], "시험 전에 다시 볼 것입니다.", "It was hard, and the exam is near."
        )
    when = {"ko": "오늘" if left == 0 else "내일", "en": "today" if left == 0 else "tomorrow"}
    why: dict[Language, str] = {
        "ko": f"시험이 {when['ko']}이라 새로운 것은 시작하지 않습니다.",
        "en": f"The exam is {when['en']}, so nothing new is begun.",
    }
    if state.weak:
        return Step("practise", state.weak[0], why, exam.id)
    return Step("review", "", why, exam.id)


def _reviews(state: LearnerState) -> Step:
    why: dict[Language, str] = {"ko": "복습할 때가 된 카드가 있습니다.", "en": "Cards are due for review."}
    return Step("review", str(state.due), why, minutes=state.minutes)


def _about(action: Action, waiting: Waiting, ko: str, en: str) -> Step:
    return Step(action, waiting.text, {"ko": ko, "en": en}, waiting.id)
