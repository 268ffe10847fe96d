"""What a student can do to a conversation besides speaking in it: each is a record in the log, never a deletion."""

from __future__ import annotations

from collections.abc import Iterator

from ..memory.errors import NotFound
from ..memory.recall.sessions import Session
from .events import Event
from .loop import Agent


def new_session(agent: Agent) -> Session:
    """Begin another conversation and turn to it."""
    session = agent.desk.memories.sessions.create(agent.desk.persona.id)
    agent.desk.use_session(session)
    return session


def open_session(agent: Agent, session_id: str) -> Session:
    """Turn to an earlier conversation.

    Raises:
        NotFound: This student has none of that id.
    """
    session = agent.desk.memories.sessions.get(session_id)
    agent.desk.use_session(session)
    return session


def undo(agent: Agent, reason: str = "undo") -> str:
    """Mark the last turn undone and give the student's words of it; no search finds it and no model sees it again.

    Args:
        agent: The professor.
        reason: Why the view is opened anew.

    Raises:
        NotFound: There is nothing to undo.
    """
    desk = agent.desk
    with desk.lease():
        desk.conversation.refresh()
        sessions, session = desk.memories.sessions, desk.conversation.session
        undone = sessions.undo(session)
        if undone is None:
            raise NotFound("There is nothing to undo.", "되돌릴 대화가 없습니다.")
        turn, asked = undone
        log = sessions.log(session, asked.seq, include_undone=True)
        desk.reopen(reason, without={stored.id for stored in log if stored.turn_id == turn.id})
    return asked.message.content


def retry(agent: Agent) -> Iterator[Event]:
    """Undo the last turn and answer the same words anew."""
    text = undo(agent, "retry")
    yield from agent.turn(text)


def fork(agent: Agent) -> Session:
    """Go on in a copy of the conversation; the original stays as it is."""
    desk = agent.desk
    desk.conversation.refresh()
    view = desk.conversation.view
    session = desk.memories.sessions.fork(desk.conversation.session)
    desk.use_session(session)
    if view is not None:
        desk.conversation.open_view("fork", brief=view.brief, summary=view.summary, first_seq=view.first_seq)
    return session
