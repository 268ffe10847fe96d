from __future__ import annotations

import pytest

from officehours.agent.tutor.mastery import Mastery, mastery, recent_correctness
from officehours.memory.learner.quiz_values import Attempt


@pytest.mark.parametrize(
    ("correct", "expected"),
    [
        ([], None),
        ([1.0], 1.0),
        ([0.5], 0.5),
        ([0, 1.0], 1 / 1.7),
        ([1.0, 0], 0.7 / 1.7),
        ([1, 1, 1, 1, 1, 1, 0, 0], 1 - (1 + 0.7) / sum(0.7**n for n in range(8))),
    ],
)
def test_later_answers_weigh_more(correct, expected):
    assert recent_correctness(correct) == (expected if expected is None else pytest.approx(expected))


def test_both_figures_stand_side_by_side_with_the_number_of_attempts():
    told = (("svd", 0), ("svd", 1), ("", 0), ("relu", 1))
    answers = [Attempt("x", correct, "code", topic) for topic, correct in told]
    known = mastery(answers, {"svd": [0.9, 0.7], "lora": [0.95]}, {"svd"})
    svd = known["svd"]
    assert (svd.correctness, svd.retrievability) == (pytest.approx(1 / 1.7), pytest.approx(0.8))
    assert (svd.attempts, svd.explained) == (2, True)
    assert known["relu"] == Mastery("relu", 1.0, None, 1)
    assert known["lora"] == Mastery("lora", None, 0.95, 0)
    assert known["lora"].say("ko") == "정답 – (0회), 기억 95%, 설명은 아직"
    assert known["svd"].say("en") == "right 59% (2 attempts), remembered 80%, explained"


@pytest.mark.parametrize(
    ("topic", "solid"),
    [
        (Mastery("t", 1.0, 0.9, 3, explained=True), True),
        (Mastery("t", 1.0, None, 3, explained=True), True),
        (Mastery("t", 1.0, 0.9, 2, explained=True), False),
        (Mastery("t", 1.0, 0.9, 3), False),
        (Mastery("t", 1.0, 0.6, 9, explained=True), False),
        (Mastery("t", 0.6, 1.0, 9, explained=True), False),
        (Mastery("t", None, 1.0, 0, explained=True), False),
    ],
)
def test_a_topic_is_solid_when_right_remembered_and_explained(topic, solid):
    assert topic.solid is solid
