from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, insert

from officehours.memory.embedding import HashingEmbedder
from officehours.memory.index import StudentIndex, forget_items, student_index
from officehours.memory.index.chroma import ChromaFolder
from officehours.memory.index.chroma import client as chroma_client
from officehours.memory.index.chroma import folder as chroma_folder
from officehours.memory.index.chroma.base import ChromaFailed, ChromaReopened
from officehours.memory.index.chroma.collection import Collection
from officehours.memory.index.sync import GENTLE_BATCH
from officehours.memory.index.vectors import put_vectors
from officehours.memory.index.writer import SCOPES
from officehours.memory.store import Database
from officehours.memory.store.schema import embed_queue, embedders, students
from officehours.memory.students import find_or_create
from stores import register_embedder

DIMENSIONS = 32
COUNT = 120
MANY = 1_100
"""Enough for Chroma to write vectors out of its log and into files of their own."""

# Fills the folder, says so, and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
from officehours.memory.index.chroma.folder import ChromaFolder
from officehours.memory.index.student_index import StudentIndex
from officehours.memory.store.database import Database
from officehours.memory.students import get
database = Database.open(sys.argv[1])
index = StudentIndex(database, get(database, "minji"), ChromaFolder(Path(sys.argv[2])))
print(index.catch_up(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return str(tmp_path / "home" / "officehours.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def rows(database: Database) -> np.ndarray:
    """Give unit vectors, row i for item i + 1."""
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    return unit_vectors(COUNT)


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[..., ChromaFolder]]:
    """Give an opener of the folder: each is like another process, for the lock does not know the difference."""
    all_opened: list[ChromaFolder] = []

    def opener(said: list | None = None, **settings) -> ChromaFolder:
        chroma = ChromaFolder(folder, None if said is None else said.append, **settings)
        all_opened.append(chroma)
        return chroma

    yield opener
    for chroma in all_opened:
        chroma.close()


def unit_vectors(count: int) -> np.ndarray:
    found = np.random.default_rng(0).standard_normal((count, DIMENSIONS)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def put(database, student, rows, first: int = 1) -> None:
    found = {first + at: row[None, :] for at, row in enumerate(rows)}
    with database.begin() as connection:
        queued = [{"student_id": student.id, "scope": SCOPES["recall"], "item_id": item} for item in found]
        connection.execute(insert(embed_queue), queued)
        put_vectors(connection, student.id, "recall", 1, found)


def forget(database, student, *items: int) -> None:
    with database.begin() as connection:
        forget_items(connection, student.id, "recall", items)


def finds(index: StudentIndex, rows) -> int:
    """Count the rows that find their own item."""
    return sum(index.query(row, 1, "recall")[0].item_id == at for at, row in enumerate(rows, 1))


def is_level(index: StudentIndex) -> bool:
    """Tell whether Chroma holds what the database holds."""
    return all(report.sound and not report.behind for report in index.verify())


def build(database, student, chroma: ChromaFolder) -> StudentIndex:
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    return index


def segment(folder: Path, name: str = "data_level0.bin") -> Path:
    return next((folder / "chroma").glob(f"*/{name}"))


def fail(*_: object) -> None:
    raise BaseException("no more files")  # noqa: TRY002  as Rust's panics arrive


# Who holds it


def test_one_holds_the_folder_and_the_others_search_exactly(database, student, rows, opened, monkeypatch):
    monkeypatch.setattr(student_index, "OPENING_SECONDS", 0.1)
    holder, other = opened(), opened()
    held, exact = StudentIndex(database, student, holder), StudentIndex(database, student, other)
    put(database, student, rows[:50])
    assert held.catch_up()
    assert not other.open_now()
    assert not exact.catch_up()
    put(database, student, rows[50:], first=51)
    forget(database, student, 1, 90)
    assert [finds(index, rows) for index in (held, exact)] == [COUNT - 2] * 2
    assert held.catch_up()
    assert is_level(held)
    assert [finds(index, rows) for index in (held, exact)] == [COUNT - 2] * 2
    holder.close()
    assert exact.catch_up()
    assert is_level(exact)


def test_a_folder_nobody_uses_is_let_go_of_and_searched_on(database, student, rows, opened):
    put(database, student, rows)
    chroma = opened(idle_seconds=0.05)
    index = build(database, student, chroma)
    index.warm()
    other = opened()
    while not other.open_now(wait=5):
        pass
    assert finds(index, rows) == COUNT


def test_a_holder_with_nothing_to_do_lets_go_for_who_asks(database, student, rows, opened):
    put(database, student, rows)
    holder = opened()
    build(database, student, holder).warm()
    other = opened()
    assert not other.open_now()
    assert other.open_now(wait=20)
    assert not holder.is_open
    assert is_level(StudentIndex(database, student, other))


def test_a_request_of_a_process_that_is_no_more_moves_nobody(opened, folder):
    chroma = opened()
    assert chroma.open_now()
    (folder / "wanted").touch()
    assert chroma._is_wanted()
    os.utime(folder / "wanted", (0, 0))
    assert not chroma._is_wanted()


def test_closing_leaves_no_file_of_the_index_open(database, student, rows, opened, folder):
    put(database, student, rows)
    chroma = opened()
    build(database, student, chroma)
    chroma.close()
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("open files are listed on Linux only")
    links = [str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()]
    assert [link for link in links if link.startswith(str(folder))] == []


def test_opening_and_closing_from_several_threads_ends_well(folder):
    chroma = ChromaFolder(folder)
    threads = [threading.Thread(target=chroma.request, args=(n, lambda: None)) for n in range(4)]
    threads += [threading.Thread(target=chroma.close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not chroma.is_open
    chroma.request("late", lambda: None)
    assert not chroma.open_now()


def test_closing_breaks_off_what_goes_on_in_the_background(database, student, rows, opened, monkeypatch):
    put(database, student, rows)
    chroma = opened()
    index = build(database, student, chroma)
    put(database, student, rows, first=COUNT + 1)
    first, calls = threading.Event(), []

    def apply(self, *arguments):
        calls.append(self)
        apply_really(self, *arguments)
        first.set()

    apply_really = Collection.apply
    monkeypatch.setattr(Collection, "apply", apply)
    index.warm()
    assert first.wait(30)
    chroma.close()
    assert len(calls) < COUNT // GENTLE_BATCH
    assert is_level(build(database, student, opened()))


# In any doubt it is rebuilt


@pytest.mark.parametrize("count", [COUNT, MANY])
def test_a_killed_holder_frees_the_folder_which_is_rebuilt_whatever_is_left_of_it(
    database, student, opened, folder, count, monkeypatch
):
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    put(database, student, unit_vectors(count))
    command = [sys.executable, "-c", HOLDER, str(database.path), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"True\n"
        assert not opened().open_now()
        holder.send_signal(signal.SIGKILL)
    # Opened as they are, these would crash the process at the first query.
    for file in (segment(folder), segment(folder, "link_lists.bin")):
        file.write_bytes(os.urandom(100_000))
    said: list = []
    monkeypatch.setattr(HashingEmbedder, "embed", None)  # nothing is embedded again
    index = StudentIndex(database, student, opened(said))
    assert finds(index, unit_vectors(20)) == 20
    assert index.catch_up()
    assert is_level(index)
    assert said == []


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def garble(file: Path) -> None:
    """Leave the size and the first page as they are."""
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(file.stat().st_size - 4096))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "all removed": lambda folder: shutil.rmtree(folder / "chroma"),
    "database removed": lambda folder: (folder / "chroma" / "chroma.sqlite3").unlink(),
    "database truncated": lambda folder: truncate(folder / "chroma" / "chroma.sqlite3"),
    "database garbled": lambda folder: garble(folder / "chroma" / "chroma.sqlite3"),
    "vectors removed": lambda folder: shutil.rmtree(segment(folder).parent),
    "vectors truncated": lambda folder: truncate(segment(folder)),
    "vectors garbled": lambda folder: garble(segment(folder)),
    "header truncated": lambda folder: truncate(segment(folder, "header.bin")),
    "note garbled": lambda folder: (folder / "closed").write_bytes(b"\xff\x00"),
}


def test_a_lost_or_damaged_folder_is_noticed_said_and_rebuilt(database, student, opened, folder, monkeypatch):
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    put(database, student, unit_vectors(MANY))
    first = opened()
    build(database, student, first)
    first.close()
    monkeypatch.setattr(HashingEmbedder, "embed", None)  # nothing is embedded again
    for name, damage in DAMAGE.items():
        damage(folder)
        said: list = []
        chroma = opened(said)
        index = build(database, student, chroma)
        assert ["being rebuilt" in warning.en for warning in said] == [True], name
        assert [report.items for report in index.verify()] == [MANY, 0], name
        assert is_level(index), name
        chroma.close()


def test_a_whole_folder_is_opened_and_not_rebuilt(database, student, rows, opened, monkeypatch):
    put(database, student, rows)
    first = opened()
    build(database, student, first)
    first.close()
    monkeypatch.setattr(Collection, "apply", fail)
    said: list = []
    index = build(database, student, opened(said))
    assert index._ask_chroma(rows[0], 1, "recall") == ([(1, 0, pytest.approx(1, abs=0.01))], COUNT)
    assert said == []


def test_a_folder_that_chroma_cannot_open_although_it_is_whole_is_rebuilt(
    database, student, rows, opened, monkeypatch
):
    put(database, student, rows)
    first = opened()
    build(database, student, first)
    first.close()
    attempts = iter([fail, chroma_client.open_client])

    def fails_at_first(data: Path) -> object:
        return next(attempts)(data)

    monkeypatch.setattr(chroma_folder, "open_client", fails_at_first)
    said: list = []
    assert is_level(build(database, student, opened(said)))
    assert ["being rebuilt" in warning.en for warning in said] == [True]


def test_a_folder_removed_while_it_is_open_is_searched_on_and_rebuilt(
    database, student, rows, opened, folder
):
    put(database, student, rows[:60])
    chroma = opened()
    index = build(database, student, chroma)
    shutil.rmtree(folder / "chroma")
    assert finds(index, rows[:60]) == 60
    put(database, student, rows[60:], first=61)
    # What notices it first, this write or a search before it, is Chroma's affair; after that it is made anew.
    assert index.catch_up() or index.catch_up()
    assert finds(index, rows) == COUNT
    assert is_level(index)
    chroma.close()
    assert is_level(StudentIndex(database, student, opened()))


def test_work_that_fails_lets_go_and_the_next_opening_rebuilds(database, student, rows, opened):
    put(database, student, rows)
    chroma = opened()
    index = build(database, student, chroma)
    with pytest.raises(ChromaFailed):
        chroma.ask(fail)
    assert not chroma.is_open
    assert finds(index, rows) == COUNT
    assert not chroma.is_open, "what has just failed is not tried again at once"
    assert index.catch_up()
    assert is_level(index)


def test_a_folder_that_cannot_be_made_is_said_once_and_done_without(database, student, rows, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    said: list = []
    chroma = ChromaFolder(tmp_path / "file" / "index", said.append)
    index = StudentIndex(database, student, chroma)
    put(database, student, rows)
    assert finds(index, rows[:5]) == 5
    assert not index.catch_up()
    assert not index.forget()
    chroma.close()
    assert ["cannot be used" in warning.en for warning in said] == [True]


def test_an_index_of_another_embedder_is_rebuilt(database, student, rows, opened):
    put(database, student, rows)
    first = opened()
    build(database, student, first)
    first.close()
    with database.begin() as connection:
        connection.execute(embedders.update().values(name="hashing-32-b"))
    said: list = []
    index = build(database, student, opened(said))
    assert ["did not match the database" in warning.en for warning in said] == [True]
    assert is_level(index)


def test_an_index_ahead_of_its_database_is_rebuilt(database, student, rows, opened, tmp_path):
    put(database, student, rows[:10])
    with Database.open(tmp_path / "old.db") as old, database.read() as connection:
        connection.connection.driver_connection.backup(  # type: ignore[union-attr]
            old._engine.raw_connection().driver_connection
        )
    put(database, student, rows[10:], first=11)
    first = opened()
    build(database, student, first)
    first.close()
    said: list = []
    with Database.open(tmp_path / "old.db") as old:
        index = build(old, student, opened(said))
        assert ["did not match the database" in warning.en for warning in said] == [True]
        assert {hit.item_id for hit in index.query(rows[0], 50, "recall")} == set(range(1, 11))
        assert is_level(index)


def test_a_repair_that_fails_in_the_middle_is_reported(database, student, rows, opened, monkeypatch):
    put(database, student, rows)
    index = build(database, student, opened())
    index._sync.collection("recall")._collection.delete(ids=["1.0"])
    with monkeypatch.context() as broken:
        broken.setattr(Collection, "apply", fail)
        assert [report.behind for report in index.repair()] == [COUNT, 0]
    assert index.repair()[0].behind == 0


# More collections than fit in memory


@pytest.mark.parametrize("count", [30, MANY])
def test_with_more_students_than_fit_in_memory_chroma_loses_none_of_what_it_had_not_saved(
    database, opened, monkeypatch, count
):
    monkeypatch.setattr(chroma_client, "MOST_COLLECTIONS", 4)
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    rows = unit_vectors(count)
    chroma = opened()
    now = datetime(2026, 11, 21, tzinfo=UTC)
    indexes = []
    for number in range(6):
        student = find_or_create(database, f"s{number}", language="en", zone="UTC", now=now)
        put(database, student, rows)
        indexes.append(build(database, student, chroma))
    epoch = chroma.epoch
    for index in [*indexes, *indexes]:
        # Chroma saves after 1,000 changes; what came later is gone without a word if its own cache drops it.
        for item in range(count - 10, count + 1):
            assert index.query(rows[item - 1], 1, "recall")[0].item_id == item
        assert index._ask_chroma(rows[0], 1, "recall")[1] > 0, "it was searched exactly"
    assert chroma.epoch > epoch
    assert all(is_level(index) for index in indexes)


def test_few_open_files_are_shared_out(monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert chroma_client.most_collections() == 32
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100_000, 100_000))
    assert chroma_client.most_collections() == 64


def test_an_index_opened_anew_refuses_older_collections_and_a_search_gets_them_again(
    database, student, rows, opened, monkeypatch
):
    put(database, student, rows)
    chroma = opened()
    index = build(database, student, chroma)
    collection_of, asked = index._sync.collection, []

    def void_at_first(scope):
        found = collection_of(scope)
        if not asked:
            chroma._let_go()
            assert chroma.open_now()
        asked.append(found)
        return found

    monkeypatch.setattr(index._sync, "collection", void_at_first)
    assert index._ask_chroma(rows[0], 1, "recall")[1] == COUNT
    assert len(asked) == 2
    with pytest.raises(ChromaReopened):
        index._sync.ask(asked[0], asked[0].ids)
    assert chroma.is_open


def test_an_index_that_cannot_be_opened_anew_is_done_without(
    database, student, other, rows, opened, monkeypatch
):
    said: list = []
    chroma = opened(said)
    monkeypatch.setattr(chroma, "request", lambda *_: None)  # nothing opens it in the background
    monkeypatch.setattr(chroma_folder, "most_collections", lambda: 1)
    for one in (student, other):
        put(database, one, rows)
    indexes = [build(database, one, chroma) for one in (student, other)]
    with monkeypatch.context() as broken:
        broken.setattr(chroma_folder, "open_client", fail)
        assert [finds(index, rows[:5]) for index in indexes] == [5, 5]
        assert not chroma.is_open
        assert not chroma.open_now()
    assert ["cannot be used (no more files)" in warning.en for warning in said] == [True]
    assert opened().open_now(), "the folder is free for another"


# Forgetting


def holding(folder: Path, form: bytes) -> list[str]:
    """Give the files that hold some bytes."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if form in file.read_bytes()]


@pytest.mark.parametrize("count", [20, MANY])
def test_forgetting_leaves_no_vector_that_an_item_ever_had(database, student, other, opened, folder, count):
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    rows = unit_vectors(count)
    first, later, theirs = [row.astype("<f2").astype("<f4").tobytes() for row in rows[[2, -1, 10]]]
    chroma = opened()
    put(database, other, rows[5:15])
    put(database, student, rows)
    neighbour, index = build(database, other, chroma), build(database, student, chroma)
    put(database, student, rows[-1:], first=3)  # said anew: the database knows the first vector no more
    assert index.catch_up()
    forget(database, student, 3, count)
    assert index.catch_up()
    assert holding(folder, first)
    assert index.forget()
    assert holding(folder, first) == holding(folder, later) == []
    for one in (index, neighbour):
        assert one.catch_up()
        assert is_level(one)
    chroma.close()
    assert holding(folder, first) == holding(folder, later) == []
    assert holding(folder, theirs), "so this looks in the right place"


def test_an_erased_student_leaves_no_name_and_is_not_built_again(
    database, student, other, rows, opened, folder
):
    chroma = opened()
    for one in (student, other):
        put(database, one, rows)
    index, neighbour = build(database, student, chroma), build(database, other, chroma)
    assert holding(folder, student.collection.encode())
    assert index.forget(for_good=True)
    assert index.catch_up()
    assert neighbour.catch_up()
    assert is_level(neighbour)
    chroma.close()
    assert holding(folder, student.collection.encode()) == []


def test_an_erasure_while_another_process_holds_the_folder_is_carried_out_later(
    database, student, other, rows, opened, folder, monkeypatch
):
    monkeypatch.setattr(chroma_folder, "LOCK_SECONDS", 0.1)
    put(database, student, rows)
    holder = opened()
    build(database, student, holder)
    assert not StudentIndex(database, student, opened()).forget(for_good=True)
    holder.close()
    with database.begin() as connection:
        connection.execute(delete(students).where(students.c.id == student.id))
    put(database, other, rows)
    later = opened()
    assert is_level(build(database, other, later))
    later.close()
    assert holding(folder, student.collection.encode()) == []


def test_room_for_vectors_holds_nothing_that_stood_in_memory(database, student, rows, opened, folder):
    put(database, student, rows[:20])
    chroma = opened()
    build(database, student, chroma)
    segment(folder).write_bytes(b"somebody else's " * (segment(folder).stat().st_size // 16))
    chroma.close()
    assert not any(segment(folder).read_bytes())
    later = opened()
    assert finds(build(database, student, later), rows[:20]) == 20
    put(database, student, unit_vectors(MANY))
    build(database, student, later)
    later.close()
    assert any(segment(folder).read_bytes())
