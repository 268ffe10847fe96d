"""What is talked about, followed through a conversation, and what the study model can do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .intent import ParsedQuestion, SectionKind, parse_question
from .passages import all_parts
from .phrases import no_notes, phrase
from .request import Exchange, TurnView
from .terms import respelled, same_terms, terms_of

Call = tuple[str, Mapping[str, Any]]
"""A tool's name and the arguments it is called with."""

WANTED: Mapping[str, tuple[SectionKind, ...]] = {
    "definition": ("definition", "other", "why", "how", "compare", "example"),
    "why": ("why", "how", "definition", "other", "compare", "misconception"),
    "reason": ("how", "definition", "misconception", "compare", "example", "why", "other"),
    "quantity": ("compare", "example", "how", "definition", "other", "why"),
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

SEARCH_WORDS: Mapping[SectionKind, str] = {
    "definition": "정의 definition",
    "why": "왜 필요한가 why",
    "how": "어떻게 동작하는가 how",
    "compare": "비교 comparison",
    "example": "예시 example",
    "code": "코드 code",
    "misconception": "자주 하는 오해 misconceptions",
    "reference": "더 알아보기 references",
    "quiz": "확인 문제 questions",
    "other": "",
}
PAGES = (1, 2, 3, 4, 5, 6)
"""The pages of a search that are read to list the notes."""

CONTENT: frozenset[str] = frozenset({*WANTED, "other"})
"""The intents that are answered from the course."""

_MAY_POINT_BACK = frozenset({"compare", "why", "reason", "how", "claim", "example"})
_MAY_NAME_WHAT_IS_HARD = frozenset({"confusion", "statement", "stuck", "told", "remember", "name", "exam"})
_OTHER_SIDE = re.compile(
    r"차이|비교|다른|달라|다르|다릅|구별|구분|\bdiffer|\bcompar|\bversus\b|\bvs\b|\bsimilar", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"그거|그것|그게|그건|이거|이것|이게|\b(?:it|this|that|these|those|them|they)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reply:
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


def topic_at_hand(view: TurnView, asked: Callable[[Exchange], ParsedQuestion]) -> Topic:
    """Follow the talk and say what it is about now.

    Args:
        asked: Understands an earlier turn.
    """
    topic = Topic()
    for exchange in view.earlier:
        topic = _after(topic, exchange, asked(exchange), view)
    return topic


def _after(topic: Topic, exchange: Exchange, ask: ParsedQuestion, view: TurnView) -> Topic:
    files = [part.file for i in exchange.cited if i in view.known for part in all_parts([view.known[i]])]
    file = next((file for file in files if file), "")
    if ask.intent in _MAY_NAME_WHAT_IS_HARD:
        hard = [topic for topic in view.confusions if _is_said(topic, exchange)]
        if hard:
            return Topic(terms_of(hard[-1]), file)
    if ask.intent == "quiz" and not ask.terms:
        return Topic(topic.terms, file or topic.file)
    if ask.intent not in WANTED and ask.intent != "quiz":
        return topic
    if not ask.terms:
        return Topic(topic.terms, file or topic.file)
    if not file:  # nothing was found on it: nobody can go on with that
        return topic if ask.intent == "statement" else Topic()
    known = [word for part in all_parts(view.known.values()) for word in terms_of(part.heading)]
    return Topic(tuple(respelled(term, known) or term for term in joined(topic, ask)), file)


def _is_said(value: str, exchange: Exchange) -> bool:
    return value in exchange.asked or value in exchange.said


def joined(topic: Topic, ask: ParsedQuestion) -> tuple[str, ...]:
    """The terms of a turn, with the topic's where it compares with it or points back to it."""
    points_back = ask.intent in _MAY_POINT_BACK and _POINTS_BACK.search(ask.text)
    joins = (ask.intent == "compare" and len(ask.terms) == 1 and _OTHER_SIDE.search(ask.text)) or points_back
    if not joins or same_terms(ask.terms, topic.terms):
        return ask.terms
    return (
        *(term for term in topic.terms if not any(same_terms((term,), (own,)) for own in ask.terms)),
        *ask.terms,
    )


def understood(exchange: Exchange) -> ParsedQuestion:
    """Understand an earlier turn, whatever the student stated in it besides."""
    return parse_question(exchange.asked)


def topics(view: TurnView) -> Reply:
    """List the notes of the course, as far as a search brings them up."""
    if not view.done("archival_memory_search") and "archival_memory_search" in view.tools:
        query = SEARCH_WORDS["definition"]
        return Reply(
            calls=tuple(("archival_memory_search", {"query": query, "page": page}) for page in PAGES)
        )
    titles = {
        part.file: part.headings[0] for part in all_parts(view.known.values()) if part.file and part.headings
    }
    if not titles:
        return Reply(no_notes(view.language), answered=False)
    lines = [f"- {titles[file]} (`{file}`)" for file in sorted(titles)]
    return Reply("\n".join([phrase("notes", view.language), *lines]))
