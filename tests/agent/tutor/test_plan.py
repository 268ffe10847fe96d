from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.agent.tutor.plan import Need, Plan, make_plan

TODAY = date(2026, 11, 26)
EXAM = TODAY + timedelta(days=10)


def days_of(plan: Plan, topic: str) -> list[int]:
    return [(day - TODAY).days for day, items in plan.days.items() for item in items if item.topic == topic]


def test_a_topic_is_learnt_early_reviewed_half_way_and_last_on_the_eve():
    plan = make_plan([Need("svd", 20)], TODAY, EXAM, 40)
    assert days_of(plan, "svd") == [0, 4, 9]
    assert [item.session for items in plan.days.values() for item in items] == ["learn", "review", "review"]
    assert (plan.needed, plan.available, plan.fits) == (34, 400, True)


def test_the_weakest_comes_first_and_what_is_solid_gets_one_review():
    plan = make_plan([Need("strong", 30, weakness=0.1), Need("weak", 30, weakness=0.9)], TODAY, EXAM, 30)
    assert days_of(plan, "weak")[0] == 0
    assert days_of(plan, "strong")[0] == 1
    assert (len(days_of(plan, "weak")), len(days_of(plan, "strong"))) == (3, 2)


def test_what_does_not_fit_is_said_with_the_numbers_and_the_minutes_that_would_do():
    needs = [Need(f"t{n}", 30, weakness=1 - n / 10) for n in range(10)]
    plan = make_plan(needs, TODAY, TODAY + timedelta(days=3), 30)
    assert not plan.fits
    assert plan.available == 90 < plan.needed
    assert "t0" not in plan.left_out
    assert "t9" in plan.left_out
    assert plan.enough is not None
    assert make_plan(needs, TODAY, TODAY + timedelta(days=3), plan.enough).fits
    assert not make_plan(needs, TODAY, TODAY + timedelta(days=3), plan.enough - 5).fits


def test_missed_days_move_what_they_held_and_are_counted():
    needs = [Need("a", 20), Need("b", 20)]
    before = make_plan(needs, TODAY, EXAM, 20)
    later = make_plan(needs, TODAY + timedelta(days=3), EXAM, 20, since=TODAY)
    assert days_of(before, "a")[0] == 0
    assert days_of(later, "a")[0] == 3
    assert later.missed == 3


def test_what_was_studied_is_only_reviewed():
    studied = frozenset({TODAY - timedelta(days=1)})
    plan = make_plan([Need("a", 20, studied=studied)], TODAY, EXAM, 20)
    assert [item.session for items in plan.days.values() for item in items] == ["review", "review"]


@pytest.mark.parametrize(("exam", "days"), [(TODAY, 0), (TODAY - timedelta(days=3), 0), (None, 7)])
def test_an_exam_today_leaves_no_day_and_none_at_all_a_week(exam, days):
    plan = make_plan([Need("a", 20)], TODAY, exam, 30)
    assert plan.available == 30 * days
    assert (plan.enough is None) == (days == 0)


@given(
    needs=st.lists(
        st.builds(
            Need,
            st.uuids().map(str),
            st.integers(5, 90),
            st.floats(0, 1),
            st.sampled_from(["learn", "check", "question", "cards"]),
            st.frozensets(st.integers(1, 9).map(lambda n: TODAY - timedelta(days=n)), max_size=3),
        ),
        max_size=8,
    ),
    days=st.integers(0, 12),
    minutes=st.integers(5, 120),
)
def test_no_day_is_overfull_no_session_is_lost_unsaid_and_none_is_on_the_day_of_the_exam(
    needs, days, minutes
):
    exam = TODAY + timedelta(days=days)
    plan = make_plan(needs, TODAY, exam, minutes)
    placed: dict[str, int] = {}
    for day, items in plan.days.items():
        assert TODAY <= day < exam
        assert sum(item.minutes for item in items) <= minutes
        for item in items:
            placed[item.topic] = placed.get(item.topic, 0) + item.minutes
    short = {*plan.left_out, *plan.thinned}
    for need in needs:
        if need.topic not in short:
            assert placed.get(need.topic, 0) == sum(length for _, length in need.sessions())
        if need.topic in plan.left_out:
            assert need.topic not in placed
