"""The two ways to a server, watched: when it ends, what it wrote on stderr, and how an HTTP server answered."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ...memory.errors import ToolError
from ...memory.text import clean
from .servers import Server

if TYPE_CHECKING:
    from anyio import Event
    from httpx2 import Response
    from mcp.client import Transport as SDKTransport

LAST_BYTES = 4_000
"""Of what a server writes on stderr so much is kept, and goes into the error log where it fails."""


class Transport:
    """A way to a server as the SDK takes it, which sets `ended` when nothing more can come from there.

    Attributes:
        status: The HTTP status of the last answer where it is a refusal, else 0.
    """

    def __init__(self, server: Server, ended: Event) -> None:
        self._server, self._ended = server, ended
        self._stack = AsyncExitStack()
        self._stderr = _Stderr() if server.kind == "stdio" else None
        self.status = 0

    async def __aenter__(self) -> Any:
        await self._stack.__aenter__()
        opened = self._started() if self._stderr is not None else await self._reached()
        try:
            read, write = await self._stack.enter_async_context(opened)
        finally:
            self.close()
        return _Watched(read, self._ended), write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stack.__aexit__(kind, error, trace)

    def close(self) -> None:
        """Let go of our end of what the server writes to."""
        if self._stderr is not None:
            self._stderr.file.close()

    def stderr(self) -> str:
        """The last of what it wrote on stderr."""
        return self._stderr.last() if self._stderr is not None else ""

    def _started(self) -> SDKTransport:
        from mcp import StdioServerParameters, stdio_client

        server = self._server
        assert self._stderr is not None
        started = StdioServerParameters(
            command=server.command,
            args=list(server.args),
            env=dict(server.env),
            cwd=server.cwd,
            encoding_error_handler="replace",
        )
        return stdio_client(started, errlog=self._stderr.file)

    async def _reached(self) -> SDKTransport:
        if self._server.kind == "sse":
            raise ToolError(
                f"The MCP server {self._server.name} is named with the old transport SSE, which is not spoken here: "
                "name the address of its streamable HTTP.",
                f"MCP 서버 {self._server.name}은(는) 예전 방식(SSE)이라 쓸 수 없습니다. streamable HTTP 주소를 적어 주세요.",
                ours=True,
            )
        from httpx2 import AsyncClient, Timeout
        from mcp.client.streamable_http import streamable_http_client

        async def see(response: Response) -> None:
            self.status = response.status_code if response.status_code >= 400 else 0

        client = AsyncClient(
            headers=dict(self._server.headers),
            timeout=Timeout(30.0, read=max(300.0, self._server.timeout)),
            event_hooks={"response": [see]},
        )
        await self._stack.enter_async_context(client)
        return streamable_http_client(self._server.url, http_client=client)


class _Watched:
    """A stream of what a server sends, which tells of its end."""

    def __init__(self, stream: Any, ended: Event) -> None:
        self._stream, self._ended = stream, ended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def __aenter__(self) -> _Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        self._ended.set()
        return await self._stream.__aexit__(*error)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        return await self._stream.__anext__()


class _Stderr:
    """Keeps the last of what a program writes on stderr: the terminal is the student's."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self.file = os.fdopen(write, "w", encoding="utf-8")
        self._last = b""
        self._thread = Thread(target=self._keep, args=(read,), name="mcp stderr", daemon=True)
        self._thread.start()

    def last(self) -> str:
        """Give the last of it once the program has ended; one that it left behind may write on."""
        self._thread.join(1.0)
        return clean(self._last.decode("utf-8", "replace"))

    def _keep(self, read: int) -> None:
        with os.fdopen(read, "rb", buffering=0) as pipe:
            while chunk := pipe.read(65_536):
                self._last = (self._last + chunk)[-LAST_BYTES:]
