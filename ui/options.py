"""Options that several commands take, and how a group of commands is made."""

from __future__ import annotations

from typing import Annotated

import typer

from .terminal.say import prefs


def group(about: str) -> typer.Typer:
    """Make a group of commands."""
    return typer.Typer(help=about, rich_markup_mode=None, no_args_is_help=True)


def _wants_json(value: bool) -> bool:
    if value:
        prefs.form = "json"
    return value


def _wants_ndjson(value: bool) -> bool:
    if value:
        prefs.form = "ndjson"
    return value


# Read before all other options, so that what is wrong with those is told in the form that was asked for.
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout.", callback=_wants_json, is_eager=True)
]
NdjsonOption = Annotated[
    bool,
    typer.Option("--ndjson", help="One JSON document a line.", callback=_wants_ndjson, is_eager=True),
]
StudentOption = Annotated[str | None, typer.Option("--student", help="Whose memory. 누구의 기억인지.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="Which model speaks. 어떤 모델을 쓸지.")]
PersonaOption = Annotated[str | None, typer.Option("--persona", help="Which professor. 어느 교수님인지.")]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Until it is found by meaning too. 뜻으로도 찾을 수 있을 때까지.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask back. 묻지 않고 합니다.")]
