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

    Args:
        agent: The professor.
        reason: Why the view is opened anew.

    Raises:
        NotFound: There is nothing to undo.
    """
    state = agent.state
    with state.lease():
        state.conversation.refresh()
        sessions, session = state.memories.sessions, state.conversation.session
        undone = sessions.undo(session)
        if undone is None:
            raise NotFound("There is nothing to undo.", "되돌릴 대화가 없습니다.")
        turn, asked = undone
        log = sessions.log(session, asked.seq, include_undone=True)
        state.reopen(reason, without={stored.id for stored in log if stored.turn_id == turn.id})
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
