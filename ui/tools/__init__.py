"""`officehours tools`: its commands and what they take; everything heavy is imported by the command that needs it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import JsonOption, StudentOption, group

tools = group("What the model may call · 모델이 쓰는 도구")

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A tool, or a tool file. 도구나 도구 파일 이름.")
]


@tools.command("list")
def tools_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List the tools and where they are from · 도구 목록."""
    from . import listing

    listing.show_list(student, as_json=json)


@tools.command("show")
def tools_show(name: NameArgument, student: StudentOption = None, json: JsonOption = False) -> None:
    """Show what a model is told of a tool, or a file that waits for your yes · 도구 하나를 봅니다."""
    from . import listing

    listing.show(name, student, as_json=json)


@tools.command("call")
def tools_call(
    name: NameArgument,
    arguments: Annotated[
        str, typer.Argument(metavar="[JSON]", help="""Its arguments, '{"day": "2026-12-01"}'. 인자.""")
    ] = "{}",
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Call a tool yourself · 도구를 직접 실행합니다."""
    from . import calling

    raise typer.Exit(calling.call(name, arguments, student, as_json=json))


@tools.command("new")
def tools_new(name: NameArgument, json: JsonOption = False) -> None:
    """Begin a tool of your own, with a test · 새 도구와 테스트를 만듭니다."""
    from . import making

    making.create(name, as_json=json)


@tools.command("test")
def tools_test(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|FILE]", help="A tool file; all of yours by default. 도구 파일."),
    ] = None,
    call: Annotated[
        bool,
        typer.Option("--call", help="Also call tools that do more than read. 읽기만 하지 않는 도구도 실행."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Try your tools: schema, documentation, odd arguments, your tests · 도구를 검사합니다."""
    from . import trying

    raise typer.Exit(trying.try_out(name, call=call, as_json=json))


@tools.command("enable")
def tools_enable(name: NameArgument, json: JsonOption = False) -> None:
    """Let a tool, or a file as it is now, be used · 도구나 도구 파일을 켭니다."""
    from . import switching

    raise typer.Exit(switching.enable(name, as_json=json))


@tools.command("disable")
def tools_disable(name: NameArgument, json: JsonOption = False) -> None:
    """Let a tool, or a file, no longer be used · 도구나 도구 파일을 끕니다."""
    from . import switching

    switching.disable(name, as_json=json)
