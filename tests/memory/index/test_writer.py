from __future__ import annotations

import threading

import numpy as np
import pytest
from sqlalchemy import func, insert, select

from officehours.memory.embedding import HashingEmbedder
from officehours.memory.index import forget_items, index_text
from officehours.memory.index.vectors import add_vectors, put_vectors
from officehours.memory.store import Database
from officehours.memory.store.schema import embed_queue, vectors
from stores import register_embedder, wait_for_a_lock


def forget(url: str, student_id: int) -> None:
    with Database.open(url) as other, other.begin() as connection:
        forget_items(connection, student_id, "recall", [1])


def embed_anew(url: str, student_id: int) -> None:
    with Database.open(url) as other, other.begin() as connection:
        add_vectors(connection, student_id, "recall", 1, {1: np.ones((1, 8), np.float32)})


@pytest.mark.postgres
def test_what_is_forgotten_while_its_vectors_are_written_leaves_none(postgres_url, clock):
    from officehours.memory import students

    with Database.open(postgres_url) as database:
        student = students.find_or_create(database, "minji", language="ko", zone="UTC", now=clock())
        register_embedder(database, HashingEmbedder(8))
        with database.begin() as connection:
            connection.execute(insert(embed_queue), {"student_id": student.id, "scope": 0, "item_id": 1})
        thread = threading.Thread(target=forget, args=(postgres_url, student.id))
        with database.begin() as connection:
            assert put_vectors(connection, student.id, "recall", 1, {1: np.ones((1, 8), np.float32)}) == 1
            thread.start()
            wait_for_a_lock(postgres_url)
        thread.join()
        with database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(vectors)) == 0
            assert connection.scalar(select(func.count()).select_from(embed_queue)) == 0


@pytest.mark.postgres
def test_what_is_being_forgotten_gets_no_vectors_of_a_new_embedder(postgres_url, clock):
    from officehours.memory import students

    with Database.open(postgres_url) as database:
        student = students.find_or_create(database, "minji", language="ko", zone="UTC", now=clock())
        register_embedder(database, HashingEmbedder(8))
        with database.begin() as connection:
            index_text(connection, student.id, "recall", 1, "forget me")
        thread = threading.Thread(target=embed_anew, args=(postgres_url, student.id))
        with database.begin() as connection:
            forget_items(connection, student.id, "recall", [1])
            thread.start()
            wait_for_a_lock(postgres_url)
        thread.join()
        with database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(vectors)) == 0
