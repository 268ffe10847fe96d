"""What is talked about, followed through a conversation, and what the study model can do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .study_intent import Ask, Section, read_ask
from .study_passage import all_parts
from .study_scene import Exchange, Scene
from .study_terms import same_terms, terms_of

Call = tuple[str, Mapping[str, Any]]
"""A tool's name and the arguments it is called with."""

WANTED: Mapping[str, tuple[Section, ...]] = {
    "definition": ("definition", "other", "why", "how", "compare", "example"),
    "why": ("why", "how", "definition", "other", "compare", "misconception"),
    "how": ("how", "definition", "example", "other", "why"),
    "compare": ("compare", "definition", "other", "how"),
    "example": ("example", "code", "other", "how"),
    "code": ("code", "example", "how"),
    "more": ("how", "why", "example", "compare", "other", "misconception", "code", "reference"),
    "stuck": ("example", "why", "how", "other", "compare"),
    "misconception": ("misconception", "compare", "other"),
    "reference": ("reference", "other"),
    "claim": ("compare", "how", "definition", "example", "why", "other"),
    "statement": ("compare", "how", "definition", "example", "why", "other"),
}
"""The sections that serve an intent, the best first."""

CONTENT: frozenset[str] = frozenset({*WANTED, "other"})
"""The intents that are answered from the course."""

_POINTS_BACK = re.compile(
    r"그거|그것|그게|그건|이거|이것|이게|\b(?:it|this|that|these|those|them|they)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Move:
    """What the study model does next: speaks, asks for tools, or both.

    Attributes:
        answered: False where it had to say that it found nothing.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Topic:
    """What is talked about: terms, and the file that was quoted on them last."""

    terms: tuple[str, ...] = ()
    file: str = ""


def topic_at_hand(scene: Scene, asked: Callable[[Exchange], Ask]) -> Topic:
    """Follow the talk and say what it is about now.

    Args:
        asked: Understands an earlier turn.
    """
    topic = Topic()
    for exchange in scene.earlier:
        topic = _after(topic, exchange, asked(exchange), scene)
    return topic


def _after(topic: Topic, exchange: Exchange, ask: Ask, scene: Scene) -> Topic:
    files = [part.file for i in exchange.cited if i in scene.known for part in all_parts([scene.known[i]])]
    file = next((file for file in files if file), "")
    if ask.intent in {"confusion", "statement", "stuck"}:
        hard = [
            f.value for f in scene.facts.values() if f.kind == "confusion" and _is_said(f.value, exchange)
        ]
        if hard:
            return Topic(terms_of(hard[-1]), file)
    if ask.intent == "quiz" and not ask.terms:
        return Topic(topic.terms, file or topic.file)
    if ask.intent not in WANTED and ask.intent != "quiz":
        return topic
    if not ask.terms:
        return Topic(topic.terms, file or topic.file)
    return Topic(joined(topic, ask), file) if file or ask.intent != "statement" else topic


def _is_said(value: str, exchange: Exchange) -> bool:
    return value in exchange.asked or value in exchange.said


def joined(topic: Topic, ask: Ask) -> tuple[str, ...]:
    """The terms of a turn, with the topic's where it compares with it or points back to it."""
    joins = (ask.intent == "compare" and len(ask.terms) == 1) or _POINTS_BACK.search(ask.text)
    if not joins or same_terms(ask.terms, topic.terms):
        return ask.terms
    return (
        *(term for term in topic.terms if not any(same_terms((term,), (own,)) for own in ask.terms)),
        *ask.terms,
    )


def understood(exchange: Exchange) -> Ask:
    """Understand an earlier turn, whatever the student stated in it besides."""
    return read_ask(exchange.asked)
