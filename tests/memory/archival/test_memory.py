from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from officehours.memory.archival.memory import ArchivalMemory
from officehours.memory.archival.records import fingerprint
from officehours.memory.errors import NotFound, ToolError, ToolRetry, UsageError
from officehours.memory.recall.sessions import Sessions
from officehours.memory.store.schema import archival as table
from officehours.memory.store.schema import embed_queue, tombstones
from officehours.memory.types import Message


class NoSearch:
    def __init__(self) -> None:
        self.asked: list[tuple[str, int, dict]] = []

    def search(self, query, k=10, **filters):
        self.asked.append((query, k, filters))
        return []


@pytest.fixture
def archival(database, student, clock) -> ArchivalMemory:
    return ArchivalMemory(database, student.id, clock, NoSearch())


@pytest.fixture
def said(database, student, clock):
    sessions = Sessions(database, student.id, clock)
    session = sessions.create("kim")

    def say(text: str, reply: str = "네") -> tuple[int, int]:
        turn, asked = sessions.begin_turn(session, text, "Asia/Seoul")
        answer = sessions.append(session, turn, Message("assistant", reply))
        sessions.finish_turn(turn, "done")
        return asked.id, answer.id

    return say


def current(archival: ArchivalMemory) -> list[str]:
    return [kept.text for kept in archival.list()]


def test_a_fact_is_kept_with_the_words_and_the_time_it_rests_on(archival, said, clock):
    asked, _ = said("제 기말시험은 12월 12일이에요")
    said_at = clock()
    clock.forward(days=3)
    made = archival.insert(
        "기말시험은 12월 12일",
        kind="fact",
        subject=" Exam:Final ",
        quote="기말시험은  12월 12일",
        message_id=f"m{asked}",
        tags=["exam"],
    )
    kept = archival.details(made.id)
    assert (made.status, made.of) == ("stored", None)
    assert (kept.kind, kept.subject, kept.message_id, kept.tags) == ("fact", "exam:final", asked, ("exam",))
    assert kept.time == kept.valid_from == said_at
    assert (kept.zone, kept.trust, kept.valid_to) == ("Asia/Seoul", "student", None)
    hit = archival.get(made.id)
    assert (hit.id, hit.source, hit.kind, hit.text) == (made.id, "archival", "fact", "기말시험은 12월 12일")


def test_a_source_keeps_its_place(archival):
    made = archival.insert(
        "DoRA …",
        kind="passage",
        trust="course",
        source="08-dora.md",
        locator="dora",
        external_id="08-dora.md#dora",
    )
    hit = archival.get(made.id)
    assert (hit.origin, hit.locator, hit.external_id, hit.role) == (
        "08-dora.md",
        "dora",
        "08-dora.md#dora",
        "source",
    )


@pytest.mark.parametrize(
    "again",
    [
        "시험 범위는 고유값 분해",
        "  시험 범위는 고유값 분해.",
        "시험 범위는 고유값분해!",
        "시험범위가 고유값 분해",
    ],
)
def test_what_says_the_same_is_known_and_not_stored_twice(archival, again):
    first = archival.insert("시험 범위는 고유값 분해")
    second = archival.insert(again)
    assert (second.status, second.id, second.of) == ("known", first.id, first.id)
    assert current(archival) == ["시험 범위는 고유값 분해"]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("시험은 12월 12일", "시험은 12월 13일"),
        ("DoRA를 이해했다", "DoRA를 이해하고 싶다"),
        ("DoRA를 이해했다", "DoRA를 이해하지 못했다"),
        ("The student likes maths", "The student does not like maths"),
        ("He teaches her", "She teaches him"),
        ("x = 3", "x = -3"),
        ("learns C", "learns C++"),
        ("version 1.5", "version 15"),
        ("a part", "apart"),
        ("!!", "??"),
    ],
)
def test_what_only_looks_alike_is_not_known(one, another):
    assert fingerprint(one) != fingerprint(another)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("The exam is on 12 December.", "exam is on 12 december"),
        ("고유값은 λ이다", "고유값은 λ이다."),
        ("ＰＣＡ", "pca"),
        ("고유값", "고유값"),
    ],
)
def test_case_width_and_punctuation_make_no_difference(one, another):
    assert fingerprint(one) == fingerprint(another)


