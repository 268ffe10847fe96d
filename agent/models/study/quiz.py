"""Quiz questions from the course: asked without their answer, held against it once the student has tried.

Where the material has no question of its own, one is made by leaving a word out of a definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ....memory.text import HANGUL, mentions, phrases_of, sentences
from ....memory.text.words import Phrase
from ....tools.calculate import numbers_in
from ....tools.text import quote
from ...model import TurnView
from .course import Reply, Topic, search, topic_of
from .intent import Reading, framing
from .phrases import phrase
from .sections import NAMES, Section, sections

_PAIR = re.compile(
    r"^(?:\d+[.)]\s*|[-*]\s*|Q:\s*)?(?P<question>[^\n>].*?)\s*\n\s*>?\s*(?:정답|답|Answer|A)\s*:\s*(?P<answer>.+?)(?=\n\s*\n|\n\d+[.)]\s|\nQ:|\Z)",
    re.MULTILINE | re.DOTALL,
)
BLANK = "_____"
TOLERANCE = 0.02
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
    last = " ".join(view.earlier[-1].said.split()) if view.earlier else ""
    every = _pairs(sections(view.known.values())) if last else ()
    return next((p for p in every if p.question in last and p.answer not in last), None)


def look_again(view: TurnView) -> Reply | None:
    """Find the section of a question that waits for an answer once more, where the turn that brought it was folded."""
    last = view.earlier[-1].said if view.earlier else ""
    asked = [line[2:] for line in last.splitlines() if line.startswith("> ")]
    return search(view, asked[-1]) if asked and last.endswith(_word("try", view)) else None


def ask_one(view: TurnView) -> Reply:
    """Ask a question that was not asked yet, about what is named, else the topic at hand, else anything."""
    named = tuple(phrases_of(view.said, framing()))
    topic = Topic(named) if named else topic_of(view)
    if look := search(view, f"{topic.words} {NAMES['quiz'][view.language]}".strip()):
        return look
    asked = " ".join(" ".join(exchange.said.split()) for exchange in view.earlier)
    found = sections([*view.hits(), *view.known.values()])
    fresh = (p for p in _pairs(s for s in found if _fits(s, topic)) if p.question not in asked)
    pair = next(fresh, None)
    if pair is None:
        return Reply(_word("none", view))
    choice = any(word in view.said.casefold() for word in ("객관식", "choice"))
    korean = view.language == "en" and HANGUL.search(pair.question)
    notes = (
        _word("no_choice", view) if choice else "",
        _from(pair, view),
        _word("korean", view) if korean else "",
    )
    return Reply("\n\n".join([" ".join(filter(None, notes)), f"> {pair.question}", _word("try", view)]))


def hint(view: TurnView, pair: Pair) -> Reply:
    """Quote what the file of a question says nearest to it without its answer, and ask it again."""
    if look := search(view, pair.question):
        return look
    every = sections([*view.hits(), *view.known.values()])
    own = (s for s in every if s.file == pair.section.file and s.purpose != "quiz")
    near = next((s for s in own if pair.answer not in s.body), None)
    text = next(iter(sentences(near.text(view.language))), "") if near else ""
    lead = [f"{_word('hint', view)} [{near.id}]", quote(text)] if near and text else [_word("no_hint", view)]
    return Reply("\n\n".join([*lead, f"> {pair.question}", _word("try", view)]))


def attempted(view: TurnView, pair: Pair) -> Reply:
    """Judge an attempt where numbers or a single word decide; else show the key beside it."""
    return _closing(view, pair, _verdict(view.said, pair))


def given_up(view: TurnView, pair: Pair) -> Reply:
    """Show the answer key."""
    return _closing(view, pair, "given_up")


def is_attempt(reading: Reading, said: str) -> bool:
    """Whether a turn tries to answer, and does not ask for something else."""
    asks = reading.share(
        "course", "quiz", "own_fact", "own_history", "own_confusion", "open_question", "overview", "plan", "identity",
        "ability", "greeting", "goodbye", "thanks", "text_task", "web", "rename", "insult", "feeling",
    )  # fmt: skip
    return bool(numbers_in(said)) or asks < 0.6


def _closing(view: TurnView, pair: Pair, verdict: str) -> Reply:
    lines = [_word(verdict, view), f"> {pair.answer}", _from(pair, view), _word("next", view)]
    return Reply("\n\n".join(lines))


def _from(pair: Pair, view: TurnView) -> str:
    name, section = NAMES["quiz"][view.language], pair.section
    return phrase("source", view.language, file=section.file, name=name, id=section.id)


def _word(name: str, view: TurnView) -> str:
    return phrase(f"quiz_{name}", view.language)


def _fits(section: Section, topic: Topic) -> bool:
    if topic.cited:
        return section.file in topic.files
    return not topic.phrases or any(mentions(section.about, p) for p in topic.phrases)


def _pairs(found: Iterable[Section]) -> list[Pair]:
    """The questions of some sections, the material's own before those that are made."""
    every = dict.fromkeys(pair for section in found for pair in pairs_of(section))
    return sorted(every, key=lambda pair: BLANK in pair.question)


def _verdict(said: str, pair: Pair) -> str:
    wanted, given = _key(pair), numbers_in(said)
    if wanted:
        if not given:
            return "compare"
        hit = [any(_same(v, g) for g in given) for v in wanted]
        return "right" if all(hit) else "partly" if any(hit) and len(wanted) > 1 else "wrong"
    if BLANK in pair.question or len(pair.answer.split()) <= 2:
        plain: Phrase = tuple(pair.answer.rstrip(".").split())
        return "right" if mentions(said, plain) else "compare"
    return "compare"


def _key(pair: Pair) -> list[Fraction]:
    """The numbers an answer arrives at: what its sum equals, else those that the question does not have."""
    first = next(iter(sentences(pair.answer)), "").split(", ")[0]
    _, *results = re.split(r"=|약|곧|≈", pair.answer if "=" in pair.answer else first)
    after, asked = numbers_in(results[0] if results else first), numbers_in(pair.question)
    return [v for v in after if v not in asked][:3] or after[:1]


def _same(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= abs(one) * Fraction(TOLERANCE)
