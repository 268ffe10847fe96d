"""Chroma on a server, shared by every process: no lock, but outages, and one writer at a time for a student."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from ...embedding import WarningSink
from ...errors import ConfigError, OfficeHoursError, StoreError, StoreUnreachable
from ...lazy import load_whole
from ...network import environment_problem
from .base import SEARCH_WAIT, UPKEEP_WAIT, Chroma, ChromaFailed
from .client import chroma_settings, import_chromadb

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""Longer than any answer of a healthy server; a hung one must not hold a search up for ever."""


class ChromaServer(Chroma):
    """The index on a Chroma server.

    Args:
        url: Such as `http://127.0.0.1:8000`.
        warn: Told when the server stops answering and when it answers again.

    Raises:
        ConfigError: The URL cannot be understood.
    """

    shared = True
    batch = 500

    def __init__(self, url: str, warn: WarningSink | None = None) -> None:
        super().__init__(warn)
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 8000)
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigError(
                f"{url} is no address of a Chroma server. Write it like http://127.0.0.1:8000.",
                f"{url}은(는) Chroma 서버 주소가 아닙니다. http://127.0.0.1:8000 처럼 적어 주세요.",
            )
        self.url = url
        self._host, self._port, self._ssl = parts.hostname, port, parts.scheme == "https"
        self._down = False

    def reserve(self, name: str, *, wait: float = SEARCH_WAIT) -> None:
        """A server holds as many as it can."""

    def discard(self, names: Sequence[str]) -> None:
        """Delete the collections on the server."""
        self.open_now()
        self.ask(lambda client: [_delete(client, name) for name in names], wait=UPKEEP_WAIT)
        self.epoch += 1

    def _open(self, wait: float) -> Any | None:  # noqa: ARG002  a server is there or it is not
        load_whole("httpx")
        import httpx

        scheme = "https" if self._ssl else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        try:
            chromadb = import_chromadb()
            load_whole("chromadb.api.fastapi", "httpcore")  # what it loads by itself
            # Asked first with a limit: the client's own first request has none.
            httpx.get(f"{scheme}://{host}:{self._port}/api/v2/heartbeat", timeout=CONNECT_SECONDS)
            client: Any = chromadb.HttpClient(
                self._host, self._port, ssl=self._ssl, settings=chroma_settings()
            )
        except Exception as error:  # noqa: BLE001 - an error of HTTP, or whatever the environment makes of a client
            self._warn_down(environment_problem() or error)
            return None
        for session in _sessions(client):
            session.timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        if self._down:
            self._down = False
            self.warn(_back(self.url))
        return client

    def _release(self, client: Any, failed: ChromaFailed | None) -> None:
        if failed is not None:
            self._warn_down(failed.__cause__ or failed)
        sessions = _sessions(client)
        client.close()
        for session in sessions:  # the client leaves its connections open
            session.close()

    def _warn_down(self, error: BaseException) -> None:
        if not self._down:
            self._down = True
            self.warn(error if isinstance(error, OfficeHoursError) else _unreachable(self.url, error))


def _delete(client: Any, name: str) -> None:
    from chromadb.errors import NotFoundError

    with contextlib.suppress(NotFoundError):
        client.delete_collection(name)


def _sessions(client: Any) -> list[Any]:
    """Give the HTTP sessions of a client, for which it has no settings and no end of its own."""
    return [part._server._session for part in (client, client._admin_client)]


def _unreachable(url: str, error: BaseException) -> StoreError:
    return StoreUnreachable(
        f"The Chroma server at {url} does not answer ({type(error).__name__}). Memory is searched in the database "
        "meanwhile, more slowly; the index catches up when the server is back.",
        f"Chroma 서버 {url}가 응답하지 않습니다 ({type(error).__name__}). 그동안은 데이터베이스에서 조금 더 느리게 "
        "찾고, 서버가 돌아오면 색인이 따라잡습니다.",
    )


def _back(url: str) -> StoreError:
    return StoreError(f"The Chroma server at {url} answers again.", f"Chroma 서버 {url}가 다시 응답합니다.")
