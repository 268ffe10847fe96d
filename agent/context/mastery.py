"""How well each topic is known, read from the attempts and the cards of one student."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from ...memory.learner.cards import Cards
from ...memory.learner.quiz_values import Attempt as Answer
from ...memory.learner.quizzes import Quizzes
from ...memory.learner.reviews import Reviews
from ...memory.learner.values import Card
from ...memory.store import Database
from ..tutor.mastery import Attempt, Mastery, mastery
from ..tutor.schedule import FsrsSchedule


def mastery_of(
    db: Database, student_id: int, now: datetime, explained: Collection[str] = ()
) -> dict[str, Mastery]:
    """Give what is known now of each topic that was tried or has a card that was reviewed.

    Args:
        db: The store.
        student_id: Whose.
        now: Aware.
        explained: Topics that the student has put in their own words.
    """
    mine = (db, student_id, lambda: now)
    fitted = Reviews(*mine).parameters()
    schedule = FsrsSchedule(fitted.parameters if fitted else None)
    return mastery_by_topic(Quizzes(*mine).attempts(), Cards(*mine).all(), schedule, now, explained)


def mastery_by_topic(
    answers: Iterable[Answer],
    cards: Iterable[Card],
    schedule: FsrsSchedule,
    now: datetime,
    explained: Collection[str] = (),
) -> dict[str, Mastery]:
    """Give the same of rows that were read already.

    What names no topic counts for none, and a card that was never reviewed tells nothing of memory: FSRS has no state
    of it.
    """
    attempts = [Attempt(a.topic, a.correct, a.at) for a in answers if a.topic and a.at is not None]
    remembered: dict[str, list[float]] = {}
    for card in cards:
        if card.topic and card.schedule.last_review is not None:
            remembered.setdefault(card.topic, []).append(schedule.retrievability(card.schedule, now))
    return mastery(attempts, remembered, explained)
