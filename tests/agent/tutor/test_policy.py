from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from officehours.agent.tutor.policy import Action, Exam, LearnerState, Waiting, next_step, say_step

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))
Q, P = Waiting("왜 0인가요?", "m9"), Waiting("베이즈 정리가 뭐예요?", "m3")
HARD = Waiting("역전파", "m5")
SOON, LATER = Exam("기말", date(2026, 11, 27), "a2"), Exam("기말", date(2026, 12, 20), "a2")
EVERYTHING = LearnerState(Q, HARD, [P], [HARD], 12, 4, [LATER], "svd", ["relu"], ["lora"], Q)
EMPTY = LearnerState()

# Each line takes away what the one before it answered, so that the order is what is tested.
TABLE = [
    ("a question of the professor's is open", EVERYTHING, ("await_answer", "역전파", "m5")),
    ("a turn got no answer", replace(EVERYTHING, quiz=None), ("answer", "왜 0인가요?", "m9")),
    (
        "a question is parked",
        replace(EVERYTHING, quiz=None, unanswered=None),
        ("answer_parked", "베이즈 정리가 뭐예요?", "m3"),
    ),
    ("the exam is tomorrow, cards are due", LearnerState(due=12, minutes=4, exams=[SOON], today="svd"), ("review", "12", "")),
    ("the exam is tomorrow, something was hard", LearnerState(checks=[HARD], exams=[SOON]), ("check", "역전파", "m5")),
    ("the exam is tomorrow, a topic is weak", LearnerState(exams=[SOON], today="svd", weak=["relu"]), ("practise", "relu", "a2")),
    ("the exam is tomorrow, nothing is known", LearnerState(exams=[SOON], today="svd"), ("review", "", "a2")),
    (
        "something was hard on another day",
        replace(EVERYTHING, quiz=None, unanswered=None, parked=()),
        ("check", "역전파", "m5"),
    ),
    ("cards are due", replace(EVERYTHING, quiz=None, unanswered=None, parked=(), checks=()), ("review", "12", "")),
    ("today's plan has a new topic", LearnerState(exams=[LATER], today="svd", weak=["relu"]), ("study", "svd", "a2")),
    ("a topic is weak", LearnerState(weak=["relu"], unexplained=["lora"]), ("practise", "relu", "")),
    ("a topic goes well but was never explained", LearnerState(unexplained=["lora"], stopped=Q), ("explain", "lora", "")),
    ("we stopped somewhere", LearnerState(stopped=Q), ("go_on", "왜 0인가요?", "m9")),
    ("nothing is known", EMPTY, ("ask_goal", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("state", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_next_step_follows_from_the_state(state, expected):
    step = next_step(state, NOW)
    assert (step.action, step.what, step.id) == expected
    assert step.why["ko"].endswith("다.")
    assert step.why["en"].endswith(".")
    assert say_step(step, "ko")
    assert say_step(step, "en")


def test_every_action_stands_in_the_table_and_in_the_document():
    document = (Path(__file__).parents[3] / "docs" / "tutor-policy.md").read_text(encoding="utf-8")
    assert {expected[0] for _, _, expected in TABLE} == set(get_args(Action))
    assert all(f"`{action}`" in document for action in get_args(Action))
