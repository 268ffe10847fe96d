from __future__ import annotations

from datetime import timedelta

import pytest

from officehours.agent.learner.mastery import Practice
from officehours.agent.learner.topics import CourseTopics
from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.memory.learner.cards import Cards
from officehours.memory.learner.quiz_values import Attempt, NewItem
from officehours.memory.learner.quizzes import Quizzes
from officehours.memory.learner.values import NewCard


def test_attempts_and_reviews_stand_side_by_side_by_topic(database, student, other, clock):
    mine, schedule = (database, student.id, clock), FsrsSchedule()
    cards, quizzes = Cards(*mine), Quizzes(*mine)
    for correct, topic in ((0, "LoRA"), (1, "LoRA"), (1, "ReLU"), (1, "")):
        quizzes.record(Attempt("x", correct, "code", topic))
    Quizzes(database, other.id, clock).record(Attempt("x", 1, "code", "SVD"))
    seen, _, _ = (cards.add(NewCard(front, "b", topic)).card for front, topic in
                  (("f1", "LoRA"), ("never reviewed", "LoRA"), ("no review, no answer", "PCA")))  # fmt: skip
    moved, _ = cards.review(seen.id, 3, schedule)
    now = clock() + timedelta(days=30)
    quiz = quizzes.start([NewItem("ReLU?", ("k",), "explain", topic="ReLU")])
    quizzes.record(Attempt("max(0, x)", 1, "student", "ReLU", item_id=quizzes.next_item(quiz.id).id))
    known = Practice.of(*mine, CourseTopics.of(database, student.id)).mastery(now)
    assert {topic: (item.attempts, item.explained) for topic, item in known.items()} == {
        "LoRA": (2, False),
        "ReLU": (2, True),
    }
    assert known["LoRA"].correctness == pytest.approx(1 / 1.7)
    assert known["LoRA"].retrievability == pytest.approx(schedule.retrievability(moved.schedule, now))
    assert known["ReLU"].retrievability is None
