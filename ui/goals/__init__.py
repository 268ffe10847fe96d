"""`officehours goals`: its commands and what they take; everything heavy is imported by the command that needs it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import JsonOption, StudentOption, group

goals = group("What you aim at, and what was promised · 목표와 약속")

MinutesOption = Annotated[
    int | None, typer.Option("--minutes", metavar="N", help="A day. 하루에 쓸 시간(분).")
]
TopicsOption = Annotated[
    str | None,
    typer.Option("--topics", metavar="A,B", help="Only these; “all” is all. 이 주제만, all 은 모두."),
]


@goals.command("list")
def goals_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List exams, goals and what was promised · 시험과 목표, 약속을 봅니다."""
    from . import aims

    aims.show_list(student, as_json=json)


@goals.command("add")
def goals_add(
    name: str,
    day: Annotated[
        str, typer.Option("--day", metavar="DATE", help="2026-12-03, next Friday, 다음 주 금요일")
    ],
    minutes: MinutesOption = None,
    topics: TopicsOption = None,
    student: StudentOption = None,
) -> None:
    """Aim at an exam or a goal · 시험이나 목표를 정합니다."""
    from . import aims

    aims.add(name, day, minutes, topics, student)


@goals.command("set")
def goals_set(
    goal: Annotated[str, typer.Argument(metavar="[GOAL]", help="a12, or words of it. 번호나 이름.")] = "",
    minutes: MinutesOption = None,
    topics: TopicsOption = None,
    student: StudentOption = None,
) -> None:
    """Change the minutes a day or the topics of a goal · 하루 시간이나 주제를 바꿉니다."""
    from . import aims

    aims.change(goal, minutes, topics, student)


@goals.command("done")
def goals_done(
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="a12, r3, or words of it. 번호나 이름.")],
    dropped: Annotated[
        bool, typer.Option("--dropped", help="It is wanted no more. 이제 하지 않습니다.")
    ] = False,
    student: StudentOption = None,
) -> None:
    """Close a goal, or a promise · 목표나 약속을 마칩니다."""
    from . import aims

    aims.close(goal, student, dropped=dropped)
