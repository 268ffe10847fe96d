"""How well each topic is known, read from the attempts and the cards of one student."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from ...memory.learner.cards import Cards
from ...memory.learner.quiz_values import Attempt
from ...memory.learner.quizzes import Quizzes
from ...memory.learner.reviews import Reviews
from ...memory.learner.values import Card
from ...memory.store import Database
from ..tutor.mastery import Mastery, mastery
from ..tutor.schedule import FsrsSchedule
from .topics import CourseTopics


def mastery_of(db: Database, student_id: int, now: datetime) -> dict[str, Mastery]:
    """Give what is known now of each topic that was tried or has a card that was reviewed, as the course names it.

    Args:
        db: The store.
        student_id: Whose.
        now: Aware.
    """
    mine = (db, student_id, lambda: now)
    fitted = Reviews(*mine).parameters()
    schedule = FsrsSchedule(fitted.parameters if fitted else None)
    quizzes = Quizzes(*mine)
    topics, told = CourseTopics.of(db, student_id), quizzes.explanations()
    cards, attempts = topics.named(Cards(*mine).all(), quizzes.attempts(), quizzes.passages())
    explained = {attempt.topic for attempt in attempts if attempt.id in told}
    return mastery_by_topic(attempts, cards, schedule, now, explained)


def mastery_by_topic(
    attempts: Iterable[Attempt],
    cards: Iterable[Card],
    schedule: FsrsSchedule,
    now: datetime,
    explained: Collection[str] = (),
) -> dict[str, Mastery]:
    """Give the same of rows that were read already.

    A card that was never reviewed tells nothing of memory: FSRS has no state of it.

    Args:
        attempts, cards: Under the topics by which they count (`CourseTopics.named`).
        explained: Topics that the student has put in their own words.
    """
    remembered: dict[str, list[float]] = {}
    for card in cards:
        if card.topic and card.schedule.last_review is not None:
            remembered.setdefault(card.topic, []).append(schedule.retrievability(card.schedule, now))
    return mastery(attempts, remembered, explained)
