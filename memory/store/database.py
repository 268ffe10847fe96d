"""The engine under every memory object: SQLite by default, PostgreSQL for a class.

One `Database` is shared by all threads of a process. Reading and writing are context managers that hand out a
SQLAlchemy connection inside a transaction; whatever the driver complains of leaves as a `StoreError` that says in
both languages what to do.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.schema import Table

from ..errors import ConfigError, NotFound, StoreBusy, StoreError, StoreNewer
from ..private import FILE, make_folder
from . import migrations
from . import postgres as postgres_connection
from .address import file_of, parse_url
from .driver_errors import busy, translated
from .schema import metadata

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

Dialect = Literal["sqlite", "postgresql"]

BUSY_SECONDS = 30
"""How long a write waits for another program's write."""

MOST_CONNECTIONS = 8
"""A process opens to PostgreSQL, with room below ten for who greets somebody or looks after a silent server (ADR 0036).

A thread holds one at a time, so whoever waits for one waits for work that goes on, never for itself.
"""

MIGRATION_LOCK = 0x0FF1CE
"""The PostgreSQL advisory lock under which tables are built and changed."""

_REVISION = text("SELECT version_num FROM alembic_version")


class Database:
    """An open store; `open` builds or migrates it first.

    Attributes:
        dialect: "sqlite" or "postgresql".
        path: The SQLite file, None on PostgreSQL.
    """

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self.path = path
        self._engine = engine
        self._file = _number_of(path)
        self._local = threading.local()
        self._writing = threading.Lock()

    @classmethod
    def open(cls, url: str | Path, *, create: bool = True) -> Database:
        """Open the store at a path or URL, building its tables or bringing them up to date where needed.

        Args:
            url: A path of a SQLite file, or `sqlite:///…`, or `postgresql+psycopg://…`.
            create: Whether a SQLite file that is not there is made.

        Raises:
            ConfigError: The URL cannot be read or names another kind of database.
            NotFound: There is no such file and `create` is false.
            StoreNewer: A newer version of the program wrote it.
            StoreUnwritable, StoreFull, StoreBusy, StoreUnreachable, StoreError: As the names say.
        """
        parsed = parse_url(url)
        path = None
        if parsed.get_backend_name() == "sqlite":
            path = file_of(parsed)
            _prepare_file(path, create=create)
            engine = _sqlite_engine(path)
        else:
            engine = _postgres_engine(parsed)
        database = cls(engine, path)
        try:
            database._bring_up()
        except BaseException:
            engine.dispose()
            raise
        return database

    @staticmethod
    def address(url: str | Path) -> str:
        """Give what identifies the store at a path or URL.

        Raises:
            ConfigError: The URL cannot be read or names another kind of database.
        """
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            return str(file_of(parsed).absolute())
        return parsed.render_as_string(hide_password=False)

    def in_place(self) -> bool:
        """Whether the file that was opened is still the one at its path: not moved aside, nor deleted."""
        return _number_of(self.path) == self._file

    @contextmanager
    def begin(self, *, durable: bool = True) -> Generator[Connection]:
        """Hand out a connection in a write transaction that commits when the block ends without an error.

        An inner `begin` of the same thread joins the outer one as a savepoint: both commit together, and an inner
        block that fails takes back only its own part.

        Args:
            durable: False for rows that mean nothing after a crash (leases): the commit does not wait for the disk.
        """
        held: Connection | None = getattr(self._local, "writing", None)
        if held is not None:
            with translated(self.path), _savepoint(held):
                yield held
            return
        with self._in_line(), translated(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with self._durability(connection, durable=durable), connection.begin():
                if not durable and self.dialect == "postgresql":
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                self._local.writing = connection
                try:
                    yield connection
                finally:
                    self._local.writing = None

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Hand out a connection that sees one state of the store; inside `begin` or `read` it is the one at hand.

        It must not be held over a `yield`: another thread may go on with what this one began.
        """
        held: Connection | None = getattr(self._local, "writing", None) or getattr(
            self._local, "reading", None
        )
        if held is not None:
            with translated(self.path):
                yield held
            return
        with translated(self.path), self._engine.connect() as connection:
            self._local.reading = connection
            try:
                yield connection
            finally:
                self._local.reading = None

    def fold_log(self, *, rewrite: bool = False) -> bool:
        """Fold SQLite's write-ahead log into the file and empty it; False where a reader elsewhere stands in the way.

        Deleted rows are overwritten when they are deleted (`secure_delete`), but the log holds what was there before.
        On PostgreSQL nothing happens: its log is the server's.

        Args:
            rewrite: Write the whole file anew first, so that its pages hold nothing but what is stored.
        """
        if self.dialect != "sqlite":
            return False
        with self._in_line(), translated(self.path), self._engine.connect() as connection:
            driver = connection.connection.cursor()  # outside any transaction, in which neither can run
            if rewrite:
                driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = driver.fetchone()
            blocked = row is not None and bool(row[0])
            driver.close()
        return not blocked

    def close(self) -> None:
        """Close every connection; the last one to close a SQLite file folds its log into it."""
        self._engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _in_line(self) -> Generator[None]:
        # SQLite lets one write at a time, and those who wait for it sleep longer and longer, up to 0.1 s. Threads of
        # one process wait for each other here instead, and go on at once.
        if self.dialect != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise busy()
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _durability(self, connection: Connection, *, durable: bool) -> Generator[None]:
        if durable or self.dialect != "sqlite":
            yield
            return
        driver = connection.connection.cursor()
        driver.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            driver.execute("PRAGMA synchronous=FULL")
            driver.close()

    def _bring_up(self) -> None:
        with self.read() as connection:
            revision = _revision(connection)
            # A backup has none, so that it is one file: put back or copied by hand, it begins one again.
            needs_log = self.dialect == "sqlite" and _journal(connection) != "wal"
        _refuse_newer(revision)  # before anything is written to it
        if needs_log:
            self._use_write_ahead_log()
        if revision == migrations.HEAD:
            return
        with self.begin() as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            revision = _revision(connection)  # another process may have been quicker
            if revision == migrations.HEAD:
                return
            _refuse_newer(revision)
            if revision is None:
                _refuse_foreign_tables(connection)
            if revision is None and self.dialect == "sqlite":
                _build(connection)
            else:
                migrations.upgrade(connection)

    def _use_write_ahead_log(self) -> None:
        # SQLite does not wait for another program at this one statement, so we do.
        deadline = time.monotonic() + BUSY_SECONDS
        pause = threading.Event()
        while True:
            try:
                with translated(self.path), self._engine.connect() as connection:
                    driver = connection.connection.cursor()
                    driver.execute("PRAGMA journal_mode=WAL")
                    driver.close()
                    return
            except StoreBusy:
                if time.monotonic() > deadline:
                    raise
            pause.wait(0.02)


def _journal(connection: Connection) -> str:
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())


def insert_ignoring(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that passes over rows whose key is taken, in the connection's dialect."""
    # Only the dialect in use is loaded: the other takes a tenth of the time that a greeting has.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()


def _prepare_file(path: Path, *, create: bool) -> None:
    with translated(path):
        if path.exists():
            return
    if not create:
        raise NotFound(f"There is no store at {path}.", f"{path}에 저장소가 없습니다.")
    with translated(path):
        make_folder(path.parent)
        # A student's words are nobody else's to read; SQLite gives its side files the same rights.
        path.touch(mode=FILE)


def _number_of(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        # isolation_level=None: the driver starts no transaction by itself, `_begin` does.
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=8,
        max_overflow=-1,
        pool_use_lifo=True,
        json_serializer=_to_json,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    _driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _savepoint(connection: Connection) -> Generator[None]:
    if connection.dialect.name != "sqlite":
        with connection.begin_nested():
            yield
        return
    # Said to the driver itself: a turn has a dozen of these, and SQLAlchemy takes as long for each as for a query.
    driver = _driver(connection)
    driver.execute("SAVEPOINT inner_begin")
    try:
        yield
    except BaseException:
        with suppress(
            sqlite3.Error
        ):  # a full disk has rolled everything back: then there is no savepoint any more
            driver.execute("ROLLBACK TO inner_begin")
            driver.execute("RELEASE inner_begin")
        raise
    driver.execute("RELEASE inner_begin")


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _postgres_engine(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            connect_args=postgres_connection.KEEPALIVE
            | {
                "connect_timeout": postgres_connection.CONNECT_SECONDS,
                "application_name": "officehours",
                "options": f"{url.query.get('options', '')} -c lock_timeout={BUSY_SECONDS * 1000:.0f}".strip(),
            },
            pool_size=MOST_CONNECTIONS,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            pool_use_lifo=True,
            json_serializer=_to_json,
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            "The driver for PostgreSQL is not installed: pip install 'officehours[postgres]'.",
            "PostgreSQL 드라이버가 없습니다: pip install 'officehours[postgres]' 로 설치해 주세요.",
        ) from error
    postgres_connection.watch(engine)
    return engine


def _to_json(value: Any) -> str:
    # Hangul as itself: readable, a third of the size, and a scan for erased words can see it.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(_REVISION).scalar()


def _build(connection: Connection) -> None:
    # The same tables as the migrations make (tested), without loading Alembic.
    metadata.create_all(connection)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.HEAD})


def _refuse_foreign_tables(connection: Connection) -> None:
    names = inspect(connection).get_table_names()
    if names:
        raise StoreError(
            "This database holds tables of another program, so nothing was changed. Choose another file or database.",
            "다른 프로그램의 데이터베이스라서 아무것도 바꾸지 않았습니다. 다른 파일이나 데이터베이스를 지정해 주세요.",
        )


def _refuse_newer(revision: str | None) -> None:
    if revision is None or revision in migrations.KNOWN:
        return
    raise StoreNewer(
        f"A newer version of Office Hours wrote this store (its revision is {revision}, this program knows up to"
        f" {migrations.HEAD}). Nothing was changed. Update the program: uv tool upgrade officehours, or"
        " pip install -U officehours.",
        f"더 새로운 Office Hours가 만든 저장소입니다(저장소 {revision}, 이 프로그램 {migrations.HEAD}). 아무것도"
        " 바꾸지 않았습니다. 프로그램을 업데이트해 주세요: uv tool upgrade officehours 또는"
        " pip install -U officehours.",
    )
