from __future__ import annotations

import errno
import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from officehours.memory import students
from officehours.memory.errors import (
    NotFound,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreNewer,
    StoreUnwritable,
    UsageError,
)
from officehours.memory.recall import Sessions
from officehours.memory.store import Database
from officehours.memory.store import backup as module
from officehours.memory.store.backup import backup, restore
from officehours.memory.store.copy import rows_of
from officehours.memory.store.schema import metadata, sessions, settings
from stores import Clock

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def talk(database: Database, clock: Clock, *said: str) -> None:
    student = students.find_or_create(database, "minji", language="ko", zone="Asia/Seoul", now=clock())
    talks = Sessions(database, student.id, clock)
    session = talks.latest() or talks.create("kim")
    for text_ in said:
        turn, _ = talks.begin_turn(session, text_, "Asia/Seoul")
        talks.finish_turn(turn, "done")


def said(url: str | Path) -> list[str]:
    with Database.open(url) as database, database.read() as connection:
        return list(connection.scalars(text("SELECT content FROM messages ORDER BY id")))


def everything(url: str | Path) -> dict[str, list[dict]]:
    with Database.open(url) as database, database.read() as connection:
        return {table.name: list(rows_of(connection, table)) for table in metadata.sorted_tables}


def test_a_backup_holds_everything_and_is_one_file_for_nobody_else_to_read(
    database, store_url, tmp_path, clock
):
    talk(database, clock, "고유값이 뭐예요?", "and eigenvectors?")
    file = tmp_path / "backups of mine.db"
    made = backup(database, file)
    assert (made.students, made.messages, made.size) == (1, 2, file.stat().st_size)
    assert (file.stat().st_mode & 0o777) == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [file.name]
    copied = everything(store_url)
    assert everything(file) == copied


def test_a_backup_is_one_moment_while_others_write(database, store_url, tmp_path, clock):
    talk(database, clock, *(f"message {n} " + "x" * 3000 for n in range(200)))
    written: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        if len(written) < 3:
            written.append(done)
            thread = threading.Thread(target=talk, args=(other, clock, f"meanwhile {len(written)}"))
            thread.start()
            thread.join()

    with Database.open(store_url) as other:
        made = backup(database, tmp_path / "b.db", meanwhile)
    assert written
    assert made.messages == 200
    assert len(said(store_url)) == 200 + len(written)


def test_a_backup_is_never_written_over_a_file(database, tmp_path):
    file = tmp_path / "b.db"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not written over"):
        backup(database, file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_backup_that_fails_leaves_no_file(database, tmp_path, clock, monkeypatch):
    talk(database, clock, "x" * 10_000)

    def full(*_arguments: object) -> None:
        raise StoreFull("full")

    monkeypatch.setattr(module, "_checked", full)
    with pytest.raises(StoreFull):
        backup(database, tmp_path / "b.db")
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


def test_a_backup_into_a_folder_that_is_not_there_is_said_to_be_unwritable(database, tmp_path):
    with pytest.raises(StoreError, match="cannot be opened or written"):
        backup(database, tmp_path / "none" / "b.db")


@pytest.mark.parametrize("to", ["there", "nothing there yet"])
def test_a_folder_that_is_read_only_is_said_to_be_unwritable(tmp_path, clock, monkeypatch, to):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
    if to != "there":
        path.unlink()

    def refuse(*_arguments, **_named):
        raise OSError(errno.EROFS, "Read-only file system")

    # Root may write everywhere, so rights would prove nothing.
    monkeypatch.setattr(Path, "touch", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreUnwritable):
        restore(file, path, now=NOW)
    monkeypatch.undo()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.db", *["officehours.db"] * (to == "there")]


def test_a_backup_is_put_back_and_what_was_there_is_moved_aside(tmp_path, clock):
    path, file = tmp_path / "home" / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
        talk(database, clock, "after")
    done = restore(file, path, now=NOW)
    assert done.aside == path.with_name("officehours.before-restore-20261121-123000.db")
    assert (done.students, done.messages) == (1, 1)
    assert said(path) == ["before"]
    assert said(str(done.aside)) == ["before", "after"]
    assert said(file) == ["before"]
    assert (path.stat().st_mode & 0o777) == 0o600


def test_a_backup_is_put_back_where_nothing_is(tmp_path, clock):
    file = tmp_path / "b.db"
    with Database.open(tmp_path / "s.db") as database:
        talk(database, clock, "before")
        backup(database, file)
    assert restore(file, tmp_path / "new home" / "officehours.db", now=NOW).aside is None
    assert said(tmp_path / "new home" / "officehours.db") == ["before"]


def test_a_damaged_store_is_moved_aside_too(tmp_path, clock):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
    path.write_bytes(os.urandom(20_000))
    damaged = path.read_bytes()
    done = restore(file, path, now=NOW)
    assert said(path) == ["before"]
    assert done.aside.read_bytes() == damaged


@pytest.mark.parametrize("damage", ["cut", "noise", "text", "empty", "foreign"])
def test_a_damaged_backup_changes_nothing(tmp_path, clock, damage):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, *("word " * 2000 for _ in range(20)))
        backup(database, file)
    content = file.read_bytes()
    middle = len(content) // 2
    match damage:
        case "cut":
            file.write_bytes(content[:middle])
        case "noise":
            file.write_bytes(content[: 4096 * 8] + os.urandom(len(content) - 4096 * 8))
        case "text":
            file.write_text("a diary\n" * 2000, encoding="utf-8")
        case "empty":
            file.write_bytes(b"")
        case _:
            file.unlink()
            with sqlite3.connect(file) as foreign:
                foreign.execute("CREATE TABLE bookmarks (url TEXT)")
            foreign.close()
    with pytest.raises(StoreError) as caught:
        restore(file, path, now=NOW)
    if damage in {"text", "empty", "foreign"}:
        assert (
            "Try another one" in caught.value.en
        )  # and not how to mend the store, which nothing is wrong with
    assert len(said(path)) == 20
    assert {p.name for p in tmp_path.iterdir()} == {"officehours.db", "b.db"}


