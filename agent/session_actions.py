"""What a student can do to a conversation besides speaking in it: each is a record in the log, never a deletion."""

from __future__ import annotations

from collections.abc import Iterator

from ..memory.errors import NotFound
from ..memory.recall.sessions import Session
from .events import Event
from .loop import Agent


def new_session(agent: Agent) -> Session:
    """Begin another conversation and turn to it."""
    session = agent.state.memories.sessions.create(agent.state.persona.id)
    agent.state.use_session(session)
    return session


def open_session(agent: Agent, session_id: str) -> Session:
    """Turn to an earlier conversation.

    Raises:
        NotFound: This student has none of that id.
    """
    session = agent.state.memories.sessions.get(session_id)
    agent.state.use_session(session)
    return session


def undo(agent: Agent, reason: str = "undo") -> str:
    """Mark the last turn undone and give the student's words of it; no search finds it and no model sees it again.

    What it taught goes with it: facts and notes that rest on it hold no more, what they superseded holds again, and
    core memory is as it was. A turn that a fork shares with its parent stays the parent's.

    Args:
        agent: The professor.
        reason: Why the view is opened anew.

    Raises:
        NotFound: There is nothing to undo.
    """
    state = agent.state
    with state.lease():
        state.conversation.refresh()
        memories, session = state.memories, state.conversation.session
        with state.db.begin():
            undone = memories.sessions.undo(session)
            if undone is None:
                raise NotFound("There is nothing to undo.", "되돌릴 대화가 없습니다.")
            turn, asked = undone
            log = memories.sessions.log(session, asked.seq, include_undone=True)
            messages = {stored.id for stored in log if stored.turn_id == turn.id}
            if turn.state == "undone":
                memories.archival.retract(messages)
                memories.core.retract(messages)
        state.reopen(reason, without=messages)
    return asked.message.content


def retry(agent: Agent) -> Iterator[Event]:
    """Undo the last turn and answer the same words anew."""
    text = undo(agent, "retry")
    yield from agent.turn(text)


def fork(agent: Agent) -> Session:
    """Go on in a copy of the conversation; the original stays as it is."""
    state = agent.state
    state.conversation.refresh()
    view = state.conversation.view
    session = state.memories.sessions.fork(state.conversation.session)
    state.use_session(session)
    if view is not None:
        state.conversation.open_view("fork", brief=view.brief, summary=view.summary, first_seq=view.first_seq)
    return session
