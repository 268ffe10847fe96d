from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, inspect, select, text

from officehours.memory import students
from officehours.memory.errors import (
    ConfigError,
    NotFound,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreNewer,
    StoreUnreachable,
    StoreUnwritable,
)
from officehours.memory.store import Database, migrations
from officehours.memory.store import database as module
from officehours.memory.store.database import MOST_CONNECTIONS
from officehours.memory.store.schema import metadata, settings
from stores import definitions


def put(database: Database, key: str, value: object = 1) -> None:
    with database.begin() as connection:
        connection.execute(insert(settings), {"key": key, "value": value})


def put_all(database: Database, *names: str, size: int = 1) -> None:
    with database.begin() as connection:
        for name in names:
            connection.execute(insert(settings), {"key": name, "value": "x" * size})


def keys(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(select(settings.c.key)))


def child(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **options,
    )


def test_a_new_store_is_what_the_migrations_make(tmp_path):
    built, migrated = tmp_path / "built.db", tmp_path / "migrated.db"
    Database.open(built).close()
    engine = module._sqlite_engine(migrated)
    with engine.connect() as connection, connection.begin():
        migrations.upgrade(connection)
    engine.dispose()
    assert definitions(built) == definitions(migrated)
    Database.open(migrated, create=False).close()


@pytest.mark.postgres
def test_the_migrations_make_on_postgresql_what_the_definitions_say(postgres_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Database.open(postgres_url) as opened, opened.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_head_this_program_expects_is_the_newest_revision():
    from alembic.script import ScriptDirectory

    revisions = list(ScriptDirectory.from_config(migrations.configuration()).walk_revisions())
    assert revisions[0].revision == migrations.HEAD
    assert {r.revision for r in revisions} == migrations.KNOWN


def test_opening_an_existing_store_loads_no_alembic(tmp_path):
    Database.open(tmp_path / "s.db").close()
    code = """
        import sys
        from officehours.memory.store.database import Database
        Database.open(sys.argv[1]).close()
        print("alembic" in sys.modules)
    """
    assert child(code, tmp_path / "s.db").communicate()[0].strip() == "False"


def test_sqlite_is_set_to_keep_what_it_acknowledged(tmp_path):
    with Database.open(tmp_path / "a folder" / "s.db") as opened, opened.begin() as connection:
        wanted = {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "busy_timeout": 30000,
        }
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
        assert (opened.path.stat().st_mode & 0o777) == 0o600


def test_a_commit_that_need_not_last_leaves_the_next_one_durable(database):
    with database.begin(durable=False) as connection:
        connection.execute(insert(settings), {"key": "lease", "value": 1})
    put(database, "turn")
    assert keys(database) == {"lease", "turn"}
    if database.dialect == "sqlite":
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_an_inner_begin_commits_with_the_outer_one(database):
    with database.begin() as outer:
        put(database, "inner")
        outer.execute(insert(settings), {"key": "outer", "value": 1})
        with database.read() as reading:
            assert reading is outer
    assert keys(database) == {"inner", "outer"}


def test_an_outer_begin_that_fails_takes_the_inner_one_back(database):
    def fail() -> None:
        with database.begin():
            put(database, "inner")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(database) == set()
    put(database, "inner")
    assert keys(database) == {"inner"}


def test_an_inner_begin_that_fails_takes_back_its_own_part_only(database):
    with database.begin() as outer:
        outer.execute(insert(settings), {"key": "outer", "value": 1})
        with pytest.raises(StoreError):
            put_all(database, "inner", "outer")
    assert keys(database) == {"outer"}


def test_a_transaction_belongs_to_its_thread(database):
    seen: list[set[str]] = []
    with database.begin() as connection:
        connection.execute(insert(settings), {"key": "k", "value": 1})
        thread = threading.Thread(target=lambda: seen.append(keys(database)))
        thread.start()
        thread.join()
    assert seen == [set()]


def test_hangul_is_kept_as_itself_in_json(database):
    put(database, "k", {"나": ["가", None]})
    with database.read() as connection:
        assert connection.scalar(text("SELECT CAST(value AS TEXT) FROM settings")) == '{"나":["가",null]}'
        assert connection.scalar(select(settings.c.value)) == {"나": ["가", None]}


def test_two_programs_may_open_a_fresh_store_at_once(store_url, request, tmp_path):
    if store_url.startswith("postgresql"):
        drop_everything(store_url)
    code = """
        import sys
        from datetime import UTC, datetime
        from officehours.memory import students
        from officehours.memory.store.database import Database
        print("ready", flush=True)
        sys.stdin.readline()
        with Database.open(sys.argv[1]) as opened:
            print(students.find_or_create(opened, "s", language="ko", zone="UTC", now=datetime.now(UTC)).id)
    """
    programs = [child(code, store_url) for _ in range(4)]
    for program in programs:
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    ends = [program.communicate() for program in programs]
    assert [(out.strip(), error) for out, error in ends] == [("1", "")] * 4


def drop_everything(url: str) -> None:
    with Database.open(url) as opened, opened.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def test_kill_9_inside_a_transaction_leaves_nothing_of_it(store_url):
    with Database.open(store_url) as opened:
        put(opened, "before")
    code = """
        import sys, time
        from sqlalchemy import insert
        from officehours.memory.store.database import Database
        from officehours.memory.store.schema import settings
        opened = Database.open(sys.argv[1])
        with opened.begin() as connection:
            connection.execute(insert(settings), [{"key": f"k{n}", "value": "x" * 5000} for n in range(2000)])
            print("written", flush=True)
            sys.stdin.readline()
    """
    program = child(code, store_url)
    assert program.stdout.readline() == "written\n"
    program.send_signal(signal.SIGKILL)
    program.communicate()
    with Database.open(store_url) as opened:
        assert keys(opened) == {"before"}
        put(opened, "after")
        assert keys(opened) == {"before", "after"}


def test_a_store_of_a_newer_version_is_left_alone(store_url):
    with Database.open(store_url) as opened:
        put(opened, "k")
        with opened.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreNewer, match="9999") as caught:
        Database.open(store_url)
    assert "업데이트" in caught.value.say("ko")


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "bookmarks.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Database.open(path)
    assert set(definitions(path)) == {"bookmarks"}


