from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from officehours.memory.embedding import HashingEmbedder
from officehours.memory.index import StudentIndex, sync
from officehours.memory.index.chroma import ChromaFolder, base, folder
from officehours.memory.index.vectors import put_vectors
from officehours.memory.index.writer import SCOPES
from officehours.memory.store.schema import embed_queue
from officehours.memory.students import find_or_create
from officehours.memory.types import Student
from stores import register_embedder

DIMENSIONS, COUNT, MANY = 16, 30, 6


@pytest.fixture
def rows(database) -> np.ndarray:
    register_embedder(database, HashingEmbedder(DIMENSIONS))
    found = np.random.default_rng(0).standard_normal((COUNT, DIMENSIONS)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def students(database, rows) -> list[Student]:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    made = [
        find_or_create(database, f"s{number}", language="en", zone="UTC", now=now) for number in range(MANY)
    ]
    for student in made:
        found = {at: row[None, :] for at, row in enumerate(rows, 1)}
        with database.begin() as connection:
            queued = [
                {"student_id": student.id, "scope": SCOPES["recall"], "item_id": item} for item in found
            ]
            connection.execute(insert(embed_queue), queued)
            put_vectors(connection, student.id, "recall", 1, found)
    return made


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., ChromaFolder]]:
    made: list[ChromaFolder] = []

    def opener(**settings) -> ChromaFolder:
        made.append(ChromaFolder(tmp_path / "index", **settings))
        return made[-1]

    yield opener
    for chroma in made:
        chroma.close()


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return str(tmp_path / "officehours.db")


def finds_all(index: StudentIndex, rows: np.ndarray) -> bool:
    return all(index.query(row, 1, "recall")[0].item_id == at for at, row in enumerate(rows, 1))


def in_chroma(index: StudentIndex, rows: np.ndarray) -> bool:
    return index._ask_chroma(rows[0], 1, "recall")[1] > 0


def test_where_many_collections_are_open_a_small_one_is_searched_exactly(
    database, students, rows, opened, monkeypatch
):
    monkeypatch.setattr(folder, "SMALL_COLLECTIONS", 4)
    chroma = opened()
    assert chroma.open_now()
    indexes = [StudentIndex(database, student, chroma) for student in students]
    for index in indexes:
        index._catch_up_gently()
    assert all(finds_all(index, rows) for index in indexes)
    assert [in_chroma(index, rows) for index in indexes] == [True, True, False, False, False, False]
    monkeypatch.setattr(sync, "FEW_PARTS", COUNT - 1)  # as if they had grown
    for index in indexes:
        index._catch_up_gently()
    assert all(in_chroma(index, rows) for index in indexes)
    assert all(finds_all(index, rows) for index in indexes)


def test_let_go_for_idleness_all_search_on_and_take_bounded_memory(
    database, students, rows, opened, monkeypatch
):
    monkeypatch.setattr(base, "IDLE_ROOM", 2 * COUNT)
    chroma = opened(idle_seconds=0.05)
    indexes = [StudentIndex(database, student, chroma) for student in students]
    told = threading.Event()
    tell = chroma._tell_idle
    monkeypatch.setattr(chroma, "_tell_idle", lambda: (tell(), told.set()))
    for index in indexes:
        assert index.catch_up()
    for index in [*indexes, indexes[0]]:  # the first and the last were here last
        assert finds_all(index, rows)
    indexes[0].warm()  # the thread begins, and sees that nobody uses it
    assert told.wait(60)
    assert not chroma.is_open
    held = [exact.parts for index in indexes for exact in index._exact.values() if not exact.after]
    assert sum(held) <= 2 * COUNT
    assert indexes[0]._exact["recall"].parts == indexes[-1]._exact["recall"].parts == COUNT
    assert all(finds_all(index, rows) for index in indexes)
