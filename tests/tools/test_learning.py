from __future__ import annotations

import json

import pytest

from officehours.memory.learner.cards import Cards
from officehours.memory.learner.promises import Promises
from officehours.memory.recall import Sessions
from officehours.memory.types import ToolCall
from officehours.tools.base import ToolContext
from officehours.tools.learning import card_tools, promise_tools
from officehours.tools.registry import Registry


@pytest.fixture
def cards(database, student, clock) -> Cards:
    return Cards(database, student.id, clock)


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


def call(cards: Cards, context: ToolContext, **arguments: str):
    registry = Registry(card_tools(cards))
    made = ToolCall("1", "make_card", json.dumps(arguments))
    return registry.run(made, context), registry.why_ask(made, context) is not None


def test_a_card_is_made_once_with_its_turn_and_goes_when_that_is_undone(cards, sessions):
    session = sessions.create("kim")
    turn, asked = sessions.begin_turn(session, "카드로 만들어 줘", "UTC")
    context = ToolContext(language="ko", message_id=asked.id, trust="course")
    outcome, waits = call(cards, context, front="ReLU란?", back="max(0, x)", topic="딥러닝")
    (card,) = cards.all()
    assert (outcome.ok, waits) == (True, False)
    assert f"[{card.name}]" in outcome.output
    assert (card.origin, card.message_id, card.trust) == ("conversation", asked.id, "course")
    again, _ = call(cards, context, front="ReLU란?", back="max(0, x)")
    assert "None was made" in again.output
    sessions.finish_turn(turn, "done")
    sessions.undo(session)
    assert cards.all() == cards.due() == []


def test_an_empty_card_is_refused_so_that_the_model_can_mend_it(cards):
    outcome, _ = call(cards, ToolContext(), front="What?", back=" ")
    assert (outcome.ok, outcome.retry) == (False, True)
    assert cards.all() == []


def test_a_card_waits_for_the_student_once_a_stranger_speaks_in_the_turn(cards):
    assert call(cards, ToolContext(trust="web", outside=True), front="a", back="b")[1]


def test_a_promise_is_open_until_it_is_kept_or_dismissed_and_goes_with_its_turn(
    sessions, database, student, clock
):
    promises = Promises(database, student.id, clock)
    registry = Registry(promise_tools(promises))

    def run(name: str, **arguments: object) -> str:
        made = ToolCall("1", name, json.dumps(arguments))
        return registry.run(made, ToolContext(language="ko", message_id=asked.id)).output

    session = sessions.create("kim")
    turn, asked = sessions.begin_turn(session, "다음에 뭐 해요?", "UTC")
    assert run("promise", text="다음에는  특잇값 분해부터 합니다") == "Promised [r1]."
    assert run("promise", text="다음에는 특잇값 분해부터 합니다") == "Promised [r1]."
    assert run("promise", text="연습 문제를 드립니다") == "Promised [r2]."
    assert [promise.text for promise in promises.open()] == [
        "다음에는 특잇값 분해부터 합니다",
        "연습 문제를 드립니다",
    ]
    assert run("promise", closes="[r2]") == "Closed r2."
    assert "no promise r9" in run("promise", closes="r9")
    assert "300" in run("promise", text="x" * 400)
    assert "300" in run("promise")
    sessions.finish_turn(turn, "done")
    sessions.undo(session)
    assert promises.open() == []
