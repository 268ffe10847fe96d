"""`officehours memory forget|erase|export`: deleting for good with a receipt, and taking everything along."""

from __future__ import annotations

from pathlib import Path

from ...agent.runtime import Runtime
from ...memory.erasure import Eraser, Receipt
from ...memory.errors import UsageError
from ..runtime import open_for_command
from ..terminal.say import echo, localized, make_sure, prefs, print_json

FORMS = {".json": "json", ".md": "md", ".markdown": "md", ".af": "af"}


def forget(identity: str, student: str | None, *, as_json: bool = False) -> None:
    """Forget one memory, message or conversation and print the receipt."""
    with open_for_command(student) as runtime:
        print_receipt(forgetter(runtime).forget(identity), as_json=as_json)


def erase(student: str | None, *, yes: bool, as_json: bool = False) -> None:
    """Erase a student, once the person has said so, and print the receipt."""
    with open_for_command(student) as runtime:
        handle = runtime.student.handle
        question = localized(
            f"Erase everything of {handle}, every word and every bill, for good? [y/N] ",
            f"{handle} 학생의 대화와 기억, 사용 내역을 모두 완전히 지울까요? [y/N] ",
        )
        make_sure(question, yes=yes)
        print_receipt(forgetter(runtime).erase(), as_json=as_json)


def export(file: Path, form: str | None, student: str | None) -> None:
    """Write all of a student's memory into a file.

    Raises:
        UsageError: The form is not known.
        StoreUnwritable: The file cannot be written.
    """
    chosen = form or FORMS.get(file.suffix.lower(), "json")
    if chosen not in FORMS.values():
        raise UsageError("--format is json, md or af.", "--format은 json, md, af 중 하나입니다.")
    with open_for_command(student) as runtime:
        _write(runtime, file, chosen)
    echo(localized(f"Everything is in {file}.", f"모두 {file}에 저장했습니다."))


def forgetter(runtime: Runtime) -> Eraser:
    """Give what forgets for the student of a runtime."""
    settings = runtime.settings
    return Eraser(
        runtime.db,
        runtime.student,
        settings.home,
        runtime.index,
        remote_index=settings.chroma_url is not None,
    )


def print_receipt(receipt: Receipt, *, as_json: bool) -> None:
    """Print what was removed and what the scan found."""
    if as_json:
        print_json(receipt.document())
        return
    for line in receipt.lines(prefs.language):
        echo(line)


def _write(runtime: Runtime, file: Path, form: str) -> None:
    from ...agent.greeting import find_persona
    from ...memory.transfer import as_markdown, export_agent_file, export_json, write_text

    memories, student = runtime.memories, runtime.student
    match form:
        case "md":
            m = memories
            parts = (m.core, m.archival, m.questions, m.misconceptions, m.cards, m.sessions)
            write_text(file, "\n".join(as_markdown(student, *parts)) + "\n")
        case "af":
            persona = find_persona(runtime.settings).render(student.language)
            export_agent_file(runtime.db, student, memories.core.blocks(), file, persona=persona)
        case _:
            export_json(runtime.db, student, file)
