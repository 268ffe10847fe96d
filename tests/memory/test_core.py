from __future__ import annotations

import threading

import pytest

from officehours.memory.core import BLOCKS, CoreMemory
from officehours.memory.errors import ToolRetry
from officehours.memory.recall import Sessions


@pytest.fixture
def core(database, student, clock) -> CoreMemory:
    return CoreMemory(database, student.id, clock)


def test_every_student_has_three_empty_blocks(core):
    blocks = core.blocks()
    assert [(b.label, b.value, b.limit, b.version) for b in blocks.values()] == [
        ("persona", "", 400, 0),
        ("student", "", 1200, 0),
        ("progress", "", 1200, 0),
    ]


def test_lines_are_added_and_every_version_is_kept(core, clock):
    first = core.append("student", " 이름은 민지 ")
    clock.forward(days=1)
    second = core.append("student", "exam on 12 Dec")
    assert core.blocks()["student"] == second
    assert second.value == "이름은 민지\nexam on 12 Dec"
    assert core.history("student") == [second, first]
    assert (second.time - first.time).days == 1
    assert core.history("progress") == []


def test_a_block_is_trusted_as_little_as_the_least_of_its_lines(core, database, student):
    with database.begin():
        asked = Sessions(database, student.id, core._clock)
        _, said = asked.begin_turn(asked.create("x"), "Hello.", "UTC")
    core.append("student", "exam on 12 Dec")
    assert core.append("student", "likes cats", said.id, trust="web").trust == "web"
    assert core.append("student", "likes dogs").trust == "web"
    core.retract([said.id])
    assert core.append("student", "has a cat").trust == "web"  # a line that came after cannot be told apart
    assert core.set("student", "exam on 12 Dec").trust == "student"
    core.append("student", "likes rats", said.id, trust="course")
    core.retract([said.id])
    assert core.blocks()["student"].trust == "student"
    assert core.blocks()["persona"].trust == "student"


def test_a_line_that_is_there_already_is_not_added_again(core):
    first = core.append("student", "이름은 민지")
    assert core.append("student", "이름은 민지 ") == first
    assert core.append("student", "민지").version == 2


def test_text_is_replaced_and_an_empty_text_deletes(core):
    core.set("progress", "ReLU: unclear\nDoRA: clear")
    assert core.replace("progress", "unclear", "understood").value == "ReLU: understood\nDoRA: clear"
    assert core.replace("progress", "ReLU: understood", "").value == "DoRA: clear"
    assert core.replace("progress", "DoRA", "DoRA").version == 3


@pytest.mark.parametrize(
    ("old", "said"),
    [("LoRA", "is not in the block"), ("c", "stands 3 times"), ("  ", "is empty")],
)
def test_a_replacement_that_fits_nothing_tells_what_is_there(core, old, said):
    core.set("progress", "ReLU: clear since c")
    with pytest.raises(ToolRetry, match=said):
        core.replace("progress", old, "x")
    if old.strip():
        with pytest.raises(ToolRetry) as caught:
            core.replace("progress", old, "x")
        assert "ReLU: clear since c" in caught.value.en
        assert "ReLU: clear since c" in caught.value.ko
    assert core.blocks()["progress"].version == 1


def test_replacing_in_an_empty_block_points_to_append(core):
    with pytest.raises(ToolRetry, match="core_memory_append"):
        core.replace("student", "x", "y")


@pytest.mark.parametrize("label", list(BLOCKS))
def test_a_block_never_grows_past_its_limit(core, label):
    limit = BLOCKS[label].limit
    full = core.set(label, "가" * limit)
    for edit in (
        lambda: core.append(label, "나"),
        lambda: core.set(label, "가" * (limit + 1)),
        lambda: core.replace(label, "가" * limit, "가" * (limit + 1)),
    ):
        with pytest.raises(ToolRetry) as caught:
            edit()
        for text in (caught.value.en, caught.value.ko):
            assert str(limit) in text
            assert "archival_memory_insert" in text
    assert core.blocks()[label] == full


def test_an_unknown_block_is_answered_with_the_blocks_there_are(core):
    for edit in (lambda: core.append("human", "x"), lambda: core.history("human"), lambda: core.set("", "x")):
        with pytest.raises(ToolRetry, match="persona, student, progress"):
            edit()


def test_decomposed_hangul_is_found_in_composed_text(core):
    core.set("student", "고유값")
    assert core.replace("student", "고유값", "행렬식").value == "행렬식"


def test_blocks_belong_to_one_student(core, database, other, clock):
    core.append("student", "mine")
    theirs = CoreMemory(database, other.id, clock)
    assert theirs.blocks()["student"].value == ""
    assert theirs.history("student") == []
    theirs.append("student", "theirs")
    assert core.blocks()["student"].value == "mine"


def test_edits_at_the_same_time_all_count(core):
    threads = [threading.Thread(target=core.append, args=("student", f"line {n}")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(core.blocks()["student"].value.split("\n")) == sorted(f"line {n}" for n in range(12))
    assert [b.version for b in core.history("student")] == list(range(12, 0, -1))
