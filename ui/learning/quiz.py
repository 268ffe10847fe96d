"""`officehours quiz`: questions one after the other, graded in code, at a terminal or line by line through a pipe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from ...agent.runtime import Runtime
from ...agent.tutor.grading import Grade, ResponseKind, grade
from ...agent.tutor.hints import lettered, say_step
from ...agent.tutor.quizzing import Move, Open, Taken, takes_reading
from ...memory.errors import UsageError
from ...memory.learner.quiz_values import Kind, Quiz, QuizItem
from ..runtime import open_for_command
from ..terminal.say import YES, echo, localized, prefs, print_json
from .review import read_line, show_text

STOP = frozenset({"q", "quit", "stop", "그만", "종료"})
HINT = frozenset({"h", "hint", "힌트"})
RIGHT = YES | {"ㅛ", "맞음", "맞아요"}
MOVES: dict[ResponseKind, Move] = {
    "dont_know": "hint", "empty": "hint", "gives_up": "give_up", "asks_for_answer": "asks", "asks_for_choices": "choices",
}  # fmt: skip


def quiz(topic: str | None, count: int, kind: Kind | None, student: str | None, *, as_json: bool) -> None:
    """Go on with the quiz that is open, else ask new questions; as JSON only begin it and print what is asked.

    Raises:
        UsageError: There is nothing to ask.
    """
    with open_for_command(student) as runtime:
        quizzes, quizzing = runtime.memories.quizzes, runtime.quizzing
        current = quizzes.current() if topic is None and kind is None else None
        if current is not None:
            quizzes.ask_in(current.id, None)
        asked = quizzing.next(current) if current else quizzing.begin(topic or "", count, kind)
        now = asked.quiz if asked else current
        if now is None:
            raise _nothing()
        if as_json:
            print_json(_document(now, quizzes.items(now.id)))
        else:
            _Asking(runtime).run(asked)


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
        self._quizzing, self._quizzes = runtime.quizzing, runtime.memories.quizzes

    def run(self, asked: Open | None) -> None:
        """Ask until all is asked or the person stops; what was wrong is offered once more."""
        while asked is not None:
            quiz = asked.quiz
            while asked is not None:
                echo(f"\n[{asked.item.place}/{asked.total}] {asked.item.topic}".rstrip())
                show_text(asked.item.question)
                _show_choices(asked)
                if not self._ask(asked):
                    self._quizzing.pause(asked)
                    echo(localized("\nTo be continued: officehours quiz", "\n이어서 풀기: officehours quiz"))
                    return
                asked = self._quizzing.next(quiz)
            score = self._quizzes.score(quiz.id)
            echo(
                localized(
                    f"\n{score.points:g} of {score.total} right.",
                    f"\n{score.total}문제 가운데 {score.points:g}점입니다.",
                )
            )
            if score.points >= score.total:
                return
            again = read_line(localized("The wrong ones again? [y/N] ", "틀린 문제를 다시 풀까요? [y/N] "))
            asked = self._quizzing.again(quiz) if again and again.casefold() in RIGHT else None

    def _ask(self, asked: Open) -> bool:
        """Take answers to one question until it is closed; False where the person stops."""
        while True:
            line = read_line(localized("Answer (h hint, q stop): ", "답 (h 힌트, q 그만): "))
            if line is None or line.casefold() in STOP:
                return False
            taken = self._taken(asked, line)
            self._quizzing.keep(taken)
            if taken.attempt is not None and taken.attempt.reason:
                echo(taken.attempt.reason)
            if not taken.after.locked:
                if taken.after.state == "shown" and taken.key and not _compared(taken):
                    _show_key(asked)
                return True
            self._help(taken)
            asked = replace(asked, ladder=taken.after)

    def _taken(self, asked: Open, line: str) -> Taken:
        """Take in one line: an attempt counts, a wish for choices, a hint or the answer is none."""
        given = grade(asked.key, line)
        if line.casefold() in HINT:
            return self._quizzing.take(asked, "hint")
        if given.kind != "attempt":
            return self._quizzing.take(asked, MOVES[given.kind])
        if takes_reading(asked, given, line):
            return self._compared_by_student(asked, line, given)
        return self._quizzing.answer(asked, line, given, reason=given.reason(prefs.language))

    def _compared_by_student(self, asked: Open, line: str, given: Grade) -> Taken:
        """Show the key, and let the student say whether the answer says the same; in an exam nobody grades it."""
        if not asked.ladder.policy.shows:
            return self._quizzing.answer(asked, line, replace(given, correct=None), by="nobody")
        _show_key(asked)
        said = read_line(localized("Did you have it? [y/N] ", "맞히셨나요? [y/N] "))
        right = said is not None and said.casefold() in RIGHT
        judged = replace(given, correct=float(right))
        return self._quizzing.answer(asked, line, judged, by="student")

    def _help(self, taken: Taken) -> None:
        """Say the step that is due."""
        if taken.move == "choices":
            if not taken.asked.item.choices:
                echo(localized("This one has no choices.", "보기가 없는 문제입니다."))
            _show_choices(taken.asked)
        elif taken.step is not None:
            show_text(say_step(taken.step, prefs.language))
        elif taken.attempt is None:
            echo(localized("There is no further hint.", "더 드릴 힌트가 없습니다."))
        if taken.move == "asks":
            echo(localized("“I give up” shows the answer.", "답을 보려면 ‘포기할게요’라고 해 주세요."))


def _compared(taken: Taken) -> bool:
    return taken.attempt is not None and taken.attempt.graded_by == "student"


def _show_key(asked: Open) -> None:
    show_text(localized("The answer: ", "정답: ") + asked.item.answers[0])


def _show_choices(asked: Open) -> None:
    for line in lettered(asked.item.choices):
        show_text(line)


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
