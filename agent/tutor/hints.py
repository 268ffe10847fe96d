"""The hint ladder of one problem: pump, hint, prompt, worked step, answer. A state machine in code; no model moves it.

The rungs are those of human tutors' dialogue (Graesser, Person & Magliano 1995; AutoTutor): a pump only asks for more, a
hint points at something, a prompt asks for one step, a worked step does one. A problem set's own hints stand on them in
their order: its hints are hints, its scaffolds are prompts, and a scaffold's own answer is the worked step behind it.
What says the key itself (one in ten of OATutor's hints) is no step: it belongs to the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from ...memory.learner.problem_sets import Hint, Problem
from ..settings import AnswerLock
from .grading import AnswerKey, Grade
from .leaks import reveals

Rung = Literal["pump", "hint", "prompt", "worked_step", "answer"]

State = Literal["open", "solved", "shown"]

TRIES: Final = 3
"""Attempts that were not right after which the key is shown."""


@dataclass(frozen=True, slots=True)
class LockPolicy:
    """When a key may be shown. What a teacher sets can only tighten it.

    Attributes:
        tries: Attempts that were not right after which it is shown; None for never.
        on_giving_up: Whether it is shown to who gives up.
        after_hints: Whether it is shown to who asks for more when every hint was given.
    """

    tries: int | None = TRIES
    on_giving_up: bool = True
    after_hints: bool = True

    @property
    def shows(self) -> bool:
        """Whether there is any way to the key but the right answer."""
        return self.tries is not None or self.on_giving_up or self.after_hints

    def tightened(self, other: LockPolicy) -> LockPolicy:
        """Both policies at once: whatever either withholds is withheld."""
        tries = None if self.tries is None or other.tries is None else max(self.tries, other.tries)
        return LockPolicy(
            tries,
            self.on_giving_up and other.on_giving_up,
            self.after_hints and other.after_hints,
        )


EXAM: Final = LockPolicy(tries=None, on_giving_up=False, after_hints=False)
"""In an exam there are hints and no keys."""

STRICT: Final = LockPolicy(tries=5, on_giving_up=False)
"""Giving up is not enough: five tries, or every hint."""


def policy_for(lock: AnswerLock, mode: str = "") -> LockPolicy:
    """Give the policy of a teacher's setting in a mode; each can only tighten.

    Args:
        mode: "exam" withholds keys; any other withholds nothing more.
    """
    policy = LockPolicy().tightened(STRICT) if lock == "strict" else LockPolicy()
    return policy.tightened(EXAM) if mode == "exam" else policy


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
        wrong: Wrong attempts; `part`: those that were partly right.
        state: "open", "solved", or "shown" once the key may be seen.
    """

    problem: Problem
    policy: LockPolicy = LockPolicy()
    given: int = 0
    wrong: int = 0
    part: int = 0
    state: State = "open"

    @property
    def key(self) -> AnswerKey:
        """What the problem is graded by."""
        return key_of(self.problem)

    @property
    def locked(self) -> bool:
        """Whether the key must not be said."""
        return self.state == "open"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step before the answer."""
        return _steps(self.problem)

    @property
    def said(self) -> tuple[Step, ...]:
        """The steps that were said."""
        return self.steps[: self.given]

    def next_step(self) -> Step | None:
        """What would be said next: the answer once it may be shown; None where it is locked and nothing else is left."""
        if not self.locked:
            return Step("answer", self.problem.answers[0])
        return self.steps[self.given] if self.given < len(self.steps) else None

    def attempted(self, grade: Grade) -> Ladder:
        """Take in a graded response: a wrong attempt goes one step on, and so does not knowing; a half right one stays."""
        if not self.locked:
            return self
        if grade.correct is None:
            return self.climbed() if grade.kind == "dont_know" else self
        if grade.correct == 1:
            return replace(self, state="solved")
        tried = replace(self, part=self.part + 1) if grade.correct else replace(self, wrong=self.wrong + 1)
        if self.policy.tries is not None and tried.wrong + tried.part >= self.policy.tries:
            return replace(tried, state="shown")
        return tried if grade.correct else tried.climbed()

    def climbed(self) -> Ladder:
        """Go one step on; the last step before the answer is as far as it goes."""
        return replace(self, given=min(self.given + 1, len(self.steps))) if self.locked else self

    def asked_for_hint(self) -> Ladder:
        """Go one step on; where every step was said, the key follows if the policy lets it."""
        used_up = self.locked and bool(self.steps) and self.given == len(self.steps)
        return replace(self, state="shown") if used_up and self.policy.after_hints else self.climbed()

    def gave_up(self) -> Ladder:
        """Show the key to who gives up, where the policy lets it be shown."""
        return replace(self, state="shown") if self.locked and self.policy.on_giving_up else self


def key_of(problem: Problem) -> AnswerKey:
    """What a problem is graded by."""
    asked = f"{problem.text}\n{problem.question}".strip()
    return AnswerKey(problem.answers, problem.answer_type, problem.choices, asked)


def say_step(step: Step, language: str) -> str:
    """Word a step in the student's language; a problem set's own text stays as it is."""
    opening = _OPENINGS[step.rung]["ko" if language == "ko" else "en"]
    return f"{opening}\n\n> {step.text}" if step.text else opening


def lettered(choices: Sequence[str]) -> list[str]:
    """Write choices with their letters: "A) an eighth"."""
    return [f"{letter}) {choice}" for letter, choice in zip("ABCDEFGHIJ", choices, strict=False)]


def shown_to_model(ladder: Ladder) -> str:
    """What a model is told of a problem: never the key while it is locked, nor a hint that is not due."""
    problem, due = ladder.problem, ladder.next_step()
    lines = [problem.text, problem.question]
    lines += [f"({line}" for line in lettered(problem.choices)]
    lines += [f"{step.rung}: {step.text}" for step in ladder.said if step.text]
    if ladder.locked:
        following = f"due next: {due.rung} {due.text}".rstrip() if due else "no hint is left"
        lines.append(f"[locked; wrong attempts: {ladder.wrong}. Do not give the answer. {following}]")
    else:
        lines.append(f"[{ladder.state}; key: {' | '.join(problem.answers)}]")
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=64)
def _steps(problem: Problem) -> tuple[Step, ...]:
    key = key_of(problem)
    own = [step for hint in problem.hints for step in _steps_of(hint) if not reveals(key, step.text)]
    return (Step("pump"), *(own or [Step("hint"), Step("prompt")]))


def _steps_of(hint: Hint) -> Iterator[Step]:
    text = hint.text or hint.title
    if hint.type == "hint":
        yield Step("hint", text)
        return
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