def test_a_newer_statement_on_a_subject_supersedes_the_older(archival, clock):
    first = archival.insert("기말시험은 12월 12일", kind="fact", subject="exam:final")
    then = clock()
    clock.forward(days=2)
    second = archival.insert("기말시험은 12월 15일", kind="fact", subject="exam:final")
    assert (second.status, second.of) == ("superseded", first.id)
    assert current(archival) == ["기말시험은 12월 15일"]
    old = archival.details(first.id)
    assert (old.valid_to, old.superseded_by) == (clock(), second.id)
    with pytest.raises(NotFound, match=second.id):
        archival.get(first.id)
    assert [k.text for k in archival.list(as_of=then + timedelta(days=1))] == ["기말시험은 12월 12일"]
    assert [k.text for k in archival.list(as_of=clock())] == ["기말시험은 12월 15일"]
    assert archival.list(as_of=then - timedelta(days=1)) == []
    assert [k.id for k in archival.list(superseded=True)] == [first.id, second.id]


def test_news_of_the_past_takes_its_place_in_time(archival, clock):
    days = {n: clock() + timedelta(days=n) for n in range(6)}
    held = {}
    for day in (4, 0, 2):
        held[day] = archival.insert(f"lives in city {day}", kind="fact", subject="home", time=days[day]).id
    assert current(archival) == ["lives in city 4"]
    for day, expected in {0: 0, 1: 0, 2: 2, 3: 2, 4: 4, 5: 4}.items():
        assert [k.text for k in archival.list(as_of=days[day])] == [f"lives in city {expected}"]
    assert [k.id for k in archival.history(held[2])] == [held[0], held[2], held[4]]


def test_a_fact_that_becomes_true_again_is_stored_again(archival, clock):
    archival.insert("lives in Seoul", kind="fact", subject="home")
    clock.forward(days=1)
    archival.insert("lives in Busan", kind="fact", subject="home")
    clock.forward(days=1)
    assert archival.insert("lives in Seoul", kind="fact", subject="home").status == "superseded"
    assert current(archival) == ["lives in Seoul"]


def test_facts_on_different_subjects_live_side_by_side(archival):
    archival.insert("clear now", kind="fact", subject="topic:relu")
    assert archival.insert("clear now", kind="fact", subject="topic:dora").status == "stored"
    assert [k.subject for k in archival.list(subject="topic:")] == ["topic:relu", "topic:dora"]
    assert [k.subject for k in archival.list(subject="Topic:ReLU")] == ["topic:relu"]
    assert archival.list("note") == []


def test_an_update_supersedes_what_it_names(archival, clock):
    first = archival.insert("민지는 2학년", kind="fact", subject="year", tags=["t"])
    clock.forward(days=1)
    second = archival.update(first.id, "민지는 3학년")
    assert (second.status, second.of) == ("superseded", first.id)
    kept = archival.details(second.id)
    assert (kept.kind, kept.subject, kept.tags, kept.valid_from) == ("fact", "year", ("t",), clock())
    assert archival.update(second.id, "민지는 3학년").status == "known"
    with pytest.raises(ToolRetry, match=second.id):
        archival.update(first.id, "민지는 4학년")
    assert current(archival) == ["민지는 3학년"]


def test_an_external_id_says_what_is_the_same_thing(archival, database, clock):
    first = archival.insert("old text", kind="passage", external_id="f#1")
    assert archival.insert("old text", kind="passage", external_id="f#1").status == "known"
    assert archival.insert("old text", kind="passage", external_id="f#2").status == "stored"
    clock.forward(days=1)
    changed = archival.insert("new text", kind="passage", external_id="f#1")
    assert (changed.status, changed.of) == ("superseded", first.id)
    assert archival.get(changed.id).external_id == "f#1"
    assert sorted(current(archival)) == ["new text", "old text"]


def test_a_note_is_not_swallowed_by_a_passage_of_the_same_words(archival):
    archival.insert("RAG retrieves first", kind="passage", trust="course")
    assert archival.insert("RAG retrieves first", kind="note").status == "stored"


