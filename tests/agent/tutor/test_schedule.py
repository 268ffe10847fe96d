from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.agent.tutor.sitting import SITTING_SECONDS, choose
from officehours.memory.learner.values import Card, Schedule

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FITTED = (0.3, 1.1, 2.5, 9.0, *fsrs.Scheduler().parameters[4:])


@pytest.mark.parametrize("parameters", [None, FITTED])
@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), st.floats(0, 300)), min_size=1, max_size=12))
def test_due_dates_are_py_fsrs_own(parameters, reviews):
    theirs = fsrs.Scheduler(
        **({} if parameters is None else {"parameters": parameters}), enable_fuzzing=False
    )
    card = fsrs.Card(card_id=1, due=NOW)
    mine, schedule, now = Schedule(NOW), FsrsSchedule(parameters), NOW
    for rating, days in reviews:
        now += timedelta(days=days)
        card, _ = theirs.review_card(card, fsrs.Rating(rating), now)
        mine = schedule(mine, rating, now.astimezone(timezone(timedelta(hours=9))))
        assert mine == Schedule(
            card.due, int(card.state), card.step, card.stability, card.difficulty, card.last_review
        )
        later = now + timedelta(days=30)
        assert schedule.retrievability(mine, later) == theirs.get_card_retrievability(card, later)


def card(number: int, schedule: Schedule) -> Card:
    nothing = (None, None, None, None)
    return Card(number, f"f{number}", "b", "", (), "student", "student", *nothing, schedule, False, NOW)


def reviewed(number: int, stability: float, *, state: int = 2, ago: int = 90) -> Card:
    return card(number, Schedule(NOW, state, None, stability, 5.0, NOW - timedelta(days=ago)))


def test_ten_minutes_worth_begun_ones_first_then_the_best_remembered_then_new_ones():
    due = [card(1, Schedule(NOW)), reviewed(2, 5.0), reviewed(3, 90.0), reviewed(4, 0.2, state=3, ago=1)]
    sitting = choose(due, NOW, 10.0, FsrsSchedule())
    assert [c.id for c in sitting.cards] == [4, 3, 2, 1]
    assert (sitting.waiting, sitting.seconds, sitting.minutes, sitting.days) == (0, 40.0, 1, 1)


def test_a_backlog_of_months_is_spread_over_days_and_keeps_every_card():
    due = [reviewed(number, 1.0 + number) for number in range(250)]
    sitting = choose(due, NOW, 10.0, FsrsSchedule())
    assert (len(sitting.cards), sitting.waiting, sitting.days) == (60, 190, 5)
    assert sitting.seconds <= SITTING_SECONDS
    asked = set()
    while due:
        asked |= {c.id for c in choose(due, NOW, 10.0, FsrsSchedule()).cards}
        due = [c for c in due if c.id not in asked]
    assert asked == set(range(250))


def test_a_slow_student_is_asked_one_card_and_none_when_nothing_is_due():
    assert len(choose([reviewed(1, 3.0)] * 3, NOW, 900.0, FsrsSchedule()).cards) == 1
    assert choose([], NOW, 10.0, FsrsSchedule()).cards == ()
