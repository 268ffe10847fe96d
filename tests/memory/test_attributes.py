from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from officehours.bench.facts import lost, pairs, run
from officehours.memory.archival.memory import ArchivalMemory
from officehours.memory.attributes import attribute_of
from officehours.memory.recall.sessions import Sessions
from officehours.memory.slots import same_slot

WHEN = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


class NoSearch:
    def search(self, *_query, **_filters):
        return []


@pytest.fixture
def archival(database, student, clock) -> ArchivalMemory:
    return ArchivalMemory(database, student.id, clock, NoSearch())


def test_the_current_fact_comes_first_and_the_old_one_is_absent(tmp_path: Path):
    found = list(run(pairs(), tmp_path / "home"))
    assert len(found) >= 120
    for language in ("ko", "en"):
        some = [outcome for outcome in found if outcome.pair.group.startswith(language)]
        misses = [o.pair.question for o in some if not (o.current_first and o.old_absent)]
        assert len(misses) <= 0.05 * len(some) + 1, misses
    assert sum(o.current_first and o.old_absent for o in found) >= 0.95 * len(found)
    assert sum(o.past_answers for o in found) >= 0.95 * len(found)


@pytest.mark.parametrize(("name", "both"), [("facts_unseen.txt", 0.9), ("facts_last.txt", 0.6)])
def test_so_it_is_mostly_with_pairs_that_the_rules_were_not_made_for(tmp_path: Path, name: str, both: float):
    found = list(run(pairs(name), tmp_path / "home"))
    assert len(found) >= 24
    assert sum(o.current_first for o in found) >= 0.9 * len(found)
    assert sum(o.current_first and o.old_absent for o in found) >= both * len(found)
    assert sum(o.past_answers for o in found) >= 0.95 * len(found)


def test_of_two_statements_that_both_hold_neither_ends_the_other(tmp_path: Path):
    assert lost(tmp_path / "home") == []


@pytest.mark.parametrize(
    "text",
    [
        "ReLU는 활성화 함수예요",
        "고유값은 중요한 개념이에요",
        "제 친구는 민수예요",
        "제 질문은 이거예요",
        "제 모델은 과적합이에요",
        "비유는 요리로 설명하면 좋다",
        "저는 수학을 배워요",
        "제 은행이 어디예요?",
        "My friend is Tom",
        "I like cats",
        "My model is overfitting",
        "My question is about LoRA",
        "I use NumPy",
        "Overfitting is when a model memorizes",
        "Where do I live?",
    ],
)
def test_what_may_have_many_values_or_is_of_the_world_is_no_attribute(text: str):
    assert attribute_of(text, WHEN, "Asia/Seoul") is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("제 주소는 마포구예요", "강남구로 이사했어요"),
        ("학생은 부산에 산다", "저는 대전에 살아요"),
        ("I live in Leeds", "The student moved to York"),
        ("My address is 1 Oak St.", "I live at 2 Elm St."),
        ("기말시험은 12월 3일이에요", "기말시험이 12월 8일로 바뀌었어요"),
    ],
)
def test_different_words_for_one_attribute_give_one_key(first: str, second: str):
    key = attribute_of(first, WHEN, "Asia/Seoul")
    assert key is not None
    assert key == attribute_of(second, WHEN, "Asia/Seoul")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("I drive a Honda", "I drive a Toyota now", True),
        ("I drive a Honda", "I drive a Toyota", False),
        ("커피를 하루에 세 잔 마셔요", "커피를 하루에 한 잔 마셔요", True),
        ("I like cats", "I like dogs now", False),
        ("저는 행렬식이 헷갈려요", "저는 이제 고유값이 헷갈려요", False),
        ("I work at Amazon", "I work out at the pool now", False),
        ("I eat meat", "I eat meat", False),
    ],
)
def test_a_statement_is_a_newer_version_only_if_it_says_so(old: str, new: str, same: bool):
    assert same_slot(old, new) is same


def test_a_models_sentence_and_the_rules_reading_of_one_message_stand_side_by_side(
    database, student, clock, archival
):
    sessions = Sessions(database, student.id, clock)
    session = sessions.create("kim")
    _, first = sessions.begin_turn(session, "기말시험은 12월 3일 10시 공학관이에요", "Asia/Seoul")
    raw = archival.insert(
        "기말시험은 12월 3일 10시 공학관이에요", message_id=first.id, quote="기말시험은 12월 3일"
    )
    rule = archival.insert(
        "기말시험은 2026년 12월 3일입니다.", kind="fact", subject="exam:final", message_id=first.id
    )
    assert rule.status == "stored"
    assert len(archival.list()) == 2
    clock.forward(days=1)
    _, second = sessions.begin_turn(session, "기말시험이 12월 8일로 바뀌었어요", "Asia/Seoul")
    archival.insert(
        "기말시험은 2026년 12월 8일입니다.", kind="fact", subject="exam:final", message_id=second.id
    )
    assert [kept.text for kept in archival.list()] == ["기말시험은 2026년 12월 8일입니다."]
    held = {kept.text for kept in archival.list(as_of=first.time)}
    assert held == {"기말시험은 12월 3일 10시 공학관이에요", "기말시험은 2026년 12월 3일입니다."}
    assert archival.details(raw.id).superseded_by is not None


def test_a_models_guess_does_not_end_what_the_student_said(archival, clock):
    said = archival.insert("제 은행은 국민은행이에요", trust="student")
    clock.forward(days=1)
    archival.insert("학생의 은행은 신한은행이다", trust="model")
    assert archival.details(said.id).valid_to is None
    clock.forward(days=1)
    archival.insert("은행을 신한은행으로 바꿨어요", trust="student")
    assert [kept.text for kept in archival.list()] == ["은행을 신한은행으로 바꿨어요"]


def test_course_passages_and_imported_notes_never_supersede_by_their_words(archival, clock):
    archival.insert("My bank is Chase", trust="imported", external_id="1")
    archival.insert("My bank is Citibank", trust="imported", external_id="2")
    archival.insert("My bank is Chase", kind="passage", trust="course", source="bank.md")
    archival.insert("My bank is Citi", kind="passage", trust="course", source="bank.md")
    assert len(archival.list()) == 4


def test_old_news_told_late_does_not_replace_what_holds(archival, clock):
    archival.insert("I live in York", time=WHEN)
    archival.insert("I live in Leeds", time=WHEN - timedelta(days=400))
    assert [kept.text for kept in archival.list()] == ["I live in York"]
    assert [kept.text for kept in archival.list(as_of=WHEN - timedelta(days=100))] == ["I live in Leeds"]
