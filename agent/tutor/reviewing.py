"""Reviewing cards: what is asked now, what a rating does, and the student's own parameters once the log is long enough."""

from __future__ import annotations

from datetime import datetime

from ...memory.learner.cards import Cards
from ...memory.learner.reviews import Reviews
from ...memory.learner.values import Card, Rating, Review
from ..settings import Clock
from .fitting import Fit, fit, is_due
from .schedule import FsrsSchedule
from .sitting import Sitting, choose


class CardReview:
    """One student's reviews, scheduled with that student's parameters.

    Args:
        cards, reviews: The student's.
        clock: Gives now, aware.
    """

    def __init__(self, cards: Cards, reviews: Reviews, clock: Clock) -> None:
        self._cards, self._reviews, self._clock = cards, reviews, clock
        fitted = reviews.parameters()
        self._schedule = FsrsSchedule(fitted.parameters if fitted else None)

    def sitting(self, topic: str | None = None) -> Sitting:
        """Give ten minutes' worth of what is due now, on a topic or on all of them."""
        pace = self._reviews.seconds_a_card()
        return choose(self._cards.due(topic), self._clock(), pace, self._schedule)

    def preview(self, card: Card, rating: Rating) -> datetime:
        """Give when a card would be due if it were rated so now."""
        return self._schedule(card.schedule, rating, self._clock()).due

    def rate(self, card: int | str, rating: Rating, duration: int | None = None) -> tuple[Card, Review]:
        """Enter how a card was remembered, and move it on.

        Args:
            duration: Milliseconds from the question to the rating.

        Raises:
            NotFound: This student has no such card.
        """
        return self._cards.review(card, rating, self._schedule, duration)

    def fit_if_due(self) -> Fit | None:
        """Fit the parameters to the log where it has grown enough, and give what holds from now on, if that is new."""
        reviews = self._reviews
        count = reviews.count()
        if not is_due(count, reviews.parameters()) or (found := fit(reviews.all())) is None:
            return None
        reviews.keep_parameters(found.parameters, count, found.log_loss, found.default_log_loss)
        self._schedule = FsrsSchedule(found.parameters)
        return found
