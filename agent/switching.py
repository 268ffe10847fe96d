"""Changing who speaks, with which model and in which language, in the middle of a conversation."""

from __future__ import annotations

from dataclasses import replace

from ..memory import students
from ..persona.spec import Persona
from ..tools.registry import Registry
from .assemble import all_tools, find_model, for_window
from .context.budget import share
from .greeting import find_persona
from .loop import Agent
from .model import Model, ModelProfile
from .models.study.policy import StudyModel


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
    study = StudyModel(persona_lines=state.persona.lines)
    model = find_model(state.settings, name, study)
    _refit(agent, state.persona, None if model is study else model)
    return state.model.profile


def use_language(agent: Agent, language: str) -> None:
    """Speak "ko" or "en" with the student from now on; a view opens."""
    state = agent.state
    student = students.update(state.db, state.memories.student, language=language)
    state.memories = state.runtime.memories = replace(state.memories, student=student)
    state.reopen("language")


def _refit(agent: Agent, persona: Persona, model: Model | None) -> None:
    """Put a persona and a model (None is the study model) to work, with the tools that they can use."""
    state = agent.state
    fallback = StudyModel(persona_lines=persona.lines)
    speaking = model or fallback
    tools, _ = all_tools(state.runtime, share(speaking.profile, state.settings.working_window))
    registry = for_window(Registry(tools), speaking.profile.window)
    state.refit(
        persona=persona,
        registry=registry if persona.tools is None else registry.only(persona.tools),
        model=speaking,
        fallback=fallback,
    )
