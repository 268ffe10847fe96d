"""Which of the due cards are asked now: ten minutes' worth, and what months of absence left is spread over days.

Nothing that is due is given another date, so nothing is lost and every date stays FSRS's own. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from ...memory.learner.values import Card
from .schedule import FsrsSchedule

SITTING_SECONDS = 600.0
"""Never more than ten minutes' worth at once."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What is to be reviewed now.

    Attributes:
        cards: In the order in which they are asked.
        waiting: How many more are due.
        seconds: About how long these take.
        days: In how many days at ten minutes each all that is due today has been asked; 1 where it is all here.
    """

    cards: tuple[Card, ...]
    waiting: int
    seconds: float
    days: int

    @property
    def minutes(self) -> int:
        """The same in whole minutes, at least 1 where there is a card."""
        return ceil(self.seconds / 60)


def minutes_of(due: int, seconds_a_card: float) -> int:
    """How many minutes of so many due cards are asked at once; 0 where there are none."""
    return ceil(min(due, most_cards(seconds_a_card)) * seconds_a_card / 60)


def most_cards(seconds_a_card: float) -> int:
    """How many cards ten minutes hold, at least one."""
    return max(1, int(SITTING_SECONDS // seconds_a_card))


def choose(due: Sequence[Card], now: datetime, seconds_a_card: float, schedule: FsrsSchedule) -> Sitting:
    """Choose what is asked now.

    Begun ones come first, their minutes-long steps do not wait; then what is remembered best still, because it can be
    kept with the least effort; what was never reviewed comes last. (In the simulations of
    github.com/open-spaced-repetition/review-sort-order-comparison "retrievability, descending" keeps most of a backlog for
    the time that is spent.)

    Args:
        due: The cards that are due at `now`.
        seconds_a_card: The student's pace.
    """

    def urgency(card: Card) -> tuple[int, float, int]:
        known = card.schedule
        if known.last_review is None:
            return 2, 0.0, card.id
        return (0 if known.state != 2 else 1), -schedule.retrievability(known, now), card.id

    room = most_cards(seconds_a_card)
    chosen = tuple(sorted(due, key=urgency)[:room])
    return Sitting(
        chosen, len(due) - len(chosen), len(chosen) * seconds_a_card, max(1, ceil(len(due) / room))
    )
