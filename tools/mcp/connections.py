"""The servers that this process talks to: one thread with the SDK's loop holds every connection.

A server is started when somebody first asks for it and stays for all conversations of the process. Where it ends, the
call that waits for it fails, and the next call starts it again. Whoever calls waits in a thread of their own.
"""

from __future__ import annotations

import atexit
import logging
import math
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, cast

from ...memory.errors import ToolError
from ...memory.text import clean_line
from .descriptions import LONGEST_HINT, words
from .servers import Server
from .transports import Transport

if TYPE_CHECKING:
    from anyio import CancelScope
    from anyio import Event as AsyncEvent
    from anyio.from_thread import BlockingPortal
    from mcp import Client, types

START_SECONDS = 10.0
"""How long somebody waits for a server to start; it may be at it for as long as a call of it may take."""

CHECK_SECONDS = 3.0
"""How long a server that was late may take to show that it is alive."""

LEAVE_SECONDS = 6.0
"""How long parting from a server may take."""

GRACE = 2.0
"""Seconds by which the loop may be late itself."""

MOST_PAGES, MOST_LISTED = 50, 1_000
"""Pages of a list of tools, and tools of it, that are read."""

LONGEST_ERROR = 1_000
"""Characters of an error that a server gives."""

MOST_PROGRESS = 100
"""Lines of progress that are shown of one call."""

Keep = Callable[["list[types.Tool]"], object]
"""Is given what a server lists, each time that it says so."""

_log = logging.getLogger(__name__)


class Connection:
    """One server, from its start to its end; what is `async` runs in the loop's thread.

    Args:
        keep: Is told what the server lists, now and when that changes.

    Attributes:
        ready: It can be called, or will never be: then `failure` says why, in both languages.
        over: It cannot be called any more; its end may still be waited for.
    """

    def __init__(self, server: Server, keep: Keep) -> None:
        self.server, self._keep = server, keep
        self.ready, self.over = Event(), Event()
        self.failure: tuple[str, str] | None = None
        self.tools: list[types.Tool] = []
        self._client: Client | None = None
        self._scope: CancelScope | None = None
        self._ended: AsyncEvent | None = None
        self._left = False

    async def hold(self) -> None:
        """Start the server, list its tools, and keep it until it ends or is left."""
        import anyio

        transport = None
        try:
            self._ended = anyio.Event()
            transport = Transport(self.server, self._ended)
            limit = max(START_SECONDS, self.server.timeout)
            with anyio.CancelScope(deadline=anyio.current_time() + limit) as self._scope:
                await self._speak(transport)
            if not self.ready.is_set():
                self.failure = _slow(self.server, limit)
        except Exception as error:  # noqa: BLE001 - whatever a server does, it is told of as its failure
            if not self.ready.is_set():
                self.failure = _why(self.server, error, transport)
        finally:
            self.over.set()
            self.ready.set()
            if transport is not None:
                transport.close()
            if transport is not None and not self._left:
                what = self.failure[0] if self.failure else f"The MCP server {self.server.name} ended."
                _log.warning("%s\n%s", what, transport.stderr())

    async def _speak(self, transport: Transport) -> None:
        import anyio
        from mcp import Client
        from mcp.types import ToolListChangedNotification

        assert self._ended is not None
        assert self._scope is not None
        changed = anyio.Event()

        async def hear(message: object) -> None:
            if isinstance(message, ToolListChangedNotification):
                changed.set()

        hearing = Client(transport, client_info=_ourselves(), message_handler=hear)
        async with hearing as client, anyio.create_task_group() as tasks:
            await self._list(client)
            self._client, self._scope.deadline = client, math.inf
            self.ready.set()
            tasks.start_soon(self._list_again, client, changed)
            await self._ended.wait()
            self.over.set()
            self._scope.deadline = anyio.current_time() + LEAVE_SECONDS
            tasks.cancel_scope.cancel()

    async def _list(self, client: Client) -> None:
        self.tools = await _listed(client)
        self._keep(self.tools)

    async def _list_again(self, client: Client, changed: AsyncEvent) -> None:
        """List the tools once more when the server says that they changed: conversations to come will have them."""
        from mcp import MCPError
        from mcp.client.subscriptions import ListenNotSupportedError

        with suppress(MCPError, TimeoutError):
            try:
                async with client.listen(tools_list_changed=True) as events:
                    async for _ in events:
                        await self._list(client)
            except ListenNotSupportedError:  # an older server says it unasked, and is heard once
                await changed.wait()
                await self._list(client)

    async def call(
        self, name: str, arguments: dict[str, Any], tell: Callable[[str], None]
    ) -> types.CallToolResult:
        """Call a tool. The result is not held against the server's schema: its patterns could keep us busy for ever."""
        import anyio
        from mcp import types

        assert self._client is not None
        left = iter(range(MOST_PROGRESS))

        async def show(progress: float, total: float | None, message: str | None) -> None:
            if next(left, None) is not None:
                tell(words(message or f"{progress:g}{f'/{total:g}' if total else ''}", LONGEST_HINT))

        request = types.CallToolRequest(params=types.CallToolRequestParams(name=name, arguments=arguments))
        with anyio.fail_after(self.server.timeout):
            return await self._client.session.send_request(
                request, types.CallToolResult, progress_callback=show
            )

    async def check(self) -> None:
        """See whether a server that was late is alive, and end it where it is not: the next call starts it again."""
        import anyio

        assert self._client is not None
        try:
            with anyio.fail_after(CHECK_SECONDS):
                await self._client.list_tools(cache_mode="refresh")
        except Exception:  # noqa: BLE001 - however it fails to answer
            _log.warning("the MCP server %s does not answer any more", self.server.name)
            self.end()

    def end(self) -> None:
        """Part from the server; called in the loop's thread."""
        self.over.set()
        if self._ended is not None and not self._ended.is_set():
            self._left = True
            self._ended.set()


