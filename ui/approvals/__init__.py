"""`officehours approvals`: its commands and what they take; everything heavy is imported by the command that needs it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import JsonOption, ModelOption, NdjsonOption, StudentOption, group
from ..terminal.say import Form

approvals = group("What waits for your yes · 허락을 기다리는 일")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As `approvals list` shows it.")]
SessionOption = Annotated[
    str | None, typer.Option("--session", metavar="ID", help="Which conversation's. 어느 대화의 것인지.")
]


@approvals.command("list")
def approvals_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List the calls that wait for an answer · 답을 기다리는 호출 목록."""
    from . import answering

    answering.show_list(student, as_json=json)


@approvals.command("yes")
def approvals_yes(
    identity: IdArgument,
    session: SessionOption = None,
    student: StudentOption = None,
    model: ModelOption = None,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Let a call run and go on with its turn · 허락하고 답변을 이어 갑니다."""
    _answer(identity, session, student, model, _form(json=json, ndjson=ndjson), yes=True)


@approvals.command("no")
def approvals_no(
    identity: IdArgument,
    session: SessionOption = None,
    student: StudentOption = None,
    model: ModelOption = None,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Refuse a call and go on with its turn without it · 거절하고 답변을 이어 갑니다."""
    _answer(identity, session, student, model, _form(json=json, ndjson=ndjson), yes=False)


def _form(*, json: bool, ndjson: bool) -> Form:
    return "ndjson" if ndjson else "json" if json else "text"


def _answer(
    identity: str, session: str | None, student: str | None, model: str | None, form: Form, *, yes: bool
) -> None:
    from . import answering

    raise typer.Exit(answering.answer(identity, session, student, model, form, yes=yes))
