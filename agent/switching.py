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
    desk = agent.desk
    persona = find_persona(desk.settings, persona_id)
    _refit(agent, persona, None if desk.model.profile.provider == "study" else desk.model)
    return persona


def use_model(agent: Agent, name: str) -> ModelProfile:
    """Go on with another model.

    Args:
        agent: The professor.
        name: As `--model` takes it.

    Raises:
        ConfigError, ProviderError: It cannot be used; the one before stays.
    """
    desk = agent.desk
    study = StudyModel(persona_lines=desk.persona.lines)
    model = find_model(desk.settings, name, study)
    _refit(agent, desk.persona, None if model is study else model)
    return desk.model.profile


def use_language(agent: Agent, language: str) -> None:
    """Speak "ko" or "en" with the student from now on; a view opens."""
    desk = agent.desk
    student = students.update(desk.db, desk.memories.student, language=language)
    desk.memories = desk.house.memories = replace(desk.memories, student=student)
    desk.reopen("language")


def _refit(agent: Agent, persona: Persona, model: Model | None) -> None:
    """Put a persona and a model (None is the study model) to work, with the tools that they can use."""
    desk = agent.desk
    fallback = StudyModel(persona_lines=persona.lines)
    speaking = model or fallback
    tools, _ = all_tools(desk.house, share(speaking.profile, desk.settings.working_window))
    registry = for_window(Registry(tools), speaking.profile.window)
    desk.refit(
        persona=persona,
        registry=registry if persona.tools is None else registry.only(persona.tools),
        model=speaking,
        fallback=fallback,
    )
