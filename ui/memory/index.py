"""`officehours memory verify`: comparing the index with the database, and mending it."""

from __future__ import annotations

import dataclasses

from ...memory.index.base import SpaceReport
from ..runtime import house_of
from ..terminal.progress import counting
from ..terminal.say import many, out, pick, print_json


def verify(student: str | None, *, repair: bool, as_json: bool) -> int:
    """Print what was found, mended first where that is wanted; the exit code is 1 where something is left to mend."""
    with house_of(student) as house:
        if repair:
            with counting("mending", "고치는 중") as progress:
                reports = house.index.repair(progress)
        else:
            reports = house.index.verify()
    unsound = [report for report in reports if not report.sound and report.fault not in {"new", "closed"}]
    if as_json:
        spaces = [dataclasses.asdict(report) | {"sound": report.sound} for report in reports]
        print_json({"ok": not unsound, "spaces": spaces})
        return 1 if unsound else 0
    for report in reports:
        out(_line(report))
    if unsound and not repair:
        out(
            pick("--repair mends it; nothing is lost.", "--repair를 붙이면 고칩니다. 잃어버린 것은 없습니다.")
        )
    return 1 if unsound else 0


def _line(report: SpaceReport) -> str:
    what = [pick(many(report.items, "item"), f"항목 {report.items}개")]
    if report.waiting:
        what.append(pick(f"{report.waiting} wait to be embedded", f"임베딩 대기 {report.waiting}개"))
    if report.behind:
        what.append(pick(f"{report.behind} to be taken up", f"색인 대기 {report.behind}개"))
    if report.missing:
        what.append(pick(f"{len(report.missing)} missing", f"빠진 것 {len(report.missing)}개"))
    if report.extra:
        what.append(pick(f"{len(report.extra)} too many", f"남은 것 {len(report.extra)}개"))
    if report.unembedded:
        what.append(
            pick(f"{len(report.unembedded)} never embedded", f"임베딩되지 않은 것 {len(report.unembedded)}개")
        )
    faults = {
        "closed": pick("another program holds the index", "다른 프로그램이 색인을 쓰는 중"),
        "new": pick("not built yet", "아직 만들지 않음"),
    }
    if report.fault:
        what.append(faults.get(report.fault, pick(f"fault: {report.fault}", f"문제: {report.fault}")))
    elif report.sound:
        what.append(pick("sound", "이상 없음"))
    return f"{report.space}: {', '.join(what)}"
