"""What a student aims at, as they name it: exams and goals by their words or ids, topics by theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...memory.errors import NotFound, UsageError
from ...memory.facts import StatedFact, subject_of
from ...memory.facts.subjects import normal
from ...memory.learner.goals import USUAL_MINUTES, StudyGoal, StudyGoals
from ...memory.text import mentions
from ..tutor.policy import Exam
from .rows import Learner

SHOWN = 8
"""Names that an error lists."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An exam or goal to come, or the course as such (`exam` is None), and how it is planned for, if it is."""

    exam: Exam | None
    goal: StudyGoal | None


def aims_of(learner: Learner, today: date) -> list[Aim]:
    """Give what is aimed at, the exams first, the nearest first."""
    goals = {
        goal.subject: goal for goal in StudyGoals(learner.db, learner.student_id, learner.clock).active()
    }
    found = [Aim(exam, goals.get(exam.subject)) for exam in learner.exams(today)]
    return found + ([Aim(None, goals[""])] if "" in goals else [])


def aim_meant(learner: Learner, today: date, words: str) -> Aim:
    """Give the aim that is meant: by its id, by words of its name, or with none the one that is planned for.

    Raises:
        NotFound: There is none such, or words that two have.
    """
    known = aims_of(learner, today)
    if not words.strip():
        return known[0] if known else Aim(None, None)
    named = [aim for aim in known if aim.exam and aim.exam.id == words.strip("[] ")]
    named = named or [aim for aim in known if aim.exam and mentions(aim.exam.name, tuple(words.split()))]
    if len(named) == 1:
        return named[0]
    there = ", ".join(f"{aim.exam.name} ({aim.exam.id})" for aim in known[:SHOWN] if aim.exam)
    raise NotFound(
        f"Which goal is “{words}”? Give one of: {there}." if there else "There is no goal yet. officehours goals add"
        " NAME --day DATE sets one.",
        f"‘{words}’이(가) 어느 목표인지 알 수 없습니다. 이 가운데 하나로 적어 주세요: {there}" if there else "아직 목표가"
        " 없습니다. officehours goals add 이름 --day 날짜 로 정해 주세요.",
    )  # fmt: skip


def topics_meant(learner: Learner, named: Sequence[str]) -> tuple[str, ...]:
    """Give the topics that have the named words in their name or their headings, in the order of the course.

    Raises:
        UsageError: A name fits no topic.
    """
    headings = {
        topic: " ".join([topic, *(locator for _, locator, _ in places)]).replace("-", " ").replace("/", " ")
        for topic, places in learner.places.items()
    }
    headings |= {topic: topic for topic in learner.mastery if topic not in headings}
    meant: set[str] = set()
    for name in named:
        words = tuple(name.replace("-", " ").split())
        found = {topic for topic, text in headings.items() if topic == name or mentions(text, words)}
        if not found:
            there = ", ".join([*headings][:SHOWN]) + (" …" if len(headings) > SHOWN else "")
            raise UsageError(
                f"No topic is called “{name}”." + (f" There are: {there}" if there else " Take your course in first: officehours ingest FOLDER"),
                f"‘{name}’이라는 주제가 없습니다." + (f" 있는 것: {there}" if there else " 먼저 강의 자료를 넣어 주세요: officehours ingest 폴더"),
            )  # fmt: skip
        meant |= found
    return tuple(topic for topic in headings if topic in meant)


def set_aim(learner: Learner, aim: Aim, minutes: int | None, topics: Sequence[str] | None) -> None:
    """Change how an aim is planned for; what is None stays.

    Raises:
        UsageError: No day has so many minutes, or a name fits no topic.
    """
    was = aim.goal
    chosen = (was.topics if was else ()) if topics is None else topics_meant(learner, topics)
    kept = StudyGoals(learner.db, learner.student_id, learner.clock)
    subject = aim.exam.subject if aim.exam else ""
    kept.set(subject, (was.minutes if was else USUAL_MINUTES) if minutes is None else minutes, chosen)


def aim_stated(name: str, day: date, at_zone: str, learner: Learner) -> StatedFact:
    """Give an exam or goal that is typed as a command as the fact that it is in words.

    Raises:
        UsageError: It has no name.
    """
    words = " ".join(name.split())
    if not words:
        raise UsageError("A goal needs a name.", "목표의 이름을 적어 주세요.")
    exam = subject_of("exam", words)
    kind = "exam" if exam != f"exam:{normal(words)}" else "goal"
    subject = exam if kind == "exam" else subject_of("goal", words)
    return StatedFact(kind, subject, words, words, learner.clock(), at_zone, day=day)
