"""What is known of the learner as `tutor/policy.py` reads it, put together from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from ...memory.archival import ArchivalRecord
from ...memory.learner.goals import StudyGoal
from ...memory.learner.misconceptions import Misconception
from ...memory.learner.questions import OpenQuestion
from ...memory.types import message_id
from ..tutor.mastery import SOLID, Mastery
from ..tutor.policy import Exam, LearnerState, Waiting

EARLIEST = datetime.min.replace(tzinfo=UTC)


def ahead(kept: Iterable[ArchivalRecord], today: date) -> list[Exam]:
    """Give the exams and the goals with a day that are still to come: exams first, the nearest first."""
    found = [
        Exam(fact.value, fact.day, item.id, fact.subject)
        for item in kept
        if (fact := item.fact) and fact.day and fact.day >= today and not fact.last_day
        and item.valid_to is None and item.trust == "student"
        and fact.kind in {"exam", "goal"} and fact.polarity != "cancelled"
    ]  # fmt: skip
    return sorted(found, key=lambda exam: (exam.is_goal, exam.day))


def without_ended(kept: Iterable[ArchivalRecord], goals: Iterable[StudyGoal]) -> list[ArchivalRecord]:
    """Leave out the exams and goals that were closed after they were stated; stated anew they count again."""
    ended = {goal.subject: goal.changed_at for goal in goals if not goal.active}
    return [item for item in kept if not item.fact or item.time > ended.get(item.fact.subject, EARLIEST)]


def state_of(
    *,
    now: datetime,
    questions: Iterable[OpenQuestion],
    hard: Iterable[Misconception],
    exams: Sequence[Exam],
    due: int = 0,
    minutes: int = 0,
    topic_of_today: str | None = None,
    mastery: Iterable[Mastery] = (),
) -> LearnerState:
    """Put together what `policy.next_step` reads.

    Args:
        now: The student's local time.
        due: Cards that are due, `minutes` what they take.
        topic_of_today: The first new topic of today's plan.
    """
    waiting = sorted((item for item in hard if item.waits(now.date())), key=lambda item: item.last.at)
    known = sorted(mastery, key=lambda item: -item.weakness)
    return LearnerState(
        parked=[Waiting(q.text, message_id(q.message_id)) for q in questions],
        checks=[Waiting(item.topic, "".join(rows_of(item))) for item in waiting],
        due=due,
        minutes=minutes,
        exams=[exam for exam in exams if not exam.is_goal],
        today=topic_of_today,
        weak=[item.topic for item in known if item.attempts and item.weakness > 1 - SOLID],
        unexplained=[
            item.topic
            for item in known
            if item.attempts and item.weakness <= 1 - SOLID and not item.explained
        ],
    )


def rows_of(*items: Misconception) -> tuple[str, ...]:
    """Give the messages in which misconceptions showed last; an answer in a quiz stood in none."""
    found: list[str] = []
    for item in items:
        said = [e.message_id for e in item.events if e.kind == "seen" and e.message_id is not None]
        found += map(message_id, said[-1:])
    return tuple(found)
