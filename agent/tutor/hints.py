"""The hint ladder of one problem: pump, hint, prompt, worked step, answer. A state machine in code; no model moves it.

The rungs are those of human tutors' dialogue (Graesser, Person & Magliano 1995; AutoTutor): a pump only asks for more, a
hint points at something, a prompt asks for one step, a worked step does one. A problem set's own hints stand on them in
their order: its hints are hints, its scaffolds are prompts, and a scaffold's own answer is the worked step behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from ...memory.learner.problem_sets import Problem
from .grading import Grade

Rung = Literal["pump", "hint", "prompt", "worked_step", "answer"]
RUNGS: Final[tuple[Rung, ...]] = ("pump", "hint", "prompt", "worked_step", "answer")

TRIES: Final = 3
"""Wrong attempts after which the key is shown."""

Mode = Literal["tutor", "exam"]
"""In an exam there are neither hints nor keys."""


@dataclass(frozen=True, slots=True)
class LockPolicy:
    """When a key may be shown. What a teacher sets can only tighten it.

    Attributes:
        tries: Wrong attempts after which it is shown; None for never.
        on_giving_up: Whether it is shown to who gives up.
        hints: Whether there are hints.
    """

    tries: int | None = TRIES
    on_giving_up: bool = True
    hints: bool = True

    def tightened(self, other: LockPolicy) -> LockPolicy:
        """Both policies at once: whatever either withholds is withheld."""
        tries = None if self.tries is None or other.tries is None else max(self.tries, other.tries)
        return LockPolicy(tries, self.on_giving_up and other.on_giving_up, self.hints and other.hints)


EXAM: Final = LockPolicy(tries=None, on_giving_up=False, hints=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the ladder can say; `text` is the problem set's own, "" where the professor words it."""

    rung: Rung
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a student stands with one problem.

    Attributes:
        given: How many steps were said.
        wrong: Wrong attempts.
        state: "open", "solved", or "shown" once the key may be seen.
    """

    problem: Problem
    policy: LockPolicy = LockPolicy()
    given: int = 0
    wrong: int = 0
    state: Literal["open", "solved", "shown"] = "open"

    @property
    def locked(self) -> bool:
        """Whether the key must not be said."""
        return self.state == "open"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step there is, the answer left out."""
        return tuple(_steps(self.problem)) if self.policy.hints else ()

    @property
    def said(self) -> tuple[Step, ...]:
        """The steps that were said."""
        return self.steps[: self.given]

    def next_step(self) -> Step | None:
        """What would be said next; None where nothing is left but the key, and that is locked."""
        return self.steps[self.given] if self.given < len(self.steps) else None

    def attempted(self, grade: Grade) -> Ladder:
        """Take in a graded response: a wrong attempt goes one step on, no attempt changes nothing."""
        if not self.locked or grade.correct is None:
            return self
        if grade.correct == 1:
            return replace(self, state="solved")
        wrong = self.wrong + (grade.correct == 0)
        over = self.policy.tries is not None and wrong >= self.policy.tries
        moved = replace(self, wrong=wrong, state="shown" if over else "open")
        return moved if over or grade.correct else moved.hinted()

    def hinted(self) -> Ladder:
        """Go one step on, as when a hint is asked for; when all are said there is no further one."""
        if not self.locked:
            return self
        return replace(self, given=min(self.given + 1, len(self.steps)))

    def gave_up(self) -> Ladder:
        """Show the key to who gives up, where the policy lets it be shown."""
        return replace(self, state="shown") if self.locked and self.policy.on_giving_up else self


def say_step(step: Step, language: str) -> str:
    """Word a step in the student's language; a problem set's own text stays as it is."""
    opening = _OPENINGS[step.rung]["ko" if language == "ko" else "en"]
    return f"{opening}\n\n> {step.text}" if step.text else opening


def shown_to_model(ladder: Ladder) -> str:
    """What a model is told of a problem: never the key, or a hint that is not due, while it is locked."""
    problem = ladder.problem
    lines = [problem.text, problem.question]
    lines += [f"({letter}) {choice}" for letter, choice in zip("ABCDEFGHIJ", problem.choices, strict=False)]
    lines += [f"{step.rung}: {step.text}" for step in ladder.said if step.text]
    if ladder.locked:
        following = ladder.next_step()
        due = f"{following.rung}: {following.text}".rstrip(": ") if following else "no hint is left"
        lines.append(f"[locked: {ladder.wrong} wrong attempts. Do not give the answer. Due next: {due}]")
    else:
        lines.append(f"[key: {' | '.join(problem.answers)}]")
    return "\n".join(line for line in lines if line)


def _steps(problem: Problem) -> Iterator[Step]:
    yield Step("pump")
    if not problem.hints:
        yield Step("hint")
        yield Step("prompt")
    for hint in problem.hints:
        text = hint.text or hint.title
        if hint.type == "hint":
            yield Step("hint", text)
            continue
        yield Step("prompt", text)
        if hint.answers:
            yield Step("worked_step", f"{text} → {hint.answers[0]}")


_OPENINGS: Final[Mapping[Rung, Mapping[str, str]]] = {
    "pump": {
        "en": "What have you tried so far, and where does it get stuck? What is given, and what is asked?",
        "ko": "지금까지 무엇을 해 보셨고 어디에서 막혔나요? 주어진 것과 구하는 것은 무엇인가요?",
    },
    "hint": {
        "en": "A hint: which definition or rule connects what is given with what is asked?",
        "ko": "힌트를 드릴게요. 주어진 것과 구하는 것을 이어 주는 정의나 규칙은 무엇일까요?",
    },
    "prompt": {
        "en": "Take one step only: what do you get from the first thing you would do?",
        "ko": "한 단계만 해 볼까요? 가장 먼저 할 일을 하면 무엇이 나오나요?",
    },
    "worked_step": {
        "en": "One step of it, worked out. How does it go on?",
        "ko": "한 단계를 풀어 보았습니다. 다음은 어떻게 될까요?",
    },
    "answer": {"en": "The answer:", "ko": "정답입니다."},
}
