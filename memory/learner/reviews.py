"""The log of reviews, what it says about the student's pace, and the parameters that were fitted to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select

from ..store import Database, row_id
from ..store.schema import fsrs_parameters, reviews
from .values import Review

SECONDS_A_CARD = 14.0
"""A card's seconds where the student's own are not known: fsrs-rs 0.9's figures of Anki's users, 12.4 for a card that is
remembered well and up to 19.4 for one that is not, weighted by its own shares at 90 % remembered (13.7)."""

LEAST_MEASURED = 20
"""From so many measured reviews on the student's own pace counts."""

MEASURED = 100
"""The last so many of them are looked at: people get faster."""

LONGEST_SECONDS = 60.0
"""Whoever takes longer left the desk; Anki stops its clock there too (deck options, "maximum answer seconds")."""

REVIEW = [column for column in reviews.c if column.name != "student_id"]
"""The columns of a `Review`, in its order."""


@dataclass(frozen=True, slots=True)
class FittedParameters:
    """FSRS-6's 21 parameters as fitted to a student.

    Attributes:
        reviews: How many reviews they were fitted to.
        log_loss, default_log_loss: Of the reviews under them, and under the published ones; lower is better.
    """

    parameters: tuple[float, ...]
    reviews: int
    log_loss: float
    default_log_loss: float
    created_at: datetime


class Reviews:
    """One student's log of reviews.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock

    def all(self, card: int | str | None = None) -> list[Review]:
        """Give every review, or those of one card, the oldest first."""
        wanted = () if card is None else (reviews.c.card_id == row_id(card, "k"),)
        ordered = self._select(REVIEW, *wanted).order_by(reviews.c.at, reviews.c.id)
        with self._db.read() as connection:
            return [Review(*row) for row in connection.execute(ordered)]

    def count(self, since: datetime | None = None) -> int:
        """How many reviews there were, since a time or ever."""
        wanted = () if since is None else (reviews.c.at >= since,)
        with self._db.read() as connection:
            return connection.scalar(self._select([func.count()], *wanted)) or 0

    def seconds_a_card(self) -> float:
        """About how many seconds a card takes this student: the median of the last ones that were measured."""
        measured = self._select([reviews.c.duration], reviews.c.duration.is_not(None))
        newest = measured.order_by(reviews.c.id.desc()).limit(MEASURED)
        with self._db.read() as connection:
            seconds = [min(ms / 1000, LONGEST_SECONDS) for ms in connection.scalars(newest)]
        return max(1.0, median(seconds)) if len(seconds) >= LEAST_MEASURED else SECONDS_A_CARD

    def parameters(self) -> FittedParameters | None:
        """Give the parameters that were fitted last; None while there are none."""
        mine = fsrs_parameters.c.student_id == self._student
        with self._db.read() as connection:
            newest = select(fsrs_parameters).where(mine).order_by(fsrs_parameters.c.id.desc()).limit(1)
            row = connection.execute(newest).first()
        if row is None:
            return None
        losses = (row.log_loss, row.default_log_loss)
        return FittedParameters(tuple(row.parameters), row.reviews, *losses, row.created_at)

    def keep_parameters(
        self, parameters: Sequence[float], count: int, log_loss: float, default_log_loss: float
    ) -> None:
        """Keep parameters that were fitted to `count` reviews; they hold from now on."""
        row = {
            "student_id": self._student,
            "parameters": list(parameters),
            "reviews": count,
            "log_loss": log_loss,
            "default_log_loss": default_log_loss,
            "created_at": self._clock(),
        }
        with self._db.begin() as connection:
            connection.execute(insert(fsrs_parameters).values(row))

    def _select(self, columns: Sequence[Any], *wanted: ColumnElement[bool]) -> Any:
        return select(*columns).where(reviews.c.student_id == self._student, *wanted)
