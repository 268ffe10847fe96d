"""What a quiz asks: what waits to be checked, kept problems, cards, what the course itself sets against each other.

Pure, but for the seeded order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Final

from ...memory.dates.naming import Language
from ...memory.learner.quiz_values import Attempt, KeptProblem, Kind, NewItem
from ...memory.learner.values import Card
from ...memory.text import josa, mentions, sentences
from ...tools.calculator.calculate import numbers_in

CHOICES: Final = 4
"""Of a question that is made from two sides; the others are backs of others."""

TRUE_FALSE: Final = ("O", "X")

BLANK: Final = "_____"

LEAST_LEFT: Final = 30
"""Characters of a definition besides its term for it to be asked with the term left out."""

LEAST_KEY: Final = 2
"""Characters of a key in words."""

MOST_PLACES: Final = 10**6
"""A number that ends within so many decimal places is written as a decimal."""

_RESTATES: Final = ("곧", "즉", "약 ", "about ", "roughly ", "that is", "i.e.")
"""How a part of a sentence begins that says a number once more."""

_ENDINGS: Final = ("입니다", "이다", "이에요", "예요", "이며", "이고")
"""What a Korean sentence ends in that is no part of what it names."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A question and its answer, of a card or of a passage of the course; `asked` where that is what it asks itself."""

    front: str
    back: str
    topic: str = ""
    card_id: int | None = None
    archival_id: int | None = None
    asked: bool = False


def choose_items(
    problems: Sequence[KeptProblem],
    cards: Sequence[Card],
    attempts: Iterable[Attempt],
    count: int,
    kind: Kind | None,
    seed: int,
    course: Sequence[Sides] = (),
    asked: Collection[str] = (),
    *,
    checks: Sequence[str] = (),
    explanations: Sequence[NewItem] = (),
) -> list[NewItem]:
    """Choose and make at most `count` questions.

    What is asked about again comes first. Then those that were answered worst last time, then those never asked, then the
    others; problems go before cards, because they were written to be asked, and so do the course's own questions before
    what is made of its definitions.

    Args:
        checks: Topics that wait to be asked about again.
        explanations: What can be asked to be put in own words (`explain_item`): where nothing else asks about such a
            topic, or where only these are wanted.
        kind: "short" for a free answer, "choice", "ox" for true or false; None for each as it is.
        seed: Decides the order of choices, and what a statement to be judged is made of.
        course: Of the course, the best first; what is on a card already is left out.
        asked: Questions that were asked before.
    """
    random = Random(seed)
    last: dict[tuple[str, int | None], float | None] = {}
    for attempt in attempts:
        if attempt.correct is not None:
            last["p", attempt.problem_id] = last["k", attempt.card_id] = attempt.correct
    if kind == "explain":
        return sorted(explanations, key=lambda item: item.question in asked)[:count]
    own = [Sides(card.front, card.back, card.topic, card_id=card.id) for card in cards]
    fronts = {sides.front.casefold() for sides in own}
    own += [
        sides
        for sides in sorted(course, key=lambda sides: not sides.asked)
        if sides.front.casefold() not in fronts
    ]
    made = [_of_problem(problem) for problem in problems if kind is None or _fits(problem, kind)]
    made += [item for sides in own if (item := _of_sides(sides, own, kind, random)) is not None]
    if kind is None:
        asks = {topic for topic in checks if any(_is_about(item, topic) for item in made)}
        made += [item for item in explanations if item.topic in checks and item.topic not in asks]
    waits = [any(_is_about(item, topic) for topic in checks) for item in made]
    order = sorted(range(len(made)), key=lambda at: (not waits[at], *_turn(made[at], last, asked)))
    return [made[at] for at in order[:count]]


def explain_item(topic: str, key: str, language: Language, archival_id: int | None = None) -> NewItem:
    """Make the question to put a topic in own words.

    Args:
        key: What the course says of it, which is shown afterwards; no code can grade such an answer.
        archival_id: The passage that it is from.
    """
    name = topic.removesuffix(".md")
    question = {
        "ko": f"{josa(name, '을/를')} 자신의 말로 설명해 보세요.",
        "en": f"Explain {name} in your own words.",
    }[language]
    return NewItem(question, (key,), "explain", topic=topic, archival_id=archival_id)


def _is_about(item: NewItem, topic: str) -> bool:
    return mentions("\n".join([item.topic, item.question, *item.answers]), tuple(topic.split()))