def test_better_trust_takes_over_what_was_known(archival):
    guessed = archival.insert("민지는 3학년", trust="model")
    assert archival.insert("민지는 3학년", trust="web").status == "known"
    told = archival.insert("민지는 3학년", trust="student")
    assert (told.status, told.of) == ("superseded", guessed.id)
    assert archival.insert("민지는 3학년", trust="model").status == "known"


def test_a_web_page_never_takes_the_place_of_the_students_word(archival):
    mine = archival.insert("exam on 12 Dec", kind="fact", subject="exam")
    for attack in (
        lambda: archival.insert("exam is cancelled", kind="fact", subject="exam", trust="web"),
        lambda: archival.update(mine.id, "exam is cancelled", trust="web"),
    ):
        with pytest.raises(ToolError):
            attack()
    assert current(archival) == ["exam on 12 Dec"]


def test_a_quote_must_be_in_the_message_and_the_message_the_students(archival, said):
    asked, answer = said("I like proofs", reply="You like proofs!")
    with pytest.raises(ToolRetry, match="does not hold"):
        archival.insert("likes cats", quote="I like cats", message_id=asked)
    with pytest.raises(NotFound):
        archival.insert("likes proofs", message_id=answer + 1000)
    echoed = archival.insert("likes proofs", quote="like proofs", message_id=answer, trust="student")
    assert archival.details(echoed.id).trust == "model"
    assert current(archival) == ["likes proofs"]


@pytest.mark.parametrize("nothing", ["", "  \n", "\0"])
def test_an_empty_text_is_refused(archival, nothing):
    made = archival.insert("something")
    with pytest.raises(ToolRetry):
        archival.insert(nothing)
    with pytest.raises(ToolRetry):
        archival.update(made.id, nothing)


def test_forgetting_leaves_nothing_and_brings_nothing_back(archival, database, clock):
    first = archival.insert("lives in Seoul", kind="fact", subject="home")
    clock.forward(days=1)
    second = archival.insert("lives in Busan", kind="fact", subject="home")
    archival.forget(second.id)
    assert current(archival) == []
    with pytest.raises(NotFound):
        archival.details(second.id)
    with database.read() as connection:
        assert list(connection.scalars(select(embed_queue.c.item_id))) == [int(first.id[1:])]
        assert connection.scalar(select(func.count()).select_from(tombstones)) == 0
    assert archival.insert("lives in Jeju", kind="fact", subject="home").status == "stored"


def test_one_students_memory_is_closed_to_another(archival, database, other, clock, said):
    asked, _ = said("I like proofs")
    mine = archival.insert("secret", kind="fact", subject="s", external_id="e1")
    theirs = ArchivalMemory(database, other.id, clock, NoSearch())
    for reach in (
        lambda: theirs.get(mine.id),
        lambda: theirs.details(mine.id),
        lambda: theirs.history(mine.id),
        lambda: theirs.update(mine.id, "x"),
        lambda: theirs.forget(mine.id),
        lambda: theirs.insert("x", message_id=asked),
    ):
        with pytest.raises(NotFound):
            reach()
    assert theirs.list(superseded=True) == []
    assert theirs.insert("secret", kind="fact", subject="s").status == "stored"
    assert theirs.insert("secret", external_id="e1").status == "stored"
    assert current(archival) == ["secret"]


def test_ids_of_the_wrong_kind_are_refused(archival):
    with pytest.raises(UsageError):
        archival.get("m1")


def test_the_same_insert_from_many_threads_is_stored_once(archival, database):
    threads = [threading.Thread(target=archival.insert, args=("the same",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_a_search_is_handed_on_with_its_filters(database, student, clock):
    search = NoSearch()
    archival = ArchivalMemory(database, student.id, clock, search)
    assert archival.search("q", 3, kinds=["fact"], as_of=clock(), exclude=frozenset({"a1"})) == []
    query, k, filters = search.asked[0]
    assert (query, k) == ("q", 3)
    assert (filters["kinds"], filters["as_of"], filters["exclude"]) == (["fact"], clock(), frozenset({"a1"}))
