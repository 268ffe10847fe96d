"""Problems, quizzes and attempts: what is asked is stored with its key, and what was answered stands as it was typed.

Whoever asks and whoever grades, a question and an answer on what is hard for the student are entered there too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, insert, or_, select, update

from ..errors import NotFound, UsageError
from ..store import AnyRow, Database, row_id
from ..store.schema import archival, attempts, cards, messages, problems, quiz_items, quizzes, sessions
from ..text import sanitize_user
from ..types import archival_id as shown
from .misconceptions import Misconceptions
from .problem_sets import Problem, problem_from
from .quiz_values import Attempt, KeptProblem, NewItem, Quiz, QuizItem, Score

_NAMED: dict[str, tuple[Table, str]] = {
    "card_id": (cards, "k"),
    "problem_id": (problems, "p"),
    "archival_id": (archival, "a"),
    "message_id": (messages, "m"),
    "item_id": (quiz_items, "question "),
}
"""What an item or an attempt may name, and by which letter that is shown."""

_HELD = ("text", "question", "answers", "answer_type", "choices", "hints", "license", "source")
"""What a problem's row holds under the same name."""

# An answer in a turn that was undone is not there, as the turn is not.
_SPOKEN = or_(
    attempts.c.message_id.is_(None),
    exists().where(messages.c.id == attempts.c.message_id, messages.c.undone.is_(False)),
)

# The columns of a `Quiz` and of an `Attempt`.
_QUIZ = [column for column in quizzes.c if column.name != "student_id"]
_ATTEMPT = [column for column in attempts.c if column.name != "student_id"]


