"""`officehours memory verify`: comparing the index with the database, and mending it."""

from __future__ import annotations

import dataclasses

from ...memory.index import ScopeReport
from ..runtime import open_for_command
from ..terminal.progress import counting
from ..terminal.say import echo, localized, many, print_json


def verify(student: str | None, *, repair: bool, as_json: bool) -> int:
    """Print what was found, mended first where that is wanted; the exit code is 1 where something is left to mend."""
    with open_for_command(student) as runtime:
        if repair:
            with counting("mending", "고치는 중") as progress:
                reports = runtime.index.repair(progress)
        else:
            reports = runtime.index.verify()
    unsound = [report for report in reports if not report.sound and report.fault != "closed"]
    if as_json:
        print_json({"ok": not unsound, "spaces": [_document(report) for report in reports]})
        return 1 if unsound else 0
    for report in reports:
        echo(_line(report))
    if unsound and not repair:
        echo(
            localized(
                "--repair mends it; nothing is lost.", "--repair를 붙이면 고칩니다. 잃어버린 것은 없습니다."
            )
        )
    return 1 if unsound else 0


def _document(report: ScopeReport) -> dict[str, object]:
    """Give a report under the keys that programs know it by."""
    values = dataclasses.asdict(report)
    return {"space": values.pop("scope"), **values, "sound": report.sound}


def _line(report: ScopeReport) -> str:
    what = [localized(many(report.items, "item"), f"항목 {report.items}개")]
    if report.waiting:
        what.append(localized(f"{report.waiting} wait to be embedded", f"임베딩 대기 {report.waiting}개"))
    if report.behind:
        what.append(localized(f"{report.behind} to be taken up", f"색인 대기 {report.behind}개"))
    if report.missing:
        what.append(localized(f"{len(report.missing)} missing", f"빠진 것 {len(report.missing)}개"))
    if report.extra:
        what.append(localized(f"{len(report.extra)} too many", f"남은 것 {len(report.extra)}개"))
    if report.unembedded:
        what.append(
            localized(
                f"{len(report.unembedded)} never embedded", f"임베딩되지 않은 것 {len(report.unembedded)}개"
            )
        )
    faults = {
        "closed": localized("another program holds the index", "다른 프로그램이 색인을 쓰는 중"),
        "damaged": localized("damaged", "손상됨"),
    }
    if report.fault:
        what.append(faults[report.fault])
    elif report.sound:
        what.append(localized("sound", "이상 없음"))
    return f"{report.scope}: {', '.join(what)}"
