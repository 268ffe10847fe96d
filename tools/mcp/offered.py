"""The tools of the settings' servers as a conversation gets them: named, described and called without trust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...memory.errors import ToolError
from ..base import Tool, ToolContext, ToolResult, tool_from_schema
from ..loading import Loaded, Problem
from .connections import CHECK_SECONDS, GRACE, START_SECONDS, Keep, connections
from .descriptions import Described, described
from .lists import KeptLists, Listed
from .results import result_of
from .servers import Server

if TYPE_CHECKING:
    from mcp import types

MOST_TOOLS = 100
"""Tools of all servers together; model servers take some 128 with ours."""

_CONTEXT = "the turn"
"""How the context is handed to a tool: no argument of a server's can be called so."""


def mcp_tools(servers: Mapping[str, Server], lists: KeptLists, taken: Collection[str]) -> Loaded:
    """Give the tools of all servers that are on, in the order of the settings.

    A server whose tools are known from an earlier time is not started before it is called. The others are started, all
    at once, and waited for: whoever has one that is new waits once.

    Args:
        taken: Names that tools have already, which no server's tool may have.
    """
    found = _lists([server for server in servers.values() if not server.disabled], lists)
    wanted = {
        server: [tool for tool in listed.tools if server.wants(tool.name)]
        for server, listed in found.items()
        if isinstance(listed, Listed)
    }
    used = Counter(tool.own_name for tools in wanted.values() for tool in tools)
    used.update(taken)
    tools: list[Tool] = []
    problems: list[Problem] = []
    names = set(taken)
    for server, listed in found.items():
        if isinstance(listed, ToolError):
            problems.append(Problem(server.source, None, listed.en, listed.ko))
            continue
        room = max(0, MOST_TOOLS - len(tools))
        left_out = listed.refused + len(wanted[server][room:])
        for entry in wanted[server][:room]:
            name = entry.own_name if used[entry.own_name] == 1 else _prefixed(server, entry)
            if name in names:
                left_out += 1
                continue
            names.add(name)
            tools.append(_tool(server, entry, name, lists, accepted=listed.accepted))
        problems.extend(_said_of(server, listed, left_out))
    return Loaded(tuple(tools), tuple(problems))


def listed_now(server: Server, lists: KeptLists, seconds: float = START_SECONDS) -> Listed:
    """Ask a server for its tools, and keep the answer.

    Raises:
        ToolError: It does not start, or not in time.
    """
    return lists.put(server, *described(connections.tools(server, _keep(server, lists), seconds)))


def _lists(servers: Iterable[Server], lists: KeptLists) -> dict[Server, Listed | ToolError]:
    """Give each server's list, in their order; those that are not known are asked, side by side."""
    known = {server: lists.get(server) for server in servers}
    for server, listed in known.items():
        if listed is not None and not listed.fresh:
            with suppress(ToolError):  # a call of it will say what is missing
                connections.begin(server, _keep(server, lists))
    asked = ask_all([server for server, listed in known.items() if listed is None], lists)
    return {server: listed if listed is not None else asked[server] for server, listed in known.items()}


def ask_all(servers: Sequence[Server], lists: KeptLists) -> dict[Server, Listed | ToolError]:
    """Ask servers for their tools, all at once; gives for each its list or why there is none."""

    def ask(server: Server) -> Listed | ToolError:
        try:
            return listed_now(server, lists)
        except ToolError as error:
            return error

    if not servers:
        return {}
    with ThreadPoolExecutor(len(servers)) as pool:
        return dict(zip(servers, pool.map(ask, servers), strict=True))


def _keep(server: Server, lists: KeptLists) -> Keep:
    def keep(tools: list[types.Tool]) -> None:
        lists.put(server, *described(tools))

    return keep


def _prefixed(server: Server, entry: Described) -> str:
    return replace(entry, name=f"{server.name}_{entry.name}").own_name


def _tool(server: Server, entry: Described, name: str, lists: KeptLists, *, accepted: bool) -> Tool:
    """Make one tool of a server. What it says of itself decides nothing: it leaves this process, and is never trusted."""
    keep = _keep(server, lists)

    def call(**arguments: Any) -> ToolResult:
        context: ToolContext = arguments.pop(_CONTEXT)
        answer = connections.call(server, keep, entry.name, arguments, context.progress)
        return result_of(answer, server, name)

    made = tool_from_schema(
        name,
        entry.description,
        entry.parameters,
        call,
        effect="outside",
        source=server.source,
        timeout=server.timeout + START_SECONDS + CHECK_SECONDS + GRACE,
        context=_CONTEXT,
    )
    return made if accepted else replace(made, described_by="imported")


def _said_of(server: Server, listed: Listed, left_out: int) -> Iterator[Problem]:
    if not listed.accepted and listed.tools:
        was_en, was_ko = (
            ("speaks of its tools in other words than you accepted", "도구 설명이 허락하신 것과 달라졌습니다")
            if listed.changed
            else (
                "speaks of its tools in words that you have not accepted",
                "도구 설명을 아직 허락하지 않으셨습니다",
            )
        )
        yield Problem(
            server.source,
            None,
            f"The MCP server {server.name} {was_en}, so whatever they could order waits for your yes. See them: "
            f"officehours mcp accept {server.name}",
            f"MCP 서버 {server.name}의 {was_ko}. 그 말이 시킬 수 있는 일은 먼저 여쭤봅니다. 확인하기: officehours mcp "
            f"accept {server.name}",
        )
    if left_out:
        yield Problem(
            server.source,
            None,
            f"The MCP server {server.name} has {left_out} more tools than can be offered, or with names that cannot. Name "
            f"those that you want in includeTools.",
            f"MCP 서버 {server.name}의 도구 {left_out}개는 너무 많거나 이름을 쓸 수 없어 뺐습니다. 쓸 것만 includeTools에 적어 "
            f"주세요.",
        )
