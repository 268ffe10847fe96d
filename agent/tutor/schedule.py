"""When a card is due again, by FSRS-6 as py-fsrs computes it, and how well it is remembered meanwhile. Pure.

Nothing is random: py-fsrs's fuzzing is off, so the same reviews give the same due dates anywhere (docs/adr/0081). Its
method: Ye, Su, Cao, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022, and
github.com/open-spaced-repetition/awesome-fsrs/wiki/The-Algorithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from ...memory.learner.values import Rating, Schedule

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

RETENTION = 0.9
"""A card is due when it is remembered with this probability."""


class FsrsSchedule:
    """FSRS-6 with a student's parameters.

    Args:
        parameters: The 21 that were fitted; the published ones where there are none.
    """

    def __init__(self, parameters: Sequence[float] | None = None) -> None:
        self._parameters = None if parameters is None else tuple(parameters)

    def __call__(self, schedule: Schedule, rating: Rating, now: datetime) -> Schedule:
        """Give a card's next schedule.

        Args:
            schedule: What is known of it.
            rating: 1 again, 2 hard, 3 good, 4 easy.
            now: When it is rated, aware.
        """
        from fsrs import Rating as FsrsRating

        scheduler = _scheduler(self._parameters)
        # py-fsrs takes UTC only, and refuses another name for it.
        after, _ = scheduler.review_card(_as_fsrs(schedule), FsrsRating(rating), now.astimezone(UTC))
        return Schedule(
            due=after.due,
            state=int(after.state),
            step=after.step,
            stability=after.stability,
            difficulty=after.difficulty,
            last_review=after.last_review,
        )

    def retrievability(self, schedule: Schedule, now: datetime) -> float:
        """Give the probability that a card is remembered now; 0 for one that was never reviewed."""
        scheduler = _scheduler(self._parameters)
        return scheduler.get_card_retrievability(_as_fsrs(schedule), now.astimezone(UTC))


def _as_fsrs(schedule: Schedule) -> Card:
    from fsrs import Card, State

    return Card(
        card_id=0,  # without one py-fsrs waits for the clock to give it a new one
        state=State(schedule.state),
        step=schedule.step,
        stability=schedule.stability,
        difficulty=schedule.difficulty,
        due=schedule.due.astimezone(UTC),
        last_review=None if schedule.last_review is None else schedule.last_review.astimezone(UTC),
    )


@cache
def _scheduler(parameters: tuple[float, ...] | None) -> Scheduler:
    from fsrs import Scheduler

    if parameters is None:
        return Scheduler(desired_retention=RETENTION, enable_fuzzing=False)
    return Scheduler(parameters, desired_retention=RETENTION, enable_fuzzing=False)
