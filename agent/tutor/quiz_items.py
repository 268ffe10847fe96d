"""What a quiz asks: problems that are kept, else the student's cards, the weakest first. Pure, but for the seeded order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

from ...memory.learner.quiz_values import Attempt, KeptProblem, Kind, NewItem
from ...memory.learner.values import Card

CHOICES: Final = 4
"""Of a question that is made from cards; the others are backs of other cards."""

TRUE_FALSE: Final = ("O", "X")


def choose_items(
    problems: Sequence[KeptProblem],
    cards: Sequence[Card],
    attempts: Iterable[Attempt],
    count: int,
    kind: Kind | None,
    seed: int,
) -> list[NewItem]:
    """Choose and make at most `count` questions.

    Those that were answered worst last time come first, then those never asked, then the others; problems go before cards,
    because they were written to be asked.

    Args:
        kind: "short" for a free answer, "choice", "ox" for true or false; None for each as it is.
        seed: Decides the order of choices, and what a statement to be judged is made of.
    """
    random = Random(seed)
    last: dict[tuple[str, int | None], float] = {}
    for attempt in attempts:
        last["p", attempt.problem_id] = last["k", attempt.card_id] = attempt.correct
    made = [_of_problem(problem) for problem in problems if kind is None or _fits(problem, kind)]
    made += [item for card in cards if (item := _of_card(card, cards, kind, random)) is not None]
    return sorted(made, key=lambda item: _turn(item, last))[:count]


def _turn(item: NewItem, last: Mapping[tuple[str, int | None], float]) -> tuple[int, float, bool]:
    correct = last.get(("p", item.problem_id) if item.problem_id else ("k", item.card_id))
    place = 1 if correct is None else 0 if correct < 1 else 2
    return place, correct or 0.0, item.problem_id is None


def _fits(problem: KeptProblem, kind: Kind) -> bool:
    choices = problem.problem.choices
    return {"short": not choices, "choice": bool(choices), "ox": len(choices) == 2}[kind]


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


def _of_card(card: Card, cards: Sequence[Card], kind: Kind | None, random: Random) -> NewItem | None:
    """Make a question of a card; None where there are no other cards to tell it from."""
    others = [other.back for other in cards if other.back != card.back and other.front != card.front]
    near = [other.back for other in cards if other.topic == card.topic and other.back in others]
    match kind:
        case "choice":
            drawn = list(dict.fromkeys([*_shuffled(near, random), *_shuffled(others, random)]))[: CHOICES - 1]
            if len(drawn) < CHOICES - 1:
                return None
            choices = tuple(_shuffled([card.back, *drawn], random))
            return NewItem(card.front, (card.back,), "choice", "", card.topic, choices, card_id=card.id)
        case "ox":
            if not others:
                return None
            true = random.random() < 0.5
            said = card.back if true else random.choice(near or others)
            question = f"{card.front}\n→ {said}"
            return NewItem(
                question, (TRUE_FALSE[not true],), "ox", "", card.topic, TRUE_FALSE, card_id=card.id
            )
        case _:
            return NewItem(card.front, (card.back,), "short", "", card.topic, card_id=card.id)


def _shuffled(texts: Sequence[str], random: Random) -> list[str]:
    return random.sample(texts, len(texts))
