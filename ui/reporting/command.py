"""`officehours report`: what a student did, in numbers that stand with their rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ...agent.events import plain
from ...agent.learner.study_report import study_report
from ...agent.settings import local_time
from ...agent.tutor.report import StudyReport
from ...memory.dates import days_meant
from ...memory.errors import UsageError
from ...memory.transfer import write_text
from ..sessions import open_sessions
from ..terminal.say import echo, prefs, print_json, warn
from .tables import report_tables, report_title

FORMATS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html"}
"""What a file's name says of its form."""


def report(
    student: str | None, *, since: str | None, form: str | None, out: Path | None, as_json: bool
) -> None:
    """Print a report, or write it to a file.

    Raises:
        UsageError: There is no such form, or no such day.
        StoreUnwritable: The file cannot be written.
    """
    form = form_of(form, out, as_json=as_json)
    with open_sessions(student) as opened:
        now = opened.clock()
        start = first_moment(since, local_time(now, opened.zone)) if since else None
        found = study_report(opened.db, opened.student.id, now, opened.zone, start)
    if form == "json" and out is None:
        print_json(document(found))
        return
    text = rendered(found, form)
    if out is None:
        echo(text)
        return
    write_text(out, f"{text}\n")
    warn(f"The report is in {out}.", f"보고서를 {out}에 저장했습니다.")


def form_of(form: str | None, out: Path | None, *, as_json: bool) -> str:
    """Give the form of a report: the one that is named, else what the file's name says.

    Raises:
        UsageError: There is no such form.
    """
    if as_json:
        return "json"
    if form is None:
        return FORMATS.get(out.suffix.lower(), "terminal") if out else "terminal"
    if form not in {"terminal", *FORMATS.values()}:
        raise UsageError("--format is terminal, md or html.", "--format은 terminal, md, html 중 하나입니다.")
    return form


def first_moment(said: str, now: datetime) -> datetime:
    """Give when a day begins, however it is said: "2026-11-01", "지난주", "two weeks ago".

    Args:
        now: The student's local time.

    Raises:
        UsageError: It is no day, or one that is still to come.
    """
    meant = days_meant(said, now)
    if meant is None or meant[0] > now:
        raise UsageError(
            "--since is a day that has been, such as 2026-11-01 or 'two weeks ago'.",
            "--since에는 2026-11-01이나 '2주 전'처럼 지난 날을 적어 주세요.",
        )
    return meant[0]


def rendered(found: StudyReport, form: str) -> str:
    """Give a report as the text of a form: "terminal", "md", "html" or "json"."""
    match form:
        case "json":
            import json

            return json.dumps(document(found), ensure_ascii=False, indent=2)
        case "html":
            from .page import page

            return page(found, prefs.language)
        case "md":
            from .markdown import markdown

            return markdown(report_title(found), report_tables(found))
        case _:
            from .terminal import terminal

            return terminal(report_title(found), report_tables(found))


def document(found: StudyReport) -> dict[str, Any]:
    """Give a report as JSON's values; an unknown price is null."""
    return {"minutes": found.minutes, **plain(found)}
