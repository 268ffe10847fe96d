"""What is known of the learner, read from rows into the values that the tutor's functions take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath

from ...memory.archival.records import contents_of, facts_of
from ...memory.learner.goals import StudyGoal, StudyGoals
from ...memory.learner.misconceptions import Misconception, Misconceptions
from ...memory.learner.questions import OpenQuestion, OpenQuestions
from ...memory.learner.studied import days_of_passages
from ...memory.store import Database
from ...memory.types import message_id
from ..settings import Clock
from ..tutor.mastery import Mastery
from ..tutor.plan import Need, Plan, make_plan
from ..tutor.policy import Exam, Step, next_step
from .brief import short
from .learner_state import ahead, rows_of, state_of

MINUTES = 40
"""A day, where the student has not said how many they have."""

PASSAGE_MINUTES = 2
"""For one passage of the course: some 250 words at half the speed of reading for pleasure (238 words a minute; Brysbaert,
2019), because it is to be understood."""

QUESTION_MINUTES, CHECK_MINUTES = 5, 10

WHOLE_FILES = 3
"""From so many files on a topic is a file; of fewer it is a chapter."""


@dataclass(frozen=True, slots=True)
class Learner:
    """The rows of one student that a plan is made from.

    Attributes:
        asked: The message that asks for it now: its own question is being answered.
    """

    db: Database
    student_id: int
    questions: OpenQuestions
    misconceptions: Misconceptions
    goals: StudyGoals
    asked: int | None = None

    @classmethod
    def of(cls, db: Database, student_id: int, clock: Clock, asked: int | None = None) -> Learner:
        """Give one student's, without an index or an embedder."""
        mine = (db, student_id, clock)
        return cls(db, student_id, OpenQuestions(*mine), Misconceptions(*mine), StudyGoals(*mine), asked)

    def plan(
        self, today: date, minutes: int | None = None, mastery: Iterable[Mastery] = ()
    ) -> tuple[Plan, Exam | None]:
        """Plan for the nearest exam or dated goal, else for the next days; minutes that are given are kept.

        Args:
            minutes: A day.
            mastery: By topic, where something was tried.

        Raises:
            UsageError: No day has so many minutes for it.
        """
        exam = next(iter(ahead(facts_of(self.db, self.student_id), today)), None)
        goal = self._goal(exam.subject if exam else "", minutes)
        weakness = {item.topic: item.weakness for item in mastery}
        needs = [
            *question_needs(self._waiting()),
            *misconception_needs(self.misconceptions.open()),
            *self._course_needs(goal, weakness),
        ]
        since = goal.created_at.date() if goal else None
        plan = make_plan(
            needs, today, exam.day if exam else None, goal.minutes if goal else MINUTES, since=since
        )
        return plan, exam

    def next_step(self, now: datetime, plan: Plan) -> Step:
        """Say what to do next, of what the plan was made from.

        Args:
            now: The student's local time.
        """
        new = (item.topic for item in plan.days.get(now.date(), ()) if item.session == "learn")
        state = state_of(
            now=now,
            questions=self._waiting(),
            hard=self.misconceptions.open(),
            exams=ahead(facts_of(self.db, self.student_id), now.date()),
            topic_of_today=next(new, None),
        )
        return next_step(state, now)

    def _waiting(self) -> list[OpenQuestion]:
        return [question for question in self.questions.open_questions() if question.message_id != self.asked]

    def _goal(self, subject: str, minutes: int | None) -> StudyGoal | None:
        goals = {goal.subject: goal for goal in self.goals.active()}
        goal = goals.get(subject) or goals.get("")
        if minutes is None or (goal and goal.subject == subject and goal.minutes == minutes):
            return goal
        self.goals.set(subject, minutes, goal.topics if goal else ())
        return next(goal for goal in self.goals.active() if goal.subject == subject)

    def _course_needs(self, goal: StudyGoal | None, weakness: dict[str, float]) -> list[Need]:
        contents = contents_of(self.db, self.student_id)
        studied = days_of_passages(self.db, self.student_id)
        by_topic: dict[str, list[tuple[str, str]]] = {}
        by_file = len({file for file, _ in contents}) >= WHOLE_FILES
        for file, locator in contents:
            chapter = "" if by_file else locator.partition("/")[0]
            by_topic.setdefault(" · ".join(filter(None, (PurePosixPath(file).name, chapter))), []).append(
                (file, locator)
            )
        return [
            Need(
                topic,
                max(QUESTION_MINUTES, PASSAGE_MINUTES * len(places)),
                weakness.get(topic, 1.0),
                studied=frozenset(day for place in places for day in studied.get(place, ())),
            )
            for topic, places in by_topic.items()
            if goal is None or not goal.topics or topic in goal.topics
        ]


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