@pytest.mark.parametrize("content", [b"this is a diary, not a database\n" * 400, os.urandom(5000)])
def test_a_file_that_is_no_database_is_said_to_be_none_and_not_touched(tmp_path, content):
    path = tmp_path / "officehours.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="db restore") as caught:
        Database.open(path)
    assert type(caught.value) is StoreError
    assert path.read_bytes() == content


def test_a_damaged_store_is_said_to_be_damaged(tmp_path):
    path = tmp_path / "s.db"
    with Database.open(path) as opened:
        for n in range(50):
            put(opened, f"k{n}", "x" * 3000)
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), Database.open(path) as opened:
        keys(opened)


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path):
    path = tmp_path / "s.db"
    with Database.open(path) as opened:
        put(opened, "before")
        with opened.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(StoreFull):
            put_all(opened, *(f"k{n}" for n in range(100)), size=3000)
        assert keys(opened) == {"before"}


def test_a_write_that_the_system_cuts_off_leaves_the_store_whole(tmp_path):
    path = tmp_path / "s.db"
    with Database.open(path) as opened:
        put(opened, "before")
    code = """
        import resource, signal, sys
        from sqlalchemy import insert
        from officehours.memory.store.database import Database
        from officehours.memory.errors import StoreError
        from officehours.memory.store.schema import settings
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        opened = Database.open(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            with opened.begin() as connection:
                for n in range(500):
                    connection.execute(insert(settings), {"key": f"k{n}", "value": "x" * 3000})
        except StoreError as error:
            print(type(error).__name__, error.en)
        with opened.read() as connection:
            print(connection.exec_driver_sql("SELECT count(*) FROM settings").scalar())
    """
    out, error = child(code, path).communicate()
    assert error == ""
    assert out.splitlines()[0].startswith(("StoreError", "StoreFull"))
    assert out.splitlines()[1] == "1"
    with Database.open(path) as opened:
        assert keys(opened) == {"before"}
        put(opened, "after")