def test_a_backup_of_a_newer_version_is_refused_politely(tmp_path, clock):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StoreNewer, match="9999"):
        restore(file, path, now=NOW)
    assert said(path) == ["before"]


def test_a_backup_that_is_not_there_is_not_put_back(tmp_path):
    with pytest.raises(NotFound):
        restore(tmp_path / "none.db", tmp_path / "s.db", now=NOW)


def test_a_store_that_another_program_has_open_is_not_replaced(tmp_path, clock):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
        with pytest.raises(StoreBusy):
            restore(file, path, now=NOW)
        talk(database, clock, "after")
    assert said(path) == ["before", "after"]


def test_a_store_that_was_put_back_is_not_replaced_under_a_program_either(tmp_path, clock):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        backup(database, file)
    restore(file, path, now=NOW)
    with Database.open(path) as database:
        talk(database, clock, "after")
        with pytest.raises(StoreBusy):
            restore(file, path, now=NOW)
    assert said(path) == ["before", "after"]


def test_a_backup_that_was_copied_by_hand_reads_while_somebody_writes(tmp_path, clock):
    file = tmp_path / "b.db"
    with Database.open(tmp_path / "officehours.db") as database:
        talk(database, clock, "before")
        backup(database, file)
    with Database.open(file) as copied, Database.open(file) as other, copied.begin() as writing:
        writing.execute(insert(settings), {"key": "new", "value": 1})
        with other.read() as reading:
            assert reading.scalar(text("PRAGMA journal_mode")) == "wal"
            assert reading.scalar(select(settings.c.key)) is None


def test_a_store_that_was_put_back_belongs_to_no_index_and_nobody_works_in_it(tmp_path, clock):
    path, file = tmp_path / "officehours.db", tmp_path / "b.db"
    with Database.open(path) as database:
        talk(database, clock, "before")
        with database.begin() as connection:
            connection.execute(insert(settings), {"key": "index", "value": "mark"})
            connection.execute(insert(settings), {"key": "kept", "value": 1})
            connection.execute(sessions.update().values(lease_owner="me", lease_until=clock()))
        backup(database, file)
    restore(file, path, now=NOW)
    with Database.open(path) as database, database.read() as connection:
        assert set(connection.scalars(select(settings.c.key))) == {"kept"}
        assert set(connection.scalars(select(sessions.c.lease_owner))) == {None}


@pytest.mark.postgres
def test_a_backup_is_put_back_into_an_empty_postgresql_only(tmp_path, clock, postgres_url):
    file = tmp_path / "b.db"
    with Database.open(tmp_path / "s.db") as database:
        talk(database, clock, "고유값이 뭐예요?")
        backup(database, file)
    done = restore(file, postgres_url, now=NOW)
    assert (done.aside, done.messages) == (None, 1)
    with pytest.raises(UsageError, match="holds a memory already"):
        restore(file, postgres_url, now=NOW)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.db", "s.db"]
    assert everything(postgres_url) == everything(file)
