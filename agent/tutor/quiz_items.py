"""What a quiz asks: what waits to be checked, problems that are kept, the student's cards, the weakest first.

Pure, but for the seeded order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

from ...memory.dates.naming import Language
from ...memory.learner.quiz_values import Attempt, KeptProblem, Kind, NewItem
from ...memory.learner.values import Card
from ...memory.text import josa, mentions

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
    *,
    checks: Sequence[str] = (),
    explanations: Sequence[NewItem] = (),
) -> list[NewItem]:
    """Choose and make at most `count` questions.

    What is asked about again comes first. Then those that were answered worst last time, then those never asked, then the
    others; problems go before cards, because they were written to be asked.

    Args:
        checks: Topics that wait to be asked about again.
        explanations: What can be asked to be put in own words (`explain_item`): where nothing else asks about such a
            topic, or where only these are wanted.
        kind: "short" for a free answer, "choice", "ox" for true or false; None for each as it is.
        seed: Decides the order of choices, and what a statement to be judged is made of.
    """
    random = Random(seed)
    last: dict[tuple[str, int | None], float] = {}
    for attempt in attempts:
        if attempt.correct is not None:
            last["p", attempt.problem_id] = last["k", attempt.card_id] = attempt.correct
    if kind == "explain":
        return list(explanations[:count])
    made = [_of_problem(problem) for problem in problems if kind is None or _fits(problem, kind)]
    made += [item for card in cards if (item := _of_card(card, cards, kind, random)) is not None]
    if kind is None:
        asked = {topic for topic in checks if any(_is_about(item, topic) for item in made)}
        made += [item for item in explanations if item.topic in checks and item.topic not in asked]
    waits = [any(_is_about(item, topic) for topic in checks) for item in made]
    order = sorted(range(len(made)), key=lambda at: (not waits[at], *_turn(made[at], last)))
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


def _turn(item: NewItem, last: Mapping[tuple[str, int | None], float]) -> tuple[int, float, bool]:
    correct = last.get(("p", item.problem_id) if item.problem_id else ("k", item.card_id or 0))
    place = 1 if correct is None else 0 if correct < 1 else 2
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
