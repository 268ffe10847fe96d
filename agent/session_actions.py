"""What a student can do to a conversation besides speaking in it: begin, take back, branch off, change who speaks.

Each is a record in the log, never a deletion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..memory import students
from ..memory.errors import NotFound
from ..memory.recall import Session
from ..persona.modes import Mode
from ..persona.spec import Persona
from .assemble import find_model, told_tools
from .events import Event
from .greeting import find_persona
from .loop import Agent
from .model import Model, ModelProfile
from .models.study.policy import StudyModel


def new_session(agent: Agent) -> Session:
    """Begin another conversation and turn to it."""
    with agent.exclusive():
        session = agent.state.memories.sessions.create(agent.state.persona.id)
        agent.state.use_session(session)
    return session


def open_session(agent: Agent, session_id: str) -> Session:
    """Turn to an earlier conversation.

    Raises:
        NotFound: This student has none of that id.
    """
    with agent.exclusive():
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
    with agent.exclusive(), state.store.lease():
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
                memories.questions.withdraw(messages)
        state.reopen(reason, without=messages)
    return asked.message.content


def retry(agent: Agent) -> Iterator[Event]:
    """Undo the last turn and answer the same words anew."""
    text = undo(agent, "retry")
    yield from agent.turn(text)


def fork(agent: Agent) -> Session:
    """Go on in a copy of the conversation; the original stays as it is."""
    state = agent.state
    with agent.exclusive():
        state.conversation.refresh()
        view = state.conversation.view
        session = state.memories.sessions.fork(state.conversation.session)
        state.use_session(session)
        if view is not None:
            state.conversation.open_view(
                "fork",
                brief=view.brief,
                summary=view.summary,
                first_seq=view.first_seq,
                trust=view.trust,
            )
    return session


def use_persona(agent: Agent, persona_id: str) -> Persona:
    """Let another professor go on; the next turn opens a view.

    Raises:
        PersonaError: There is none of that id, or its file cannot be used.
    """
    state = agent.state
    persona = find_persona(state.settings, persona_id)
    _refit(agent, persona, None if state.model.profile.provider == "study" else state.model)
    return persona


def use_model(agent: Agent, name: str) -> ModelProfile:
    """Go on with another model.

    Args:
        agent: The professor.
        name: As `--model` takes it.

    Raises:
        ConfigError, ProviderError: It cannot be used; the one before stays.
    """
    state = agent.state
    study = StudyModel(state.persona.lines, state.persona.names)
    model = find_model(state.settings, name, study)
    _refit(agent, state.persona, None if model is study else model)
    return state.model.profile


def use_mode(agent: Agent, mode: Mode) -> None:
    """Teach in a mode for the rest of the conversation; the next turn opens a view."""
    state = agent.state
    with agent.exclusive():
        state.conversation.session = state.memories.sessions.set_mode(state.conversation.session, mode)


def use_language(agent: Agent, language: str) -> None:
    """Speak "ko" or "en" with the student from now on; a view opens."""
    state = agent.state
    with agent.exclusive():
        student = students.update(state.db, state.memories.student, language=language)
        state.runtime.memories = replace(state.memories, student=student)
        state.reopen("language")


def _refit(agent: Agent, persona: Persona, model: Model | None) -> None:
    """Put a persona and a model (None is the study model) to work, with the tools that they can use."""
    state = agent.state
    fallback = StudyModel(persona.lines, persona.names)
    speaking = model or fallback
    policies = state.registry.policies
    registry, _ = told_tools(state.runtime, persona, speaking.profile, policies, state.given)
    with agent.exclusive():
        state.refit(
            persona=persona,
            registry=registry,
            model=speaking,
            fallback=fallback,
        )
