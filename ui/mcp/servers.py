"""`officehours mcp add`, `accept`, `list` and `remove`: the servers whose tools the professor may call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...agent.settings import Settings, checked, load
from ...memory.errors import NotFound, ToolError, UsageError
from ...memory.text import redact
from ...tools.mcp.connections import START_SECONDS
from ...tools.mcp.descriptions import Described
from ...tools.mcp.lists import KeptLists, Listed
from ...tools.mcp.offered import ask_all, listed_now
from ...tools.mcp.servers import Server, read_servers
from ...tools.text import first_line
from ..terminal.columns import columns, wrapped
from ..terminal.say import confirmed, echo, localized, many, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .config_file import put_server


def add(
    name: str,
    command: Sequence[str],
    url: str | None,
    env: Sequence[str],
    header: Sequence[str],
    *,
    yes: bool,
) -> None:
    """Write a server into the settings, start it, show what it says of its tools, and ask whether that is wanted.

    Raises:
        UsageError: Neither a command nor an address is given, or there is a server of that name.
        ConfigError: What is given can be no server.
    """
    keep_stdout()
    settings = load()
    if name in settings.mcp_servers:
        raise UsageError(
            f"There is a server called {name} already. Take it out first: officehours mcp remove {name}",
            f"{name}이라는 서버가 이미 있습니다. 먼저 빼 주세요: officehours mcp remove {name}",
        )
    if bool(command) == bool(url):
        raise UsageError(
            "Say what starts the server, as in officehours mcp add time -- uvx mcp-server-time, or where it is: --url.",
            "officehours mcp add time -- uvx mcp-server-time처럼 실행할 명령을 쓰거나 --url로 주소를 주세요.",
        )
    entry: dict[str, Any] = {"url": url} if url else {"command": command[0]}
    entry |= {"args": list(command[1:])} if command[1:] else {}
    entry |= {"env": _pairs("--env", env, "=")} if env else {}
    entry |= {"headers": _pairs("--header", header, ":")} if header else {}
    checked("mcp_servers", {name: entry}, settings.config_path)
    put_server(settings.config_path, name, entry)
    echo(
        localized(
            f"{name} is in {settings.config_path}.", f"{name}을(를) {settings.config_path}에 적었습니다."
        )
    )
    _accept(read_servers({name: entry})[name], _lists(settings), yes=yes)


def accept(name: str, *, yes: bool) -> None:
    """Show what a server says of its tools now, and keep whether the person wants that.

    Raises:
        NotFound: There is no such server.
        ToolError: It does not start.
    """
    keep_stdout()
    settings = load()
    _accept(_server(settings, name), _lists(settings), yes=yes)


def remove(name: str) -> None:
    """Take a server out of the settings.

    Raises:
        NotFound: There is no such server.
    """
    settings = load()
    _server(settings, name)
    put_server(settings.config_path, name, None)
    _lists(settings).forget(name)
    echo(localized(f"{name} is no longer used.", f"{name} 서버를 뺐습니다."))


def show_list(*, as_json: bool) -> None:
    """Start each server that is on and print how it is."""
    keep_stdout()
    settings = load()
    servers = settings.mcp_servers
    on = [server for server in servers.values() if not server.disabled]
    asked = ask_all(on, _lists(settings))
    if as_json:
        print_json({"servers": [_document(server, asked.get(server)) for server in servers.values()]})
        return
    rows = [(server.name, _state(asked.get(server)), redact(server.place)) for server in servers.values()]
    for line in columns(rows):
        echo(line)
    for server in servers.values():
        if server.ignored:
            say(
                localized(
                    f"{server.name}: not used here: {', '.join(server.ignored)}",
                    f"{server.name}: 여기서 쓰지 않는 설정: {', '.join(server.ignored)}",
                )
            )
    if not servers:
        echo(
            localized(
                "No server yet: officehours mcp add time -- uvx mcp-server-time",
                "아직 서버가 없습니다: officehours mcp add time -- uvx mcp-server-time",
            )
        )


def _accept(server: Server, lists: KeptLists, *, yes: bool) -> None:
    # A person who adds it has time: what npx or uvx starts is downloaded first.
    listed = listed_now(server, lists, max(START_SECONDS, server.timeout))
    for line in _lines(listed.tools):
        echo(line)
    if listed.accepted or not listed.tools:
        return
    question = localized(
        f"These words will stand before the model in every request. Do you accept what {server.name} says? [y/N] ",
        f"이 설명은 모든 요청에서 모델이 읽게 됩니다. {server.name}의 설명을 허락하시겠습니까? [y/N] ",
    )
    if yes or confirmed(question):
        lists.accept(server, listed.tools)
        echo(
            localized(
                "Accepted, as long as it says the same.", "허락했습니다. 설명이 바뀌면 다시 여쭤봅니다."
            )
        )
    else:
        echo(
            localized(
                f"Not accepted: its tools can be used, and whatever their words could order waits for your yes. Later: "
                f"officehours mcp accept {server.name}",
                f"허락하지 않았습니다. 도구는 쓸 수 있지만 그 설명이 시킬 수 있는 일은 먼저 여쭤봅니다. 나중에 허락하기: "
                f"officehours mcp accept {server.name}",
            )
        )


def _lines(tools: Sequence[Described]) -> Iterator[str]:
    for tool in tools:
        yield tool.name
        for line in tool.description.splitlines():
            yield from wrapped(line, indent=4)
        for name, schema in tool.parameters["properties"].items():
            told = schema.get("description", "")
            yield from wrapped(f"{name}: {told}" if told else name, indent=6)


def _server(settings: Settings, name: str) -> Server:
    if name not in settings.mcp_servers:
        known = ", ".join(settings.mcp_servers) or "-"
        raise NotFound(
            f"There is no MCP server called {name}. There are: {known}",
            f"{name}이라는 MCP 서버가 없습니다. 있는 것: {known}",
        )
    return settings.mcp_servers[name]


def _lists(settings: Settings) -> KeptLists:
    return KeptLists(settings.home, settings.clock())


def _pairs(option: str, given: Sequence[str], between: str) -> dict[str, str]:
    pairs = [text.partition(between) for text in given]
    if any(not name.strip() or not found for name, found, _ in pairs):
        example = "KEY=VALUE" if between == "=" else "'Name: value'"
        raise UsageError(f"{option} is written {example}.", f"{option}은(는) {example}처럼 씁니다.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _state(listed: Listed | ToolError | None) -> str:
    if listed is None:
        return localized("off", "꺼짐")
    if isinstance(listed, ToolError):
        return first_line(listed.say(prefs.language), 160)
    tools = localized(many(len(listed.tools), "tool"), f"도구 {len(listed.tools)}개")
    return tools if listed.accepted else tools + localized(", not accepted", ", 허락 전")


def _document(server: Server, listed: Listed | ToolError | None) -> dict[str, Any]:
    failed = isinstance(listed, ToolError)
    state = "off" if listed is None else "failed" if failed else "ok"
    return {
        "name": server.name,
        "kind": server.kind,
        "place": redact(server.place),
        "state": state,
        "problem": {"en": listed.en, "ko": listed.ko} if isinstance(listed, ToolError) else None,
        "accepted": listed.accepted if isinstance(listed, Listed) else False,
        "tools": [tool.name for tool in listed.tools] if isinstance(listed, Listed) else [],
        "ignored": list(server.ignored),
    }
