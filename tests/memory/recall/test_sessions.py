from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import select

from officehours.memory.errors import NotFound, UsageError
from officehours.memory.recall import BrokenRule, Session, Sessions, Turn
from officehours.memory.store import Database
from officehours.memory.store.schema import embed_queue
from officehours.memory.types import Message, StoredMessage, Student, ToolCall

ZONE = "Asia/Seoul"


@pytest.fixture
def sessions(database: Database, student: Student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


def exchange(sessions: Sessions, session: Session, asked: str, answer: str) -> tuple[Turn, StoredMessage]:
    turn, message = sessions.begin_turn(session, asked, ZONE)
    sessions.append(session, turn, Message("assistant", answer))
    sessions.finish_turn(turn, "done")
    return turn, message


def texts(log: list[StoredMessage]) -> list[str]:
    return [m.message.content for m in log]


def queued(database: Database) -> set[int]:
    with database.read() as connection:
        return set(connection.scalars(select(embed_queue.c.item_id)))


def test_a_turn_is_kept_word_for_word_with_its_times_and_zone(sessions, clock):
    session = sessions.create("kim")
    turn, asked = sessions.begin_turn(
        session, "  고유값이 뭐예요?\n\tλ  ", ZONE, context_note="(21 Nov, 12:00)"
    )
    clock.forward(seconds=3)
    call = ToolCall("c1", "conversation_search", '{"query":"고유값"}')
    sessions.append(session, turn, Message("assistant", "", (call,)))
    sessions.append(session, turn, Message("tool", "the whole", tool_call_id="c1", name="x"))
    sessions.append(session, turn, Message("assistant", "행렬이 방향을 바꾸지 않"), state="partial")
    sessions.finish_turn(turn, "interrupted")

    log = sessions.log(session)
    assert [m.seq for m in log] == [1, 2, 3, 4]
    assert log[0] == asked
    assert log[0].message.content == "  고유값이 뭐예요?\n\tλ  "
    assert log[0].context_note == "(21 Nov, 12:00)"
    assert log[1].message.tool_calls == (call,)
    assert (log[2].message.tool_call_id, log[2].message.content) == ("c1", "the whole")
    assert log[3].state == "partial"
    assert (log[3].time - log[0].time).total_seconds() == 3
    assert log[3].time.utcoffset().total_seconds() == 0
    assert {m.zone for m in log} == {ZONE}


def test_what_is_stored_is_what_append_hands_back(sessions):
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "hi", ZONE)
    noise = Message("assistant", "a\0b\ud83d!", (ToolCall("c\0", "t\ud800", '{"a":"\0"}'),))
    stored = sessions.append(session, turn, noise)
    assert stored.message.content == "ab\N{REPLACEMENT CHARACTER}!"
    assert sessions.log(session, 2) == [stored]


def test_only_words_of_the_student_and_the_professor_are_queued_for_search(sessions, database):
    session = sessions.create("kim")
    turn, asked = sessions.begin_turn(session, "ReLU?", ZONE)
    sessions.append(session, turn, Message("assistant", "", (ToolCall("c", "t", "{}"),)))
    sessions.append(session, turn, Message("tool", "found", tool_call_id="c"))
    answer = sessions.append(session, turn, Message("assistant", "max(0, x)"))
    assert queued(database) == {asked.id, answer.id}


def test_the_latest_conversation_is_the_one_spoken_in_last_and_never_an_import(sessions, clock):
    assert sessions.latest() is None
    first, second = sessions.create("kim"), sessions.create("kim")
    clock.forward(minutes=1)
    exchange(sessions, first, "a", "b")
    clock.forward(minutes=1)
    sessions.create("", origin="import")
    assert sessions.latest().id == first.id
    assert [s.id for s in sessions.list() if s.origin == "chat"] == [first.id, second.id]
    assert sessions.get(first.public_id) == sessions.latest()


@pytest.mark.parametrize("wrong", ["s999", 999, "m1", "", "s", "s1; drop table"])
def test_an_id_that_is_none_is_said_to_be_none(sessions, wrong):
    with pytest.raises(UsageError) as caught:
        sessions.get(wrong)
    assert caught.value.say("ko") != caught.value.say("en")


