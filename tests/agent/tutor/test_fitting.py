from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import fsrs

from officehours.agent.tutor.fitting import LEAST_REVIEWS, fit, is_due
from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.memory.learner.reviews import FittedParameters
from officehours.memory.learner.values import Review, Schedule

NOW = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


def log_of_one_who_forgets(times_faster: float, cards: int = 120, seed: int = 7) -> list[Review]:
    """Give the log of a student whose memory decays so many times faster than FSRS's own parameters say."""
    random, schedule, log = Random(seed), FsrsSchedule(), list[Review]()
    for card in range(cards):
        known, now = Schedule(NOW), NOW + timedelta(hours=card)
        for _ in range(7):
            last = known.last_review
            elapsed = None if last is None else (now - last) / timedelta(days=1)
            held = schedule.retrievability(known, now + timedelta(days=(elapsed or 0) * (times_faster - 1)))
            rating = 3 if last is None or random.random() < held else 1
            log.append(
                Review(
                    0,
                    card,
                    now,
                    rating,
                    None,
                    None,
                    elapsed,
                    known.state,
                    known.step,
                    known.stability,
                    known.difficulty,
                )
            )
            known = schedule(known, rating, now)
            now = max(known.due, now + timedelta(days=1))
    log.sort(key=lambda review: review.at)
    return [replace(review, id=number) for number, review in enumerate(log)]


def test_parameters_are_fitted_to_a_student_who_forgets_faster_and_py_fsrs_takes_them():
    found = fit(log_of_one_who_forgets(6))
    assert found is not None
    assert found.log_loss < found.default_log_loss
    theirs, ours = (
        fsrs.Scheduler(enable_fuzzing=False),
        fsrs.Scheduler(found.parameters, enable_fuzzing=False),
    )
    card = fsrs.Card(card_id=1)
    good = fsrs.Rating.Good
    due = [
        s.review_card(s.review_card(card, good, NOW)[0], good, NOW + timedelta(days=1))[0].due
        for s in (ours, theirs)
    ]
    assert due[0] < due[1]
    assert fit(log_of_one_who_forgets(6)) == found


def test_a_log_too_short_gives_nothing():
    assert fit([]) is None
    assert fit(log_of_one_who_forgets(1, cards=1)[:1]) is None


def test_fitting_is_due_at_first_and_when_the_log_has_grown_by_a_quarter():
    fitted = FittedParameters((0.1,) * 21, LEAST_REVIEWS, 0.3, 0.3, NOW)
    assert [is_due(n, None) for n in (LEAST_REVIEWS - 1, LEAST_REVIEWS)] == [False, True]
    assert [is_due(n, fitted) for n in (LEAST_REVIEWS + 50, LEAST_REVIEWS * 2)] == [False, True]
