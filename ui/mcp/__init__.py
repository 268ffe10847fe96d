"""`officehours mcp`: a student's memory for other programs, and the MCP servers whose tools the professor may call."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import JsonOption, StudentOption, YesOption

mcp = typer.Typer(
    help="MCP: serve this memory to other programs, or use servers · MCP 서버로 쓰거나 다른 서버의 도구를 씁니다.",
    rich_markup_mode=None,
    invoke_without_command=True,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="What the server is called here. 서버 이름.")
]


@mcp.callback()
def serve(
    context: typer.Context,
    student: StudentOption = None,
    http: Annotated[bool, typer.Option("--http", help="On this machine's loopback, with a token.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="With --http; 0 is any.")] = 8765,
) -> None:
    """Serve this memory to other programs over MCP, on stdin and stdout · 다른 프로그램에 MCP로 기억을 제공합니다."""
    if context.invoked_subcommand is not None:
        return
    from . import serving

    raise typer.Exit(serving.serve_http(student, port) if http else serving.serve_stdio(student))


@mcp.command("add")
def mcp_add(
    name: NameArgument,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND ARGS…", help="What starts it. 실행할 명령.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Where it is, instead. 주소.")] = None,
    env: Annotated[
        list[str] | None, typer.Option("--env", metavar="K=V", help="For the command; ${VAR} is looked up.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", metavar="'K: V'", help="For the address; ${VAR} too.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Use a server's tools; they are shown and asked about · 서버의 도구를 씁니다."""
    from . import servers

    servers.add(name, command or [], url, env or [], header or [], yes=yes)


@mcp.command("accept")
def mcp_accept(name: NameArgument, yes: YesOption = False) -> None:
    """See what a server says of its tools, and accept it · 서버의 도구 설명을 보고 허락합니다."""
    from . import servers

    servers.accept(name, yes=yes)


@mcp.command("list")
def mcp_list(json: JsonOption = False) -> None:
    """List the servers, how they are and what tools they have · 서버와 도구 목록."""
    from . import servers

    servers.show_list(as_json=json)


@mcp.command("remove")
def mcp_remove(name: NameArgument) -> None:
    """Use a server no more · 서버를 더 쓰지 않습니다."""
    from . import servers

    servers.remove(name)