def test_one_student_reaches_nothing_of_another(sessions, database, other, clock):
    mine = sessions.create("kim")
    turn, asked = exchange(sessions, mine, "secret of mine", "answer")
    theirs = Sessions(database, other.id, clock)
    with pytest.raises(NotFound):
        theirs.get(mine.public_id)
    with pytest.raises(NotFound):
        theirs.begin_turn(mine, "x", ZONE)
    with pytest.raises(NotFound):
        theirs.append(mine, turn, Message("assistant", "x"))
    with pytest.raises(NotFound):
        theirs.fork(mine)
    with pytest.raises(NotFound):
        theirs.open_view(mine, "start", system="", tools=[])
    with pytest.raises(UsageError):
        theirs.attach_note(asked, "x")
    with pytest.raises(NotFound):
        theirs.set_mode(mine, "exam")
    rule = BrokenRule("polite_korean", hard=True, mended=False)
    sessions.finish_turn(turn, "done", broken=[rule])
    sessions.open_view(mine, "start", system="", tools=[], mode="exam")
    theirs.finish_turn(turn, "failed", broken=[])
    assert sessions.broken_rules(mine) == {turn.id: (rule,)}
    assert [mode for _, mode in sessions.modes(mine)] == ["exam"]
    assert (theirs.broken_rules(mine), theirs.modes(mine)) == ({}, [])
    assert theirs.log(mine) == []
    assert theirs.view(mine) is None
    assert theirs.unanswered(mine) is None
    assert theirs.undo(mine) is None
    assert theirs.list() == []
    assert sessions.undo(mine)[0].id == turn.id


def test_what_stands_beside_a_message_is_fixed_once_there_is_a_reply(sessions):
    session = sessions.create("kim")
    turn, asked = sessions.begin_turn(session, "hi", ZONE)
    changed = sessions.attach_note(asked, "12:00")
    assert sessions.log(session) == [changed]
    assert (changed.message.content, changed.context_note) == ("hi", "12:00")
    sessions.append(session, turn, Message("assistant", "hello"))
    with pytest.raises(UsageError):
        sessions.attach_note(changed, "13:00")
    assert sessions.log(session)[0] == changed


def test_a_turn_left_open_is_offered_again_with_what_its_tools_did(sessions):
    session = sessions.create("kim")
    assert sessions.unanswered(session) is None
    exchange(sessions, session, "a", "b")
    assert sessions.unanswered(session) is None
    turn, asked = sessions.begin_turn(session, "c", ZONE)
    sessions.append(session, turn, Message("assistant", "", (ToolCall("c", "archival_memory_insert", "{}"),)))
    sessions.append(session, turn, Message("tool", "stored", tool_call_id="c"))
    again, message = sessions.unanswered(session)
    assert (again, message) == (turn, asked)
    assert [m.message.role for m in sessions.log(session, message.seq)] == ["user", "assistant", "tool"]


@pytest.mark.parametrize("state", ["failed", "interrupted"])
@pytest.mark.parametrize(("reply", "offered"), [(None, True), ("  ", True), ("half an ans", False)])
def test_a_broken_turn_is_offered_again_only_if_nothing_was_said(sessions, state, reply, offered):
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "c", ZONE)
    if reply is not None:
        sessions.append(session, turn, Message("assistant", reply), state="partial")
    sessions.finish_turn(turn, state, error="503")
    found = sessions.unanswered(session)
    assert (found is not None) == offered
    if found:
        assert (found[0].state, found[0].error) == (state, "503")


def test_undo_keeps_the_rows_and_shows_them_no_more(sessions, database):
    session = sessions.create("kim")
    exchange(sessions, session, "a", "b")
    turn, asked = exchange(sessions, session, "c", "d")
    undone, message = sessions.undo(session)
    assert (undone.id, undone.state, message) == (turn.id, "undone", asked)
    assert texts(sessions.log(session)) == ["a", "b"]
    assert texts(sessions.log(session, include_undone=True)) == ["a", "b", "c", "d"]
    assert asked.id not in queued(database)
    sessions.finish_turn(turn, "done")
    exchange(sessions, session, "e", "f")
    assert texts(sessions.log(session)) == ["a", "b", "e", "f"]
    assert [m.seq for m in sessions.log(session)] == [1, 2, 5, 6]
    assert sessions.undo(session)[1].message.content == "e"
    assert sessions.undo(session)[1].message.content == "a"
    assert sessions.undo(session) is None


def test_a_fork_goes_on_from_its_parent_and_both_go_their_own_way(sessions, clock):
    parent = sessions.create("kim")
    exchange(sessions, parent, "a", "b")
    clock.forward(minutes=1)
    fork = sessions.fork(parent)
    assert (fork.parent_id, fork.parent_seq, fork.last_seq) == (parent.id, 2, 2)
    clock.forward(minutes=1)
    exchange(sessions, parent, "parent's", "x")
    exchange(sessions, fork, "fork's", "y")
    assert texts(sessions.log(parent)) == ["a", "b", "parent's", "x"]
    assert texts(sessions.log(fork)) == ["a", "b", "fork's", "y"]
    assert [m.seq for m in sessions.log(fork)] == [1, 2, 3, 4]
    clock.forward(minutes=1)
    second = sessions.fork(sessions.get(fork.id))
    clock.forward(minutes=1)
    exchange(sessions, second, "second's", "z")
    assert texts(sessions.log(second, 2)) == ["b", "fork's", "y", "second's", "z"]
    clock.forward(minutes=1)
    sessions.undo(parent)
    sessions.undo(parent)
    assert texts(sessions.log(parent)) == []
    assert texts(sessions.log(second)) == ["a", "b", "fork's", "y", "second's", "z"]