def answers_in(back: str, question: str = "") -> tuple[str, ...]:
    """Give what a key of the course accepts: itself, what it names first, and the numbers that it arrives at.

    "1/8 = 0.125" accepts an eighth, "(16,000 − 4,000) / 300 = 40번입니다." forty, "기울기 폭발입니다. …" its first words.

    Args:
        question: Its numbers are no answer.
    """
    first = next(iter(sentences(back)), "").rstrip(" .")
    numbers = _numbers(first, question)
    named = next((first.removesuffix(end) for end in _ENDINGS if first.endswith(end)), first)
    other = [", ".join(numbers)] if numbers else [named] if len(named) >= LEAST_KEY else []
    return tuple(dict.fromkeys([back, *other]))


def _numbers(first: str, question: str) -> list[str]:
    """The numbers that a sentence arrives at: behind its last equals sign, else those that the question does not have."""
    asked = numbers_in(question)
    result, *more = first.rpartition("=")[2].split(", ")
    if "=" in first:
        result = ", ".join([result, *(part for part in more if not part.startswith(_RESTATES))])
    every = numbers_in(result)
    found = [number for number in every if number not in asked] or every
    decimal = "." in result  # rounded: it has the tolerance of a decimal
    return list(dict.fromkeys(_written(number, decimal=decimal) for number in found))


def _written(number: Fraction, *, decimal: bool) -> str:
    return f"{float(number):g}" if decimal and MOST_PLACES % number.denominator == 0 else str(number)


def _turn(
    item: NewItem, last: Mapping[tuple[str, int | None], float | None], asked: Collection[str]
) -> tuple[int, float, bool]:
    correct = last.get(("p", item.problem_id) if item.problem_id else ("k", item.card_id or 0))
    known = item.question in asked if item.archival_id else correct is not None
    place = 1 if not known else 0 if correct is not None and correct < 1 else 2
    return place, correct or 0.0, item.problem_id is None


def _fits(problem: KeptProblem, kind: Kind) -> bool:
    choices = problem.problem.choices
    return {"short": not choices, "choice": bool(choices), "ox": len(choices) == 2, "explain": False}[kind]


def _of_problem(kept: KeptProblem) -> NewItem:
    problem = kept.problem
    return NewItem(
        f"{problem.text}\n{problem.question}".strip(),
        problem.answers,
        "choice" if problem.choices else "short",
        problem.answer_type,
        problem.lesson or problem.course,
        problem.choices,
        problem_id=kept.id,
    )


def _of_sides(sides: Sides, every: Sequence[Sides], kind: Kind | None, random: Random) -> NewItem | None:
    """Make a question of two sides; None where there are no others to tell it from."""
    others = [other.back for other in every if other.back != sides.back and other.front != sides.front]
    near = [other.back for other in every if other.topic == sides.topic and other.back in others]
    made_of: dict[str, Any] = {
        "topic": sides.topic,
        "card_id": sides.card_id,
        "archival_id": sides.archival_id,
    }
    match kind:
        case "choice":
            drawn = list(dict.fromkeys([*_shuffled(near, random), *_shuffled(others, random)]))[: CHOICES - 1]
            if len(drawn) < CHOICES - 1:
                return None
            choices = tuple(_shuffled([sides.back, *drawn], random))
            return NewItem(sides.front, (sides.back,), "choice", choices=choices, **made_of)
        case "ox":
            if not others:
                return None
            true = random.random() < 0.5
            said = sides.back if true else random.choice(near or others)
            question = f"{sides.front}\n→ {said}"
            return NewItem(question, (TRUE_FALSE[not true],), "ox", choices=TRUE_FALSE, **made_of)
        case _ if sides.card_id is not None:
            return NewItem(sides.front, (sides.back,), **made_of)
        case _:
            return _of_course(sides, made_of)


def _of_course(sides: Sides, made_of: Mapping[str, Any]) -> NewItem:
    """Ask for the term that a sentence defines, where it has it; else for the other side, in its shortest forms too."""
    term = sides.front.partition(" (")[0].strip()
    at = sides.back.casefold().find(term.casefold())
    if at >= 0 and len(sides.back) > len(term) + LEAST_LEFT:
        question = f"{sides.back[:at]}{BLANK}{sides.back[at + len(term) :]}"
        return NewItem(question, (term,), **made_of)
    return NewItem(sides.front, answers_in(sides.back, sides.front), **made_of)


def _shuffled(texts: Sequence[str], random: Random) -> list[str]:
    return random.sample(texts, len(texts))
