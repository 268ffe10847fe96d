"""The stores that tests run on: SQLite in a file, a real PostgreSQL with a fresh database per test, a real Chroma server.

`conftest.py` hands these fixtures to every test.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from officehours.memory import students
from officehours.memory.embedding import Embedder
from officehours.memory.embedding.calibration import measure
from officehours.memory.embedding.store_embedder import EmbedderRow, write_embedder
from officehours.memory.store import Database
from officehours.memory.types import Student

POSTGRES_URL = "OFFICEHOURS_TEST_POSTGRES"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def definitions(path: Path) -> dict[str, list[str]]:
    """Give what each table holds: columns, keys and indexes, in whatever order they were added."""
    with closing(sqlite3.connect(path)) as connection:

        def rows(pragma: str, name: str, *, first: int) -> list[str]:
            return sorted(str(row[first:]) for row in connection.execute(f"PRAGMA {pragma}({name})"))

        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found: dict[str, list[str]] = {}
        for (table,) in tables:
            if table in {"alembic_version", "sqlite_sequence"}:
                continue
            indexes = [row[1:3] for row in connection.execute(f"PRAGMA index_list({table})")]
            found[table] = [
                *rows("table_info", table, first=1),
                *rows("foreign_key_list", table, first=2),
                *sorted(str((unique, rows("index_info", name, first=2))) for name, unique in indexes),
            ]
        return found


def sql(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """Start a PostgreSQL for this run; the database whose URL this is holds finished tables, to be copied."""
    named = os.environ.get(POSTGRES_URL)
    if named:
        yield from template_in(make_url(named).set(drivername="postgresql+psycopg"))
        return
    pgserver = pytest.importorskip(
        "pgserver", reason=f"pgserver has no wheel here and {POSTGRES_URL} names no server"
    )
    with tempfile.TemporaryDirectory(prefix="officehours-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # The data of a test need not outlive the machine.
        sql(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield from template_in(url)
        server.cleanup()


def template_in(url: URL) -> Iterator[URL]:
    template = url.set(database=f"officehours_template_{uuid.uuid4().hex}")
    sql(url, f'CREATE DATABASE "{template.database}"')
    Database.open(template.render_as_string(hide_password=False)).close()
    yield template
    sql(url, f'DROP DATABASE "{template.database}"')


@pytest.fixture
def postgres_url(postgres: URL) -> Iterator[str]:
    """Give the URL of a fresh PostgreSQL database that has its tables."""
    name = f"officehours_{uuid.uuid4().hex}"
    maintenance = postgres.set(database="postgres")
    sql(maintenance, f'CREATE DATABASE "{name}" TEMPLATE "{postgres.database}"')
    yield postgres.set(database=name).render_as_string(hide_password=False)
    sql(maintenance, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a store on each kind of database; opening it twice is two programs on one store."""
    if request.param == "sqlite":
        return str(tmp_path / "home" / "officehours.db")
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    with Database.open(store_url) as opened:
        yield opened


@pytest.fixture
def student(database: Database, clock: Clock) -> Student:
    return students.find_or_create(database, "minji", language="ko", zone="Asia/Seoul", now=clock())


@pytest.fixture
def other(database: Database, clock: Clock) -> Student:
    return students.find_or_create(database, "junho", language="en", zone="Europe/London", now=clock())


def register_embedder(database: Database, embedder: Embedder) -> EmbedderRow:
    """Make an embedder the store's, as its first use does."""
    return write_embedder(database, embedder, measure(embedder).to_json(), active=True)


class PostgresProcess:
    """A PostgreSQL of our own, which can hang, die and come back with what it had committed."""

    def __init__(self, folder: Path) -> None:
        pgserver = pytest.importorskip("pgserver", reason="pgserver has no wheel here")
        self._server = pgserver.get_server(folder, cleanup_mode=None)
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def hang(self) -> None:
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        import psutil

        family = self._family()
        self._send(signal.SIGKILL)
        psutil.wait_procs(family, timeout=30)

    def _send(self, number: int) -> None:
        for process in self._family():
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def _family(self) -> list[Any]:
        import psutil

        try:
            postmaster = psutil.Process(self._server.get_pid())
            return [postmaster, *postmaster.children()]
        except (psutil.NoSuchProcess, TypeError):
            return []


@pytest.fixture
def postgres_process() -> Iterator[PostgresProcess]:
    """Start a PostgreSQL that this test may break."""
    # A socket's path must be short, and pytest's folders are not.
    with tempfile.TemporaryDirectory(prefix="oh-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresProcess(Path(folder))
        yield server
        server.go_on()
        server.kill()


class ChromaProcess:
    """A Chroma server of our own on loopback, which can hang, die and come back where it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        code = "from chromadb.cli.cli import app; app()"
        where = ["run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not self._answers():
            assert self._process.poll() is None, "the Chroma server ended at its start"
            threading.Event().wait(0.02)

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        import httpx

        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).is_success
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Chroma server for this run; students have collections of their own in it."""
    server = ChromaProcess(tmp_path_factory.mktemp("chroma"))
    yield server.url
    server.kill()


@pytest.fixture
def chroma_process(tmp_path: Path) -> Iterator[ChromaProcess]:
    """Start a Chroma server that this test may break."""
    server = ChromaProcess(tmp_path / "chroma-server")
    yield server
    server.kill()


def wait_for_a_lock(url: str) -> None:
    """Return when a transaction of this PostgreSQL server waits for a lock; looks through a connection of its own."""
    waiting, pause = (
        text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
        threading.Event(),
    )
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        while not looking.execute(waiting).scalar():
            pause.wait(0.01)
    engine.dispose()
