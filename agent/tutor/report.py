"""What happened in a span of time, counted; every number stands with the ids of the rows it was counted from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from ...memory.learner.misconceptions import MisconceptionState
from ...memory.learner.values import Review, Schedule, card_id
from ..billing.report import UsageTotals
from .mastery import Mastery
from .schedule import FsrsSchedule

PAUSE: Final = timedelta(minutes=10)
"""Whoever does nothing for longer was away: that time is not counted."""

SPANS: Final[tuple[tuple[int, int | None], ...]] = (
    (1, 1),
    (2, 3),
    (4, 7),
    (8, 14),
    (15, 30),
    (31, 60),
    (61, None),
)
"""Days since the last review, from and to, that are one point of the forgetting curve; each is about twice the last."""

REMEMBERED: Final = 2
"""The lowest rating of a card that was remembered: 1 is "again"."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something the student did or was told.

    Attributes:
        at: In the student's zone.
        session: The conversation it was in, "" for none.
    """

    at: datetime
    id: str
    session: str = ""


@dataclass(frozen=True, slots=True)
class DayStudied:
    """One day's study: its minutes, and the conversations it was in."""

    day: date
    minutes: float
    sessions: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicStudied:
    """A topic that answers cite or quizzes ask, and on which days."""

    topic: str
    days: tuple[date, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicKnown:
    """What is known of a topic now, from these attempts and cards."""

    mastery: Mastery
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewsKept:
    """What became of the reviews that were due.

    Attributes:
        in_time, late: Reviews by the end of the day on which the card was due, and after it.
        first: Reviews of cards that were never asked before, and so were due on no day.
        waiting: Cards that are due now.
    """

    in_time: tuple[str, ...]
    late: tuple[str, ...]
    first: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForgettingPoint:
    """How much was remembered so many days after the last review.

    Attributes:
        first_day, last_day: The days, both inclusive; None has no end.
        remembered: The share of the reviews in which the card was remembered, 0 to 1.
        expected: The mean of what FSRS foretold for the same reviews, 0 to 1.
    """

    first_day: int
    last_day: int | None
    remembered: float
    expected: float
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionOpen:
    """A question that waits for its answer."""

    text: str
    day: date
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HardTopic:
    """What is or was hard, where it stands, and since when."""

    topic: str
    state: MisconceptionState
    day: date
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What the calls of one model cost."""

    model: str
    spent: UsageTotals
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyReport:
    """Everything that is counted of one student.

    Attributes:
        since: The first day, where one was named; what stands now (`known`, `questions`, `hard` and the cards that are
            waiting) is the same whatever it is.
        until: The day of the report.
    """

    since: date | None
    until: date
    days: tuple[DayStudied, ...]
    topics: tuple[TopicStudied, ...]
    known: tuple[TopicKnown, ...]
    kept: ReviewsKept
    forgetting: tuple[ForgettingPoint, ...]
    questions: tuple[QuestionOpen, ...]
    hard: tuple[HardTopic, ...]
    cost: tuple[ModelCost, ...]

    @property
    def minutes(self) -> float:
        """All minutes together."""
        return sum(day.minutes for day in self.days)


def days_studied(moments: Iterable[Moment]) -> list[DayStudied]:
    """Count the minutes of each day: from one moment to the next, where that is no pause.

    A stretch over midnight is of the day it began on; a single moment takes no time.
    """
    found: dict[date, tuple[float, list[Moment]]] = {}
    before: datetime | None = None
    day = date.min
    for moment in sorted(moments, key=lambda moment: moment.at):
        goes_on = before is not None and moment.at - before <= PAUSE
        day = day if goes_on else moment.at.date()
        minutes, there = found.get(day, (0.0, []))
        passed = (moment.at - before).total_seconds() / 60 if goes_on and before is not None else 0.0
        found[day] = (minutes + passed, [*there, moment])
        before = moment.at
    return [
        DayStudied(
            day,
            minutes,
            tuple(dict.fromkeys(m.session for m in there if m.session)),
            tuple(m.id for m in there),
        )
        for day, (minutes, there) in found.items()
    ]


def topics_studied(seen: Iterable[tuple[str, date, Sequence[str]]]) -> list[TopicStudied]:
    """Gather by topic what was seen of it, as (topic, day, ids); the topic of the most days first."""
    found: dict[str, tuple[dict[date, None], dict[str, None]]] = {}
    for topic, day, ids in seen:
        days, rows = found.setdefault(topic, ({}, {}))
        days[day] = None
        rows |= dict.fromkeys(ids)
    made = [TopicStudied(topic, tuple(sorted(days)), tuple(rows)) for topic, (days, rows) in found.items()]
    return sorted(made, key=lambda item: (-len(item.days), item.topic))


def reviews_kept(reviews: Iterable[tuple[Review, datetime]], waiting: Iterable[int]) -> ReviewsKept:
    """Say which reviews were given by the end of the day they were due on.

    Args:
        reviews: Each with its time where the student is.
        waiting: Rows of the cards that are due now.
    """
    in_time: list[str] = []
    late: list[str] = []
    first: list[str] = []
    for review, at in reviews:
        if review.elapsed_days is None or review.scheduled_days is None:
            first.append(review_id(review.id))
            continue
        due = at - timedelta(days=review.elapsed_days - review.scheduled_days)
        (in_time if at.date() <= due.date() else late).append(review_id(review.id))
    return ReviewsKept(tuple(in_time), tuple(late), tuple(first), tuple(card_id(card) for card in waiting))


def forgetting_curve(reviews: Iterable[Review], schedule: FsrsSchedule) -> list[ForgettingPoint]:
    """Hold what was remembered against what FSRS foretold, by whole days since the last review.

    Reviews on the day of the last one tell of the short steps of learning and are left out; so are those of cards that
    FSRS had no stability of.
    """
    by_span: dict[tuple[int, int | None], list[tuple[Review, float]]] = {}
    for review in reviews:
        if review.elapsed_days is None or review.elapsed_days < 1 or review.stability is None:
            continue
        days = int(review.elapsed_days)
        span = next(span for span in SPANS if span[1] is None or days <= span[1])
        last = review.at - timedelta(days=review.elapsed_days)
        was = Schedule(review.at, 2, None, review.stability, review.difficulty, last)
        by_span.setdefault(span, []).append((review, schedule.retrievability(was, review.at)))
    return [
        ForgettingPoint(
            *span,
            sum(review.rating >= REMEMBERED for review, _ in there) / len(there),
            sum(expected for _, expected in there) / len(there),
            tuple(review_id(review.id) for review, _ in there),
        )
        for span, there in sorted(by_span.items())
    ]


def review_id(row: int) -> str:
    """Show a review's row id: 12 -> "r12"."""
    return f"r{row}"


def attempt_id(row: int) -> str:
    """Show an attempt's row id: 12 -> "t12"."""
    return f"t{row}"


def call_id(row: int) -> str:
    """Show the row id of a model call's price: 12 -> "u12"."""
    return f"u{row}"
