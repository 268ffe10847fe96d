"""`officehours memory import`: bringing conversation and notes in, and saying what became of every entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from ...agent.api.memory import Memory
from ...memory.transfer import ImportReport
from ...memory.transfer.records import Reason
from ..runtime import open_for_command
from ..terminal.progress import counting
from ..terminal.say import echo, localized, many, prefs, print_json, say, warn
from ..waiting import closing_line, embed_if_wanted

WHY: dict[Reason, tuple[str, str]] = {
    "blank": ("without words", "내용 없음"),
    "branch": ("another version was shown", "다른 판이 화면에 남음"),
    "hidden": ("not shown to you", "화면에 보이지 않던 것"),
    "no conversation": ("files beside the conversations", "대화가 아닌 파일"),
    "not said": ("said by neither side", "두 사람의 말이 아님"),
    "persona": ("the assistant's own description", "도우미 자신의 설명"),
    "repeated": ("in the file twice", "파일에 두 번 나옴"),
    "tool": ("to or from a tool", "도구와 주고받은 것"),
    "unknown content": ("no speech", "말이 아닌 내용"),
}

TOLD = 10
"""How many failures a person is told one by one; --json has all."""


def import_files(
    files: Sequence[Path], student: str | None, *, wait: bool = False, as_json: bool = False
) -> int:
    """Take files in, say what became of them, and give the exit code: 1 where something could not be read."""
    with open_for_command(student, create=True) as runtime:
        with counting("taking it in", "읽어들이는 중") as progress:
            report = Memory(runtime).import_files(files, progress)
        if not as_json:
            _tell(report)
        waiting = embed_if_wanted(runtime, wait=wait)
    if as_json:
        print_json(_document(report) | {"waiting": waiting})
    elif waiting:
        echo(closing_line(waiting))
    return 1 if report.failed else 0


def _document(report: ImportReport) -> dict[str, Any]:
    return {
        "read": report.read,
        "messages": report.messages,
        "kept": report.kept,
        "known": report.known,
        "empty": report.empty,
        "passed_over": report.passed_over,
        "failed": [{"place": place, "en": e.en, "ko": e.ko} for place, e in report.failed.items()],
        "masked": sorted(report.masked),
    }


def _tell(report: ImportReport) -> None:
    left = Counter(report.passed_over.values())
    over = ", ".join(f"{localized(*WHY[reason])} {count:,}" for reason, count in left.most_common())
    echo(
        localized(
            f"Imported: {many(report.messages, 'message')}, {report.kept} passages, facts and notes"
            f" ({report.known} were known already, {left.total()} passed over{over and ': '}{over},"
            f" {len(report.failed)} could not be read).",
            f"가져왔습니다: 메시지 {report.messages}개, 자료·사실·노트 {report.kept}개"
            f" (이미 있던 것 {report.known}개, 건너뛴 것 {left.total()}개{over and ': '}{over},"
            f" 읽지 못한 것 {len(report.failed)}개).",
        )
    )
    say_masked(report.masked)
    for error in list(report.failed.values())[:TOLD]:
        say(error.say(prefs.language))
    if len(report.failed) > TOLD:
        more = len(report.failed) - TOLD
        warn(
            f"And {more} more; --json names all.",
            f"그 밖에 {more}개가 더 있습니다. --json으로 모두 볼 수 있습니다.",
        )


def say_masked(kinds: Collection[str]) -> None:
    """Say what kinds of secrets were masked, if any were."""
    from ...memory.text.secrets import named

    if kinds:
        listed = named(sorted(kinds), prefs.language)
        warn(
            f"What looks like a secret ({listed}) was masked; it is stored nowhere.",
            f"비밀 정보로 보이는 부분({listed})은 가렸습니다. 원래 값은 어디에도 저장되지 않습니다.",
        )
