"""What stands on the screen before the first prompt: who is here, what was last time; no model is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...agent.greeting import Arrival
from ..terminal.say import localized

if TYPE_CHECKING:
    from ...agent.state import AgentState


def greeting(arrival: Arrival) -> Iterator[str]:
    """Give the professor's greeting and what the stored rows say about last time."""
    name = arrival.persona.name(arrival.student.language)
    said = arrival.greeting()
    yield f"{name}: {said}" if said else name
    if arrival.brief:
        yield arrival.brief


def opening(state: AgentState) -> str:
    """Say in a line who helps the professor speak, and where help is."""
    return localized(
        f"{model_name(state)} · /help for what you can do here", f"{model_name(state)} · 도움말은 /help"
    )


def model_name(state: AgentState) -> str:
    """Name the model that speaks, for a person."""
    profile = state.model.profile
    if profile.provider == "study":
        return localized("study model (no language model)", "학습 모델(언어 모델 없음)")
    return f"{profile.name} ({profile.provider})"
