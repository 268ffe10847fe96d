from __future__ import annotations

from datetime import timedelta

import pytest

from officehours.memory.erasure.plan import plan_for
from officehours.memory.erasure.removal import Removal
from officehours.memory.errors import NotFound, UsageError
from officehours.memory.learner.cards import LONGEST, Cards
from officehours.memory.learner.reviews import LEAST_MEASURED, SECONDS_A_CARD, Reviews
from officehours.memory.learner.values import NewCard, Schedule
from officehours.memory.recall import Sessions


@pytest.fixture
def cards(database, student, clock) -> Cards:
    return Cards(database, student.id, clock)


@pytest.fixture
def log(database, student, clock) -> Reviews:
    return Reviews(database, student.id, clock)


def in_two_days(schedule: Schedule, rating, now) -> Schedule:
    return Schedule(now + timedelta(days=2), 2, None, 2.0, 5.0, now)


def test_a_card_is_due_at_once_and_again_when_the_scheduler_says(cards, clock):
    card = cards.add(NewCard("ReLU란?", "max(0, x)", "딥러닝")).card
    assert cards.due() == [card]
    moved, _ = cards.review(card.name, 3, in_two_days)
    assert cards.due() == []
    clock.forward(days=2)
    assert cards.due() == [moved]
    assert cards.get(card.id).schedule == moved.schedule


def test_the_log_holds_each_review_with_the_card_as_it_was_before(cards, log, clock):
    card = cards.add(NewCard("a", "b")).card
    cards.review(card.id, 1, in_two_days, duration=4200)
    clock.forward(days=5)
    cards.review(card.id, 4, in_two_days)
    first, second = log.all(card.name)
    assert (first.rating, first.duration, first.elapsed_days, first.state, first.step) == (
        1,
        4200,
        None,
        1,
        0,
    )
    assert (second.scheduled_days, second.elapsed_days) == (2.0, 5.0)
    assert (second.state, second.stability, second.difficulty) == (2, 2.0, 5.0)
    cards.delete(card.id)
    assert log.count() == 2


@pytest.mark.parametrize(
    ("again", "status", "back"),
    [
        (NewCard(" relu란? ", "MAX(0, x)"), "known", "max(0, x)"),
        (
            NewCard("ReLU란?", "0과 x 중 큰 값", origin="material", source="dl.md"),
            "changed",
            "0과 x 중 큰 값",
        ),
        (
            NewCard("ReLU란?", "0과 x 중 큰 값", origin="material", source="other.md"),
            "made",
            "0과 x 중 큰 값",
        ),
        (NewCard("What is ReLU?", "max", external_id="anki:1"), "changed", "max"),
    ],
)
def test_a_card_is_kept_once_and_changes_with_its_source(cards, again, status, back):
    old = cards.add(
        NewCard("ReLU란?", "max(0, x)", origin="material", source="dl.md", external_id="anki:1")
    ).card
    cards.review(old.id, 3, in_two_days)
    kept = cards.add(again)
    assert (kept.status, kept.card.back) == (status, back)
    assert (kept.card.id == old.id) == (status != "made")
    if status == "changed":
        assert cards.get(old.id).schedule.stability == 2.0


@pytest.mark.parametrize(("front", "back"), [("", "b"), ("a", " \n"), ("a" * (LONGEST + 1), "b")])
def test_a_card_without_two_sides_of_bearable_length_is_refused(cards, front, back):
    with pytest.raises(UsageError):
        cards.add_all([NewCard("fine", "fine"), NewCard(front, back)])
    assert cards.all() == []


def test_suspended_and_deleted_cards_are_not_asked_and_a_deleted_one_can_be_made_again(cards):
    first, second = (cards.add(NewCard(front, "b", external_id=front)).card for front in "xy")
    cards.suspend(first.id)
    cards.delete(second.id)
    assert cards.due() == []
    assert [card.suspended for card in cards.all()] == [True]
    with pytest.raises(NotFound):
        cards.get(second.id)
    assert cards.add(NewCard("y", "b", external_id="y")).status == "made"
    assert cards.suspend(first.id, suspended=False) == first


def test_cards_are_looked_for_by_words_of_their_topic_or_source(cards):
    made = [NewCard("1", "b", "선형대수 > 고유값"), NewCard("2", "b", source="relu_100%.md")]
    a, b = (kept.card for kept in cards.add_all(made))
    assert cards.all("고유값") == cards.due("고유값 선형대수") == [a]
    assert cards.all("100%") == [b]
    assert cards.all("_elu") == []


def test_no_card_of_another_student_is_reached(cards, database, other, clock):
    mine = cards.add(NewCard("a", "b")).card
    theirs = Cards(database, other.id, clock)
    for reach in (theirs.get, theirs.suspend, theirs.delete):
        with pytest.raises(NotFound):
            reach(mine.id)
    with pytest.raises(NotFound):
        theirs.review(mine.id, 3, in_two_days)
    assert theirs.all() == theirs.due() == Reviews(database, other.id, clock).all(mine.id) == []
    assert theirs.add(NewCard("a", "b")).status == "made"


def test_a_card_goes_with_the_message_it_was_made_of(cards, database, student, clock):
    sessions = Sessions(database, student.id, clock)
    _, asked = sessions.begin_turn(sessions.create("kim"), "내 비밀은 토마토 알레르기예요", "UTC")
    made = cards.add(NewCard("비밀은?", "토마토 알레르기 말고 땅콩", message_id=asked.id)).card
    stays = cards.add(NewCard("ReLU란?", "max")).card
    cards.review(made.id, 3, in_two_days)
    with database.begin() as connection:
        removal = Removal(connection, student.id)
        removal.carry_out(plan_for(connection, student.id, f"m{asked.id}"))
        done = removal.finish()
    assert cards.all() == [stays]
    assert (done.rows["cards"], done.rows["reviews"]) == (1, 1)
    assert any("땅콩" in piece for piece in done.texts)


def test_a_card_can_be_forgotten_by_itself_and_one_with_the_same_words_is_named(cards, database, student):
    first = cards.add(NewCard("비밀번호 힌트가 무엇이었나요?", "할머니의 고향 이름이다")).card
    second = cards.add(NewCard("힌트", "할머니의 고향 이름이다")).card
    cards.delete(first.id)
    with database.begin() as connection:
        removal = Removal(connection, student.id)
        removal.carry_out(plan_for(connection, student.id, first.name))
        done = removal.finish()
    assert done.ids == [first.name]
    assert done.elsewhere == [second.name]
    assert cards.all() == [second]


def test_the_students_own_pace_counts_once_it_is_known(cards, log):
    card = cards.add(NewCard("a", "b")).card
    for number in range(LEAST_MEASURED):
        assert log.seconds_a_card() == SECONDS_A_CARD
        cards.review(card.id, 3, in_two_days, duration=3_000 if number % 3 else 900_000)
    assert log.seconds_a_card() == 3.0


def test_the_parameters_that_were_fitted_last_hold(log, clock):
    assert log.parameters() is None
    log.keep_parameters([0.1] * 21, 400, 0.30, 0.34)
    log.keep_parameters([0.2] * 21, 500, 0.31, 0.33)
    assert log.parameters().parameters == (0.2,) * 21
