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
from sqlalchemy import insert

from officehours.memory.embedding.hashing import HashingEmbedder
from officehours.memory.embedding.store_embedder import register_embedder
from officehours.memory.index.chroma import client as chroma_client
from officehours.memory.index.chroma import folder as chroma_folder
from officehours.memory.index.chroma.base import ChromaFailed, ChromaReopened, Collection
from officehours.memory.index.chroma.client import open_client
from officehours.memory.index.chroma.folder import ChromaFolder, inspect, probe
from officehours.memory.index.student_index import StudentIndex
from officehours.memory.index.sync import GENTLE_BATCH, mark_collections
from officehours.memory.index.vectors import put_vectors
from officehours.memory.index.writer import SCOPES, forget_items
from officehours.memory.store.database import Database
from officehours.memory.store.schema import embed_queue, embedders, students
from officehours.memory.students import find_or_create
from officehours.memory.students import get as find

DIMENSIONS = 32
COUNT = 300
NOW = datetime(2026, 11, 21, tzinfo=UTC)

# Holds the folder, says so, and waits for the end of its input (or to be killed).
HOLDER = """
import sys
from pathlib import Path
from officehours.memory.index.chroma.folder import ChromaFolder
chroma = ChromaFolder(Path(sys.argv[1]))
print("open" if chroma.open_now() else "held", flush=True)
if "at rest" in sys.argv:
    chroma.warm()  # as a chat does: from now on its thread has the say
sys.stdin.read()
chroma.close()
"""


KILLED_WHILE_DROPPING = """
import os
from pathlib import Path
from officehours.memory.index.chroma.folder import ChromaFolder
from officehours.memory.store.database import Database
from officehours.memory.index.sync import IndexUpkeep
from officehours.memory.students import get
database = Database.open({store!r})
chroma = ChromaFolder(Path({folder!r}))
assert chroma.open_now()
IndexUpkeep(database, get(database, "minji"), chroma).drop_marked()
os._exit(9)
"""


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return str(tmp_path / "home" / "officehours.db")


