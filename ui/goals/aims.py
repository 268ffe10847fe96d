"""`officehours goals list|add|set|done`: what is aimed at, how it is planned for, and what was promised."""

from __future__ import annotations

import re
from datetime import date

from ...agent.learner.aims import Aim, aim_meant, aim_stated, aims_of, set_aim
from ...agent.learner.rows import Learner
from ...agent.runtime import Runtime
from ...agent.settings import local_time
from ...memory.dates import day_name, resolve
from ...memory.dates.naming import Language
from ...memory.errors import UsageError
from ...memory.facts import render_fact
from ..runtime import open_for_command
from ..terminal.columns import fitted, screen
from ..terminal.say import echo, localized, prefs, print_json

_PROMISE = re.compile(r"r\d+")


def show_list(student: str | None, *, as_json: bool) -> None:
    """Print the exams and goals to come, how each is planned for, and the promises that are open."""
    with open_for_command(student) as runtime:
        found = aims_of(_learner(runtime), _today(runtime))
        promises = runtime.memories.promises.open()
        today = _today(runtime)
    if as_json:
        told = [{"id": promise.name, "text": promise.text} for promise in promises]
        print_json({"goals": [_document(aim) for aim in found], "promises": told})
        return
    for aim in found:
        echo(fitted(_line(aim, today), screen()))
    for promise in promises:
        echo(fitted(f"{promise.name:<5} {localized('promised', '약속')}: {promise.text}", screen()))
    if not found and not promises:
        echo(
            localized(
                "No goal yet. officehours goals add NAME --day DATE sets one.",
                "아직 목표가 없습니다. officehours goals add 이름 --day 날짜 로 정해 주세요.",
            )
        )


def add(name: str, day: str, minutes: int | None, topics: str | None, student: str | None) -> None:
    """Keep an exam or a goal as the student's own word, and plan for it.

    Raises:
        UsageError: The day is none or past, no day has so many minutes, or a name fits no topic.
    """
    with open_for_command(student, create=True) as runtime:
        learner, today = _learner(runtime), _today(runtime)
        fact = aim_stated(name, _day(day, runtime), runtime.zone, learner)
        with runtime.db.begin():
            kept = runtime.memories.archival.insert(
                render_fact(fact, runtime.student.language), kind="fact", subject=fact.subject, fact=fact
            )
            aim = aim_meant(learner, today, kept.id)
            set_aim(learner, aim, minutes, _topics(topics))
        echo(fitted(_line(aim_meant(learner, today, kept.id), today), screen()))


def change(goal: str, minutes: int | None, topics: str | None, student: str | None) -> None:
    """Change how a goal is planned for.

    Raises:
        NotFound: There is no such goal.
        UsageError: Nothing is changed, no day has so many minutes, or a name fits no topic.
    """
    if minutes is None and topics is None:
        raise UsageError(
            "Say what changes: --minutes N, --topics A,B or both.",
            "무엇을 바꿀지 적어 주세요: --minutes N, --topics A,B",
        )
    with open_for_command(student) as runtime:
        learner, today = _learner(runtime), _today(runtime)
        aim = aim_meant(learner, today, goal)
        set_aim(learner, aim, minutes, _topics(topics))
        changed = aim_meant(learner, today, aim.exam.id if aim.exam else "")
        echo(fitted(_line(changed, today), screen()))


def close(goal: str, student: str | None, *, dropped: bool) -> None:
    """Close a goal or a promise.

    Raises:
        NotFound: There is no such goal or promise.
    """
    with open_for_command(student) as runtime:
        memories = runtime.memories
        if _PROMISE.fullmatch(goal):
            name = memories.promises.close(goal, "dismissed" if dropped else "kept").text
        else:
            aim = aim_meant(_learner(runtime), _today(runtime), goal)
            memories.goals.close(aim.exam.subject if aim.exam else "", "dropped" if dropped else "done")
            name = aim.exam.name if aim.exam else ""
    echo(
        localized(f"Dropped: {name}", f"그만두었습니다: {name}")
        if dropped
        else localized(f"Done: {name}", f"마쳤습니다: {name}")
    )


def _learner(runtime: Runtime) -> Learner:
    return Learner(runtime.db, runtime.student.id, runtime.clock)


def _today(runtime: Runtime) -> date:
    return local_time(runtime.clock(), runtime.zone).date()


def _day(phrase: str, runtime: Runtime) -> date:
    span = resolve(phrase, local_time(runtime.clock(), runtime.zone))
    if span is None or span.start < _today(runtime):
        raise UsageError(
            f"“{phrase}” is no day to come. Write it like 2026-12-03, next Friday or in two weeks.",
            f"‘{phrase}’은(는) 앞으로 올 날짜가 아닙니다. 2026-12-03, 다음 주 금요일처럼 적어 주세요.",
        )
    return span.start


def _topics(names: str | None) -> list[str] | None:
    if names is None:
        return None
    named = [name.strip() for name in names.split(",") if name.strip()]
    return [] if named in (["all"], ["모두"]) else named


def _line(aim: Aim, today: date) -> str:
    spoken: Language = "ko" if prefs.language == "ko" else "en"
    when = f"{day_name(aim.exam.day, spoken, today)}  {aim.exam.name}" if aim.exam else ""
    name = when or localized("the course, no day", "강의 전체, 날짜 없음")
    planned = ""
    if aim.goal:
        planned = localized(f"{aim.goal.minutes} min a day", f"하루 {aim.goal.minutes}분")
        planned = f" · {', '.join([planned, *aim.goal.topics])}"
    return f"{aim.exam.id if aim.exam else '-':<5} {name}{planned}"


def _document(aim: Aim) -> dict[str, object]:
    return {
        "id": aim.exam.id if aim.exam else None,
        "name": aim.exam.name if aim.exam else None,
        "day": aim.exam.day.isoformat() if aim.exam else None,
        "minutes": aim.goal.minutes if aim.goal else None,
        "topics": list(aim.goal.topics) if aim.goal else [],
    }
