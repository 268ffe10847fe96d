from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import delete, select

from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import Calibration, StoreEmbedder, choose_embedder
from officehours.memory.embedding.calibration import Scale
from officehours.memory.errors import ConfigError
from officehours.memory.index import (
    EmbedThread,
    EmbedWorker,
    StudentIndex,
    VectorIndex,
    count_pending,
    embed_everything,
    embed_pending,
    forget_items,
    pending,
)
from officehours.memory.index.chunks import PART_TOKENS, count_tokens, item_texts, kept_parts
from officehours.memory.index.pending import blind_languages
from officehours.memory.recall import Sessions
from officehours.memory.store import work_lock
from officehours.memory.store.schema import embed_queue, embedders, messages, vectors
from officehours.memory.types import Message, Scope


class NoSearch:
    def search(self, *_query, **_filters):
        return []


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


@pytest.fixture
def embedder(database) -> Iterator[StoreEmbedder]:
    embedder = choose_embedder(database, "hashing-64")
    yield embedder
    embedder.close()


@pytest.fixture
def index(database, student) -> VectorIndex:
    return StudentIndex(database, student, None)


@pytest.fixture
def indexer(database, student, embedder, index) -> Iterator[EmbedWorker]:
    made = EmbedWorker(database, student.id, embedder, index)
    yield made
    made.stop()


def say(sessions: Sessions, *texts: str) -> list[int]:
    """Hold a conversation of one question and its answer at a time, and give the messages' ids."""
    session = sessions.create("kim")
    ids: list[int] = []
    for question, answer in zip(texts[::2], texts[1::2], strict=True):
        turn, asked = sessions.begin_turn(session, question, "UTC")
        ids += [asked.id, sessions.append(session, turn, Message("assistant", answer)).id]
        sessions.finish_turn(turn, "done")
    return ids


def nearest(index: VectorIndex, embedder: StoreEmbedder, text: str) -> int:
    return index.query(embedder.embed([text], "query")[0], 1, "recall")[0].item_id


def test_what_was_said_is_found_by_its_vectors_once_it_is_embedded(
    database, student, sessions, embedder, index
):
    asked, answered = say(sessions, "DoRA가 뭐예요?", "가중치를 크기와 방향으로 나눕니다.")
    assert count_pending(database, student.id) == 2
    assert embed_pending(database, student.id, embedder)
    assert count_pending(database, student.id) == 0
    assert nearest(index, embedder, "DoRA가 뭔가요") == asked
    assert nearest(index, embedder, "크기와 방향으로 나눕니다") == answered


def one_page(database, student, embedder, **how) -> bool:
    """Embed until the first page is done."""
    stop = threading.Event()
    return embed_pending(database, student.id, embedder, stop=stop, progress=lambda *_: stop.set(), **how)


def test_the_newest_go_first(database, student, sessions, embedder, index):
    ids = say(sessions, *(f"number {at}" for at in range(10)))
    assert not one_page(database, student, embedder, page=4)
    assert set(index.vectors_of("recall", ids)) == set(ids[-4:])
    assert count_pending(database, student.id) == 6


def test_a_course_that_comes_after_a_long_conversation_does_not_wait_for_all_of_it(
    database, student, sessions, embedder, index, clock
):
    ids = say(sessions, *(f"number {at}" for at in range(10)))
    archival = ArchivalMemory(database, student.id, clock, NoSearch())
    for at in range(3):
        archival.insert(f"passage {at}", kind="passage")
    assert not one_page(database, student, embedder, page=4)
    assert set(index.vectors_of("recall", ids)) == set(ids[-2:])
    assert set(index.vectors_of("archival", [1, 2, 3])) == {2, 3}


LONG = "Gradient descent follows the slope of the loss. " * 200


