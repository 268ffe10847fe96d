"""Quiz questions from the course: asked without their answer, held against it once the student has tried.

Where the material has no question of its own, one is made by leaving a word out of a definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ....memory.text import HANGUL, mentions, sentences
from ....tools.calculate import numbers_in
from ....tools.text import quote
from ...model import TurnView
from .course import Reply, Topic, search, topic_of
from .intent import named_in, says, speaks_of
from .phrases import paragraphs, say
from .sections import NAMES, Section, sections

_PAIR = re.compile(
    r"^(?:\d+[.)]\s*|[-*]\s*|Q:\s*)?(?P<question>[^\n>].*?)\s*\n\s*>?\s*(?:정답|답|Answer|A)\s*:\s*(?P<answer>.+?)(?=\n\s*\n|\n\d+[.)]\s|\nQ:|\Z)",
    re.MULTILINE | re.DOTALL,
)
BLANK = "_____"
TOLERANCE = Fraction(2, 100)
"""How far a rounded number may be from the key's, as a share of it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question of the course with its answer key, and the section it stands in."""

    question: str
    answer: str
    section: Section


def pairs_of(section: Section) -> list[Pair]:
    """Give the questions of a section with their answers, else one made of a sentence that defines its heading."""
    found = [
        Pair(" ".join(m["question"].split()), " ".join(m["answer"].split()), section)
        for m in _PAIR.finditer(section.body)
    ]
    if found or section.purpose not in {"definition", "other"}:
        return found
    name = section.headings[-1].split("(")[0].strip()
    for text in filter(None, (section.english, section.body)):
        first = next(iter(sentences(text)), "")
        at = first.casefold().find(name.casefold())
        if name and at >= 0 and len(first) > len(name) + 30:
            return [Pair(f"{first[:at]}{BLANK}{first[at + len(name) :]}", name, section)]
    return []


def pending(view: TurnView) -> Pair | None:
    """The question that was asked last and waits for an answer."""
    last = " ".join(view.last.said.split())
    every = _pairs(sections(view.known.values()))
    return next((p for p in every if p.question in last and p.answer not in last), None)


def look_again(view: TurnView) -> Reply | None:
    """Find the section of a question that waits for an answer once more, where the turn that brought it was folded."""
    asked = [line[2:] for line in view.last.said.splitlines() if line.startswith("> ")]
    waits = asked and view.last.said.endswith(say(view, "quiz_try"))
    return search(view, asked[-1]) if waits else None


def ask_one(view: TurnView) -> Reply:
    """Ask a question that was not asked yet, about what is named, else the topic at hand, else anything."""
    named = tuple(named_in(view.said))
    topic = Topic(named) if named else topic_of(view)
    if look := search(view, f"{topic.words} {NAMES['quiz'][view.language]}".strip()):
        return look
    found = _found(view)
    if topic.cited:
        found = [section for section in found if section.file in topic.files]
    elif topic.phrases:
        found = [section for section in found if speaks_of(section.about, topic.phrases)]
    asked = " ".join(" ".join(exchange.said.split()) for exchange in view.earlier)
    pair = next((pair for pair in _pairs(found) if pair.question not in asked), None)
    if pair is None:
        return Reply(say(view, "quiz_none"))
    no_choice = say(view, "quiz_no_choice") if says(view.said, "choices") else ""
    korean = say(view, "quiz_korean") if view.language == "en" and HANGUL.search(pair.question) else ""
    return _asked(view, pair, " ".join(filter(None, (no_choice, _source(view, pair), korean))))


def hint(view: TurnView, pair: Pair) -> Reply:
    """Quote what the file of a question says nearest to it without its answer, and ask it again."""
    if look := search(view, pair.question):
        return look
    own = (s for s in _found(view) if s.file == pair.section.file and s.purpose != "quiz")
    near = next((s for s in own if pair.answer not in s.body), None)
    text = next(iter(sentences(near.text(view.language))), "") if near else ""
    if near and text:
        return _asked(view, pair, f"{say(view, 'quiz_hint')} [{near.id}]", quote(text))
    return _asked(view, pair, say(view, "quiz_no_hint"))


def closed(view: TurnView, pair: Pair, *, given_up: bool) -> Reply:
    """Show the answer key, and judge an attempt by it where numbers or a single word decide."""
    verdict = say(view, "quiz_given_up" if given_up else _verdict(view.said, pair))
    return Reply(paragraphs(verdict, f"> {pair.answer}", _source(view, pair), say(view, "quiz_next")))


def _asked(view: TurnView, pair: Pair, *before: str) -> Reply:
    return Reply(paragraphs(*before, f"> {pair.question}", say(view, "quiz_try")))


def _source(view: TurnView, pair: Pair) -> str:
    name, section = NAMES["quiz"][view.language], pair.section
    return say(view, "source", file=section.file, name=name, id=section.id)


def _found(view: TurnView) -> list[Section]:
    return sections([*view.hits(), *view.known.values()])


def _pairs(found: Iterable[Section]) -> list[Pair]:
    """The questions of some sections, the material's own before those that are made."""
    every = dict.fromkeys(pair for section in found for pair in pairs_of(section))
    return sorted(every, key=lambda pair: BLANK in pair.question)


def _verdict(said: str, pair: Pair) -> str:
    """The name of what is said of an attempt."""
    given, hit = numbers_in(said), list[bool]()
    for wanted in _key(pair):
        hit.append(any(abs(wanted - number) <= abs(wanted) * TOLERANCE for number in given))
    if hit and given:
        return "quiz_right" if all(hit) else "quiz_partly" if any(hit) else "quiz_wrong"
    short = BLANK in pair.question or len(pair.answer.split()) <= 2
    right = short and not hit and mentions(said, tuple(pair.answer.rstrip(".").split()))
    return "quiz_right" if right else "quiz_compare"


def _key(pair: Pair) -> list[Fraction]:
    """The numbers an answer arrives at: what its sum equals, else those that the question does not have."""
    first = next(iter(sentences(pair.answer)), "").split(", ")[0]
    _, *results = re.split(r"=|약|곧|≈", pair.answer if "=" in pair.answer else first)
    after, asked = numbers_in(results[0] if results else first), numbers_in(pair.question)
    return [v for v in after if v not in asked][:3] or after[:1]