class Quizzes:
    """One student's problems, quizzes and attempts.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock
        self._hard = Misconceptions(db, student_id, clock)

    # Problems

    def add_problems(self, new: Iterable[Problem], name: str) -> tuple[int, int]:
        """Keep problems, and give how many are new and how many were there; those have what is given now.

        All of them or, where one cannot be read, none.

        Args:
            name: What the set is called where a problem names no course.
        """
        added = known = 0
        with self._db.begin() as connection:
            rows = select(problems.c.problem_set, problems.c.external_id, problems.c.id)
            mine = rows.where(problems.c.student_id == self._student)
            there = {(row.problem_set, row.external_id): row.id for row in connection.execute(mine)}
            for problem in new:
                key = (problem.course or name, problem.id)
                values = _problem_columns(problem)
                item = there.get(key)
                if item is None:
                    row = {"student_id": self._student, "created_at": self._clock(), **values}
                    row |= {"problem_set": key[0], "external_id": key[1]}
                    made = connection.execute(insert(problems).values(row).returning(problems.c.id))
                    there[key] = made.scalar_one()
                    added += 1
                else:
                    self._change(connection, problems, item, **values)
                    known += 1
        return added, known

    def problems(self, topic: str | None = None) -> list[KeptProblem]:
        """Give the problems whose topic or set holds these words, or all, in the order they came in."""
        wanted = [
            problems.c.topic.icontains(word, autoescape=True)
            | problems.c.problem_set.icontains(word, autoescape=True)
            for word in (topic or "").split()
        ]
        with self._db.read() as connection:
            rows = connection.execute(self._of(problems, *wanted).order_by(problems.c.id))
            return [_problem(row) for row in rows]

    def problem(self, item: int | str) -> KeptProblem:
        """Give one problem.

        Raises:
            NotFound: This student has no such problem.
        """
        with self._db.read() as connection:
            return _problem(self._one(connection, problems, row_id(item, "p"), "p"))

    # Quizzes

    def start(
        self,
        items: Sequence[NewItem],
        *,
        topic: str = "",
        kind: str = "mixed",
        again_of: int | None = None,
        session: int | None = None,
    ) -> Quiz:
        """Begin a quiz; one that is still open is stopped.

        Args:
            session: The conversation that it is asked in; None for the command.

        Raises:
            UsageError: There is nothing to ask.
            NotFound: An item is made of what this student does not have.
        """
        if not items:
            raise UsageError("There is nothing to ask.", "낼 문제가 없습니다.")
        now = self._clock()
        with self._db.begin() as connection:
            for item in items:
                self._check(connection, item)
            was_open = (quizzes.c.student_id == self._student, quizzes.c.state == "open")
            connection.execute(update(quizzes).where(*was_open).values(state="stopped", finished_at=now))
            row = {"student_id": self._student, "topic": topic, "kind": kind, "state": "open"}
            row |= {"again_of": again_of, "session_id": self._own(connection, session), "created_at": now}
            made = connection.execute(insert(quizzes).values(row).returning(*_QUIZ)).one()
            places = [
                {"student_id": self._student, "quiz_id": made.id, "place": place, "state": "waiting"}
                | _columns(item, quiz_items)
                for place, item in enumerate(items, 1)
            ]
            connection.execute(insert(quiz_items), places)
        return Quiz(*made)

    def current(self) -> Quiz | None:
        """Give the quiz that is open."""
        with self._db.read() as connection:
            newest = self._quizzes(quizzes.c.state == "open").order_by(quizzes.c.id.desc()).limit(1)
            row = connection.execute(newest).first()
        return None if row is None else Quiz(*row)

    def ask_in(self, quiz: int | str, session: int | None) -> None:
        """Go on with a quiz in a conversation, or, with None, in the command.

        Raises:
            NotFound: This student has no such quiz or conversation.
        """
        with self._db.begin() as connection:
            row = self._one(connection, quizzes, row_id(quiz, "q"), "q")
            self._change(connection, quizzes, row.id, session_id=self._own(connection, session))

    def last(self, session: int) -> Quiz | None:
        """Give the quiz that was asked last in a conversation, open or not."""
        newest = self._quizzes(quizzes.c.session_id == session).order_by(quizzes.c.id.desc()).limit(1)
        with self._db.read() as connection:
            row = connection.execute(newest).first()
        return None if row is None else Quiz(*row)

    def get(self, item: int | str) -> Quiz:
        """Give one quiz.

        Raises:
            NotFound: This student has no such quiz.
        """
        number = row_id(item, "q")
        with self._db.read() as connection:
            self._one(connection, quizzes, number, "q")
            return Quiz(*connection.execute(self._quizzes(quizzes.c.id == number)).one())

    def items(self, quiz: int | str) -> list[QuizItem]:
        """Give a quiz's questions in their order."""
        mine = self._of(quiz_items, quiz_items.c.quiz_id == row_id(quiz, "q"))
        with self._db.read() as connection:
            return [_item(row) for row in connection.execute(mine.order_by(quiz_items.c.place))]

    def next_item(self, quiz: int | str) -> QuizItem | None:
        """Give the question that is asked, else the next one, which is asked from now on; None when all are closed."""
        with self._db.begin() as connection:
            for state in ("asked", "waiting"):
                mine = self._of(quiz_items, quiz_items.c.quiz_id == row_id(quiz, "q"))
                wanted = mine.where(quiz_items.c.state == state).order_by(quiz_items.c.place).limit(1)
                if (row := connection.execute(wanted).first()) is not None:
                    self._change(connection, quiz_items, row.id, state="asked")
                    self._hard.asked(_about(row))
                    return replace(_item(row), state="asked")
        return None

    def give_hints(self, item: int, hints: int) -> None:
        """Keep how many steps of a question's ladder were said.

        Raises:
            NotFound: This student has no such question.
        """
        with self._db.begin() as connection:
            self._one(connection, quiz_items, item, "question ")
            self._change(connection, quiz_items, item, hints=hints)

    def pause(self, quiz: int | str) -> None:
        """Take back the question that is asked: the quiz goes on with it another time.

        Raises:
            NotFound: This student has no such quiz.
        """
        number = row_id(quiz, "q")
        with self._db.begin() as connection:
            self._one(connection, quizzes, number, "q")
            mine = (quiz_items.c.student_id == self._student, quiz_items.c.quiz_id == number)
            asked = update(quiz_items).where(*mine, quiz_items.c.state == "asked")
            connection.execute(asked.values(state="waiting"))

    def asked(self) -> set[str]:
        """Give the questions that were answered or given up before, in any quiz."""
        closed = quiz_items.c.state.in_(("answered", "given_up"))
        with self._db.read() as connection:
            mine = select(quiz_items.c.question).where(quiz_items.c.student_id == self._student, closed)
            return set(connection.scalars(mine))

    def close_item(self, item: int, state: Literal["answered", "given_up"]) -> None:
        """Close a question: it was answered, or its key was shown.

        Raises:
            NotFound: This student has no such question.
        """
        with self._db.begin() as connection:
            self._one(connection, quiz_items, item, "question ")
            self._change(connection, quiz_items, item, state=state)

    def finish(self, quiz: int | str, state: Literal["finished", "stopped"] = "finished") -> Score:
        """End a quiz and give its score.

        Raises:
            NotFound: This student has no such quiz.
        """
        number = row_id(quiz, "q")
        with self._db.begin() as connection:
            self._one(connection, quizzes, number, "q")
            mine = (quizzes.c.student_id == self._student, quizzes.c.id == number)
            ended = {"state": state, "finished_at": self._clock()}
            connection.execute(update(quizzes).where(*mine, quizzes.c.state == "open").values(ended))
        return self.score(number)

    def score(self, quiz: int | str) -> Score:
        """Give how a quiz stands."""
        best = self._best(row_id(quiz, "q"))
        items = self.items(quiz)
        closed = sum(item.state in {"answered", "given_up"} for item in items)
        return Score(sum(best.values()), closed, len(best), len(items))

    def wrong_ones_again(self, quiz: int | str) -> Quiz | None:
        """Begin a quiz of the questions that were not wholly right, in their order; None where there are none.

        Raises:
            NotFound: This student has no such quiz.
        """
        old, best = self.get(quiz), self._best(row_id(quiz, "q"))
        wrong = [item for item in self.items(quiz) if item.state != "waiting" and best.get(item.id, 0) < 1]
        if not wrong:
            return None
        again = {"topic": old.topic, "kind": old.kind}
        return self.start(wrong, **again, again_of=old.id, session=old.session_id)

    # Attempts

    def record(self, attempt: Attempt) -> Attempt:
        """Keep an answer as it was given.

        Raises:
            UsageError: It is graded as none of 0, 0.5 and 1, though by somebody.
            NotFound: It is to what this student does not have.
        """
        if attempt.correct not in ({None} if attempt.graded_by == "nobody" else {0, 0.5, 1}):
            raise UsageError(
                f"An attempt counts 0, 0.5 or 1, not {attempt.correct}.",
                f"답은 0, 0.5, 1 가운데 하나로 채점합니다({attempt.correct}은(는) 안 됩니다).",
            )
        with self._db.begin() as connection:
            self._check(connection, attempt)
            row = _columns(
                replace(attempt, response=sanitize_user(attempt.response)[0], at=self._clock()), attempts
            ) | {"student_id": self._student}
            made = connection.execute(insert(attempts).values(row).returning(*_ATTEMPT)).one()
            if attempt.correct in {0, 1}:
                about = attempt.topic
                if attempt.item_id is not None:
                    about = _about(self._one(connection, quiz_items, attempt.item_id, "question "))
                right = attempt.correct == 1
                self._hard.answered(about, right=right, words=attempt.response, message_id=attempt.message_id)
        return _attempt(made)

    def attempts(
        self, topic: str | None = None, *, item: int | None = None, since: datetime | None = None
    ) -> list[Attempt]:
        """Give the attempts on a topic, of one question, since a time, or all; the oldest first.

        What was said in a turn that was undone is not there, as the turn is not.
        """
        wanted = [_SPOKEN]
        if topic is not None:
            wanted.append(attempts.c.topic == topic)
        if item is not None:
            wanted.append(attempts.c.item_id == item)
        if since is not None:
            wanted.append(attempts.c.at >= since)
        with self._db.read() as connection:
            rows = connection.execute(self._of(attempts, *wanted).order_by(attempts.c.at, attempts.c.id))
            return [_attempt(row) for row in rows]

    def explanations(self) -> frozenset[int]:
        """Give the rows of the attempts in which something was rightly put in the student's own words."""
        told = (
            select(attempts.c.id)
            .join(quiz_items, quiz_items.c.id == attempts.c.item_id)
            .where(attempts.c.student_id == self._student, quiz_items.c.student_id == self._student)
            .where(quiz_items.c.kind == "explain", attempts.c.correct == 1, _SPOKEN)
        )
        with self._db.read() as connection:
            return frozenset(connection.scalars(told))

    def passages(self) -> dict[int, str]:
        """Give the passages that questions were made of, by the question's row."""
        made = select(quiz_items.c.id, quiz_items.c.archival_id)
        mine = made.where(quiz_items.c.student_id == self._student, quiz_items.c.archival_id.is_not(None))
        with self._db.read() as connection:
            return {item: shown(passage) for item, passage in connection.execute(mine)}

    def _best(self, quiz: int) -> dict[int, float]:
        mine = (attempts.c.student_id == self._student, quiz_items.c.quiz_id == quiz)
        graded = attempts.c.correct.is_not(None)
        best = (
            select(attempts.c.item_id, func.max(attempts.c.correct))
            .join(quiz_items, quiz_items.c.id == attempts.c.item_id)
            .where(*mine, graded, _SPOKEN)
            .group_by(attempts.c.item_id)
        )
        with self._db.read() as connection:
            return {row[0]: row[1] for row in connection.execute(best)}

    # Statements

    def _of(self, table: Table, *wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return select(table).where(table.c.student_id == self._student, *wanted)

    def _quizzes(self, *wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return select(*_QUIZ).where(quizzes.c.student_id == self._student, *wanted)

    def _one(self, connection: Connection, table: Table, item: int, letter: str) -> AnyRow:
        row = connection.execute(self._of(table, table.c.id == item)).first()
        if row is None:
            raise NotFound(
                f"There is no {letter}{item} of this student.",
                f"이 학생에게는 {letter}{item}이(가) 없습니다.",
            )
        return row

    def _check(self, connection: Connection, made_of: NewItem | Attempt) -> None:
        """Refuse what names a row that this student does not have."""
        for name, (table, letter) in _NAMED.items():
            item: int | None = getattr(made_of, name, None)
            if item is not None:
                self._one(connection, table, item, letter)

    def _own(self, connection: Connection, session: int | None) -> int | None:
        """Give a conversation of this student's back.

        Raises:
            NotFound: It is not theirs.
        """
        return None if session is None else self._one(connection, sessions, session, "s").id

    def _change(self, connection: Connection, table: Table, item: int, **values: object) -> None:
        connection.execute(
            update(table).where(table.c.student_id == self._student, table.c.id == item).values(**values)
        )


def _about(row: AnyRow) -> str:
    """What a question is about: its topic, its words and its key."""
    return "\n".join([row.topic, row.question, *row.answers])


def _columns(value: NewItem | Attempt, table: Table) -> dict[str, Any]:
    """Give what a value says of a row's own columns: `id`, place and state are the store's."""
    taken = {"id", "student_id", "quiz_id", "place", "state", "hints", "created_at"}
    named = {c.name: getattr(value, c.name) for c in table.c if c.name not in taken}
    return {
        name: list(cast("tuple[Any, ...]", v)) if isinstance(v, tuple) else v for name, v in named.items()
    }


def _problem_columns(problem: Problem) -> dict[str, Any]:
    """Give a problem as its row's columns; its id and its course are the row's name."""
    held = asdict(problem)
    return {name: held[name] for name in _HELD} | {"topic": problem.lesson}


def _problem(row: AnyRow) -> KeptProblem:
    held = {name: getattr(row, name) for name in _HELD}
    named = {"id": row.external_id, "course": row.problem_set, "lesson": row.topic}
    return KeptProblem(row.id, row.problem_set, problem_from(held | named))


def _item(row: AnyRow) -> QuizItem:
    return QuizItem(
        id=row.id,
        place=row.place,
        state=row.state,
        question=row.question,
        answers=tuple(row.answers),
        kind=row.kind,
        answer_type=row.answer_type,
        topic=row.topic,
        choices=tuple(row.choices),
        card_id=row.card_id,
        problem_id=row.problem_id,
        archival_id=row.archival_id,
        hints=row.hints,
    )


def _attempt(row: AnyRow) -> Attempt:
    return Attempt(**{column.name: getattr(row, column.name) for column in _ATTEMPT})
