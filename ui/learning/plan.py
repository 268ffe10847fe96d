"""`officehours plan`: what to study on which day until the exam."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ...agent.learner.rows import Learner
from ...agent.settings import local_time
from ...agent.tutor.plan import Plan
from ...agent.tutor.plan_text import plan_lines
from ...agent.tutor.policy import Exam
from ...memory.errors import StoreUnwritable
from ..sessions import open_sessions
from ..terminal.say import echo, prefs, print_json, warn


def plan(student: str | None, minutes: int | None, ics: Path | None, *, as_json: bool) -> None:
    """Print a plan, and write it as a calendar file where one is named.

    Raises:
        StoreUnwritable: The file cannot be written.
        UsageError: No day has so many minutes for it.
    """
    with open_sessions(student) as opened:
        now = local_time(opened.clock(), opened.zone)
        learner = Learner(opened.db, opened.student.id, opened.clock)
        made, exam = learner.plan(now.date(), minutes, keep=True)
        step = learner.next_step(now, made)
        zone = opened.zone
    if ics:
        from ...agent.tutor.ics import calendar

        _write(ics, calendar(made, exam, now=now, zone=zone, language=_language()))
        warn(f"Written to {ics}.", f"{ics}에 저장했습니다.")
    if as_json:
        print_json(_document(made, exam) | {"next": dataclasses.asdict(step)})
        return
    for line in plan_lines(made, exam, now.date(), _language()):
        echo(line)


def _language() -> Any:
    return "ko" if prefs.language == "ko" else "en"


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise StoreUnwritable(
            f"{file} cannot be written ({error.strerror or error}). Choose another place.",
            f"{file}에 쓸 수 없습니다({error.strerror or error}). 다른 곳을 골라 주세요.",
        ) from error


def _document(made: Plan, exam: Exam | None) -> dict[str, Any]:
    return {
        "exam": {"name": exam.name, "day": exam.day.isoformat(), "id": exam.id} if exam else None,
        "minutes": made.minutes,
        "needed": made.needed,
        "available": made.available,
        "fits": made.fits,
        "enough": made.enough,
        "missed": made.missed,
        "left_out": list(made.left_out),
        "thinned": list(made.thinned),
        "days": [
            {
                "day": day.isoformat(),
                "items": [
                    {"topic": i.topic, "session": i.session, "minutes": i.minutes, "ids": list(i.ids)}
                    for i in items
                ],
            }
            for day, items in made.days.items()
        ],
    }
