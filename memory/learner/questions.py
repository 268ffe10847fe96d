"""The ledger in which no question of the student's is lost.

A question is `open` only while its turn runs. It ends answered, parked (the professor comes back to it), dismissed by
the student or withdrawn with its turn; a parked one may still be answered or dismissed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, select, update

from ..errors import NotFound
from ..store import AnyRow, Database, insert_ignoring, row_id
from ..store.schema import messages, open_questions
from ..text import sanitize_user
from ..types import message_id as shown

QuestionState = Literal["open", "answered", "parked", "dismissed", "withdrawn"]

_WAITING = ("open", "parked")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question of the student's and what became of it.

    Attributes:
        message_id: The message it was asked in.
        answer_id: The message that answered it, None while there is none.
    """

    id: int
    message_id: int
    text: str
    state: QuestionState
    answer_id: int | None
    asked_at: datetime
    closed_at: datetime | None


_COLUMNS = (
    open_questions.c.id,
    open_questions.c.message_id,
    open_questions.c.text,
    open_questions.c.state,
    open_questions.c.answer_id,
    open_questions.c.asked_at,
    open_questions.c.closed_at,
)
_MINE = open_questions.c.student_id == bindparam("student")
_AT = and_(_MINE, open_questions.c.message_id == bindparam("message"))
_BY_MESSAGE = select(*_COLUMNS).where(_AT)
# A question that was undone with its turn waits for no answer any more.
_OPEN = (
    select(*_COLUMNS)
    .join(messages, messages.c.id == open_questions.c.message_id)
    .where(_MINE, open_questions.c.state.in_(_WAITING), messages.c.undone.is_(False))
    .order_by(open_questions.c.id)
)
_TIME = select(messages.c.time).where(
    messages.c.student_id == bindparam("student"), messages.c.id == bindparam("message")
)


class OpenQuestions:
    """One student's ledger.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock

    def ask(self, message_id: int | str, text: str) -> OpenQuestion:
        """Enter a message's question in the ledger; entered again it stays as it is.

        Raises:
            NotFound: This student has no such message.
        """
        row = row_id(message_id, "m")
        at = {"student": self._student, "message": row}
        with self._db.begin() as connection:
            asked_at = connection.execute(_TIME, at).scalar()
            if asked_at is None:
                raise _missing(row)
            connection.execute(
                insert_ignoring(connection, open_questions),
                {
                    "student_id": self._student,
                    "message_id": row,
                    "text": sanitize_user(text)[0],
                    "state": "open",
                    "asked_at": asked_at,
                },
            )
            return _question(connection.execute(_BY_MESSAGE, at).one())

    def answered(self, message_id: int | str, answer_id: int | str) -> None:
        """Close the question of a message as answered by another; nothing happens if none was entered.

        What was asked in the same words before, and waited for an answer, has it now too.

        Raises:
            NotFound: This student has no message `answer_id`.
        """
        answer = row_id(answer_id, "m")
        with self._db.begin() as connection:
            if connection.execute(_TIME, {"student": self._student, "message": answer}).scalar() is None:
                raise _missing(answer)
            at = {"student": self._student, "message": row_id(message_id, "m")}
            asked = connection.execute(_BY_MESSAGE, at).first()
            if asked is not None and asked.state in _WAITING:
                self._close(connection, asked.text, state="answered", answer_id=answer)

    def park(self, message_id: int | str) -> None:
        """Put off the question of a message whose turn ended without an answer; nothing happens if none is open."""
        at = {"student": self._student, "message": row_id(message_id, "m")}
        with self._db.begin() as connection:
            connection.execute(
                update(open_questions).where(_AT, open_questions.c.state == "open").values(state="parked"), at
            )

    def withdraw(self, message_ids: Collection[int]) -> None:
        """Take back the questions of messages that are undone; what was answered stays so."""
        mine = (open_questions.c.student_id == self._student, open_questions.c.message_id.in_(message_ids))
        with self._db.begin() as connection:
            connection.execute(
                update(open_questions)
                .where(*mine, open_questions.c.state.in_(_WAITING))
                .values(state="withdrawn", closed_at=self._clock())
            )

    def dismiss(self, message_id: int | str) -> OpenQuestion:
        """Close a question that needs no answer any more; asked in the same words before, it is closed there too.

        Raises:
            NotFound: No open question was asked in that message.
        """
        row = row_id(message_id, "m")
        with self._db.begin() as connection:
            asked = connection.execute(_BY_MESSAGE, {"student": self._student, "message": row}).first()
            if asked is None or asked.state not in _WAITING:
                raise _missing(row)
            self._close(connection, asked.text, state="dismissed")
        return _question(asked)

    def open_questions(self) -> list[OpenQuestion]:
        """Give the questions that wait for an answer, the parked and that of the turn at hand, the oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(_OPEN, {"student": self._student})
            return [_question(row) for row in rows]

    def _close(self, connection: Connection, text: str, **values: Any) -> None:
        """Close every question that waits and was asked in the same words."""
        same = (_MINE, open_questions.c.text == text, open_questions.c.state.in_(_WAITING))
        closed = update(open_questions).where(*same).values(**values, closed_at=self._clock())
        connection.execute(closed, {"student": self._student})


def _question(row: AnyRow) -> OpenQuestion:
    return OpenQuestion(*row)


def _missing(row: int) -> NotFound:
    return NotFound(
        f"There is no message {shown(row)} of this student.",
        f"이 학생에게는 {shown(row)} 메시지가 없습니다.",
    )
