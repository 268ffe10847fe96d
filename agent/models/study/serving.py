"""Which parts of the course serve a question, best first, and which of them is just what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ....persona.lines import Lines
from .intent import ParsedQuestion, SectionKind
from .passages import Section, choose, english_of, is_quoted, names_of
from .request import TurnView
from .terms import coverage, mentions, names_among, spellings
from .topic import WANTED, Topic

ALL = 0.99
"""The same where it must speak of all of them."""

ABOUT = 0.5
"""The share of a question's terms that a passage must speak of to be about it."""

GOES_ON = frozenset({"more", "stuck"})
"""Intents that go on with what was shown."""
_STEPS: tuple[SectionKind, ...] = ("how", "why", "example", "compare", "misconception", "code", "reference")
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

    view: TurnView
    ask: ParsedQuestion
    topic: Topic
    before: Topic
    follows: bool
    lines: Lines
    parts: tuple[Section, ...] = field(default_factory=tuple[Section, ...])


def serving_parts(here: Question) -> list[Section]:
    """The parts that could answer, best first; what was shown before is not more."""
    about = [part for part in here.parts if is_about(part, here)]
    if here.ask.intent in GOES_ON:
        replies = [exchange.said for exchange in here.view.earlier]
        about = [part for part in about if not is_quoted(part, replies)]
    strict = here.ask.intent not in OPEN
    return choose(about, WANTED[here.ask.intent], here.topic.terms, here.ask.text, strict=strict)


def is_about(part: Section, here: Question) -> bool:
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


def first_choice(here: Question, serving: Sequence[Section], first: SectionKind) -> Section | None:
    """The part that is just what was asked for, None where it is not in view."""
    if here.ask.intent == "reason":
        because = [
            part
            for part in serving
            if _BECAUSE.search(f"{part.heading} {part.body}") and part.section != "why"
        ]
        return because[0] if because else None
    if here.ask.intent == "definition":
        found = _definitions(here, serving, first)
        return found[0] if found else None
    own = max(
        (part for part in serving if part.section == first),
        key=lambda part: headed(part, here.topic.terms),
        default=None,
    )
    if own and here.ask.intent in OPEN and own != serving[0]:
        near = headed(own, here.topic.terms)
        return own if near >= max(ABOUT, headed(serving[0], here.topic.terms)) else None
    return own


def _definitions(here: Question, serving: Sequence[Section], first: SectionKind) -> list[Section]:
    """What defines the very thing, then what explains it in passing, then definitions that only speak of it."""
    terms = here.topic.terms
    named = [part for part in serving if part.section == first and speaks_of(part, terms)]
    if here.follows:
        return named
    named.sort(key=lambda part: -headed(part, terms) - coverage(f"{part.heading} {part.body}", terms))
    own = [part for part in named if headed(part, terms) >= ABOUT]
    language = here.view.language
    passing = [part for part in serving if introduces(part, terms) and (language == "ko" or english_of(part))]
    return [*own, *passing, *named]


def speaks_of(part: Section, terms: Sequence[str]) -> bool:
    """Whether a part speaks of one of the terms itself, and not only the file it stands in."""
    return not terms or any(mentions(f"{part.heading} {part.body}", term) for term in terms)


def headed(part: Section, terms: Sequence[str]) -> float:
    """How far what a part is headed as is what the terms name, from 0 to 1: for "ReLU", "ReLU의 변형" is half of it."""
    if not terms or (part.section == "definition" and _found(_CALLED, part, terms)):
        return 1.0
    said, best = " ".join(terms), 0.0
    for name in names_of(part):
        whole = " ".join(name)
        ours = sum(mentions(whole, term) for term in terms) / len(terms)
        best = max(best, ours * sum(mentions(said, word) for word in name) / len(name))
    return best


_CALLED = r"{name}\s?(?:\([^)]*\))?이?라고?도?\s|\bcalled\s{name}\b"
_GLOSSED = r"{name}\s?\([^)]+\)\s?(?:[은는이가]|입니다)|\({name}(?:\)|,)"


def introduces(part: Section, terms: Sequence[str]) -> bool:
    """Whether a part explains a term in passing: "BPE(Byte Pair Encoding)는 …", "… 자기 어텐션이라고 합니다"."""
    return bool(terms) and (_found(_GLOSSED, part, terms) or _found(_CALLED, part, terms))


def _found(pattern: str, part: Section, terms: Sequence[str]) -> bool:
    """Whether a part holds a pattern for a name of one or more terms, with a word of its own before it or none."""
    words = (f"(?:{'|'.join(map(re.escape, sorted(spellings(term))))})" for term in terms)
    name = r"(?<![A-Za-z가-힣])" + r"[\s-]?".join(words)
    return bool(re.search(pattern.format(name=name), part.body, re.IGNORECASE))


def is_of_another(part: Section, here: Question) -> bool:
    """Whether a part is headed as another thing than what was asked: then what is asked for is looked for first.

    A definition must be of the very thing: "ReLU의 변형" is not that of "ReLU". Other parts only may not be about
    another thing altogether: "DoRA가 필요한 까닭" is no answer to why LoRA is needed.
    """
    if here.follows:
        return False
    near = headed(part, here.topic.terms)
    return near < 1 or part.section != "definition" if here.ask.intent == "definition" else not near


def next_section(here: Question) -> SectionKind:
    """The section an intent is after; one that goes on wants the first that was not shown yet."""
    wanted = WANTED[here.ask.intent]
    if here.ask.intent != "more":
        return wanted[0]
    replies = [exchange.said for exchange in here.view.earlier]
    about = [part for part in here.parts if is_about(part, here)]
    done = {part.section for part in about if is_quoted(part, replies)}
    for section in _STEPS:
        if section not in done:
            return section
    return wanted[0]


def mentioning(here: Question) -> Section | None:
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