@pytest.mark.parametrize(("rate", "most"), [(1_000, PART_TOKENS), (4_000, 1_000), (1_000_000, 2_048)])
def test_a_question_waits_a_quarter_of_a_second_however_quick_the_embedder_is(
    database, student, sessions, embedder, monkeypatch, rate, most
):
    say(sessions, *([LONG, "기울기를 따라갑니다. " * 200] * 4), *(f"number {at}" for at in range(60)))
    time = 0.0
    seen: list[float] = []
    embed = embedder.embed

    def take_time(texts, kind="text"):
        nonlocal time
        seen.append(sum(map(count_tokens, texts)))
        time += seen[-1] / rate
        return embed(texts, kind)

    monkeypatch.setattr(pending, "perf_counter", lambda: time)
    monkeypatch.setattr(embedder, "embed", take_time)
    assert embed_pending(database, student.id, embedder)
    assert seen[0] <= PART_TOKENS  # before it is known how quick it is
    assert 0.75 * most < max(seen) <= most


def test_a_page_of_long_texts_holds_fewer_of_them(database, student, sessions, embedder):
    told: list[int] = []
    say(sessions, *(LONG for _ in range(6)))
    embed_pending(database, student.id, embedder, progress=lambda done, _: told.append(done))
    assert told == [1, 2, 3, 4, 5, 6]


def test_who_leaves_waits_for_one_piece_and_what_was_done_of_the_page_is_kept(
    database, student, sessions, embedder, index, monkeypatch
):
    ids = say(sessions, "a long one", LONG, "a third one", "the newest")
    stop = threading.Event()
    pieces: list[int] = []
    embed = embedder.embed

    def leave(texts, kind="text"):
        pieces.append(len(texts))
        stop.set()
        return embed(texts, kind)

    monkeypatch.setattr(embedder, "embed", leave)
    assert not embed_pending(database, student.id, embedder, stop=stop)
    assert len(pieces) == 1
    assert set(index.vectors_of("recall", ids)) == {ids[0], *ids[2:]}  # the long one takes several
    monkeypatch.undo()
    assert embed_pending(database, student.id, embedder)
    assert set(index.vectors_of("recall", ids)) == set(ids)


KILLED = """
import sys
from officehours.memory import students
from officehours.memory.embedding import choose_embedder
from officehours.memory.index import embed_pending
from officehours.memory.store import Database
db = Database.open(sys.argv[1])
embedder = choose_embedder(db, "hashing-64")
told = []
def progress(done, total):
    told.append(done)
    if len(told) == 4:
        print("in the middle", flush=True)
        sys.stdin.read()
embed_pending(db, students.get(db, "minji").id, embedder, page=5, progress=progress)
"""


def test_a_process_that_is_killed_in_the_middle_loses_a_page_at_most_and_the_rest_follows(
    store_url, database, student, sessions, embedder, index
):
    ids = say(sessions, *(f"number {at}" for at in range(40)))
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, store_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"in the middle\n"
        child.kill()
    kept = sorted(index.vectors_of("recall", ids))
    assert kept in (ids[-15:], ids[-20:])  # the fourth page was being written
    assert count_pending(database, student.id) == 40 - len(kept)
    done: list[int] = []
    assert embed_pending(database, student.id, embedder, progress=lambda now, _: done.append(now))
    assert done[-1] == 40 - len(kept)  # none twice
    assert sorted(index.vectors_of("recall", ids)) == ids


def test_only_the_beginning_of_a_long_part_is_embedded(database, student, sessions):
    blob, korean = "x1+" * 600, "가" * 900
    said = say(sessions, blob, korean, LONG, "short")
    with database.read() as connection:
        texts = item_texts(connection, student.id, [("recall", item) for item in said])
    assert texts[("recall", said[0])] == [
        blob[:341]
    ]  # a letter is a quarter of a token, a digit and a sign one
    assert texts[("recall", said[1])] == [korean[:365]]
    assert all(200 < count_tokens(part) <= PART_TOKENS for part in texts[("recall", said[2])])
    assert kept_parts("passage", f"A > B\n\n{korean}", "b") == [f"A > B: {korean[:361]}"]


def test_many_pages_are_all_written(database, student, sessions, embedder, index):
    told: list[tuple[int, int]] = []
    ids = say(sessions, *(f"number {at}" for at in range(20)))
    assert embed_pending(database, student.id, embedder, page=3, progress=lambda *done: told.append(done))
    assert set(index.vectors_of("recall", ids)) == set(ids)
    assert [done for done, _ in told] == [3, 6, 9, 12, 15, 18, 20]
    assert told[-1] == (20, 20)


