"""The tools of the settings' servers as a conversation gets them: named, described and called without trust."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ...memory.errors import ToolError
from ..base import Tool, ToolResult, tool_from_schema
from ..loading import Loaded, Problem
from .connections import GRACE, START_SECONDS, connections
from .descriptions import Described, described
from .lists import KeptLists, Listed
from .results import result_of
from .servers import Server

MOST_TOOLS = 100
"""Tools of all servers together; model servers take some 128 with ours."""

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


def mcp_tools(servers: Mapping[str, Server], lists: KeptLists, taken: Collection[str]) -> Loaded:
    """Give the tools of all servers that are on, in the order of the settings.

    A server whose tools are known from an earlier time is not started before it is called. The others are started, all
    at once, and waited for: whoever has one that is new waits once.

    Args:
        taken: Names that tools have already, which no server's tool may have.
    """
    found = _lists([server for server in servers.values() if not server.disabled], lists)
    used = Counter(tool.own_name for listed in found.values() if isinstance(listed, Listed) for tool in listed.tools)
    used.update(taken)
    tools: list[Tool] = []
    problems: list[Problem] = []
    names = set(taken)
    for server, listed in found.items():
        if isinstance(listed, ToolError):
            problems.append(Problem(server.source, None, listed.en, listed.ko))
            continue
        room = max(0, MOST_TOOLS - len(tools))
        left_out = listed.refused + len(listed.tools[room:])
        for entry in listed.tools[:room]:
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
    return lists.put(server, *described(connections.tools(server, seconds), server))


def _lists(servers: Iterable[Server], lists: KeptLists) -> dict[Server, Listed | ToolError]:
    """Give each server's list, in their order; those that are not known are asked, side by side."""
    known = {server: lists.get(server) for server in servers}
    for server, listed in known.items():
        if listed is not None and not listed.fresh:
            ask_in_background(server, lists)
    new = [server for server, listed in known.items() if listed is None]
    if not new:
        return {server: listed for server, listed in known.items() if listed is not None}

    def ask(server: Server) -> Listed | ToolError:
        try:
            return listed_now(server, lists)
        except ToolError as error:
            return error

    with ThreadPoolExecutor(len(new)) as pool:
        asked = dict(zip(new, pool.map(ask, new), strict=True))
    return {server: listed if listed is not None else asked[server] for server, listed in known.items()}
