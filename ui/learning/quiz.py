"""`officehours quiz`: questions one after the other, graded in code, at a terminal or line by line through a pipe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from ...agent.context.learner import Learner
from ...agent.context.quiz_material import questions_for
from ...agent.runtime import Runtime
from ...agent.tutor.grading import AnswerKey, Grade, grade
from ...agent.tutor.hints import TRIES, Ladder, LockPolicy, say_step
from ...memory.errors import UsageError
from ...memory.learner.problem_sets import Problem
from ...memory.learner.quiz_values import Attempt, GradedBy, Kind, Quiz, QuizItem
from ..runtime import open_for_command
from ..terminal.say import echo, localized, prefs, print_json
from .review import read_line, show_text

STOP = frozenset({"q", "quit", "stop", "그만", "종료"})
HINT = frozenset({"h", "hint", "힌트"})
YES = frozenset({"y", "yes", "ㅛ", "네", "예", "응", "맞음", "맞아요"})
LETTERS = "ABCDEFGHIJ"


def quiz(topic: str | None, count: int, kind: Kind | None, student: str | None, *, as_json: bool) -> None:
    """Go on with the quiz that is open, else ask new questions; as JSON only begin it and print what is asked.

    Raises:
        UsageError: There is nothing to ask.
    """
    with open_for_command(student) as runtime:
        quizzes = runtime.memories.quizzes
        now = quizzes.current() if topic is None and kind is None else None
        if now is None:
            items = questions_for(
                Learner(runtime.db, runtime.student.id, runtime.clock),
                runtime.memories.archival.list("passage"),
                topic,
                count,
                kind,
                "ko" if prefs.language == "ko" else "en",
            )
            if not items:
                raise _nothing()
            now = quizzes.start(items, topic=topic or "", kind=kind or "mixed")
        if as_json:
            print_json(_document(now, quizzes.items(now.id)))
        else:
            _Asking(runtime).run(now)


def kind_named(kind: str | None) -> Kind | None:
    """Read what is written behind --kind.

    Raises:
        UsageError: There is no such kind.
    """
    kinds: dict[str, Kind] = {name: name for name in get_args(Kind)}
    if kind is None or kind in kinds:
        return kinds.get(kind or "")
    raise UsageError(
        f"There is no kind “{kind}”. Kinds are short, choice, ox and explain.",
        f"‘{kind}’ 형식은 없습니다. short, choice, ox, explain 가운데 골라 주세요.",
    )


def _nothing() -> UsageError:
    return UsageError(
        "There is nothing to ask about that. officehours cards make makes cards of the course, officehours cards import"
        " FILE brings a problem set or a deck.",
        "그에 대해 낼 문제가 없습니다. officehours cards make 로 강의에서 카드를 만들거나 officehours cards import 파일 로"
        " 문제집이나 카드 묶음을 가져와 주세요.",
    )


class _Asking:
    """One sitting; every answer is committed when it is given, so it can end anywhere and goes on from there."""

    def __init__(self, runtime: Runtime) -> None:
        self._quizzes = runtime.memories.quizzes

    def run(self, now: Quiz | None) -> None:
        """Ask until all is asked or the person stops; what was wrong is offered once more."""
        while now is not None:
            if not self._ask_all(now):
                echo(localized("\nTo be continued: officehours quiz", "\n이어서 풀기: officehours quiz"))
                return
            score = self._quizzes.finish(now.id)
            echo(
                localized(
                    f"\n{score.points:g} of {score.total} right.",
                    f"\n{score.total}문제 가운데 {score.points:g}점입니다.",
                )
            )
            if score.points >= score.total:
                return
            again = read_line(localized("The wrong ones again? [y/N] ", "틀린 문제를 다시 풀까요? [y/N] "))
            now = self._quizzes.wrong_ones_again(now.id) if again and again.casefold() in YES else None

    def _ask_all(self, now: Quiz) -> bool:
        total = len(self._quizzes.items(now.id))
        while (item := self._quizzes.next_item(now.id)) is not None:
            echo(f"\n[{item.place}/{total}] {item.topic}".rstrip())
            show_text(item.question)
            self._show_choices(item)
            if not self._ask(item, self._ladder(item)):
                return False
        return True

    def _ladder(self, item: QuizItem) -> Ladder:
        """Where the student stands with a question: what was tried and said in an earlier sitting counts."""
        tried = self._quizzes.attempts(item=item.id)
        if item.problem_id:
            problem = self._quizzes.problem(item.problem_id).problem
        else:
            problem = Problem(str(item.id), item.question, item.answers, choices=item.choices)
        given = max((attempt.hints_used for attempt in tried), default=0)
        # Of two choices the one that is left tells the answer: it is no second try.
        tries = min(TRIES, len(item.choices) - 1) if item.choices else TRIES
        return Ladder(
            problem, LockPolicy(tries), given=given, wrong=sum(attempt.correct == 0 for attempt in tried)
        )

    def _ask(self, item: QuizItem, ladder: Ladder) -> bool:
        """Take answers to one question until it is closed; False where the person stops."""
        key = AnswerKey(item.answers, item.answer_type, item.choices, item.question)
        while True:
            line = read_line(localized("Answer (h hint, q stop): ", "답 (h 힌트, q 그만): "))
            if line is None or line.casefold() in STOP:
                return False
            if line.casefold() in HINT:
                ladder = self._hinted(ladder.asked_for_hint(), ladder)
            else:
                ladder = self._taken(item, ladder, line, grade(key, line))
            if not ladder.locked:
                if ladder.state == "shown":
                    show_text(localized("The answer: ", "정답: ") + " / ".join(item.answers))
                tried = self._quizzes.attempts(item=item.id)
                self._quizzes.close_item(item.id, "answered" if tried else "given_up")
                return True

    def _taken(self, item: QuizItem, ladder: Ladder, line: str, given: Grade) -> Ladder:
        """Take in one line: an attempt counts, a wish for choices, a hint or the answer is none."""
        if given.kind == "asks_for_answer":
            return ladder.gave_up()
        if given.kind == "asks_for_choices":
            if not item.choices:
                echo(localized("This one has no choices.", "보기가 없는 문제입니다."))
            self._show_choices(item)
            return ladder
        if given.kind in {"dont_know", "empty"}:
            return self._hinted(ladder.asked_for_hint(), ladder)
        if item.kind == "explain" or given.correct is None or (given.correct < 1 and _takes_reading(item)):
            return self._judged(item, ladder, line)
        self._record(item, ladder, line, given.correct, "code", given.reason(prefs.language))
        echo(given.reason(prefs.language))
        after = ladder.attempted(given)
        return self._hinted(after, ladder) if after.given > ladder.given else after

    def _judged(self, item: QuizItem, ladder: Ladder, line: str) -> Ladder:
        """Show the key, and let the student say whether the answer says the same."""
        show_text(localized("The answer: ", "정답: ") + " / ".join(item.answers))
        said = read_line(localized("Did you have it? [y/N] ", "맞히셨나요? [y/N] "))
        right = said is not None and said.casefold() in YES
        self._record(item, ladder, line, float(right), "student", "")
        return replace(ladder, state="solved")

    def _record(
        self, item: QuizItem, ladder: Ladder, line: str, correct: float, by: GradedBy, reason: str
    ) -> None:
        """Keep an attempt."""
        attempt = Attempt(
            line, correct, by, item.topic, reason, ladder.given, item.id, item.problem_id, item.card_id
        )
        self._quizzes.record(attempt)

    def _hinted(self, after: Ladder, before: Ladder) -> Ladder:
        """Say the step that a ladder took."""
        if after.given > before.given:
            show_text(say_step(after.said[-1], prefs.language))
        elif after.locked:
            echo(localized("There is no further hint.", "더 드릴 힌트가 없습니다."))
        return after

    def _show_choices(self, item: QuizItem) -> None:
        for letter, choice in zip(LETTERS, item.choices, strict=False):
            show_text(f"{letter}) {choice}")


def _takes_reading(item: QuizItem) -> bool:
    """Whether an answer may be right in other words: the back of a card was written to be read, not compared."""
    return item.card_id is not None and not item.choices


def _document(now: Quiz, items: list[QuizItem]) -> dict[str, Any]:
    asked = [
        {
            "place": i.place,
            "kind": i.kind,
            "topic": i.topic,
            "question": i.question,
            "choices": list(i.choices),
        }
        for i in items
    ]
    return {"id": f"q{now.id}", "topic": now.topic, "kind": now.kind, "state": now.state, "items": asked}
