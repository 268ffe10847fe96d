"""The values of learning: a card, what a scheduler knows of it, a review as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..types import Trust

Origin = Literal["student", "conversation", "material", "import"]
"""Who or what a card is from: written by hand, made in a conversation, read in the course, brought from another program."""

Rating = Literal[1, 2, 3, 4]
"""How a card was remembered, in FSRS's numbers: again, hard, good, easy."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What FSRS knows of a card.

    Attributes:
        state: 1 learning, 2 review, 3 relearning.
        step: Which of the short steps of learning it is at; None in review.
        stability: Days after which it is remembered with a probability of 0.9; None until the first review.
        difficulty: 1 to 10.
    """

    due: datetime
    state: int = 1
    step: int | None = 0
    stability: float | None = None
    difficulty: float | None = None
    last_review: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to be kept.

    Attributes:
        message_id: The message it was made in; it goes with it.
        archival_id: The passage that it was read in; `source` says where that stands.
        external_id: What another program calls it.
        suspended: It is not asked for now.
    """

    front: str
    back: str
    topic: str = ""
    origin: Origin = "student"
    trust: Trust = "student"
    tags: tuple[str, ...] = ()
    message_id: int | None = None
    archival_id: int | None = None
    source: str | None = None
    external_id: str | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A card that is kept; `id` is its row, shown as `k12`."""

    id: int
    front: str
    back: str
    topic: str
    tags: tuple[str, ...]
    origin: Origin
    trust: Trust
    message_id: int | None
    archival_id: int | None
    source: str | None
    external_id: str | None
    schedule: Schedule
    suspended: bool
    created_at: datetime

    @property
    def name(self) -> str:
        """The id as people and models read it."""
        return card_id(self.id)


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it was.

    Attributes:
        duration: Milliseconds from the question to the rating; None where nobody measured it.
        scheduled_days, elapsed_days: From the review before to when the card was due, and to this review; None for the
            first.
        state, step, stability, difficulty: The card's before it was rated; see `Schedule`.
    """

    id: int
    card_id: int
    at: datetime
    rating: Rating
    duration: int | None
    scheduled_days: float | None
    elapsed_days: float | None
    state: int
    step: int | None
    stability: float | None
    difficulty: float | None


def card_id(row: int) -> str:
    """Show a card's row id: 12 -> "k12"."""
    return f"k{row}"
