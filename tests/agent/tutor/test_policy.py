from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from officehours.agent.tutor.policy import Action, Exam, LearnerState, Waiting, next_step, say_step
from officehours.memory.learner.misconceptions import Event, state_after

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))
Q, P = Waiting("왜 0인가요?", "m9"), Waiting("베이즈 정리가 뭐예요?", "m3")
HARD = Waiting("역전파", "m5")
SOON, LATER = Exam("기말", date(2026, 11, 27), "a2"), Exam("기말", date(2026, 12, 20), "a2")
EVERYTHING = LearnerState(Q, HARD, [P], [HARD], 12, 4, [LATER], "svd", ["relu"], ["lora"], Q)
EMPTY = LearnerState()

# Under each row of the document, states that it is the first to hold of: each line takes away what the one above answered.
ROWS = {
    "the professor asked something and it is open": [(EVERYTHING, ("await_answer", "역전파", "m5"))],
    "a turn got no answer (a crash, a failure, an interruption)": [
        (replace(EVERYTHING, quiz=None), ("answer", "왜 0인가요?", "m9")),
    ],
    "a question is parked": [
        (replace(EVERYTHING, quiz=None, unanswered=None), ("answer_parked", "베이즈 정리가 뭐예요?", "m3")),
    ],
    "the exam is today or tomorrow": [
        (LearnerState(due=12, minutes=4, exams=[SOON], checks=[HARD], today="svd"), ("review", "12", "")),
        (LearnerState(checks=[HARD], exams=[SOON], weak=["relu"]), ("check", "역전파", "m5")),
        (LearnerState(exams=[SOON], today="svd", weak=["relu"]), ("practise", "relu", "a2")),
        (LearnerState(exams=[SOON], today="svd"), ("review", "", "a2")),
    ],
    "something was hard or held wrongly and was not spoken of today": [
        (replace(EVERYTHING, quiz=None, unanswered=None, parked=()), ("check", "역전파", "m5")),
    ],
    "cards are due": [
        (replace(EVERYTHING, quiz=None, unanswered=None, parked=(), checks=()), ("review", "12", "")),
    ],
    "today's plan holds a new topic": [
        (LearnerState(exams=[LATER], today="svd", weak=["relu"]), ("study", "svd", "a2")),
    ],
    "a topic is weak": [(LearnerState(weak=["relu"], unexplained=["lora"]), ("practise", "relu", ""))],
    "a topic goes well and was never explained": [
        (LearnerState(unexplained=["lora"], stopped=Q), ("explain", "lora", "")),
    ],
    "the last talk stopped at a question": [(LearnerState(stopped=Q), ("go_on", "왜 0인가요?", "m9"))],
    "nothing is known": [(EMPTY, ("ask_goal", "", ""))],
}


def table(head: str) -> list[list[str]]:
    """Read the table of the document whose first column has that head, the head first."""
    text = (Path(__file__).parents[3] / "docs" / "tutor-policy.md").read_text(encoding="utf-8")
    rows = [re.findall(r"^\| (.+) \|$", part, re.MULTILINE) for part in text.split("\n\n")]
    return next([row.split(" | ") for row in found] for found in rows if found and found[0].startswith(head))


@pytest.mark.parametrize(
    ("row", "steps"), [row[:2] for row in table("state")[1:]], ids=lambda cell: cell[:30]
)
def test_each_row_of_the_document_is_what_the_code_does(row, steps):
    cases = ROWS[row]
    assert re.findall(r"`(\w+)`", steps) == [expected[0] for _, expected in cases]
    for state, expected in cases:
        step = next_step(state, NOW)
        assert (step.action, step.what, step.id) == expected
        assert step.why["ko"].endswith("다.")
        assert step.why["en"].endswith(".")
        assert say_step(step, "ko")
        assert say_step(step, "en")


def test_no_row_is_missing_in_the_document():
    assert [row[0] for row in table("state")[1:]] == list(ROWS)
    assert {expected[0] for cases in ROWS.values() for _, expected in cases} == set(get_args(Action))


# What brings a misconception into each state, one day after the other.
INTO = {
    "suspected": ["seen"],
    "confirmed": ["seen", "seen"],
    "challenged": ["seen", "asked"],
    "claimed": ["seen", "claimed"],
    "resolved": ["seen", "right", "right"],
    "relapsed": ["seen", "right", "right", "seen"],
}


@pytest.mark.parametrize("row", table("event")[1:], ids=lambda row: row[0][:24])
def test_each_event_of_the_document_leads_where_it_says(row):
    kind = re.findall(r"`(\w+)`", row[0])[0]
    told = [kind, kind] if "second day" in row[0] else [kind]
    for state, after in zip(table("event")[0][1:], row[1:], strict=True):
        days = enumerate([*INTO[state], *told])
        events = [Event(k, "", None, NOW, NOW.date() + timedelta(days=n)) for n, k in days]  # pyright: ignore[reportArgumentType]
        assert state_after(events[: len(INTO[state])]) == state
        assert state_after(events) == after
