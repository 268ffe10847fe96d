"""What every vector index must do, whatever it is made of; a new one joins `indexes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from officehours.memory.embedding import HashingEmbedder, Vectors
from officehours.memory.index import StudentIndex, VectorIndex, forget_items
from officehours.memory.index.chroma import Chroma, ChromaFolder, ChromaServer
from officehours.memory.index.vectors import put_vectors
from officehours.memory.index.writer import SCOPES
from officehours.memory.store import Database
from officehours.memory.store.schema import embed_queue
from officehours.memory.types import Scope, Student
from stores import register_embedder

DIMENSIONS = 16

Make = Callable[[Student], VectorIndex]


SETTINGS = [
    pytest.param(("sqlite", "exact"), id="sqlite-exact"),
    pytest.param(("sqlite", "folder"), id="sqlite-folder"),
    pytest.param(("sqlite", "server"), id="sqlite-server", marks=pytest.mark.chroma_server),
    pytest.param(("postgresql", "exact"), id="postgresql-exact", marks=pytest.mark.postgres),
    pytest.param(
        ("postgresql", "server"),
        id="postgresql-server",
        marks=[pytest.mark.postgres, pytest.mark.chroma_server],
    ),
]


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Give which database and which index."""
    return request.param


@pytest.fixture
def store_url(setting: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "s.db") if setting[0] == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def indexes(
    setting: tuple[str, str], request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> Iterator[Make]:
    """Give a maker of indexes over one database; all that it makes share one Chroma."""
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    with ExitStack() as stack:
        chroma: Chroma | None = None
        if setting[1] == "folder":
            chroma = ChromaFolder(tmp_path / "index")
        elif setting[1] == "server":
            chroma = ChromaServer(request.getfixturevalue("chroma_url"))
        if chroma is not None:
            stack.callback(chroma.close)
        yield lambda student: StudentIndex(database, student, chroma)


def vector(*angles: float) -> Vectors:
    """Give unit vectors in the plane of the first two axes, one for each angle in degrees."""
    found = np.zeros((len(angles), DIMENSIONS), np.float32)
    found[:, 0], found[:, 1] = np.cos(np.radians(angles)), np.sin(np.radians(angles))
    return found


def put(database: Database, student: Student, scope: Scope, **items: tuple[float, ...]) -> None:
    """Commit items, named `i` and their id, with parts at the given angles."""
    found = {int(name[1:]): vector(*angles) for name, angles in items.items()}
    with database.begin() as connection:
        rows = [{"student_id": student.id, "scope": SCOPES[scope], "item_id": item} for item in found]
        connection.execute(insert(embed_queue), rows)
        assert put_vectors(connection, student.id, scope, 1, found) == len(found)


def near(index: VectorIndex, angle: float, k: int = 10, scope: Scope = "recall") -> list[tuple[int, int]]:
    """Give (item, part) of the nearest items."""
    return [(hit.item_id, hit.part) for hit in index.query(vector(angle)[0], k, scope)]


def levels(index: VectorIndex) -> Iterator[str]:
    """Go through the states that an index may be asked in: before, after catching up, and built anew."""
    yield "not caught up"
    index.catch_up()
    yield "caught up"
    index.rebuild()
    yield "rebuilt"


def test_the_nearest_come_first_each_by_its_nearest_part(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0,), i2=(80, 31), i3=(60,))
    for _ in levels(index):
        assert near(index, 30) == [(2, 1), (1, 0), (3, 0)] or near(index, 30) == [(2, 1), (3, 0), (1, 0)]
        assert near(index, 10) == [(1, 0), (2, 1), (3, 0)]
        assert near(index, 10, k=1) == [(1, 0)]
        assert index.query(vector(60)[0], 1, "recall")[0].similarity == pytest.approx(1, abs=0.01)


def test_an_empty_index_and_no_wishes_find_nothing(student, indexes):
    index = indexes(student)
    for _ in levels(index):
        assert near(index, 0) == []
        assert near(index, 0, k=0) == []
        assert index.vectors_of("recall", [1]) == {}


def test_what_is_committed_is_found_at_once_in_any_state(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0,))
    for at, _ in enumerate(levels(index)):
        put(database, student, "recall", **{f"i{at + 10}": (40.0 + 15 * at,)})
        assert near(index, 40 + 15 * at)[0] == (at + 10, 0)
        assert set(near(index, 0)) == {(1, 0), *((n + 10, 0) for n in range(at + 1))}


def test_what_is_embedded_anew_is_found_by_its_new_vectors_only(database, student, indexes):
    index = indexes(student)
    for angle, _ in zip((20, 50, 80), levels(index), strict=True):
        put(database, student, "recall", i1=(angle, 180 - angle), i2=(0,))
        put(database, student, "recall", i1=(angle,))
        assert near(index, angle)[0] == (1, 0)
        assert near(index, 180 - angle) == [(1, 0), (2, 0)]
        assert index.query(vector(angle)[0], 1, "recall")[0].similarity == pytest.approx(1, abs=0.01)
        np.testing.assert_allclose(index.vectors_of("recall", [1])[1], vector(angle), atol=1e-3)


