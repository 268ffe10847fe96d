"""How well a topic is known: how answers went lately, and how likely they are still remembered, side by side.

Correctness without retrievability forgets forgetting, retrievability without correctness knows no understanding, and
either says little after one answer: so the number of attempts always stands beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...memory.dates.naming import Language
from ...memory.learner.quiz_values import Attempt

DECAY: Final = 0.7
"""How much an attempt weighs against the one after it: of the sum of all weights the last three have two thirds."""

SOLID: Final = 0.85
"""The correctness and the retrievability from which a topic needs no more than its reviews; FSRS aims at 0.9 on the
day a card is due."""

LEAST_ATTEMPTS: Final = 3
"""Fewer attempts show nothing."""


@dataclass(frozen=True, slots=True)
class Mastery:
    """What is known of one topic.

    Attributes:
        correctness: Of the attempts, the later ones weighing more, 0 to 1; None without any.
        retrievability: The mean over its cards of the chance to recall them now (FSRS), 0 to 1; None without any.
        explained: The student has put it in their own words once.
    """

    topic: str
    correctness: float | None
    retrievability: float | None
    attempts: int
    explained: bool = False

    @property
    def weakness(self) -> float:
        """How much it needs, 0 to 1; of what was never tried nobody knows, so it needs all."""
        if self.correctness is None and self.retrievability is None:
            return 1.0
        known = [value for value in (self.correctness, self.retrievability) if value is not None]
        return 1 - min(known)

    @property
    def solid(self) -> bool:
        """Whether it needs no more than its reviews now: enough answers, right and remembered, explained once."""
        remembered = self.retrievability is None or self.retrievability >= SOLID
        right = self.correctness is not None and self.correctness >= SOLID
        return right and remembered and self.explained and self.attempts >= LEAST_ATTEMPTS

    def say(self, language: Language) -> str:
        """Give the figures in one line, what is not known as a dash."""
        right, kept = (_percent(value) for value in (self.correctness, self.retrievability))
        if language == "ko":
            explained = "설명해 봄" if self.explained else "설명은 아직"
            return f"정답 {right} ({self.attempts}회), 기억 {kept}, {explained}"
        explained = "explained" if self.explained else "not explained yet"
        tries = "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts"
        return f"right {right} ({tries}), remembered {kept}, {explained}"


def mastery(
    attempts: Iterable[Attempt],
    retrievabilities: Mapping[str, Sequence[float]],
    explained: Collection[str] = (),
) -> dict[str, Mastery]:
    """Give what is known of each topic that was tried or has cards.

    Args:
        attempts: As they are stored, the oldest first; what names no topic or was not graded counts for none.
        retrievabilities: Of the cards of each topic, now.
        explained: Topics that the student has put in their own words.
    """
    tried: dict[str, list[float]] = {}
    for attempt in attempts:
        if attempt.topic and attempt.correct is not None:
            tried.setdefault(attempt.topic, []).append(attempt.correct)
    found: dict[str, Mastery] = {}
    for topic in dict.fromkeys([*tried, *retrievabilities]):
        answers, cards = tried.get(topic, []), retrievabilities.get(topic, ())
        found[topic] = Mastery(
            topic,
            recent_correctness(answers),
            sum(cards) / len(cards) if cards else None,
            len(answers),
            topic in explained,
        )
    return found


def recent_correctness(correct: Sequence[float]) -> float | None:
    """Give the mean of some answers, each weighing `DECAY` times what the next one does; None without any.

    Args:
        correct: Oldest first, each 0 to 1.
    """
    if not correct:
        return None
    weights = [DECAY**age for age in reversed(range(len(correct)))]
    return sum(w * c for w, c in zip(weights, correct, strict=True)) / sum(weights)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}%"
