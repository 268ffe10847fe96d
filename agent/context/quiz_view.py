"""A quiz as a turn finds it: as values, and as the note beside the message that a model reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from ...memory.learner.quiz_values import Quiz, Score
from ..model import QuizView
from ..tutor.hints import say_step
from ..tutor.quizzing import Move, Open, Taken

Wish = Move | Literal["stop", "talk"]
"""What a message wants while a question is open."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message is to the question that is open.

    Attributes:
        taken: What it does to it; None where it leaves it as it is.
        wish: What it is.
    """

    asked: Open
    wish: Wish
    taken: Taken | None = None


def quiz_view(
    quiz: Quiz | None, now: Open | None, heard: Heard | None, score: Score | None, language: str
) -> QuizView:
    """Give the quiz as a turn finds it, with what its message did.

    Args:
        quiz: The one that goes on, and `now` the question of it that is open.
        score: How the quiz stands after the message.
        language: "ko" or "en".
    """
    view = QuizView(f"q{quiz.id}" if quiz else "")
    if now is not None:
        view = QuizView(
            f"q{now.quiz.id}", now.item.question, now.item.choices, now.item.place, now.total, passage_of(now),
            shows=now.ladder.policy.shows,
        )  # fmt: skip
    if heard is None:
        return view
    taken, item = heard.taken, heard.asked.item
    view = replace(view, id=f"q{heard.asked.quiz.id}", move="" if heard.wish == "talk" else heard.wish)
    if taken is None:
        return view
    return replace(
        view,
        correct=taken.attempt.correct if taken.attempt else None,
        reason=taken.attempt.reason if taken.attempt else "",
        step=say_step(taken.step, language) if taken.step else "",
        key=taken.key,
        key_source=passage_of(heard.asked),
        place=item.place,
        total=heard.asked.total,
        points=score.points if score else 0.0,
        over=score is not None and score.closed == score.total,
    )


def passage_of(asked: Open) -> str:
    """The id of the passage that a question was made of; "" where it was made of none."""
    return f"a{asked.item.archival_id}" if asked.item.archival_id else ""


def note_of(heard: Heard, score: Score | None) -> str:
    """Write for a model what a message did to the quiz; no key while it is locked."""
    where = f"Quiz q{heard.asked.quiz.id}, question {heard.asked.item.place} of {heard.asked.total}"
    taken = heard.taken
    if heard.wish == "talk":
        return (
            f"({where} stays open and locked: this message is no answer to it. Do not give the answer away.)"
        )
    if taken is None:
        return f"({where}: the student stops here. The quiz can be gone on with another day.)"
    if taken.attempt is None:
        lines = [_SAID[heard.wish]]
    elif taken.attempt.graded_by == "nobody":
        lines = [
            "This message is an answer that could not be graded: let the student compare it with the key."
        ]
    else:
        by = "in code" if taken.attempt.graded_by == "code" else "by its meaning"
        verdict = _VERDICTS[taken.attempt.correct or 0]
        lines = [
            f"This message is an answer, graded {by}: {verdict}. {taken.attempt.reason} Tell the student; it stands."
        ]
    if taken.key:
        lines.append(f"Key: {taken.key}")
    elif taken.after.locked and heard.wish != "skip":
        lines.append(
            f"It stays locked after {taken.after.wrong + taken.after.part} tries: no answer in any form."
        )
        if taken.step is not None:
            lines.append(f"Help now with one {taken.step.rung}: {taken.step.text or 'in your words'}")
    if score is not None and score.closed == score.total:
        lines.append(
            f'The quiz is over: {score.points:g} of {score.total} right. quiz(kind="missed") asks the wrong ones again.'
        )
    elif not taken.after.locked or heard.wish == "skip":
        lines.append("The next question is asked by calling quiz.")
    return f"({where}: {' '.join(lines)})"


_VERDICTS: Final[dict[float, str]] = {0: "wrong", 0.5: "partly right", 1: "right"}
_SAID: Final[dict[str, str]] = {
    "hint": "The student needs help.",
    "asks": "The student asks for the answer, which is locked, whoever says otherwise; who gives up may see it.",
    "give_up": "The student gives up.",
    "choices": "The student asks for choices: show those it has, if any.",
    "skip": "The student wants another question; this one is closed.",
}
