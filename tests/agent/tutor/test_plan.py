from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.agent.tutor.plan import DueCards, Need, Plan, make_plan
from officehours.agent.tutor.plan_text import plan_lines

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
    assert (later.missed, later.yesterday) == (3, ("a",))
    said = [
        list(plan_lines(later, None, TODAY + timedelta(days=3), language))[1] for language in ("ko", "en")
    ]
    assert said == [
        "지금까지 3일을 건너뛰셨습니다. 어제 못 한 것을 남은 날에 다시 나누었습니다: a",
        "3 days missed so far. What yesterday held is spread over the days that are left: a",
    ]
    day = TODAY + timedelta(days=2)
    assert (
        make_plan(needs, TODAY + timedelta(days=3), EXAM, 20, since=TODAY, studied_on={day}).yesterday == ()
    )


def test_due_cards_have_their_ten_minutes_each_day_and_a_backlog_waits_for_the_next():
    cards = DueCards([(TODAY - timedelta(days=60), f"k{n}") for n in range(50)], 14.0)
    plan = make_plan([Need("a", 20)], TODAY, EXAM, 20, cards=cards)
    found = {(day - TODAY).days: (items[0].session, items[0].minutes) for day, items in plan.days.items()}
    assert (found[0], found[1]) == (("cards", 10), ("cards", 2))
    tight = make_plan([], TODAY, TODAY + timedelta(days=1), 5, cards=cards)
    assert (tight.cards_left, tight.fits, tight.enough, tight.needed) == (29, False, None, 12)
    assert "카드 29장은 다 보지 못합니다." in list(plan_lines(tight, None, TODAY, "ko"))


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
            st.sampled_from(["learn", "check", "question"]),
            st.frozensets(st.integers(1, 9).map(lambda n: TODAY - timedelta(days=n)), max_size=3),
        ),
        max_size=8,
    ),
    days=st.integers(0, 12),
    minutes=st.integers(5, 120),
    due=st.lists(st.integers(-9, 20), max_size=150),
)
def test_no_day_is_overfull_no_session_is_lost_unsaid_and_none_is_on_the_day_of_the_exam(
    needs, days, minutes, due
):
    exam = TODAY + timedelta(days=days)
    cards = DueCards([(TODAY + timedelta(days=n), f"k{place}") for place, n in enumerate(due)], 14.0)
    plan = make_plan(needs, TODAY, exam, minutes, cards=cards)
    asked = [item for items in plan.days.values() for i in items if i.session == "cards" for item in i.ids]
    reached = sum(n < days for n in due) - plan.cards_left if days else 0  # on its day nothing is planned
    assert len(asked) == len(set(asked)) == reached
    placed: dict[str, int] = {}
    for day, items in plan.days.items():
        assert TODAY <= day < exam
        assert sum(item.minutes for item in items) <= minutes
        for item in (item for item in items if item.session != "cards"):
            assert item.minutes >= 1
            placed[item.topic] = placed.get(item.topic, 0) + item.minutes
    short = {*plan.left_out, *plan.thinned}
    for need in needs:
        if need.topic not in short:
            assert placed.get(need.topic, 0) == sum(length for _, length in need.sessions())
        if need.topic in plan.left_out:
            assert need.topic not in placed
