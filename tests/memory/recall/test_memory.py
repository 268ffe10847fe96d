from __future__ import annotations

import pytest

from officehours.memory.errors import NotFound
from officehours.memory.recall import RecallMemory, Sessions
from officehours.memory.types import Message, ToolCall


class NoSearch:
    def search(self, *_query, **_filters):
        return []


@pytest.fixture
def recall(database, student, clock) -> RecallMemory:
    return RecallMemory(database, student.id, clock, NoSearch())


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


def exchange(sessions: Sessions, session, asked: str, answer: str):
    turn, message = sessions.begin_turn(session, asked, "UTC")
    call = ToolCall("c", "t", "{}")
    sessions.append(session, turn, Message("assistant", "", (call,)))
    result = sessions.append(session, turn, Message("tool", "whole result", tool_call_id="c"))
    reply = sessions.append(session, turn, Message("assistant", answer))
    sessions.finish_turn(turn, "done")
    return message, result, reply


def test_a_message_is_found_by_its_id(recall, sessions):
    asked, result, reply = exchange(sessions, sessions.create("kim"), "DoRA가 뭐예요?", "…")
    hit = recall.get(f"m{asked.id}")
    assert (hit.id, hit.text, hit.role, hit.kind, hit.trust) == (
        f"m{asked.id}",
        "DoRA가 뭐예요?",
        "user",
        "message",
        "student",
    )
    assert recall.get(reply.id).trust == "model"
    assert recall.stored(result.id).message.content == "whole result"
    with pytest.raises(NotFound):
        recall.get("m99999")


def test_what_was_said_around_a_message_comes_without_tool_work(recall, sessions):
    session = sessions.create("kim")
    exchange(sessions, session, "a", "b")
    asked, _, _ = exchange(sessions, session, "c", "d")
    exchange(sessions, session, "e", "f")
    exchange(sessions, sessions.create("kim"), "another", "conversation")
    assert [m.message.content for m in recall.around(asked.id, 2)] == ["a", "b", "c", "d", "e"]
    assert [m.message.content for m in recall.around(asked.id, 0)] == ["c"]


def test_an_undone_message_is_not_found_again(recall, sessions):
    session = sessions.create("kim")
    asked, _, _ = exchange(sessions, session, "a", "b")
    undone, _, _ = exchange(sessions, session, "c", "d")
    sessions.undo(session)
    with pytest.raises(NotFound):
        recall.get(undone.id)
    assert [m.message.content for m in recall.around(asked.id)] == ["a", "b"]


def test_one_students_words_are_closed_to_another(recall, sessions, database, other, clock):
    asked, _, _ = exchange(sessions, sessions.create("kim"), "a", "b")
    theirs = RecallMemory(database, other.id, clock, NoSearch())
    for reach in (theirs.get, theirs.stored, theirs.around):
        with pytest.raises(NotFound):
            reach(asked.id)
    assert recall.get(asked.id).text == "a"
