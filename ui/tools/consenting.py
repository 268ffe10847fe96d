"""Asking for the student's yes to tool files, and keeping it: what a file holds is seen before it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ...memory.text import clean
from ...tools.user_files.consent import Consent
from ...tools.user_files.finding import SourceFile, ToolFile, find
from ..terminal.say import YES, echo, localized, many, warn

SHOWN = 12
"""Lines of a file that are shown where the chat asks; `officehours tools show NAME` gives them all."""


def ask_about_new(folder: Path, ask: Callable[[str], str]) -> None:
    """Ask at the start of a chat about each file that is new or has changed; the answer is kept.

    Args:
        ask: Shows a question and gives the line that is typed.
    """
    found = find(folder)
    # A helper is asked about with the file that imports it.
    for file in sorted(found.files, key=lambda file: file.name in found.helpers):
        consent = Consent(folder)
        if consent.to_file(file) is not None:
            continue
        parts = consent.unasked(file)
        warn(*_about(file, changed=consent.changed(file)))
        show_files(parts, SHOWN)
        question = localized(
            "Code in it can do whatever you can. Let it run, now and in future? [y/N] ",
            "이 파일의 코드는 회원님이 할 수 있는 일을 모두 할 수 있습니다. 지금부터 실행할까요? [y/N] ",
        )
        try:
            said_yes = ask(question).strip().lower() in YES
        except (EOFError, KeyboardInterrupt):
            return
        consent.answer(parts, "yes" if said_yes else "no")
        if not said_yes:
            warn(
                f"It stays off. officehours tools enable {file.name} turns it on.",
                f"실행하지 않습니다. 나중에 켜려면 officehours tools enable {file.name} 명령을 쓰세요.",
            )


def show_files(parts: Iterable[SourceFile], most: int | None = None) -> None:
    """Print files, each with its path and size.

    Args:
        most: Lines of each that are shown.
    """
    for part in parts:
        lines = clean(part.content.decode("utf-8", "replace")).splitlines()
        size = len(part.content)
        echo(localized(f"{part.path} ({size:,} bytes)", f"{part.path} ({size:,}바이트)"))
        for line in lines[:most]:
            echo(f"  │ {line}")
        if most is not None and len(lines) > most:
            left = len(lines) - most
            echo(localized(f"  │ … {many(left, 'more line')}", f"  │ … {left:,}줄 더 있음"))


def _about(file: ToolFile, *, changed: bool) -> tuple[str, str]:
    if changed:
        return (
            f"The tool file {file.name} has changed since you last looked at it.",
            f"도구 파일 {file.name}의 내용이 지난번에 확인하신 뒤로 바뀌었습니다.",
        )
    return f"There is a new tool file: {file.name}.", f"새 도구 파일이 있습니다: {file.name}."
