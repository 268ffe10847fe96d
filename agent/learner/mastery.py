"""How well each topic is known, read from the attempts and the cards of one student."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Practice:
    """What one student answered and reviewed, each row read once and under the topic by which it counts.

    Attributes:
        kept: The cards as they are; `cards` are the same under the topics of the course.
        explained: Topics that the student has put in their own words.
        schedule: With the parameters that were fitted to their reviews.
    """

    kept: Sequence[Card]
    cards: Sequence[Card]
    attempts: Sequence[Attempt]
    explained: frozenset[str]
    schedule: FsrsSchedule

    @classmethod
    def of(
        cls, db: Database, student_id: int, clock: Callable[[], datetime], topics: CourseTopics
    ) -> Practice:
        """Read one student's.

        Args:
            topics: The topics of their course.
        """
        mine = (db, student_id, clock)
        quizzes, kept, fitted = Quizzes(*mine), Cards(*mine).all(), Reviews(*mine).parameters()
        cards, attempts = topics.named(kept, quizzes.attempts(), quizzes.passages())
        told = quizzes.explanations()
        explained = frozenset(attempt.topic for attempt in attempts if attempt.id in told)
        return cls(kept, cards, attempts, explained, FsrsSchedule(fitted.parameters if fitted else None))

    def mastery(self, now: datetime) -> dict[str, Mastery]:
        """Give what is known of each topic that was tried or has a card that was reviewed.

        A card that was never reviewed tells nothing of memory: FSRS has no state of it.

        Args:
            now: Aware.
        """
        remembered: dict[str, list[float]] = {}
        for card in self.cards:
            if card.topic and card.schedule.last_review is not None:
                chance = self.schedule.retrievability(card.schedule, now)
                remembered.setdefault(card.topic, []).append(chance)
        return mastery(self.attempts, remembered, self.explained)
