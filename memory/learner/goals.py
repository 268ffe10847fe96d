"""What a study plan aims at: which exam or goal, how many minutes a day, and which topics.

The exam itself is a fact of the student's: its name, its day and whether it was moved stand there, under the `subject`
that is the link. So a plan follows an exam that is moved, and nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, select, update

from ..errors import UsageError
from ..store import Database, insert_ignoring
from ..store.schema import study_goals

GoalState = Literal["active", "done", "dropped"]

MINUTES: Final = range(5, 16 * 60 + 1)
"""Minutes a day that a plan may count on."""

USUAL_MINUTES: Final = 40
"""A day, where the student has not said how many they have."""


@dataclass(frozen=True, slots=True)
class StudyGoal:
    """What a plan aims at.

    Attributes:
        subject: Of the fact it is about, like "exam:final:ai"; "" is the course as such, with no day known.
        minutes: A day.
        topics: What is to be learnt; empty is the whole course.
    """

    subject: str
    minutes: int
    topics: tuple[str, ...]
    state: GoalState
    created_at: datetime
    changed_at: datetime

    @property
    def active(self) -> bool:
        """Whether it is planned for."""
        return self.state == "active"


_MINE = study_goals.c.student_id == bindparam("student")
_ALL = (
    select(
        study_goals.c.subject,
        study_goals.c.minutes,
        study_goals.c.topics,
        study_goals.c.state,
        study_goals.c.created_at,
        study_goals.c.changed_at,
    )
    .where(_MINE)
    .order_by(study_goals.c.id)
)


class StudyGoals:
    """One student's goals.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock

    def set(self, subject: str, minutes: int, topics: Sequence[str] = ()) -> None:
        """Plan for an exam or goal from now on, or change how.

        Raises:
            UsageError: No day has so many minutes for it.
        """
        if minutes not in MINUTES:
            raise UsageError(
                f"{minutes} minutes a day cannot be planned with; give from {MINUTES[0]} to {MINUTES[-1]}.",
                f"하루 {minutes}분으로는 계획을 세울 수 없습니다. {MINUTES[0]}분에서 {MINUTES[-1]}분 사이로 적어 주세요.",
            )
        now, values = self._clock(), {"minutes": minutes, "topics": list(topics), "state": "active"}
        at = {"student_id": self._student, "subject": subject}
        with self._db.begin() as connection:
            connection.execute(
                insert_ignoring(connection, study_goals), at | values | {"created_at": now, "changed_at": now}
            )
            self._change(subject, now, **values)

    def close(self, subject: str, state: Literal["done", "dropped"]) -> None:
        """End a goal: what is known of it now is planned for no more, whether it ever was or not."""
        if not any(goal.subject == subject for goal in self.all()):
            self.set(subject, USUAL_MINUTES)
        self._change(subject, self._clock(), state=state)

    def all(self) -> list[StudyGoal]:
        """Give the goals, those that ended too, the first set first."""
        with self._db.read() as connection:
            rows = connection.execute(_ALL, {"student": self._student})
            return [StudyGoal(r[0], r[1], tuple(r[2]), *r[3:]) for r in rows]

    def active(self) -> list[StudyGoal]:
        """Give the goals that are planned for, the first set first."""
        return [goal for goal in self.all() if goal.active]

    def _change(self, subject: str, now: datetime, **values: object) -> None:
        changed = update(study_goals).where(_MINE, study_goals.c.subject == bindparam("of"))
        with self._db.begin() as connection:
            connection.execute(
                changed.values(**values, changed_at=now), {"student": self._student, "of": subject}
            )
