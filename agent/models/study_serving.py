"""Which parts of the course serve a question, best first, and which of them is just what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...persona.lines import Lines
from .study_intent import Ask, Section
from .study_passage import Part, choose, is_quoted
from .study_scene import Scene
from .study_terms import coverage, mentions, names_among, spellings, terms_of
from .study_topic import WANTED, Topic

ALL = 0.99
"""The same where it must speak of all of them."""

ABOUT = 0.5
"""The share of a question's terms that a passage must speak of to be about it."""

GOES_ON = frozenset({"more", "stuck"})
"""Intents that go on with what was shown."""
_STEPS: tuple[Section, ...] = ("how", "why", "example", "compare", "misconception", "code", "reference")
"""In which order a topic is gone through by whoever wants more."""

OPEN = frozenset({"why", "reason", "quantity", "how", "claim", "statement"})
"""Intents that any section may serve, if it speaks of the very thing."""
_BECAUSE = re.compile(
    r"까닭|때문|이유|그래서|\bbecause\b|\breason\b|\btherefore\b|\bso that\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the course, with everything at hand to answer it.

    Attributes:
        before: What was talked about before it.
        follows: It goes on with the topic at hand, so only that file serves.
        parts: Every part of the course in view.
    """

    scene: Scene
    ask: Ask
    topic: Topic
    before: Topic
    follows: bool
    lines: Lines
    parts: tuple[Part, ...] = field(default_factory=tuple[Part, ...])


def serving_parts(here: Question) -> list[Part]:
    """The parts that could answer, best first; what was shown before is not more."""
    about = [part for part in here.parts if is_about(part, here)]
    if here.ask.intent in GOES_ON:
        replies = [exchange.said for exchange in here.scene.earlier]
        about = [part for part in about if not is_quoted(part, replies)]
    strict = here.ask.intent not in OPEN
    return choose(about, WANTED[here.ask.intent], here.topic.terms, here.ask.text, strict=strict)


def is_about(part: Part, here: Question) -> bool:
    """Whether a part is about what was asked."""
    if here.follows:
        return part.file == here.topic.file
    terms = here.topic.terms
    named = names_among(terms)
    if named and not any(mentions(part.about, term) for term in named):
        return False
    longest = max((term for term in terms if not term.isascii()), key=len, default="")
    if not named and len(longest) > 2 and not mentions(part.about, longest):
        return False
    needed = ABOUT if here.ask.intent in {*OPEN, "compare"} or len(terms) > 2 else ALL
    return coverage(part.about, terms) >= needed


def first_choice(here: Question, serving: Sequence[Part], first: Section) -> Part | None:
    """The part that is just what was asked for, None where it is not in view."""
    if here.ask.intent == "reason":
        because = [
            part
            for part in serving
            if _BECAUSE.search(f"{part.heading} {part.body}") and part.section != "why"
        ]
        return because[0] if because else None
    if here.ask.intent == "definition":
        defining = [part for part in serving if any(_defines(part, term) for term in here.topic.terms)]
        named = [part for part in serving if part.section == first and speaks_of(part, here.topic.terms)]
        serving = [*named, *defining]
    if here.ask.intent in OPEN:
        return serving[0] if serving and serving[0].section == first else None
    chosen = (
        serving if here.ask.intent == "definition" else [part for part in serving if part.section == first]
    )
    return chosen[0] if chosen else None


def speaks_of(part: Part, terms: Sequence[str]) -> bool:
    """Whether a part speaks of one of the terms itself, and not only the file it stands in."""
    return not terms or any(mentions(f"{part.heading} {part.body}", term) for term in terms)


def _defines(part: Part, term: str) -> bool:
    """Whether a part explains a term in passing: "BPE(Byte Pair Encoding)는 …", "… 끄기(dropout)"."""
    words = "|".join(re.escape(word) for word in spellings(term))
    return bool(
        re.search(rf"(?:{words})\s?\([^)]+\)\s?[은는이가]|\((?:{words})(?:\)|,)", part.body, re.IGNORECASE)
    )


def is_of_a_kind(part: Part, here: Question) -> bool:
    """Whether a definition is of something narrower than what was asked: "ReLU의 변형" for "ReLU"."""
    if here.ask.intent != "definition" or part.section != "definition" or here.follows:
        return False
    headed = terms_of(part.heading)
    named = [word for word in headed if any(mentions(word, term) for term in here.topic.terms)]
    return bool(named) and len(named) < len(headed)


def next_section(here: Question) -> Section:
    """The section an intent is after; one that goes on wants the first that was not shown yet."""
    wanted = WANTED[here.ask.intent]
    if here.ask.intent != "more":
        return wanted[0]
    replies = [exchange.said for exchange in here.scene.earlier]
    about = [part for part in here.parts if is_about(part, here)]
    done = {part.section for part in about if is_quoted(part, replies)}
    for section in _STEPS:
        if section not in done:
            return section
    return wanted[0]


def mentioning(here: Question) -> Part | None:
    """The part that speaks most of a thing which no part is about; None where it is a thing of another course."""
    terms = here.ask.terms
    must = names_among(terms) or sorted((term for term in terms if len(term) > 1), key=len)[-1:]
    near = [part for part in here.parts if must and all(mentions(part.body, term) for term in must)]
    near = [part for part in near if coverage(part.about, terms) > ABOUT]
    return max(
        near, key=lambda part: (coverage(part.about, terms), part.section != "reference"), default=None
    )


def as_said(text: str, terms: Sequence[str]) -> str:
    """The student's own English for what they ask about: "capital of France", not "capital France"."""
    terms = terms if text.isascii() else ()
    places = [text.find(term) for term in terms]
    if not terms or min(places) < 0:
        return ""
    said = " ".join(
        text[min(places) : max(at + len(term) for at, term in zip(places, terms, strict=True))].split()
    )
    return said if len(said) <= 40 else ""