def test_what_is_forgotten_while_it_is_embedded_stays_forgotten(
    database, student, sessions, embedder, index, monkeypatch
):
    gone, kept = say(sessions, "forget me", "keep me")
    embed = embedder.embed

    def forget_meanwhile(texts, kind="text"):
        with database.begin() as connection:
            forget_items(connection, student.id, "recall", [gone])
        return embed(texts, kind)

    monkeypatch.setattr(embedder, "embed", forget_meanwhile)
    assert embed_pending(database, student.id, embedder)
    assert set(index.vectors_of("recall", [gone, kept])) == {kept}


def test_two_at_once_write_each_item_once(database, student, sessions, embedder, monkeypatch):
    say(sessions, *(f"number {at}" for at in range(10)))
    embed = embedder.embed
    both = threading.Barrier(2)

    def together(texts, kind="text"):
        both.wait()
        return embed(texts, kind)

    monkeypatch.setattr(embedder, "embed", together)
    threads = [
        threading.Thread(target=embed_pending, args=(database, student.id, embedder), kwargs={"alone": False})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        numbers = connection.execute(select(vectors.c.seq).order_by(vectors.c.seq)).scalars().all()
    assert numbers == list(range(1, 11))


def test_a_process_that_is_at_it_is_left_to_it(database, student, sessions, embedder):
    say(sessions, "a", "b")
    with work_lock(database, f"embed:{student.id}", 60):
        assert not embed_pending(database, student.id, embedder)
        assert count_pending(database, student.id) == 2
    assert embed_pending(database, student.id, embedder)


def test_a_lock_goes_round_and_runs_out(database):
    with work_lock(database, "work", 60) as first:
        assert first is not None
        assert first.acquire()
        with work_lock(database, "work", 60) as second:
            assert second is None
    with work_lock(database, "work", -1) as dead, work_lock(database, "work", 60) as heir:
        assert dead is not None
        assert heir is not None
        assert not dead.acquire()


def test_a_queue_entry_without_its_row_is_dropped(database, student, sessions, embedder):
    gone, _ = say(sessions, "a", "b")
    with database.begin() as connection:
        connection.execute(delete(messages).where(messages.c.id == gone))
    assert embed_pending(database, student.id, embedder)
    with database.read() as connection:
        assert connection.execute(select(embed_queue)).all() == []


def test_another_students_queue_is_not_touched(database, student, other, sessions, embedder, clock):
    say(Sessions(database, other.id, clock), "not mine", "…")
    assert embed_pending(database, student.id, embedder)
    assert count_pending(database, other.id) == 2


def test_an_answer_is_read_with_the_question_before_it_and_a_passage_under_its_headings(
    database, student, sessions, clock
):
    asked, answered = say(sessions, "무슨 색이 좋아요?", "파란색이요. 바다 같아서요.")
    archival = ArchivalMemory(database, student.id, clock, NoSearch())
    archival.insert("LoRA > 식\n\n하나다. 둘이다. 셋이다.", kind="passage", locator="식", source="a.md")
    archival.insert("시험은 12월이다.", kind="fact")
    items: list[tuple[Scope, int]] = [
        ("recall", asked),
        ("recall", answered),
        ("archival", 1),
        ("archival", 2),
        ("recall", 999),
    ]
    with database.read() as connection:
        texts = item_texts(connection, student.id, items)
    assert texts == {
        ("recall", asked): ["무슨 색이 좋아요?"],
        ("recall", answered): ["무슨 색이 좋아요? 파란색이요. 바다 같아서요.", "파란색이요. 바다 같아서요."],
        ("archival", 1): ["LoRA > 식: 하나다. 둘이다.", "LoRA > 식: 둘이다. 셋이다."],
        ("archival", 2): ["시험은 12월이다."],
    }
    assert kept_parts("note", "a\n\nb", "place") == ["a b"]


def test_languages_that_the_embedder_is_blind_to_are_not_embedded(
    database, student, sessions, embedder, index
):
    blind, seeing = Scale(0, 0.6, 0.1, 0.6), Scale(1, 0.1, 0.1, 0.6)
    assert blind_languages(embedder.row) == set()  # knows none: then there is nothing to tell apart
    with database.begin() as connection:
        connection.execute(embedders.update().values(calibration=Calibration(blind, seeing).to_json()))
    english = choose_embedder(database, "hashing-64")
    assert blind_languages(english.row) == {"ko", "ja", "zh", "other"}
    korean, mixed = say(
        sessions, "안녕하세요, 교수님.", "This is English.\n이것은 한국어 문장입니다.\nEnglish again here."
    )
    assert embed_pending(database, student.id, english)
    found = index.vectors_of("recall", [korean, mixed])
    assert found[korean].size == 0
    assert 0 < len(found[mixed]) < 3
    assert [report.unembedded for report in index.verify()] == [[], []]
    assert [hit.item_id for hit in index.query(english.embed(["English"])[0], 9, "recall")] == [mixed]


def test_the_background_embeds_what_it_is_woken_for(database, student, sessions, indexer, embedder, index):
    indexer.start()
    asked, _ = say(sessions, "첫 질문", "첫 대답")
    indexer.wake()
    assert indexer.flush(30)
    assert nearest(index, embedder, "첫 질문") == asked
    later, _ = say(sessions, "둘째 물음", "둘째 대답")
    assert indexer.flush(30)
    assert nearest(index, embedder, "둘째 물음") == later


def test_with_an_embedder_that_cannot_be_loaded_nothing_is_lost(database, student, sessions, index, tmp_path):
    broken = choose_embedder(database, str(tmp_path))
    indexer = EmbedWorker(database, student.id, broken, index)
    say(sessions, "a", "b")
    assert not indexer.flush(30)
    indexer.stop()
    assert count_pending(database, student.id) == 2
    with pytest.raises(ConfigError, match="reindex --embedder"):
        embed_everything(database, student.id, broken, index)
    # An hour later it can.
    assert embed_pending(database, student.id, choose_embedder(database, "hashing-64"))


def test_stopping_does_not_wait_for_a_model_that_loads(database, student, index):
    may_load = threading.Event()

    class Loading(StoreEmbedder):
        def _load(self) -> int:
            may_load.wait()
            return super()._load()

    embedder = Loading(database, "hashing-8")
    indexer = EmbedWorker(database, student.id, embedder, index)
    indexer.start()
    indexer.stop()
    assert not embedder.ready.is_set()
    may_load.set()
    embedder.wait()
    np.testing.assert_equal(embedder.embed(["x"]).shape, (1, 8))


def test_one_thread_embeds_for_all_and_a_long_backlog_lets_others_in_between_its_pages(
    database, student, other, sessions, embedder, index, clock, monkeypatch
):
    monkeypatch.setattr(
        pending.embed_pending, "__kwdefaults__", pending.embed_pending.__kwdefaults__ | {"page": 4}
    )
    say(sessions, *(f"number {at}" for at in range(40)))
    thread = EmbedThread(embedder)
    long, short = (
        EmbedWorker(database, of.id, embedder, StudentIndex(database, of, None), thread)
        for of in (student, other)
    )
    embed, left = embedder.embed, []

    def come_in_between(texts, kind="text"):
        if not left:
            left.append(count_pending(database, student.id))
            say(Sessions(database, other.id, clock), "mine", "yours")
            short.start()
        return embed(texts, kind)

    monkeypatch.setattr(embedder, "embed", come_in_between)
    take_turn, turns = EmbedWorker.take_turn, []

    def noted(worker: EmbedWorker) -> None:
        turns.append("long" if worker is long else "short")
        take_turn(worker)

    monkeypatch.setattr(EmbedWorker, "take_turn", noted)
    long.start()
    assert long.flush(60)
    assert short.flush(60)
    assert left == [40]
    assert turns[:3] == ["long", "short", "long"]
    assert sum(running.name == "indexer" for running in threading.enumerate()) == 1
    long.stop()
    say(Sessions(database, other.id, clock), "later", "still")
    assert short.flush(60)  # who leaves takes nothing from the others
    short.stop()
    thread.end()