class Connections:
    """The servers of a process, each started once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[Server, Connection] = {}
        self._open = ExitStack()
        self._portal: BlockingPortal | None = None

    def begin(self, server: Server, keep: Keep) -> Connection:
        """Give the connection to a server, begun if there is none that lives.

        Raises:
            ToolError: A variable that the settings name is not set.
        """
        with self._lock:
            connection = self._held.get(server)
            if connection is None or connection.over.is_set():
                connection = self._held[server] = Connection(server.expanded(), keep)
                self._loop().start_task_soon(connection.hold)
            return connection

    def tools(self, server: Server, keep: Keep, seconds: float = START_SECONDS) -> list[types.Tool]:
        """Give the tools that a server lists; see `Connection` for `keep`.

        Raises:
            ToolError: It does not start, or not in time.
        """
        return self._ready(server, keep, seconds).tools

    def call(
        self,
        server: Server,
        keep: Keep,
        name: str,
        arguments: dict[str, Any],
        progress: Callable[[str], None] = lambda _line: None,
        *,
        again: bool = True,
    ) -> types.CallToolResult:
        """Call a tool of a server and wait for its result.

        Args:
            progress: Is given each line that the server says of how far it is.
            again: Whether a server that knows the conversation no more, and so did nothing, is greeted anew.

        Raises:
            ToolError: The server does not start, ends, is late or refuses the call.
        """
        from mcp import MCPError
        from mcp.types import INVALID_REQUEST

        connection = self._ready(server, keep, START_SECONDS)
        waiting = self._loop().start_task_soon(connection.call, name, arguments, progress)
        try:
            return waiting.result(server.timeout + GRACE)
        except TimeoutError as error:
            waiting.cancel()
            self._loop().start_task_soon(connection.check)
            raise _late(server, name) from error
        except MCPError as error:
            if server.kind == "http" and error.code == INVALID_REQUEST and again:
                self._part(connection)
                return self.call(server, keep, name, arguments, progress, again=False)
            raise self._refused(connection, name, error) from error
        except Exception as error:
            what = words(f"{type(error).__name__}: {error}", LONGEST_ERROR)
            raise ToolError(
                f"{name}: what the MCP server {server.name} answered cannot be used ({what}).",
                f"{name}: MCP 서버 {server.name}의 답을 쓸 수 없습니다({what}).",
            ) from error

    def close(self) -> None:
        """Part from every server and end the thread; a later call begins anew."""
        with self._lock:
            portal, self._portal = self._portal, None
            held, self._held = list(self._held.values()), {}
        if portal is not None:
            for connection in held:
                portal.start_task_soon(connection.end)
            self._open.close()

    def _loop(self) -> BlockingPortal:
        if self._portal is None:
            from anyio.from_thread import start_blocking_portal

            self._portal = self._open.enter_context(start_blocking_portal(name="mcp"))
            atexit.register(self.close)
        return self._portal

    def _ready(self, server: Server, keep: Keep, seconds: float) -> Connection:
        connection = self.begin(server, keep)
        if not connection.ready.wait(seconds):
            raise ToolError(*_slow(server, seconds), ours=True)
        if connection.failure is not None:
            raise ToolError(*connection.failure)
        return connection

    def _part(self, connection: Connection) -> None:
        connection.over.set()
        self._loop().start_task_soon(connection.end)

    def _refused(self, connection: Connection, name: str, error: Exception) -> ToolError:
        from mcp.types import CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST

        server, code = connection.server, getattr(error, "code", 0)
        lost = {CONNECTION_CLOSED, *({INTERNAL_ERROR, INVALID_REQUEST} if server.kind == "http" else ())}
        if code in lost:
            self._part(connection)
            return ToolError(
                f"{name}: the MCP server {server.name} ended before it answered, and the call may have had its effect. "
                "The next call starts it again.",
                f"{name}: MCP 서버 {server.name}이(가) 답하기 전에 끝났습니다. 이미 실행되었을 수 있습니다. 다음 호출 때 다시 "
                "시작합니다.",
            )
        what = words(str(error), LONGEST_ERROR)
        return ToolError(
            f"{name}: the MCP server {server.name} refused the call: {what}",
            f"{name}: MCP 서버 {server.name}이(가) 호출을 거절했습니다: {what}",
        )


connections = Connections()
"""Those of this process."""


async def _listed(client: Client) -> list[types.Tool]:
    from mcp.types import PaginatedRequestParams

    found: list[types.Tool] = []
    cursor: str | None = None
    if client.server_capabilities.tools is None:
        return found
    for _ in range(MOST_PAGES):
        page = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        found += page.tools
        if not page.next_cursor or page.next_cursor == cursor or len(found) >= MOST_LISTED:
            break
        cursor = page.next_cursor
    return found[:MOST_LISTED]


def _ourselves() -> types.Implementation:
    from importlib.metadata import version

    from mcp.types import Implementation

    return Implementation(name="officehours", version=version("officehours"))


def _slow(server: Server, seconds: float) -> tuple[str, str]:
    return (
        f"The MCP server {server.name} did not start within {seconds:g} seconds.",
        f"MCP 서버 {server.name}이(가) {seconds:g}초 안에 시작되지 않았습니다.",
    )


def _late(server: Server, name: str) -> ToolError:
    return ToolError(
        f"{name}: the MCP server {server.name} gave no answer within {server.timeout:g} seconds. What it does may still "
        "happen.",
        f"{name}: MCP 서버 {server.name}이(가) {server.timeout:g}초 안에 답하지 않았습니다. 하려던 일은 뒤늦게 끝날 수 있습니다.",
    )


def _why(server: Server, error: Exception, transport: Transport | None) -> tuple[str, str]:
    """Say why a server cannot be spoken to, with the last line that it wrote on stderr."""
    inner: BaseException = error
    while isinstance(inner, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", inner).exceptions[0]
    if isinstance(inner, ToolError):
        return inner.en, inner.ko
    if transport is not None and transport.status:
        what = f"HTTP {transport.status}"
    elif isinstance(inner, OSError) and inner.strerror:
        what = f"{inner.strerror}: {server.command or server.url}"
    else:
        what = str(inner) or type(inner).__name__
    said = transport.stderr().strip().rpartition("\n")[2] if transport is not None else ""
    what = words(clean_line(f"{what} ({said})" if said else what), LONGEST_ERROR)
    return (
        f"The MCP server {server.name} cannot be used: {what}",
        f"MCP 서버 {server.name}을(를) 쓸 수 없습니다: {what}",
    )