def test_a_home_that_cannot_be_made_is_said_to_be_unwritable(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreUnwritable, match="OFFICEHOURS_HOME"):
        Database.open(tmp_path / "file" / "home" / "s.db")


def test_a_store_that_is_read_only_is_said_to_be_unwritable(tmp_path):
    path = tmp_path / "s.db"
    Database.open(path).close()
    with Database.open(path) as opened:
        with opened.read() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(StoreUnwritable):
            put(opened, "k")
        assert keys(opened) == set()


def test_a_folder_in_place_of_the_file_is_said_to_be_unwritable(tmp_path):
    with pytest.raises(StoreUnwritable):
        Database.open(tmp_path)


def test_a_store_that_is_not_there_is_only_made_when_asked(tmp_path):
    with pytest.raises(NotFound):
        Database.open(tmp_path / "s.db", create=False)
    assert list(tmp_path.glob("s.db*")) == []


def test_a_store_that_is_held_too_long_is_said_to_be_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    with Database.open(tmp_path / "s.db") as first, Database.open(tmp_path / "s.db") as second:
        with first.begin(), pytest.raises(StoreBusy), second.begin():
            raise AssertionError("both programs write at once")
        put(second, "later")
        assert keys(first) == {"later"}


@pytest.mark.postgres
def test_a_row_that_is_held_too_long_is_said_to_be_busy(postgres_url, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    with Database.open(postgres_url) as first, Database.open(postgres_url) as second:
        put(first, "k")
        with first.begin() as connection:
            connection.execute(delete(settings))
            with pytest.raises(StoreBusy):
                put(second, "k")


@pytest.mark.postgres
def test_a_server_that_ends_the_connection_is_unreachable_and_the_next_step_works(postgres_url):
    with Database.open(postgres_url) as opened, Database.open(postgres_url) as admin:

        def lose_the_server() -> None:
            with opened.begin() as connection:
                pid = connection.scalar(select(func.pg_backend_pid()))
                with admin.begin() as other:
                    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                put(opened, "lost")

        with pytest.raises(StoreUnreachable):
            lose_the_server()
        put(opened, "kept")
        assert keys(opened) == {"kept"}


def test_a_server_that_is_not_there_is_unreachable():
    with pytest.raises(StoreUnreachable, match="OFFICEHOURS_DATABASE_URL") as caught:
        Database.open("postgresql://someone:hunter2@127.0.0.1:9/nowhere")
    assert "hunter2" not in caught.value.en + caught.value.ko


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter2@localhost/x", "://", "sqlite://", "postgresql+psycopg://h:x:y"]
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError) as caught:
        Database.open(url)
    assert "hunter2" not in caught.value.en + caught.value.ko


def test_sixteen_threads_write_without_losing_a_row(database, clock):
    def work(name: int) -> None:
        for n in range(5):
            put(database, f"{name}-{n}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys(database)) == 80
    assert students.all(database) == []
    with database.read() as connection:
        assert inspect(connection).has_table("alembic_version")


def test_reading_within_reading_takes_no_second_connection(database: Database) -> None:
    with database.read() as outer:
        with database.read() as inner:
            assert inner is outer
        with suppress(ValueError), database.read():
            raise ValueError
        assert outer.execute(text("SELECT 1")).scalar_one() == 1
    with database.read() as later:
        assert later.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.postgres
def test_more_threads_than_connections_all_get_one_although_each_reads_within_its_reading(
    postgres_url: str,
) -> None:
    many = 5 * MOST_CONNECTIONS
    together = threading.Barrier(many)

    def work(number: int) -> int:
        together.wait()
        for _ in range(20):
            with opened.read() as connection, opened.read() as inner:
                inner.execute(text("SELECT 1"))
                connection.execute(text("SELECT 1"))
            with opened.begin() as connection, opened.read() as inner:
                assert inner is connection
        return number

    with Database.open(postgres_url) as opened, ThreadPoolExecutor(many) as threads:
        assert list(threads.map(work, range(many))) == list(range(many))
