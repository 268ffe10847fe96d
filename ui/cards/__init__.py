"""`officehours cards`: its commands and what they take; everything heavy is imported by the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import JsonOption, StudentOption, group

cards = group("Review cards · 복습 카드")

TopicArgument = Annotated[
    str | None, typer.Argument(metavar="[TOPIC]", help="Words of the topic or the file. 주제나 파일의 말.")
]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="k12")]


@cards.command("list")
def cards_list(topic: TopicArgument = None, student: StudentOption = None, json: JsonOption = False) -> None:
    """List cards and when they are due · 카드 목록과 복습할 날."""
    from . import keeping

    keeping.show_list(topic, student, as_json=json)


@cards.command("add")
def cards_add(
    front: str,
    back: str,
    topic: Annotated[str, typer.Option("--topic", help="What it is about. 무엇에 대한 것인지.")] = "",
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Make a card of your own · 카드를 직접 만듭니다."""
    from . import keeping

    keeping.add(front, back, topic, student, as_json=json)


@cards.command("make")
def cards_make(topic: TopicArgument = None, student: StudentOption = None, json: JsonOption = False) -> None:
    """Make cards of the course: definitions, questions, glossaries · 강의 자료에서 카드를 만듭니다."""
    from . import keeping

    keeping.make(topic, student, as_json=json)


@cards.command("edit")
def cards_edit(identity: IdArgument, front: str, back: str, student: StudentOption = None) -> None:
    """Give a card other words; its schedule stays · 카드의 글을 고칩니다."""
    from . import keeping

    keeping.edit(identity, front, back, student)


@cards.command("import")
def cards_import(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Anki (.apkg), CSV, tab-separated text, or problems (.jsonl)."),
    ],
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Take in cards or a problem set · 카드나 문제집을 가져옵니다."""
    from . import files as moving

    raise typer.Exit(moving.import_files(files, student, as_json=json))


@cards.command("export")
def cards_export(
    file: Annotated[Path, typer.Argument()],
    topic: TopicArgument = None,
    form: Annotated[str | None, typer.Option("--format", metavar="apkg|csv")] = None,
    student: StudentOption = None,
) -> None:
    """Write cards for Anki or as CSV · 카드를 Anki나 CSV 파일로 내보냅니다."""
    from . import files as moving

    moving.export(file, topic, form, student)


@cards.command("suspend")
def cards_suspend(
    identity: IdArgument,
    off: Annotated[bool, typer.Option("--off", help="Ask it again. 다시 묻습니다.")] = False,
    student: StudentOption = None,
) -> None:
    """Ask a card no more for now · 카드를 잠시 쉽니다."""
    from . import keeping

    keeping.suspend(identity, student, suspended=not off)


@cards.command("delete")
def cards_delete(identity: IdArgument, student: StudentOption = None) -> None:
    """Take a card away; its reviews stay in the log · 카드를 지웁니다."""
    from . import keeping

    keeping.delete(identity, student)
