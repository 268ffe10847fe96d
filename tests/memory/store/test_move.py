from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.errors import NotFound, StoreBusy, StoreError, UsageError
from officehours.memory.recall import Sessions
from officehours.memory.store import Database
from officehours.memory.store import copy as copying
from officehours.memory.store import database as module
from officehours.memory.store.copy import compare_rows, count_rows, rows_of
from officehours.memory.store.move import move
from officehours.memory.store.schema import archival, messages, metadata, sessions, settings, usage
from officehours.memory.types import Message, ToolCall
from stores import Clock


class NoSearch:
    def search(self, *_query, **_filters):
        return []


def fill(database: Database, clock: Clock) -> None:
    """Put in something of everything that could go wrong on the way."""
    for handle in ("minji", "준호"):
        student = students.find_or_create(database, handle, language="ko", zone="Asia/Seoul", now=clock())
        talks = Sessions(database, student.id, clock)
        session = talks.create("kim-yongdam", title="고유값 🎓")
        for n in range(3):
            turn, _ = talks.begin_turn(
                session, f"질문 {n}: eigenvalue?\n\n\t'quoted' \"twice\" \\", "Asia/Seoul"
            )
            call = ToolCall(f"c{n}", "calculate", '{"expression": "1/3", "ko": "값"}')
            talks.append(session, turn, Message("assistant", "", (call,)))
            talks.append(session, turn, Message("tool", "x" * 5000, tool_call_id=call.id))
            talks.append(session, turn, Message("assistant", "답입니다."))
            talks.finish_turn(turn, "done")
        talks.fork(session)
        talks.undo(session)
        notes = ArchivalMemory(database, student.id, clock, NoSearch())
        old = notes.insert("시험은 12월 3일이다", kind="fact", subject="exam date")
        notes.update(old.id, "시험은 12월 5일이다")
        gone = notes.insert("a note that is forgotten again")
        notes.forget(gone.id)
    with database.begin() as connection:
        row = {"student_id": 1, "model": "m", "input_tokens": 1, "cached_tokens": 0, "output_tokens": 2}
        spent = {"seconds": 0.1 + 0.2, "usd": "0.00136450", "created_at": clock()}
        connection.execute(insert(usage), row | spent)
        connection.execute(insert(settings), {"key": "a fact", "value": {"깊이": [None, 1.5, True]}})
        connection.execute(insert(settings), {"key": "index", "value": "mark"})
        connection.execute(insert(settings), {"key": "embed:1", "value": {"owner": "x", "until": "y"}})
        connection.execute(update(sessions).values(lease_owner="me", lease_until=clock()))


def everything(database: Database) -> dict[str, list[dict]]:
    with database.read() as connection:
        return {table.name: list(rows_of(connection, table)) for table in metadata.sorted_tables}


