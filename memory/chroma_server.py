"""Chroma on a server, shared by every process: no lock, but outages, and turns at catching up."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from .chroma import Chroma
from .database import Database, insert_ignoring
from .embedding import Say
from .errors import ConfigError, StoreError, StoreUnreachable
from .schema import store

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""Longer than any answer of a healthy server; a hung one must not hold a search up for ever."""

TURN_SECONDS = 60


class ChromaServer(Chroma):
    """The index on a Chroma server.

    Args:
        url: Such as `http://127.0.0.1:8000`.
        say: Told when the server stops answering and when it answers again.

    Raises:
        ConfigError: The URL cannot be understood.
    """

    def __init__(self, url: str, say: Say | None = None) -> None:
        super().__init__(say)
        self.batch = 500
        self.shared = True
        parts = urlsplit(url)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 8000)
        except ValueError:
            port = 0
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port:
            raise ConfigError(
                f"{url} is no address of a Chroma server. Write it like http://127.0.0.1:8000.",
                f"{url}은(는) Chroma 서버 주소가 아닙니다. http://127.0.0.1:8000 처럼 적어 주세요.",
            )
        self.url = url
        self._host, self._port, self._ssl = parts.hostname, port, parts.scheme == "https"
        self._down = False

    def _open(self) -> Any | None:
        import chromadb
        import httpx
        from chromadb.config import Settings

        scheme = "https" if self._ssl else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        try:
            # Asked first with a limit: the client's own first request has none.
            httpx.get(f"{scheme}://{host}:{self._port}/api/v2/heartbeat", timeout=CONNECT_SECONDS)
            client: Any = chromadb.HttpClient(
                self._host,
                self._port,
                ssl=self._ssl,
                settings=Settings(anonymized_telemetry=False, _env_file=None),  # pyright: ignore[reportCallIssue]
            )
        except (httpx.HTTPError, ValueError) as error:
            self._fell(error)
            return None
        # The client offers no setting for this.
        client._server._session.timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        if self._down:
            self._down = False
            self.remark(_back(self.url))
        return client

    def _release(self, client: Any, *, clean: bool) -> None:  # noqa: ARG002  a server keeps its own house
        client.close()

    def _fell(self, error: BaseException) -> None:
        if not self._down:
            self._down = True
            self.remark(_unreachable(self.url, error))


@contextmanager
def index_turn(database: Database, student_id: int) -> Generator[bool]:
    """Take the turn at writing a student's part of a shared index; False where another process has it.

    Two that write at once could put back what the other has just taken out. The turn lasts a minute in case its
    owner dies.
    """
    key, mine = f"index:{student_id}", uuid.uuid4().hex
    if not _take(database, key, mine):
        yield False
        return
    try:
        yield True
    finally:
        with database.begin(durable=False) as connection:
            row = connection.execute(select(store.c.value).where(store.c.key == key)).scalar_one_or_none()
            if row is not None and row["owner"] == mine:
                connection.execute(delete(store).where(store.c.key == key))


def _take(database: Database, key: str, mine: str) -> bool:
    now = datetime.now(UTC)
    value = {"owner": mine, "until": (now + timedelta(seconds=TURN_SECONDS)).isoformat()}
    with database.begin(durable=False) as connection:
        if connection.execute(insert_ignoring(connection, store), {"key": key, "value": value}).rowcount == 1:
            return True
        row = connection.execute(
            select(store.c.value).where(store.c.key == key).with_for_update()
        ).scalar_one()
        if datetime.fromisoformat(row["until"]) > now:
            return False
        connection.execute(update(store).where(store.c.key == key).values(value=value))
        return True


def _unreachable(url: str, error: BaseException) -> StoreError:
    return StoreUnreachable(
        f"The Chroma server at {url} does not answer ({type(error).__name__}). Memory is searched in the database "
        "meanwhile, more slowly; the index catches up when the server is back.",
        f"Chroma 서버 {url}가 응답하지 않습니다 ({type(error).__name__}). 그동안은 데이터베이스에서 조금 더 느리게 "
        "찾고, 서버가 돌아오면 색인이 따라잡습니다.",
    )


def _back(url: str) -> StoreError:
    return StoreError(f"The Chroma server at {url} answers again.", f"Chroma 서버 {url}가 다시 응답합니다.")