def test_what_is_forgotten_is_gone_at_once_in_any_state(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0,), i2=(10, 20), i3=(30,), i9=(90,))
    for item, _ in zip((1, 2, 3), levels(index), strict=True):
        with database.begin() as connection:
            forget_items(connection, student.id, "recall", [item])
        assert item not in {found for found, _ in near(index, 10 * item)}
    index.catch_up()
    assert near(index, 0) == [(9, 0)]
    assert [r for r in index.verify() if not (r.sound or r.fault == "closed")] == []


def test_spaces_and_students_are_apart(database, student, other, indexes):
    mine, theirs = indexes(student), indexes(other)
    put(database, student, "recall", i1=(0,))
    put(database, student, "archival", i1=(10,), i2=(20,))
    put(database, other, "recall", i3=(0,))
    for _ in zip(levels(mine), levels(theirs), strict=True):
        assert near(mine, 0) == [(1, 0)]
        assert near(mine, 0, scope="archival") == [(1, 0), (2, 0)]
        assert near(theirs, 0) == [(3, 0)]
        assert near(theirs, 0, scope="archival") == []
        assert theirs.vectors_of("recall", [1]) == {}


def test_the_vectors_of_items_are_given_as_they_are_stored(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0, 45), i2=(90,))
    for _ in levels(index):
        found = index.vectors_of("recall", [1, 2, 3])
        assert set(found) == {1, 2}
        np.testing.assert_allclose(found[1], vector(0, 45), atol=1e-3)


def test_a_thousand_random_vectors_are_found_as_by_comparing_them_all(database, student, indexes):
    index = indexes(student)
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(1000, DIMENSIONS)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with database.begin() as connection:
        keys = [{"student_id": student.id, "scope": 0, "item_id": n} for n in range(1, 1001)]
        connection.execute(insert(embed_queue), keys)
        put_vectors(connection, student.id, "recall", 1, {n + 1: rows[n : n + 1] for n in range(1000)})
    questions = rng.normal(size=(30, DIMENSIONS)).astype(np.float32)
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    for _ in levels(index):
        found = [{hit.item_id for hit in index.query(question, 10, "recall")} for question in questions]
        best = [set((np.argsort(-(rows @ question))[:10] + 1).tolist()) for question in questions]
        shared = sum(len(one & two) for one, two in zip(found, best, strict=True))
        assert shared >= 0.98 * 300


def test_verify_finds_nothing_wrong_with_a_sound_index(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0,), i2=(50, 60))
    for _ in levels(index):
        for report in index.verify():
            assert (report.missing, report.extra, report.unembedded) == ([], [], [])
            assert report.fault in {"", "closed"}
            assert (report.items, report.parts) == ((2, 3) if report.scope == "recall" else (0, 0))


def test_words_said_again_and_again_are_no_damage(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", **{f"i{n}": (0,) for n in range(1, 41)})
    for _ in levels(index):
        assert {report.fault for report in index.verify()} <= {"", "closed"}


def test_what_was_never_embedded_is_queued_by_repair(database, student, indexes):
    from officehours.memory.store.schema import doc_lengths

    index = indexes(student)
    with database.begin() as connection:
        lost = {"student_id": student.id, "scope": 0, "item_id": 5, "length": 3}
        connection.execute(insert(doc_lengths), lost)
    assert index.verify()[0].unembedded == [5]
    repaired = index.repair()[0]
    assert (repaired.unembedded, repaired.waiting) == ([], 1)


def test_what_chroma_lost_or_never_should_have_is_put_right_by_repair(database, student, indexes):
    index = indexes(student)
    put(database, student, "recall", i1=(0,), i2=(30,), i3=(60,))
    if not index.catch_up():
        assert not any(report.missing or report.extra for report in index.verify())
        return
    collection = index._sync.collection("recall")  # what a crash of Chroma's would do, done by hand
    collection._collection.delete(ids=["2.0"])
    collection._collection.upsert(ids=["77.0"], embeddings=vector(1))
    report = index.verify()[0]
    assert (report.missing, report.extra) == ([2], [77])
    assert index.repair()[0].sound
    assert near(index, 0) == [(1, 0), (2, 0), (3, 0)]


def test_a_forgotten_student_leaves_nothing_in_the_index(database, student, other, indexes):
    index, neighbour = indexes(student), indexes(other)
    put(database, student, "recall", i1=(0,))
    put(database, other, "recall", i2=(0,))
    index.catch_up()
    neighbour.catch_up()
    assert index.forget(for_good=True)
    assert near(neighbour, 0) == [(2, 0)]
    if index._sync is not None:
        assert index._sync.chroma.open_now()
        names = index._sync.chroma.ask(lambda client: [c.name for c in client.list_collections()], wait=60)
        assert not any(name.startswith(student.collection) for name in names)
