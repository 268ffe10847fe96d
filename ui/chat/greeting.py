"""What stands on the screen before the first prompt: who is here, what was last time; no model is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...agent.greeting import Arrival
from ..terminal.say import pick

if TYPE_CHECKING:
    from ...agent.state import Desk


def greeting(arrival: Arrival) -> Iterator[str]:
    """Give the professor's greeting and what the stored rows say about last time."""
    name = arrival.persona.name(arrival.student.language)
    said = arrival.greeting()
    yield f"{name}: {said}" if said else name
    if arrival.brief:
        yield arrival.brief


def opening(desk: Desk) -> str:
    """Say in a line who helps the professor speak, and where help is."""
    return pick(
        f"{model_name(desk)} · /help for what you can do here", f"{model_name(desk)} · 도움말은 /help"
    )


def model_name(desk: Desk) -> str:
    """Name the model that speaks, for a person."""
    profile = desk.model.profile
    if profile.provider == "study":
        return pick("study model (no language model)", "학습 모델(언어 모델 없음)")
    return f"{profile.name} ({profile.provider})"
