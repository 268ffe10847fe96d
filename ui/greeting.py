"""What stands on the screen before the first prompt: who is here, what was last time; no model is asked."""

from __future__ import annotations

from collections.abc import Iterator

from ..agent.brief import brief_for
from ..agent.desk import Desk
from .say import pick


def greeting(desk: Desk) -> Iterator[str]:
    """Give the professor's greeting, what the stored rows say about last time, and how to get help."""
    language, student = desk.language, desk.memories.student
    brief = brief_for(desk.house, desk.conversation.session).for_student
    yield f"{desk.persona.name(language)} · {model_name(desk)}"
    yield ""
    yield desk.persona.line("greeting", language, name=student.name if brief else "") or desk.persona.name(
        language
    )
    if brief:
        yield brief
    else:
        yield pick("/help lists what you can do here.", "/help를 입력하면 할 수 있는 일을 볼 수 있습니다.")


def model_name(desk: Desk) -> str:
    """Name the model that speaks, for a person."""
    profile = desk.model.profile
    if profile.provider == "study":
        return pick("study model (no language model)", "학습 모델(언어 모델 없음)")
    return f"{profile.name} ({profile.provider})"
