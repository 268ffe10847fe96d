from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from officehours.memory.archival import ArchivalMemory
from officehours.memory.archival.records import fingerprint
from officehours.memory.errors import NotFound, ToolError, ToolRetry, UsageError
from officehours.memory.facts import Kind, StatedFact, extract_facts, render_fact, subject_of
from officehours.memory.recall import Sessions
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


def named(clock, kind: Kind, value: str, **more) -> dict:
    fact = StatedFact(kind, subject_of(kind, value), value, "", clock(), "UTC", **more)
    return {"kind": "fact", "fact": fact, "subject": fact.subject}


def test_a_newer_fact_of_which_only_one_can_hold_supersedes_the_older(archival, clock):
    first = archival.insert(
        "기말시험은 12월 12일", **named(clock, "exam", "기말시험", day=date(2026, 12, 12))
    )
    then = clock()
    clock.forward(days=2)
    second = archival.insert(
        "기말시험은 12월 15일", **named(clock, "exam", "기말시험", day=date(2026, 12, 15))
    )
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
        made = archival.insert(f"school {day}", time=days[day], **named(clock, "school", f"school {day}"))
        held[day] = made.id
    assert current(archival) == ["school 4"]
    for day, expected in {0: 0, 1: 0, 2: 2, 3: 2, 4: 4, 5: 4}.items():
        assert [k.text for k in archival.list(as_of=days[day])] == [f"school {expected}"]
    assert [k.id for k in archival.history(held[2])] == [held[0], held[2], held[4]]


def test_a_fact_that_becomes_true_again_is_stored_again(archival, clock):
    for name in ("Mina", "Sarah", "Mina"):
        made = archival.insert(f"the name is {name}", **named(clock, "name", name))
        clock.forward(days=1)
    assert made.status == "superseded"
    assert current(archival) == ["the name is Mina"]


def test_of_what_a_person_may_have_several_a_newer_one_ends_none(archival, clock):
    archival.insert("allergic to peanuts", kind="fact", subject="allergy")
    clock.forward(days=1)
    assert archival.insert("allergic to shrimp", kind="fact", subject="allergy").status == "stored"
    assert current(archival) == ["allergic to peanuts", "allergic to shrimp"]


def test_a_correction_in_the_students_words_ends_the_one_that_is_known_on_the_subject(archival, clock):
    first = archival.insert("the advisor is Adams", kind="fact", subject="advisor")
    clock.forward(days=1)
    second = archival.insert("the advisor is Baker", kind="fact", subject="advisor", corrects=True)
    assert (second.status, second.of) == ("superseded", first.id)
    assert current(archival) == ["the advisor is Baker"]


def test_a_correction_that_may_mean_several_ends_none(archival, clock):
    for room in ("302", "415"):
        archival.insert(f"a class is in {room}", kind="fact", subject="class")
    clock.forward(days=1)
    assert (
        archival.insert("a class is in 500", kind="fact", subject="class", corrects=True).status == "stored"
    )
    assert len(current(archival)) == 3


def test_a_models_guess_does_not_end_what_the_student_said(archival, clock):
    archival.insert("majors in maths", trust="student", **named(clock, "major", "maths"))
    clock.forward(days=1)
    archival.insert("majors in physics", trust="model", **named(clock, "major", "physics"))
    assert current(archival) == ["majors in maths", "majors in physics"]


def test_what_was_ended_in_the_same_words_ends_too_and_nothing_else(archival, said, clock):
    (fact,) = extract_facts("기말고사는 12월 3일이에요", clock(), "Asia/Seoul")
    one, _ = said("기말고사는 12월 3일이에요")
    archival.insert(
        "기말고사는 12월 3일이에요", kind="fact", quote="기말고사는 12월 3일이에요", message_id=one
    )
    archival.insert("시험 전에는 늘 긴장한다", quote="기말고사는", message_id=one)
    archival.insert_fact(fact, one, "ko", clock())
    clock.forward(days=1)
    (moved,) = extract_facts("기말고사가 12월 8일로 바뀌었어요", clock(), "Asia/Seoul")
    two, _ = said("기말고사가 12월 8일로 바뀌었어요")
    archival.insert_fact(moved, two, "ko", clock())
    assert current(archival) == ["시험 전에는 늘 긴장한다", "기말고사는 2026년 12월 8일입니다."]


