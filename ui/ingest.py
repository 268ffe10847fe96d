"""`officehours ingest`: course material into archival memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from ..agent.api.memory import Memory
from ..memory.transfer import IngestReport
from ..memory.transfer.course import Reason
from .runtime import open_for_command
from .terminal.progress import counting
from .terminal.say import echo, localized, many, prefs, print_json, say, warn
from .waiting import closing_line, embed_if_wanted

WHY: dict[Reason, tuple[str, str]] = {
    "blank": ("there are no words in it", "내용이 없어"),
    "readme": ("it describes the folder", "폴더를 설명하는 파일이라"),
    "same": ("a link to what is in the folder already", "폴더 안에 이미 있는 것의 링크라"),
    "special": ("a pipe, a socket or a device", "파이프·소켓·장치라"),
    "type": ("neither Markdown nor text", "Markdown·텍스트가 아니라"),
}


def ingest(
    paths: Sequence[Path],
    student: str | None,
    *,
    prune: bool = False,
    wait: bool = False,
    as_json: bool = False,
) -> int:
    """Take course material in, say what became of it, and give the exit code: 1 where something could not be read."""
    with open_for_command(student, create=True) as runtime:
        with counting("taking it in", "읽어들이는 중") as progress:
            report = Memory(runtime).ingest(paths, progress, prune=prune)
        if not as_json:
            _tell(report, prune=prune)
        waiting = embed_if_wanted(runtime, wait=wait)
    if as_json:
        failures = [{"file": file, "en": e.en, "ko": e.ko} for file, e in report.failed.items()]
        document = dataclasses.asdict(dataclasses.replace(report, failed={}))  # an error cannot be copied
        print_json(document | {"failed": failures, "waiting": waiting})
    elif waiting:
        echo(closing_line(waiting))
    return 1 if report.failed else 0


def _tell(report: IngestReport, *, prune: bool) -> None:
    echo(
        localized(
            f"{many(report.files, 'file')}: {many(report.new, 'passage')} new, {report.changed} changed, "
            f"{report.unchanged} unchanged, {report.removed} removed.",
            f"파일 {report.files}개: 새 문단 {report.new}개, 바뀐 문단 {report.changed}개, "
            f"그대로인 문단 {report.unchanged}개, 사라진 문단 {report.removed}개.",
        )
    )
    for name, reason in report.passed_over.items():
        if reason != "hidden":
            en, ko = WHY[reason]
            warn(f"Passed over, {en}: {name}", f"{ko} 건너뜀: {name}")
    if hidden := sum(reason == "hidden" for reason in report.passed_over.values()):
        warn(
            f"Passed over, names that begin with a dot: {hidden}; --json gives them.",
            f"점으로 시작하는 이름 {hidden}개를 건너뜀 (--json으로 볼 수 있음)",
        )
    for name in report.links:
        warn(
            f"Not followed, a link that leads out of the folder or nowhere: {name}",
            f"폴더 밖을 가리키거나 끊어진 링크라 따라가지 않음: {name}",
        )
    for name in report.gone:
        if prune:
            warn(
                f"Not there any more, its passages are removed: {name}",
                f"없어진 파일이라 그 내용도 지움: {name}",
            )
        else:
            warn(
                f"Not there any more, its passages stay (--prune removes them): {name}",
                f"파일은 없어졌지만 내용은 남겨 둠 (--prune으로 지움): {name}",
            )
    for error in report.failed.values():
        say(error.say(prefs.language))
