from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import insert

from officehours.memory.embedding import choose_embedder
from officehours.memory.index import EmbedWorker, StudentIndex, embed_worker, pending
from officehours.memory.store import work_lock
from officehours.memory.store.schema import doc_lengths, embed_queue

HOLD_AND_DIE = """
import os, signal, sys
from officehours.memory.store.locks import work_lock
from officehours.memory.store.database import Database
with work_lock(Database.open(sys.argv[1]), "work", 60) as mine:
    assert mine is not None
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_one_at_a_time_has_the_lock(database):
    with work_lock(database, "work", 60) as first, work_lock(database, "work", 60) as second:
        assert first is not None
        assert second is None
    with work_lock(database, "work", 60) as again:
        assert again is not None


def test_a_lock_of_a_killed_process_is_taken_at_once(database, store_url):
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE, store_url], check=False)
    with work_lock(database, "work", 60) as mine:
        assert mine is not None


def test_flushing_waits_for_a_process_that_is_at_it(database, student, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embed_worker, "RETRY_SECONDS", 0.01)
    embedder = choose_embedder(database, "hashing")
    index = StudentIndex(database, student, None)
    with database.begin() as connection:
        key = {"student_id": student.id, "scope": 0, "item_id": 1}
        connection.execute(insert(doc_lengths), key | {"length": 1})
        connection.execute(insert(embed_queue), key)
    held = ExitStack()
    held.enter_context(work_lock(database, f"embed:{student.id}", 60))
    work = EmbedWorker(database, student.id, embedder, index)
    rounds: list[int] = []
    count = pending.count_pending

    def count_and_let_go(*arguments: Any) -> int:
        rounds.append(1)
        if len(rounds) == 6:
            held.close()
        return count(*arguments)

    monkeypatch.setattr(pending, "count_pending", count_and_let_go)
    assert work.flush(60)
    work.stop()
