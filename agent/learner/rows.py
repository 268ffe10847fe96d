"""What is known of the learner, read from rows into the values that the tutor's functions take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final

from ...memory.archival.records import facts_of
from ...memory.learner.cards import Cards
from ...memory.learner.goals import USUAL_MINUTES, StudyGoal, StudyGoals
from ...memory.learner.misconceptions import Misconception, Misconceptions
from ...memory.learner.questions import OpenQuestion, OpenQuestions
from ...memory.learner.quizzes import Quizzes
from ...memory.learner.reviews import Reviews
from ...memory.learner.studied import day_of, days_of_passages, days_of_practice
from ...memory.learner.values import Card
from ...memory.recall import Sessions
from ...memory.store import Database
from ...memory.types import StoredMessage, message_id
from ..context.brief import LOOKED_AT, short, where_it_stopped
from ..context.learner_state import ahead, rows_of, state_of, without_ended
from ..settings import Clock
from ..tutor.mastery import SOLID, Mastery
from ..tutor.plan import DueCards, Need, Plan, make_plan
from ..tutor.policy import Exam, LearnerState, Step, Waiting, next_step
from ..tutor.sitting import minutes_of
from .mastery import Practice
from .topics import CourseTopics

PASSAGE_MINUTES: Final = 2
"""For one passage of the course: some 250 words at half the speed of reading for pleasure (238 words a minute; Brysbaert,
2019), because it is to be understood."""

QUESTION_MINUTES: Final = 5
CHECK_MINUTES: Final = 10
"""Of a misconception, and of a topic that is not of the course: nobody knows how long that one is."""


@dataclass(frozen=True)
class Learner:
    """The rows of one student that a plan and the next step are made from, each read once.

    Attributes:
        clock: Gives now, aware, in UTC.
        asked: The message that asks for it now: its own question is being answered.
    """

    db: Database
    student_id: int
    clock: Clock
    asked: int | None = None

    def plan(
        self, today: date, minutes: int | None = None, *, keep: bool = False
    ) -> tuple[Plan, Exam | None]:
        """Plan for the nearest exam or dated goal, else for the next days.

        Args:
            minutes: A day; they are kept.
            keep: The student asked for it: from now on a day that is missed is known as one.

        Raises:
            UsageError: No day has so many minutes for it.
        """
        exam = next(iter(self.exams(today)), None)
        goal = self._goal(exam.subject if exam else "", minutes, keep=keep)
        needs = [
            *question_needs(self.waiting),
            *misconception_needs(self.hard),
            *self._course_needs(goal, exam.name if exam else ""),
            *self._other_needs(goal),
        ]
        day = day_of(self.db, self.student_id)
        cards = [(day(card.schedule.due), card.name) for card in self._cards if not card.suspended]
        made = make_plan(
            needs,
            today,
            exam.day if exam else None,
            goal.minutes if goal else USUAL_MINUTES,
            cards=DueCards(cards, self._pace),
            since=day(goal.created_at) if goal else None,
            studied_on=days_of_practice(self.db, self.student_id),
        )
        return made, exam

    def state(self, now: datetime, plan: Plan) -> LearnerState:
        """Give what the next step follows from.

        Args:
            now: The student's local time.
        """
        new = (item.topic for item in plan.days.get(now.date(), ()) if item.session == "learn")
        state = state_of(
            now=now,
            questions=self.waiting,
            hard=self.hard,
            exams=self.exams(now.date()),
            due=len(self.due),
            minutes=minutes_of(len(self.due), self._pace),
            topic_of_today=next(new, None),
            mastery=self.mastery.values(),
        )
        unanswered, stopped = self._last_talk()
        return replace(state, quiz=self._asked_in_quiz(), unanswered=unanswered, stopped=stopped)

    def next_step(self, now: datetime, plan: Plan) -> Step:
        """Say what to do next, of what the plan was made from, with the row that it rests on."""
        return self.step_after(self.state(now, plan), now)

    def step_after(self, state: LearnerState, now: datetime) -> Step:
        """Say the same of a state that was read already."""
        step = next_step(state, now)
        if step.action == "review" and step.what:
            return replace(step, id=self.due[0])
        return step if step.id or not step.what else replace(step, id=self._row_of(step.what))

    # Read once

    @cached_property
    def mastery(self) -> dict[str, Mastery]:
        """What is known now of each topic."""
        return self._practice.mastery(self.clock())

    @cached_property
    def waiting(self) -> list[OpenQuestion]:
        """The questions that wait for an answer, the oldest first."""
        found = OpenQuestions(self.db, self.student_id, self.clock).open_questions()
        return [question for question in found if question.message_id != self.asked]

    @cached_property
    def hard(self) -> list[Misconception]:
        """What is hard for the student or held wrongly, the first seen first."""
        return Misconceptions(self.db, self.student_id, self.clock).open()

    @cached_property
    def due(self) -> tuple[str, ...]:
        """The cards that are due now, the longest due first."""
        return tuple(card.name for card in Cards(self.db, self.student_id, self.clock).due())

    def exams(self, today: date) -> list[Exam]:
        """Give the exams and dated goals to come that were not closed: exams first, the nearest first."""
        return ahead(without_ended(facts_of(self.db, self.student_id), self._goals), today)

    @cached_property
    def _goals(self) -> list[StudyGoal]:
        return StudyGoals(self.db, self.student_id, self.clock).all()

    @cached_property
    def _practice(self) -> Practice:
        return Practice.of(self.db, self.student_id, self.clock, self._topics)

    @property
    def _cards(self) -> Sequence[Card]:
        return self._practice.kept

    @cached_property
    def _pace(self) -> float:
        return Reviews(self.db, self.student_id, self.clock).seconds_a_card()

    @cached_property
    def _topics(self) -> CourseTopics:
        return CourseTopics.of(self.db, self.student_id)

    @property
    def places(self) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
        """The topics of the course, each with its passages: file, place in it, id."""
        return self._topics.places

    @cached_property
    def _practised(self) -> dict[str, frozenset[date]]:
        """The days on which each topic was answered on."""
        day, found = day_of(self.db, self.student_id), dict[str, set[date]]()
        for attempt in self._practice.attempts:
            if attempt.at is not None:
                found.setdefault(attempt.topic, set()).add(day(attempt.at))
        return {topic: frozenset(days) for topic, days in found.items()}

    # What a plan needs

    def _goal(self, subject: str, minutes: int | None, *, keep: bool) -> StudyGoal | None:
        goals = {goal.subject: goal for goal in self._goals if goal.active}
        goal = goals.get(subject) or goals.get("")
        if minutes is None and (goal or not keep):
            return goal
        if goal and goal.subject == subject and goal.minutes == minutes:
            return goal
        kept = StudyGoals(self.db, self.student_id, self.clock)
        kept.set(subject, USUAL_MINUTES if minutes is None else minutes, goal.topics if goal else ())
        return next(goal for goal in kept.active() if goal.subject == subject)

    def _course_needs(self, goal: StudyGoal | None, exam: str) -> Iterator[Need]:
        studied = days_of_passages(self.db, self.student_id)
        folder = self._topics.folder_of(exam) if not (goal and goal.topics) else ""
        for topic, places in self.places.items():
            if not _is_aimed_at(topic, goal) or not places[0][0].startswith(folder):
                continue
            days = frozenset(day for file, at, _ in places for day in studied.get((file, at), ()))
            known = self.mastery.get(topic)
            yield Need(
                topic,
                max(QUESTION_MINUTES, PASSAGE_MINUTES * len(places)),
                known.weakness if known else 1.0,
                studied=days | self._practised.get(topic, frozenset()),
                ids=(places[0][2],),
            )

    def _other_needs(self, goal: StudyGoal | None) -> Iterator[Need]:
        """What went badly and is not of the course: the lesson of a problem set, cards of the student's own."""
        for topic, known in self.mastery.items():
            days = self._practised.get(topic)
            if topic in self.places or not days or known.weakness <= 1 - SOLID:
                continue
            if _is_aimed_at(topic, goal):
                row = self._row_of(topic)
                yield Need(topic, CHECK_MINUTES, known.weakness, studied=days, ids=(row,) if row else ())

    # What the next step follows from

    def _asked_in_quiz(self) -> Waiting | None:
        quizzes = Quizzes(self.db, self.student_id, self.clock)
        quiz = quizzes.current()
        asked = (item for item in quizzes.items(quiz.id) if item.state == "asked") if quiz else ()
        return next((Waiting(item.question, f"q{quiz.id}") for item in asked if quiz), None)

    def _last_talk(self) -> tuple[Waiting | None, Waiting | None]:
        """The message that got no answer, and the last real question before the one that is being answered."""
        sessions = Sessions(self.db, self.student_id, self.clock)
        session = sessions.latest()
        if session is None:
            return None, None
        left = sessions.unanswered(session)
        log = sessions.log(session, max(1, session.last_seq - LOOKED_AT))
        stopped = where_it_stopped([m for m in log if m.id != self.asked])
        unanswered = left[1] if left and left[1].id != self.asked else None
        return _waits(unanswered), _waits(stopped)

    def _row_of(self, topic: str) -> str:
        """A row that a topic stands on: the course's first passage of it, a card, a problem; "" where there is none."""
        if places := self.places.get(topic):
            return places[0][2]
        cards = (card.name for card in self._cards if card.topic == topic)
        problems = Quizzes(self.db, self.student_id, self.clock).problems(topic)
        return next(cards, "") or next((f"p{kept.id}" for kept in problems), "")


def question_needs(questions: Iterable[OpenQuestion]) -> list[Need]:
    """Give what it takes to answer the questions that wait."""
    return [
        Need(short(q.text), QUESTION_MINUTES, kind="question", ids=(message_id(q.message_id),))
        for q in questions
    ]


def misconception_needs(hard: Iterable[Misconception]) -> list[Need]:
    """Give what it takes to clear up what is hard: it is asked about on two days at least."""
    return [
        Need(
            item.topic,
            CHECK_MINUTES,
            kind="check",
            studied=frozenset(
                event.day for event in item.events if event.kind == "right" and event.at > item.seen.at
            ),
            ids=rows_of(item),
        )
        for item in hard
    ]


def _is_aimed_at(topic: str, goal: StudyGoal | None) -> bool:
    """Whether a topic is among those of a goal; without any all of them are."""
    return goal is None or not goal.topics or topic in goal.topics


def _waits(said: StoredMessage | None) -> Waiting | None:
    return Waiting(said.message.content, message_id(said.id)) if said else None