@pytest.fixture
def rows(database: Database) -> np.ndarray:
    """Give unit vectors, row i for item i + 1."""
    register_embedder(database, HashingEmbedder(DIMENSIONS), active=True)
    found = np.random.default_rng(0).standard_normal((COUNT, DIMENSIONS)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


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


@pytest.fixture
def holder(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*how: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder), *how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def put(database, student, rows, first: int = 1) -> None:
    found = {first + at: row[None, :] for at, row in enumerate(rows)}
    with database.begin() as connection:
        queued = [{"student_id": student.id, "scope": SCOPES["recall"], "item_id": item} for item in found]
        connection.execute(insert(embed_queue), queued)
        put_vectors(connection, student.id, "recall", 1, found)


def panic(*_: object) -> None:
    raise BaseException("no more files")  # noqa: TRY002  as Rust's panics arrive


def finds(index: StudentIndex, rows) -> int:
    """Count the rows that find their own item."""
    return sum(index.query(row, 1, "recall")[0].item_id == at for at, row in enumerate(rows, 1))


def end(process: subprocess.Popen[str], how: int) -> None:
    process.send_signal(how)
    process.communicate()


def test_one_process_holds_the_folder_and_the_others_search_exactly(database, student, rows, opened, holder):
    other = holder()
    chroma = opened()
    assert not chroma.open_now()
    index = StudentIndex(database, student, chroma)
    put(database, student, rows)
    assert not index.catch_up()
    assert finds(index, rows) == COUNT
    other.communicate("")
    assert index.catch_up()
    assert chroma.is_open
    assert not chroma.suspect
    assert finds(index, rows) == COUNT


def test_a_killed_holder_frees_the_folder_which_is_tried_before_it_is_used(
    database, student, rows, opened, holder
):
    put(database, student, rows)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    end(holder(), signal.SIGKILL)
    said: list = []
    chroma = opened(said)
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    assert chroma.suspect
    assert finds(index, rows) == COUNT
    assert said == []


def test_what_others_write_reaches_the_index_of_the_holder(database, student, rows, opened):
    holder, other = opened(), opened()
    held, exact = StudentIndex(database, student, holder), StudentIndex(database, student, other)
    put(database, student, rows[:100])
    assert held.catch_up()
    assert not exact.catch_up()
    put(database, student, rows[100:], first=101)
    with database.begin() as connection:
        forget_items(connection, student.id, "recall", [1, 150])
    for index in (held, exact):
        assert finds(index, rows) == COUNT - 2
    assert held.catch_up()
    assert [report.sound for report in held.verify()] == [True, True]
    assert held.verify()[0].behind == 0
    for index in (held, exact):
        assert finds(index, rows) == COUNT - 2


def test_a_folder_nobody_uses_is_let_go_of_and_searched_on(database, student, rows, opened):
    put(database, student, rows)
    chroma = opened(idle_seconds=0.05)
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    chroma.warm()
    while chroma.is_open:
        threading.Event().wait(0.01)
    other = opened()
    assert other.open_now(patience=5)
    assert finds(index, rows) == COUNT


def test_closing_leaves_no_file_of_the_index_open(database, student, rows, opened, folder):
    put(database, student, rows)
    chroma = opened()
    assert StudentIndex(database, student, chroma).catch_up()
    chroma.close()
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("open files are listed on Linux only")
    links = [str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()]
    assert [link for link in links if link.startswith(str(folder))] == []


def test_an_erased_student_leaves_nothing_in_the_folder(database, student, other, rows, opened, folder):
    many = np.concatenate([rows] * 4)
    chroma = opened()
    for one in (student, other):
        put(database, one, many)
        assert StudentIndex(database, one, chroma).catch_up()
    before = {file.parent for file in folder.glob("chroma/*/data_level0.bin")}
    assert len(before) == 2
    assert StudentIndex(database, student, chroma).forget(for_good=True)
    left = {file.parent for file in folder.glob("chroma/*/data_level0.bin")}
    assert len(left) == 1
    assert left < before
    assert student.collection.encode() not in (folder / "chroma" / "chroma.sqlite3").read_bytes()
    index = StudentIndex(database, other, opened())
    assert index.verify()[0].sound
    assert index.verify()[0].behind == 0


def test_an_erased_student_of_few_words_leaves_nothing_either(database, student, rows, opened, folder):
    put(database, student, rows[:20])
    chroma = opened()
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    assert index.forget(for_good=True)
    assert student.collection.encode() not in (folder / "chroma" / "chroma.sqlite3").read_bytes()


def test_an_erasure_while_another_process_holds_the_folder_is_carried_out_later(
    database, student, rows, opened, folder
):
    put(database, student, rows)
    holder = opened()
    assert StudentIndex(database, student, holder).catch_up()
    at_work, done = threading.Event(), threading.Event()
    holder.request("long work", lambda: (at_work.set(), done.wait())[0])
    assert at_work.wait(10)
    assert not StudentIndex(database, student, opened()).forget(for_good=True)
    done.set()
    holder.close()
    with database.begin() as connection:
        connection.execute(students.delete().where(students.c.id == student.id))
        connection.execute(
            insert(students).values(
                handle="new", language="ko", zone="UTC", collection="snew", created_at=NOW
            )
        )
    heir = find(database, "new")
    later = opened()
    assert StudentIndex(database, heir, later).catch_up()
    names = later.ask(lambda client: [collection.name for collection in client.list_collections()])
    assert set(names) == {"snew-r", "snew-a"}


def test_who_has_nothing_to_do_with_the_folder_lets_go_for_who_asks(database, student, rows, opened, holder):
    put(database, student, rows)
    other = holder("at rest")
    chroma = opened()
    assert not chroma.open_now()
    assert StudentIndex(database, student, chroma).catch_up()
    assert other.poll() is None


def test_a_wish_of_a_process_that_is_no_more_moves_nobody(opened, folder):
    chroma = opened()
    assert chroma.open_now()
    (folder / "wanted").touch()
    os.utime(folder / "wanted", (0, 0))
    chroma.warm()
    assert not chroma._is_wanted()
    assert chroma.is_open


@pytest.mark.parametrize("count", [20, COUNT], ids=["few", "many"])
def test_forgetting_leaves_no_vector_that_an_item_ever_had(
    database, student, other, rows, opened, folder, count
):
    chroma = opened()
    index, neighbour = StudentIndex(database, student, chroma), StudentIndex(database, other, chroma)
    put(database, other, rows[10:20])
    assert neighbour.catch_up()
    put(database, student, rows[:count])
    assert index.catch_up()
    put(database, student, rows[-1:], first=3)  # said anew: the database knows the first vector no more
    assert index.catch_up()
    forget(database, student, 3)
    assert index.catch_up()
    assert index.forget()
    assert holding(folder, rows[[2]]) == []
    assert holding(folder, rows[[-1]]) == []
    assert holding(folder, rows[[10]]) != [], "the neighbour's are there, so this looks in the right place"
    assert index.catch_up()
    assert neighbour.verify()[0].behind == 0
    assert all(report.sound and not report.behind for report in index.verify())
    assert index.query(rows[2], 1, "recall")[0].item_id != 3


def test_what_a_killed_process_did_not_sweep_the_next_one_sweeps(database, student, rows, opened, folder):
    put(database, student, rows[:20])
    chroma = opened()
    assert StudentIndex(database, student, chroma).catch_up()
    with database.begin() as connection:
        mark_collections(connection, student)
    chroma.close()
    script = KILLED_WHILE_DROPPING.format(settings=str(database.path), folder=str(folder))
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == 9
    file = folder / "chroma" / "chroma.sqlite3"
    assert student.collection.encode() in file.read_bytes()
    later = opened()
    assert later.open_now()
    later.close()
    assert student.collection.encode() not in file.read_bytes()


def test_room_for_vectors_holds_nothing_that_stood_in_memory(database, student, rows, opened, folder):
    put(database, student, rows[:20])
    chroma = opened()
    assert StudentIndex(database, student, chroma).catch_up()
    room = segment_file(folder, "data_level0.bin")
    room.write_bytes(b"somebody else's " * (room.stat().st_size // 16))
    chroma.close()
    assert not any(room.read_bytes())
    index = StudentIndex(database, student, opened())
    assert index.catch_up()
    assert finds(index, rows[:20]) == 20
    put(database, student, np.concatenate([rows] * 4))
    assert index.catch_up()
    index._upkeep.chroma.close()
    assert any(segment_file(folder, "data_level0.bin").read_bytes())


def forget(database, student, item: int) -> None:
    with database.begin() as connection:
        forget_items(connection, student.id, "recall", [item])


def holding(folder: Path, rows) -> list[str]:
    """Give the files that hold a vector, as float32 or as float16."""
    kept = rows.astype("<f2")
    forms = [kept.astype("<f4").tobytes(), kept.tobytes()]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if any(form in file.read_bytes() for form in forms)]


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def garble(file: Path) -> None:
    """Leave the size and the first page as they are, so that only reading the rest can tell."""
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xa5" * (file.stat().st_size - 4096))


def segment_file(folder: Path, name: str) -> Path:
    return next((folder / "chroma").glob(f"*/{name}"))


def remove_chroma(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def remove_segments(folder: Path) -> None:
    shutil.rmtree(segment_file(folder, "header.bin").parent)


DAMAGE = {
    "removed": (remove_chroma, "was missing"),
    "database truncated": (lambda folder: truncate(folder / "chroma" / "chroma.sqlite3"), "was damaged"),
    "database overwritten": (
        lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 9000),
        "was damaged",
    ),
    "database of other bytes": (lambda folder: garble(folder / "chroma" / "chroma.sqlite3"), "was damaged"),
    "vectors removed": (remove_segments, "was damaged"),
    "vectors truncated": (lambda folder: truncate(segment_file(folder, "data_level0.bin")), "was damaged"),
    "header truncated": (lambda folder: truncate(segment_file(folder, "header.bin")), "was damaged"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_lost_or_damaged_folder_is_noticed_said_and_made_anew(
    database, student, rows, opened, folder, kind, monkeypatch
):
    # Enough for Chroma to write its vectors out of its log and into files of their own.
    many = np.concatenate([rows] * 4)
    put(database, student, many)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    damage, words = DAMAGE[kind]
    damage(folder)
    said: list = []
    chroma = opened(said)
    index = StudentIndex(database, student, chroma)
    monkeypatch.setattr(HashingEmbedder, "embed", None)  # nothing is embedded again
    assert index.catch_up()
    assert [words in remark.en for remark in said] == [True]
    reports = index.verify()
    assert [(report.items, report.behind, report.sound) for report in reports] == [
        (1200, 0, True),
        (0, 0, True),
    ]


def test_a_folder_removed_while_it_is_open_is_made_anew(database, student, rows, opened, folder):
    put(database, student, rows)
    said: list = []
    chroma = opened(said)
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    shutil.rmtree(folder / "chroma")
    assert finds(index, rows) == COUNT
    # A catching up that a search began behind the scene may still be at it: this one may have to follow it.
    assert any(index.catch_up() and index.verify()[0].behind == 0 for _ in range(20))
    assert finds(index, rows) == COUNT
    assert ["was missing" in remark.en for remark in said] == [True]


def test_a_folder_that_takes_too_long_to_try_is_made_anew(
    database, student, rows, opened, holder, folder, monkeypatch
):
    put(database, student, rows)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    end(holder(), signal.SIGKILL)
    monkeypatch.setattr(chroma_folder, "PROBE_SECONDS", 0.01)
    said: list = []
    index = StudentIndex(database, student, opened(said))
    assert index.catch_up()
    assert ["too large to be tried" in remark.en for remark in said] == [True]
    assert finds(index, rows) == COUNT


def test_what_crashes_chroma_crashes_another_process_only(database, student, rows, opened, folder):
    put(database, student, np.concatenate([rows] * 4))
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    assert probe(folder / "chroma") == "sound"
    (folder / "manifest.json").unlink()  # as a crash leaves it
    segment_file(folder, "data_level0.bin").write_bytes(os.urandom(100_000))
    segment_file(folder, "link_lists.bin").write_bytes(os.urandom(5_000))
    assert inspect(folder / "chroma", folder / "manifest.json") == "damaged"


def test_vectors_that_a_crash_took_are_noticed_by_asking_for_them(database, student, rows, opened, folder):
    put(database, student, rows)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    (folder / "manifest.json").unlink()
    client = open_client(folder / "chroma")
    taken = [f"r{item}.0" for item in range(1, COUNT, 2)]
    client.get_collection(f"{student.collection}-r", embedding_function=None).delete(ids=taken)
    client.close()
    said: list = []
    index = StudentIndex(database, student, opened(said))
    assert index.catch_up()
    assert ["did not survive a crash" in remark.en for remark in said] == [True]
    assert index.verify()[0].sound


@pytest.mark.parametrize("count", [30, 1_300])
def test_with_more_students_than_fit_in_memory_chroma_loses_none_of_what_it_had_not_saved(
    database, opened, monkeypatch, count
):
    """Chroma saves after 1,000 changes; of what came later, what its own cache drops is gone without a word."""
    monkeypatch.setattr(chroma_client, "MOST_TOUCHED", 4)
    register_embedder(database, HashingEmbedder(DIMENSIONS), active=True)
    found = np.random.default_rng(0).standard_normal((count, DIMENSIONS)).astype(np.float32)
    rows = found / np.linalg.norm(found, axis=1, keepdims=True)
    chroma = opened()
    indexes = [
        StudentIndex(
            database, find_or_create(database, f"s{number}", language="en", zone="UTC", now=NOW), chroma
        )
        for number in range(9)
    ]
    for index in indexes:
        put(database, index._student, rows)
        assert index.catch_up()
    generation = chroma.generation
    for index in [*indexes, *indexes]:
        for item in range(count - 20, count + 1):
            assert index.query(rows[item - 1], 1, "recall")[0].item_id == item
        assert index._ask_chroma(rows[0], 1, "recall")[1] > 0  # not searched exactly
    assert chroma.generation > generation
    assert all(report.sound for index in indexes for report in index.verify())


def test_a_collection_got_before_the_index_was_opened_anew_is_refused(database, student, rows, opened):
    put(database, student, rows)
    chroma = opened()
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    collection = index._upkeep.collection("recall")
    chroma.leave()
    assert chroma.open_now()
    with pytest.raises(ChromaReopened):
        index._upkeep.ask(collection, collection.ids)
    assert chroma.is_open
    assert finds(index, rows) == COUNT


def test_a_search_during_which_the_index_was_opened_anew_asks_it_again(
    database, student, rows, opened, monkeypatch
):
    put(database, student, rows)
    chroma = opened()
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()
    collection_of, asked = index._upkeep.collection, []

    def void_at_first(scope):
        found = collection_of(scope)
        if not asked:
            chroma.leave()
            assert chroma.open_now()
        asked.append(found)
        return found

    monkeypatch.setattr(index._upkeep, "collection", void_at_first)
    assert index._ask_chroma(rows[0], 1, "recall")[1] == COUNT
    assert len(asked) == 2


def test_few_open_files_are_shared_out(monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert chroma_client.most_touched() == 32
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100_000, 100_000))
    assert chroma_client.most_touched() == 64


def test_an_index_of_another_embedder_is_made_anew(database, student, rows, opened):
    put(database, student, rows)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    with database.begin() as connection:
        connection.execute(embedders.update().values(name="hashing-32-b"))
    said: list = []
    index = StudentIndex(database, student, opened(said))
    assert index.catch_up()
    assert ["another embedder" in remark.en for remark in said] == [True]
    assert finds(index, rows) == COUNT


def test_an_index_ahead_of_its_database_is_made_anew(database, student, rows, opened, tmp_path):
    put(database, student, rows[:10])
    with Database.open(tmp_path / "old.db") as old, database.read() as connection:
        connection.connection.driver_connection.backup(  # type: ignore[union-attr]
            old._engine.raw_connection().driver_connection
        )
    put(database, student, rows[10:], first=11)
    first = opened()
    assert StudentIndex(database, student, first).catch_up()
    first.close()
    said: list = []
    with Database.open(tmp_path / "old.db") as old:
        index = StudentIndex(old, student, opened(said))
        assert index.catch_up()
        assert ["another state of the database" in remark.en for remark in said] == [True]
        assert {hit.item_id for hit in index.query(rows[0], 50, "recall")} == set(range(1, 11))
        assert index.verify()[0].sound


def test_a_folder_that_cannot_be_made_is_said_once_and_done_without(database, student, rows, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    said: list = []
    chroma = ChromaFolder(tmp_path / "file" / "index", said.append)
    index = StudentIndex(database, student, chroma)
    put(database, student, rows)
    assert finds(index, rows[:5]) == 5
    assert not index.catch_up()
    assert not index.catch_up()
    chroma.close()
    assert ["cannot be used" in remark.en for remark in said] == [True]


def test_work_that_fails_lets_go_and_the_next_opening_finds_it_whole(database, student, rows, opened):
    put(database, student, rows)
    chroma = opened()
    index = StudentIndex(database, student, chroma)
    assert index.catch_up()

    with pytest.raises(ChromaFailed):
        chroma.ask(panic)
    assert not chroma.is_open
    assert finds(index, rows) == COUNT
    assert index.catch_up()
    assert chroma.suspect
    assert finds(index, rows) == COUNT


def test_an_index_that_cannot_be_opened_anew_is_done_without(database, student, rows, opened, monkeypatch):
    neighbour = find_or_create(database, "jisu", language="ko", zone="Asia/Seoul", now=NOW)
    said: list = []
    chroma = opened(said)
    monkeypatch.setattr(chroma, "request", lambda *_: None)  # nothing opens it behind the scene
    indexes = [StudentIndex(database, one, chroma) for one in (student, neighbour)]
    for index in indexes:
        put(database, index._student, rows)
        assert index.catch_up()
    monkeypatch.setattr(chroma_folder, "most_touched", lambda: 1)
    with monkeypatch.context() as broken:
        broken.setattr(chroma_folder, "open_client", panic)
        chroma.leave()
        assert not chroma.open_now()
        assert [finds(index, rows[:20]) for index in indexes] == [20, 20]
        assert ["cannot be used (no more files)" in remark.en for remark in said] == [True]
    assert chroma.open_now()
    assert finds(indexes[0], rows[:20]) == 20
    with monkeypatch.context() as broken:
        broken.setattr(chroma_folder, "open_client", panic)
        assert [finds(index, rows[:20]) for index in indexes] == [20, 20]
        assert not chroma.is_open
    assert opened().open_now()  # the folder is free for another


def test_a_repair_that_fails_in_the_middle_is_reported(database, student, rows, opened, monkeypatch):
    put(database, student, rows)
    index = StudentIndex(database, student, opened())
    assert index.catch_up()
    index._upkeep.apply("recall", ["r1.0"], [], 100)
    monkeypatch.setattr(Collection, "apply", panic)
    assert not all(report.sound for report in index.repair())


def test_closing_breaks_off_what_goes_on_behind_the_scene(database, student, rows, opened, monkeypatch):
    put(database, student, rows)
    chroma = opened()
    index = StudentIndex(database, student, chroma)
    first, batches = threading.Event(), []

    def apply(self, *arguments):
        batches.append(self)
        apply_really(self, *arguments)
        first.set()

    apply_really = Collection.apply
    monkeypatch.setattr(Collection, "apply", apply)
    index.warm()
    assert first.wait(30)
    chroma.close()
    assert len(batches) < COUNT // GENTLE_BATCH
    later = StudentIndex(database, student, opened())
    assert later.catch_up()
    assert all(report.sound and not report.behind for report in later.verify())


def test_opening_and_closing_from_several_threads_ends_well(folder):
    chroma = ChromaFolder(folder)
    threads = [threading.Thread(target=chroma.warm) for _ in range(4)]
    threads += [threading.Thread(target=chroma.close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not chroma.is_open
    chroma.warm()
    assert not chroma.open_now()