def test_a_sentence_that_says_more_than_the_fact_outlives_it(archival, said, clock):
    both = "기말고사는 12월 3일이고 땅콩 알레르기가 있어요"
    one, _ = said(both)
    archival.insert(both, kind="fact", quote=both, message_id=one)
    for fact in extract_facts(both, clock(), "Asia/Seoul"):
        archival.insert_fact(fact, one, "ko", clock())
    clock.forward(days=1)
    two, _ = said("기말고사가 12월 8일로 바뀌었어요")
    for fact in extract_facts("기말고사가 12월 8일로 바뀌었어요", clock(), "Asia/Seoul"):
        archival.insert_fact(fact, two, "ko", clock())
    assert current(archival) == [both, "기말고사는 2026년 12월 8일입니다."]


def test_a_fact_is_kept_as_values_and_read_as_values(archival, said, clock):
    words = "발표는 다음 주예요. 역전파는 이제 안 헷갈려요. 시험이 3주 남았어요. 제 이름은 민지예요."
    message, _ = said(words)
    stated = extract_facts(words, clock(), "Asia/Seoul")
    assert len(stated) >= 3
    for fact in stated:
        archival.insert_fact(fact, message, "en", clock())
    kept = [
        replace(item.fact, change=fact.change) for item, fact in zip(archival.list(), stated, strict=True)
    ]
    assert kept == stated
    assert [item.text for item in archival.list()] == [render_fact(fact, "en") for fact in stated]


def test_new_words_for_a_fact_are_read_as_its_new_values(archival, said, clock):
    message, _ = said("기말고사는 12월 3일이에요")
    (fact,) = extract_facts("기말고사는 12월 3일이에요", clock(), "Asia/Seoul")
    first = archival.insert_fact(fact, message, "ko", clock())
    clock.forward(days=1)
    edited = archival.update(first.id, "기말고사는 2026년 12월 9일입니다.")
    now = archival.details(edited.id)
    assert (now.subject, now.fact.kind, now.fact.day) == ("exam:final", "exam", date(2026, 12, 9))
    loose = archival.update(edited.id, "The student will tell when it is.")
    assert archival.details(loose.id).fact is None


def test_a_models_sentence_that_is_updated_takes_the_fact_of_the_same_words_along(archival, said, clock):
    words = "기말고사는 12월 3일이고 땅콩 알레르기가 있어요"
    message, _ = said(words)
    sentence = archival.insert(words, kind="fact", quote=words, message_id=message)
    for fact in extract_facts(words, clock(), "Asia/Seoul"):
        archival.insert_fact(fact, message, "ko", clock())
    clock.forward(days=1)
    new = archival.update(sentence.id, "기말고사는 12월 9일이고 땅콩 알레르기가 있어요")
    (kept,) = archival.list()
    assert (kept.id, kept.subject, kept.fact.day) == (new.id, "exam:final", date(2026, 12, 9))
    assert [old.id for old in archival.superseded_by(new.id)] == ["a1", "a2"]


def test_what_an_undone_turn_taught_holds_no_more_and_what_it_ended_holds_again(archival, said, clock):
    taught = {}
    for day in (3, 5, 8):
        words = f"기말고사는 12월 {day}일이에요"
        message, answer = said(words)
        (fact,) = extract_facts(words, clock(), "Asia/Seoul")
        taught[day] = (message, answer, archival.insert_fact(fact, message, "ko", clock()).id)
        clock.forward(days=1)
    message, answer, middle = taught[5]
    archival.retract({message, answer})
    assert current(archival) == ["기말고사는 2026년 12월 8일입니다."]
    assert archival.details(taught[3][2]).superseded_by == taught[8][2]
    assert archival.list(as_of=archival.details(middle).time) == [archival.details(taught[3][2])]
    archival.retract(set(taught[8][:2]))
    assert current(archival) == ["기말고사는 2026년 12월 3일입니다."]
    assert len(archival.list(superseded=True)) == 3


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


def test_a_web_page_never_takes_the_place_of_the_students_word(archival, clock):
    mine = archival.insert("exam on 12 Dec", **named(clock, "exam", "final"))
    off = named(clock, "exam", "final", polarity="cancelled")
    for attack in (
        lambda: archival.insert("exam is cancelled", trust="web", **off),
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
    second = archival.update(first.id, "lives in Busan")
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
