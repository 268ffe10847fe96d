from __future__ import annotations

import pytest

from officehours.memory.errors import NotFound
from officehours.memory.recall import Approvals, Sessions
from officehours.memory.types import Message, ToolCall

SEND, POST = ToolCall("call0", "send", "{}"), ToolCall("call1", "post", '{"text": "x"}')


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


def test_a_call_waits_until_it_is_answered_and_is_forgotten_with_its_result(
    database, student, other, sessions
):
    approvals, theirs = Approvals(database, student.id), Approvals(database, other.id)
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "Send it.", "UTC")
    sessions.append(session, turn, Message("assistant", "", (SEND, POST)))
    kept = approvals.of(turn)
    for call in (SEND, POST):
        assert kept.state(call.id) is None
        kept.ask(call.id, "policy")
    waiting = approvals.waiting()
    assert [(one.call, one.why, one.session, one.turn) for one in waiting] == [
        (SEND, "policy", session.public_id, 1),
        (POST, "policy", session.public_id, 1),
    ]
    assert theirs.waiting() == []
    with pytest.raises(NotFound):
        theirs.answer(session, SEND.id, yes=True)

    approvals.answer(session, SEND.id, yes=True)
    approvals.answer(session, POST.id, yes=False)
    assert (kept.state(SEND.id), kept.state(POST.id)) == ("approved", "refused")
    assert approvals.waiting(session) == []
    with pytest.raises(NotFound, match="call0") as caught:
        approvals.answer(session, SEND.id, yes=False)
    assert "call0" in caught.value.ko

    kept.settle(SEND.id)
    kept.settle(POST.id)
    assert kept.state(SEND.id) is None


def test_what_waits_in_a_turn_that_is_over_or_undone_waits_no_more(database, student, sessions):
    approvals = Approvals(database, student.id)
    for state in ("done", "undone", "failed"):
        session = sessions.create("kim")
        turn, _ = sessions.begin_turn(session, "Send it.", "UTC")
        sessions.append(session, turn, Message("assistant", "", (SEND,)))
        approvals.of(turn).ask(SEND.id, "policy")
        if state == "undone":
            sessions.undo(session)
        else:
            sessions.finish_turn(turn, state)
        assert len(approvals.waiting(session)) == (state == "failed")


def test_an_id_that_the_server_uses_again_is_its_last_call(database, student, sessions):
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "Send it.", "UTC")
    sessions.append(session, turn, Message("assistant", "", (SEND,)))
    sessions.append(session, turn, Message("tool", "sent", tool_call_id=SEND.id))
    again = ToolCall(SEND.id, "post", "{}")
    sessions.append(session, turn, Message("assistant", "", (again,)))
    approvals = Approvals(database, student.id)
    approvals.of(turn).ask(SEND.id, "policy")
    assert [one.call for one in approvals.waiting()] == [again]