def other_kind(store_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return (
        str(tmp_path / "other.db")
        if store_url.startswith("postgresql")
        else request.getfixturevalue("postgres_url")
    )


@pytest.mark.postgres
def test_a_store_is_moved_to_the_other_kind_of_database_and_back_row_by_row(
    store_url, request, tmp_path, clock
):
    with Database.open(store_url) as first:
        fill(first, clock)
        wanted = everything(first)
    there, back = other_kind(store_url, request, tmp_path), str(tmp_path / "back.db")
    seen: list[tuple[int, int]] = []
    moved = move(store_url, there, lambda done, total: seen.append((done, total)))
    assert moved.rows["messages"] == len(wanted["messages"]) == 24
    assert seen[-1][0] == moved.total
    with Database.open(there) as second:
        assert everything(second) == wanted
    move(there, back)
    with Database.open(back) as third:
        assert everything(third) == wanted
        with third.read() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.postgres
def test_a_moved_store_gives_no_number_twice(store_url, request, tmp_path, clock):
    with Database.open(store_url) as first:
        fill(first, clock)
        with first.begin() as connection:
            last = connection.execute(insert(archival).returning(archival.c.id), note(clock)).scalar_one()
            connection.execute(delete(archival).where(archival.c.id == last))
    there = other_kind(store_url, request, tmp_path)
    move(store_url, there)
    with Database.open(there) as second, second.begin() as connection:
        assert (
            connection.execute(insert(archival).returning(archival.c.id), note(clock)).scalar_one()
            == last + 1
        )
        talks = Sessions(second, 1, clock)
        session = talks.create("kim")
        assert session.id == 5
        talks.begin_turn(session, "Where were we?", "UTC")


def note(clock: Clock) -> dict:
    return {
        "student_id": 1,
        "kind": "note",
        "text": "n",
        "trust": "model",
        "content_hash": "h",
        "time": clock(),
        "created_at": clock(),
    }


@pytest.mark.postgres
def test_what_belongs_to_one_store_only_stays_behind(store_url, request, tmp_path, clock):
    with Database.open(store_url) as first:
        fill(first, clock)
    there = other_kind(store_url, request, tmp_path)
    move(store_url, there)
    with Database.open(there) as second, second.read() as connection:
        assert set(connection.scalars(select(settings.c.key))) == {"a fact"}
        assert set(connection.scalars(select(sessions.c.lease_owner))) == {None}


def test_a_store_that_holds_a_memory_is_not_moved_into(database, store_url, tmp_path, clock, student):
    here = str(tmp_path / "here.db")
    with Database.open(here) as first:
        fill(first, clock)
    before = everything(database)
    with pytest.raises(UsageError, match="holds a memory already"):
        move(here, store_url)
    assert everything(database) == before


def test_a_store_is_not_moved_into_itself(tmp_path, clock):
    path = tmp_path / "s.db"
    Database.open(path).close()
    for target in (path, f"sqlite:///{path}"):
        with pytest.raises(UsageError, match="same"):
            move(path, target)


def test_a_store_that_is_not_there_is_not_moved(tmp_path):
    with pytest.raises(NotFound):
        move(tmp_path / "none.db", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_move_that_breaks_off_leaves_the_target_empty_and_can_be_done_again(
    store_url, tmp_path, clock, monkeypatch
):
    here = str(tmp_path / "here.db")
    with Database.open(here) as first:
        fill(first, clock)
        wanted = everything(first)

    def stop(done: int, _total: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(here, store_url, stop)
    with Database.open(store_url) as target, target.read() as connection:
        assert sum(count_rows(connection).values()) == 0
    move(here, store_url)
    with Database.open(store_url) as target:
        assert everything(target) == wanted


def test_a_copy_that_differs_is_noticed_and_not_kept(store_url, tmp_path, clock, monkeypatch):
    here = str(tmp_path / "here.db")
    with Database.open(here) as first:
        fill(first, clock)
    real = copying.rows_of

    def with_a_flipped_bit(connection, table):
        for n, row in enumerate(real(connection, table)):
            bad = table is messages and n == 5 and connection.dialect.name == "sqlite" and not calls
            yield row | {"content": "칛"} if bad else row
        calls.extend([table] if table is messages else [])

    calls: list[object] = []
    monkeypatch.setattr(copying, "rows_of", with_a_flipped_bit)
    with pytest.raises(StoreError, match="messages"):
        move(here, store_url)
    with Database.open(store_url) as target, target.read() as connection:
        assert sum(count_rows(connection).values()) == 0


def test_nobody_writes_to_a_store_while_it_is_moved(store_url, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    refused: list[type[BaseException]] = []
    with Database.open(store_url) as first, Database.open(store_url) as writer:
        fill(first, clock)

        def write() -> None:
            try:
                with writer.begin() as connection:
                    connection.execute(insert(settings), {"key": "late", "value": 1})
            except StoreBusy:
                refused.append(StoreBusy)

        def meanwhile(done: int, _total: int) -> None:
            if not refused:
                thread = threading.Thread(target=write)
                thread.start()
                thread.join()

        move(store_url, tmp_path / "there.db", meanwhile)
        assert refused == [StoreBusy]
    with sqlite3.connect(tmp_path / "there.db") as connection:
        assert connection.execute("SELECT count(*) FROM settings WHERE key = 'late'").fetchone() == (0,)
    connection.close()


def test_comparing_notices_a_row_too_few_and_a_row_too_many(tmp_path, clock):
    with Database.open(tmp_path / "a.db") as one, Database.open(tmp_path / "b.db") as two:
        fill(one, clock)
        fill(two, clock)
        with two.begin() as connection:
            connection.execute(text("DELETE FROM usage"))
        for first, second in ((one, two), (two, one)):
            with first.read() as left, second.read() as right, pytest.raises(StoreError):
                compare_rows(left, right)
