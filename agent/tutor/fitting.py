"""FSRS-6's parameters fitted to one student's log of reviews, and kept only if they foretell it better. Pure.

fsrs-rs does the fitting (docs/adr/0081): what py-fsrs asks torch for, in a wheel of half a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ...memory.learner.reviews import FittedParameters
from ...memory.learner.values import Review

if TYPE_CHECKING:
    from fsrs_rs_python import FSRSItem

LEAST_REVIEWS = 400
"""From so many reviews on parameters are fitted: what Anki 24.04 asks for before it fits all of them."""

GROWN = 1.25
"""They are fitted anew when the log has grown by a quarter."""

HELD_BACK = 0.2
"""The last fifth of the log decides whether what was fitted to the rest foretells better than the published parameters."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters that foretell the end of a log better than the published ones, by log loss on that end."""

    parameters: tuple[float, ...]
    log_loss: float
    default_log_loss: float


def is_due(reviews: int, fitted: FittedParameters | None) -> bool:
    """Whether it is time to fit, with so many reviews in the log."""
    return reviews >= LEAST_REVIEWS and (fitted is None or reviews >= GROWN * fitted.reviews)


def fit(log: Iterable[Review]) -> Fit | None:
    """Fit parameters to a log of reviews.

    Returns:
        What was fitted to the whole log, where it did better than the published parameters on the part held back; else
        None.
    """
    from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS

    items = _items(log)
    begin = round(len(items) * (1 - HELD_BACK))
    if not items[:begin] or not items[begin:]:
        return None
    published = list(DEFAULT_PARAMETERS)
    trained = FSRS(published).compute_parameters(items[:begin])
    held = items[begin:]
    loss, default_loss = (FSRS(list(p)).evaluate(held).log_loss for p in (trained, published))
    if loss >= default_loss:
        return None
    return Fit(_within_bounds(FSRS(published).compute_parameters(items)), loss, default_loss)


def _items(log: Iterable[Review]) -> list[FSRSItem]:
    """Give each review that came a day or more after another of its card, with those before it, in the order of time."""
    from fsrs_rs_python import FSRSItem, FSRSReview

    found: list[tuple[int, FSRSItem]] = []
    by_card = sorted(log, key=lambda review: (review.card_id, review.at, review.id))
    for _, reviews in groupby(by_card, key=lambda review: review.card_id):
        history: list[FSRSReview] = []
        for review in reviews:
            days = max(0, int(review.elapsed_days or 0))  # whole days, as py-fsrs counts them
            history.append(FSRSReview(review.rating, days))
            if days and len(history) > 1:
                found.append((review.id, FSRSItem(history)))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _within_bounds(parameters: Sequence[float]) -> tuple[float, ...]:
    """Round as fsrs-rs's 32 bits need it: py-fsrs refuses what is a hair out of its bounds."""
    from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

    bounds = zip(parameters, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS, strict=True)
    return tuple(min(max(value, least), most) for value, least, most in bounds)
