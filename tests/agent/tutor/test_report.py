from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from officehours.agent.tutor.report import (
    Moment,
    days_studied,
    forgetting_curve,
    reviews_kept,
    topics_studied,
)
from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.memory.learner.values import Rating, Review, Schedule

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def moments(*minutes: float) -> list[Moment]:
    return [Moment(NOON + timedelta(minutes=m), f"m{n}", "s1") for n, m in enumerate(minutes)]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((), {}),
        ((0,), {26: 0}),
        ((0, 4, 9), {26: 9}),
        ((9, 0, 4), {26: 9}),
        ((0, 10, 20.5), {26: 10}),  # a pause is no study
        ((0, 60, 65), {26: 5}),
        ((715, 722), {26: 7}),  # over midnight
        ((0, 5, 1440, 1443), {26: 5, 27: 3}),
    ],
)
def test_minutes_are_counted_by_gaps_on_the_day_they_began(minutes, expected):
    assert {day.day.day: day.minutes for day in days_studied(moments(*minutes))} == pytest.approx(expected)


def test_a_day_names_its_conversations_and_rows():
    there = [*moments(0, 1), Moment(NOON + timedelta(minutes=2), "r7")]
    (day,) = days_studied(there)
    assert (day.sessions, day.ids) == (("s1",), ("m0", "m1", "r7"))


def test_topics_are_gathered_with_their_rows():
    seen = [("LoRA", date(2026, 11, 2), ["a1", "m2"]), ("SVD", date(2026, 11, 2), ["t1"]),
            ("LoRA", date(2026, 11, 1), ["a1", "m9"])]  # fmt: skip
    lora, svd = topics_studied(seen)
    assert (lora.topic, lora.days, lora.ids) == (
        "LoRA",
        (date(2026, 11, 1), date(2026, 11, 2)),
        ("a1", "m2", "m9"),
    )
    assert svd.ids == ("t1",)


def review(row: int, rating: Rating, elapsed: float | None, scheduled: float | None = 3.0) -> Review:
    first = elapsed is None
    known = (None, None) if first else (5.0, 4.0)
    return Review(row, 1, NOON, rating, None, None if first else scheduled, elapsed, 2, None, *known)


@pytest.mark.parametrize(
    ("elapsed", "scheduled", "kept"),
    [
        (None, None, "first"),
        (3.0, 3.0, "in_time"),
        (2.0, 3.0, "in_time"),
        (3.4, 3.0, "in_time"),  # later that day
        (4.0, 3.0, "late"),
    ],
)
def test_a_review_is_kept_by_the_end_of_the_day_it_was_due(elapsed, scheduled, kept):
    counted = reviews_kept([(review(7, 3, elapsed, scheduled), NOON)], [4])
    assert {name: getattr(counted, name) for name in ("in_time", "late", "first")} == {
        "in_time": (), "late": (), "first": ()} | {kept: ("r7",)}  # fmt: skip
    assert counted.waiting == ("k4",)


def test_the_forgetting_curve_holds_what_was_remembered_against_fsrs():
    schedule = FsrsSchedule()
    log = [review(1, 3, None), review(2, 3, 0.01), review(3, 3, 2.0), review(4, 1, 3.5), review(5, 1, 90.0)]
    near, far = forgetting_curve(log, schedule)
    assert (near.first_day, near.last_day, near.remembered, near.ids) == (2, 3, 0.5, ("r3", "r4"))
    assert (far.first_day, far.last_day, far.remembered, far.ids) == (61, None, 0, ("r5",))
    was = Schedule(NOON, 2, None, 5.0, 4.0, NOON - timedelta(days=90))
    assert far.expected == pytest.approx(schedule.retrievability(was, NOON))