def test_a_fork_leaves_out_what_was_undone_before_it_and_a_turn_that_is_not_finished(sessions, clock):
    parent = sessions.create("kim")
    exchange(sessions, parent, "a", "b")
    exchange(sessions, parent, "c", "d")
    sessions.undo(parent)
    clock.forward(minutes=1)
    sessions.begin_turn(parent, "running", ZONE)
    assert texts(sessions.log(sessions.fork(parent))) == ["a", "b"]


def test_undo_in_a_new_fork_steps_back_and_leaves_the_parent_alone(sessions):
    parent = sessions.create("kim")
    exchange(sessions, parent, "a", "b")
    exchange(sessions, parent, "c", "d")
    fork = sessions.fork(parent)
    assert sessions.undo(fork)[1].message.content == "c"
    exchange(sessions, fork, "c again", "better")
    assert texts(sessions.log(fork)) == ["a", "b", "c again", "better"]
    assert texts(sessions.log(parent)) == ["a", "b", "c", "d"]
    for asked in ("c again", "a"):
        assert sessions.undo(fork)[1].message.content == asked
    assert sessions.undo(fork) is None


def test_a_view_is_what_was_opened_last(sessions):
    session = sessions.create("kim")
    assert sessions.view(session) is None
    tools = [{"name": "z", "parameters": {"b": 1, "a": "ㄱ"}}, {"name": "a"}]
    first = sessions.open_view(session, "start", system="너는 교수", tools=tools)
    assert sessions.view(session) == first
    assert [list(tool) for tool in first.tools] == [["name", "parameters"], ["name"]]
    second = sessions.open_view(session, "compaction", system="s", tools=[], summary="…", first_seq=9)
    assert sessions.view(session) == second


def test_an_export_holds_all_of_it_as_plain_data(sessions):
    parent = sessions.create("kim", title="고유값")
    exchange(sessions, parent, "a", "b")
    exchange(sessions, parent, "c", "d")
    sessions.undo(parent)
    fork = sessions.fork(parent)
    turn, _ = sessions.begin_turn(fork, "e", ZONE, context_note="12:00")
    sessions.append(fork, turn, Message("assistant", "", (ToolCall("c1", "t", '{"a":1}'),)))
    sessions.append(fork, turn, Message("tool", "whole", tool_call_id="c1"))

    data = json.loads(json.dumps(sessions.export(fork)))
    assert (data["id"], data["title"], data["forked_from"]) == (fork.public_id, "고유값", parent.public_id)
    assert [(m["content"], m["undone"]) for m in data["messages"][:4]] == [
        ("a", False),
        ("b", False),
        ("c", True),
        ("d", True),
    ]
    asked, call, result = data["messages"][4:]
    assert (asked["context_note"], asked["zone"]) == ("12:00", ZONE)
    assert call["tool_calls"] == [{"id": "c1", "name": "t", "arguments": '{"a":1}'}]
    assert (result["content"], result["tool_call_id"]) == ("whole", "c1")


def test_kill_9_at_any_moment_leaves_whole_commits_only(store_url, student, database, sessions):
    code = """
        import sys
        from datetime import UTC, datetime
        from officehours.memory.store.database import Database
        from officehours.memory.types import Message
        from officehours.memory.recall.sessions import Sessions
        sessions = Sessions(Database.open(sys.argv[1]), int(sys.argv[2]), lambda: datetime.now(UTC))
        session = sessions.create("kim")
        print(session.public_id, flush=True)
        for n in range(100_000):
            turn, _ = sessions.begin_turn(session, f"question {n} " * 50, "UTC")
            print(f"asked {n}", flush=True)
            sessions.append(session, turn, Message("assistant", f"answer {n} " * 50))
            sessions.finish_turn(turn, "done")
            print(f"done {n}", flush=True)
    """
    for lines_before_the_kill in (3, 8, 17):
        program = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), store_url, str(student.id)],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        session = sessions.get(program.stdout.readline().strip())
        acknowledged = [program.stdout.readline().split() for _ in range(lines_before_the_kill)]
        program.kill()
        rest = program.communicate()[0].split("\n")[:-1]
        acknowledged += [line.split() for line in rest]
        asked = [int(n) for what, n in acknowledged if what == "asked"]
        done = [int(n) for what, n in acknowledged if what == "done"]

        log = sessions.log(session)
        assert [m.seq for m in log] == list(range(1, len(log) + 1))
        assert len(log) >= len(asked) + len(done)
        roles = [m.message.role for m in log]
        assert roles == (["user", "assistant"] * len(log))[: len(log)]
        assert {m.id for m in log} <= queued(database)
        left = sessions.unanswered(session)
        if left is not None:
            assert left[1].id == [m for m in log if m.message.role == "user"][-1].id
        exchange(sessions, session, "after", "the crash")
        assert texts(sessions.log(session))[-2:] == ["after", "the crash"]
