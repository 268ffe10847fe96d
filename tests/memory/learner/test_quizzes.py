from __future__ import annotations

from datetime import timedelta

import pytest

from officehours.memory.errors import NotFound, UsageError
from officehours.memory.learner.cards import Cards
from officehours.memory.learner.misconceptions import Misconceptions
from officehours.memory.learner.problem_sets import Hint, Problem
from officehours.memory.learner.quiz_values import Attempt, NewItem, Score
from officehours.memory.learner.quizzes import Quizzes
from officehours.memory.learner.values import NewCard
from officehours.memory.recall import Sessions


@pytest.fixture
def quizzes(database, student, clock) -> Quizzes:
    return Quizzes(database, student.id, clock)


SUMS = [NewItem(f"1 + {n}", (str(1 + n),), topic="sums") for n in range(3)]
PROBLEM = Problem(
    "p1",
    "$$6(y-4)=-18$$",
    ("$$1$$", "1"),
    answer_type="arithmetic",
    choices=("1", "2"),
    hints=(Hint("hint", "Simplify", "each side"), Hint("scaffold", "", "6y = ?", ("6",))),
    course="SJSU",
    lesson="Equations",
    license="CC BY 4.0",
)


def answer(quizzes: Quizzes, item, response: str, correct: float) -> None:
    quizzes.record(Attempt(response, correct, "code", item.topic, item_id=item.id))
    quizzes.close_item(item.id, "answered")


def test_a_quiz_asks_one_after_the_other_and_the_wrong_ones_again(quizzes):
    quiz = quizzes.start(SUMS, topic="sums", kind="short")
    assert quizzes.current() == quiz
    first = quizzes.next_item(quiz.id)
    assert quizzes.next_item(quiz.id) == first  # a restart asks what was asked
    answer(quizzes, first, "1", 1)
    second = quizzes.next_item(f"q{quiz.id}")
    quizzes.record(Attempt("3?", 0, "code", item_id=second.id))
    answer(quizzes, second, "반쯤", 0.5)
    quizzes.close_item(quizzes.next_item(quiz.id).id, "given_up")
    assert quizzes.next_item(quiz.id) is None
    assert quizzes.finish(quiz.id) == Score(points=1.5, closed=3, asked=2, total=3)
    assert quizzes.current() is None
    again = quizzes.wrong_ones_again(quiz.id)
    assert again.again_of == quiz.id
    assert [item.question for item in quizzes.items(again.id)] == ["1 + 1", "1 + 2"]


def test_a_new_quiz_stops_the_open_one_and_a_perfect_one_has_nothing_wrong(quizzes):
    old, new = quizzes.start(SUMS), quizzes.start(SUMS[:1])
    assert (quizzes.get(old.id).state, quizzes.current()) == ("stopped", new)
    answer(quizzes, quizzes.next_item(new.id), "1", 1)
    quizzes.finish(new.id)
    assert quizzes.wrong_ones_again(new.id) is None


def test_an_answer_is_kept_as_it_was_typed_by_topic_and_time(quizzes, clock):
    quizzes.record(Attempt("1048576분의 1 맞죠?", 1, "code", "powers", reason="2^-20", hints_used=2))
    clock.forward(days=1)
    later = quizzes.record(Attempt("?", 0.5, "model", "sums"))
    assert [a.response for a in quizzes.attempts("powers")] == ["1048576분의 1 맞죠?"]
    assert quizzes.attempts(since=clock() - timedelta(hours=1)) == [later]
    with pytest.raises(UsageError):
        quizzes.record(Attempt("x", 0.888, "model"))


def test_problems_are_kept_once_as_they_are_in_their_set(quizzes):
    assert quizzes.add_problems([PROBLEM], "file") == (1, 0)
    other = Problem("p1", "2 + 2", ("4",))
    assert quizzes.add_problems([PROBLEM, other], "file") == (1, 1)
    kept = quizzes.problems("equations sjsu")
    assert [one.problem for one in kept] == [PROBLEM]
    assert quizzes.problem(f"p{kept[0].id}") == kept[0]
    assert [one.problem_set for one in quizzes.problems()] == ["SJSU", "file"]


def test_no_quiz_problem_or_card_of_another_student_is_reached(quizzes, database, student, other, clock):
    quizzes.add_problems([PROBLEM], "file")
    problem, quiz = quizzes.problems()[0], quizzes.start(SUMS)
    item = quizzes.next_item(quiz.id)
    card = Cards(database, student.id, clock).add(NewCard("a", "b")).card
    theirs = Quizzes(database, other.id, clock)
    for reach in (
        lambda: theirs.get(quiz.id),
        lambda: theirs.finish(quiz.id),
        lambda: theirs.close_item(item.id, "answered"),
        lambda: theirs.problem(problem.id),
        lambda: theirs.start([NewItem("x", ("y",), card_id=card.id)]),
        lambda: theirs.record(Attempt("x", 1, "code", item_id=item.id)),
        lambda: theirs.record(Attempt("x", 1, "code", problem_id=problem.id)),
    ):
        with pytest.raises(NotFound):
            reach()
    assert theirs.items(quiz.id) == theirs.attempts() == theirs.problems() == []
    assert (theirs.next_item(quiz.id), theirs.current()) == (None, None)


def test_what_is_hard_is_asked_again_on_another_day_and_right_on_two_days_resolves_it(
    quizzes, database, student, clock
):
    talks, hard = Sessions(database, student.id, clock), Misconceptions(database, student.id, clock)
    _, said = talks.begin_turn(talks.create("kim"), "고유값이 헷갈려요", "Asia/Seoul")
    hard.record("seen", "고유값", said.id, "고유값이 헷갈려요")
    states: list[str] = []
    for day, response, correct in ((0, "a", 0), (1, "b", 1), (2, "c", 1)):
        clock.forward(days=bool(day))
        quiz = quizzes.start([NewItem("고유값이란?", ("배율",), topic="선형대수")])
        item = quizzes.next_item(quiz.id)
        quizzes.next_item(quiz.id)
        states += [hard.all()[0].state]
        quizzes.record(Attempt(response, correct, "code", item.topic, item_id=item.id))
        states += [hard.all()[0].state]
    assert states == ["suspected", "confirmed", "challenged", "challenged", "challenged", "resolved"]
    kinds = [event.kind for event in hard.all()[0].events]
    assert kinds == ["seen", "seen", "asked", "right", "asked", "right"]


def test_a_topic_is_explained_once_an_explanation_of_it_was_right(quizzes, other, database, clock):
    items = [NewItem(f"{topic}?", ("k",), "explain", topic=topic) for topic in ("LoRA", "RAG")]
    quiz = quizzes.start([*items, NewItem("DoRA?", ("k",), topic="DoRA")])
    for item, correct in zip(quizzes.items(quiz.id), (1, 0, 1), strict=True):
        answer(quizzes, item, "in my own words", correct)
    told = {attempt.topic for attempt in quizzes.attempts() if attempt.id in quizzes.explanations()}
    assert told == {"LoRA"}
    assert Quizzes(database, other.id, clock).explanations() == set()
