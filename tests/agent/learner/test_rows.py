from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from officehours.agent.learner.rows import Learner
from officehours.agent.learner.topics import CourseTopics
from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.memory.archival import ArchivalMemory
from officehours.memory.learner.cards import Cards
from officehours.memory.learner.goals import StudyGoals
from officehours.memory.learner.misconceptions import Misconceptions
from officehours.memory.learner.quiz_values import Attempt, NewItem
from officehours.memory.learner.quizzes import Quizzes
from officehours.memory.learner.values import NewCard
from officehours.memory.recall import Sessions
from officehours.memory.types import Message

SEOUL = ZoneInfo("Asia/Seoul")
FILES = ("01-tokens.md", "02-lora.md", "03-rag.md")


class NoSearch:
    def search(self, *_query, **_filters):
        return []


class Home:
    """One student with a course of three files, a card and a question of each."""

    def __init__(self, db, student, clock) -> None:
        mine = self.mine = (db, student.id, clock)
        self.clock, self.cards, self.quizzes = clock, Cards(*mine), Quizzes(*mine)
        self.talks, self.hard = Sessions(*mine), Misconceptions(*mine)
        passages = ArchivalMemory(*mine, NoSearch())
        for file in FILES:
            passages.insert(file, kind="passage", source=f"course/{file}", locator="What", trust="course")
        self.known = [
            self.cards.add(
                NewCard(f"{file}?", "b", f"Heading of {file}", source=f"course/{file} · What")
            ).card
            for file in FILES
        ]

    def answers(self, card, correct: float, times: int = 3) -> None:
        for _ in range(times):
            self.quizzes.record(Attempt("x", correct, "code", card.topic, card_id=card.id))

    def says(self, text: str, reply: str | None = None) -> int:
        session = self.talks.latest() or self.talks.create("kim")
        turn, asked = self.talks.begin_turn(session, text, "Asia/Seoul")
        if reply is not None:
            self.talks.append(session, turn, Message("assistant", reply))
            self.talks.finish_turn(turn, "done")
        return asked.id

    @property
    def now(self) -> datetime:
        return self.clock().astimezone(SEOUL)

    def step(self) -> tuple[str, str, str]:
        learner = Learner(*self.mine)
        plan, _ = learner.plan(self.now.date())
        step = learner.next_step(self.now, plan)
        return step.action, step.what, step.id


@pytest.fixture
def home(database, student, clock) -> Home:
    return Home(database, student, clock)


def topics(home: Home, minutes: int | None = None, *, keep: bool = False) -> list[str]:
    plan, _ = Learner(*home.mine).plan(home.now.date(), minutes, keep=keep)
    return [item.topic for items in plan.days.values() for item in items if item.session != "cards"]


def test_answers_and_reviews_reach_the_plan_under_the_topic_of_the_course(home):
    tokens, lora, rag = home.known
    schedule = FsrsSchedule()
    for card in home.known:
        home.cards.review(card.id, 4, schedule)
    home.answers(tokens, 1)
    home.answers(lora, 0)
    home.answers(rag, 0.5)
    known = Learner(*home.mine).mastery
    assert {topic: known[topic].correctness for topic in FILES} == {FILES[0]: 1, FILES[1]: 0, FILES[2]: 0.5}
    assert topics(home)[0] == FILES[1]
    home.quizzes.record(Attempt("x", 0, "code", "Equations"))
    assert "Equations" in topics(home)


def test_the_next_step_follows_from_the_rows_one_after_the_other(home):
    tokens, lora, _ = home.known
    assert home.step() == ("review", "3", f"k{tokens.id}")
    for card in home.known:
        home.cards.suspend(card.id)
    assert home.step() == ("study", FILES[0], "a1")
    home.says("What is LoRA? Look at [a1], [a2], [a3].", "All three: [a1], [a2] and [a3].")
    assert home.step()[0] == "go_on"
    home.answers(lora, 0)
    assert home.step() == ("practise", FILES[1], "a2")
    home.answers(lora, 1, 9)
    assert home.step() == ("explain", FILES[1], "a2")
    quiz = home.quizzes.start([NewItem("LoRA?", ("k",), "explain", topic=FILES[1])])
    assert home.step()[0] == "explain"
    item = home.quizzes.next_item(quiz.id)
    assert home.step() == ("await_answer", "LoRA?", f"q{quiz.id}")
    home.quizzes.record(Attempt("my words", 1, "student", FILES[1], item_id=item.id))
    home.quizzes.close_item(item.id, "answered")
    home.quizzes.finish(quiz.id)
    assert home.step()[0] == "go_on"
    hard = home.says("RAG is hard", "It is.")
    home.hard.record("seen", "RAG", hard, "RAG is hard")
    assert home.step()[0] == "go_on"
    home.clock.forward(days=1)
    assert home.step() == ("check", "RAG", f"m{hard}")
    left = home.says("Why is that so?")
    assert home.step() == ("answer", "Why is that so?", f"m{left}")
    assert (
        Learner(*home.mine, asked=left)
        .next_step(home.now, Learner(*home.mine).plan(home.now.date())[0])
        .action
        == "check"
    )


def test_a_plan_that_was_asked_for_knows_what_was_missed_and_a_review_or_an_answer_is_no_miss(home):
    home.cards.review(home.known[0].id, 3, FsrsSchedule())
    plan, _ = Learner(*home.mine).plan(home.now.date(), keep=True)
    held = [item.topic for item in plan.days[home.now.date()] if item.topic]
    home.clock.forward(days=3)
    later, _ = Learner(*home.mine).plan(home.now.date())
    assert (later.missed, later.yesterday) == (2, tuple(held))
    home.cards.review(home.known[0].id, 3, FsrsSchedule())
    home.clock.forward(days=1)
    assert Learner(*home.mine).plan(home.now.date())[0].yesterday == ()


def test_a_goal_has_its_topics_and_one_that_is_done_is_planned_for_no_more(home):
    goals = StudyGoals(*home.mine)
    goals.set("", 30, [FILES[2]])
    assert set(topics(home)) == {FILES[2]}
    goals.close("", "done")
    assert set(topics(home)) == set(FILES)
    assert (goals.active(), [goal.state for goal in goals.all()]) == ([], ["done"])


def test_cards_of_the_days_to_come_stand_on_their_days(home):
    today = home.now.date()
    moved, _ = home.cards.review(home.known[0].id, 4, FsrsSchedule())
    plan, _ = Learner(*home.mine).plan(today)
    on = {day: item.ids for day, items in plan.days.items() for item in items if item.session == "cards"}
    due: date = moved.schedule.due.astimezone(SEOUL).date()
    assert on[today] == ("k2", "k3")
    assert due > today + timedelta(days=6) or on[due] == ("k1",)


@pytest.mark.parametrize(
    ("exam", "folder"),
    [
        ("선형대수 기말", "linear-algebra/"),
        ("Linear Algebra final", "linear-algebra/"),
        ("AI basics midterm", "ai_basics/"),
        ("통계 기말", ""),
        ("final", ""),
        ("", ""),
    ],
)
def test_of_two_courses_the_one_is_planned_that_the_exam_is_named_by(exam, folder):
    files = ("linear-algebra/01.md", "ai_basics/01.md", "alone.md")
    assert CourseTopics({file: ((file, "What", "a1"),) for file in files}).folder_of(exam) == folder
