"""What the professor promised for another time: kept until it is done, or nobody wants it any more.

A promise exists because a tool made it (`tools/learning.py`); none is read out of what was said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from ..errors import NotFound, UsageError
from ..store import AnyRow, Database, row_id
from ..store.schema import messages, promises
from ..text import sanitize_user
from ..types import message_id as shown

PromiseState = Literal["open", "kept", "dismissed"]

LONGEST = 300
"""Characters: a promise is one sentence."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise; `id` is its row, shown as `r3`.

    Attributes:
        message_id: The student's message in whose turn it was made; it goes with it.
    """

    id: int
    text: str
    state: PromiseState
    message_id: int
    made_at: datetime

    @property
    def name(self) -> str:
        """The id as people and models read it."""
        return f"r{self.id}"


_MINE = promises.c.student_id == bindparam("student")
_ALL = (
    select(promises.c.id, promises.c.text, promises.c.state, promises.c.message_id, promises.c.made_at)
    .join(messages, messages.c.id == promises.c.message_id)
    .where(_MINE, messages.c.undone.is_(False))
    .order_by(promises.c.id)
)
_ONE = _ALL.where(promises.c.id == bindparam("row"))
_OPEN = _ALL.where(promises.c.state == "open")
_SPOKEN = select(messages.c.id).where(
    messages.c.student_id == bindparam("student"), messages.c.id == bindparam("message")
)


class Promises:
    """What one student was promised.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock

    def make(self, text: str, message_id: int | str) -> Promise:
        """Keep a promise; one in the same words that is open already stays as it is.

        Raises:
            UsageError: It is empty or longer than `LONGEST`.
            NotFound: This student has no such message.
        """
        words, message = " ".join(sanitize_user(text)[0].split()), row_id(message_id, "m")
        if not 0 < len(words) <= LONGEST:
            raise UsageError(
                f"A promise is one sentence of at most {LONGEST} characters.",
                f"약속은 {LONGEST}자 이하의 한 문장으로 적어 주세요.",
            )
        with self._db.begin() as connection:
            if connection.scalar(_SPOKEN, {"student": self._student, "message": message}) is None:
                raise NotFound(
                    f"There is no message {shown(message)} of this student.",
                    f"이 학생에게는 {shown(message)} 메시지가 없습니다.",
                )
            for row in connection.execute(_OPEN, {"student": self._student}):
                if row.text.casefold() == words.casefold():
                    return Promise(*row)
            values = {"student_id": self._student, "message_id": message, "text": words, "state": "open"}
            values |= {"made_at": self._clock()}
            made = connection.scalar(insert(promises).values(values).returning(promises.c.id))
            return Promise(*self._one(connection, made or 0))

    def close(self, item: int | str, state: Literal["kept", "dismissed"]) -> Promise:
        """End a promise; one that is closed already stays as it is.

        Raises:
            NotFound: This student has no such promise.
        """
        row = row_id(item, "r")
        with self._db.begin() as connection:
            self._one(connection, row)
            mine = (_MINE, promises.c.id == bindparam("row"), promises.c.state == "open")
            closed = update(promises).where(*mine).values(state=state, closed_at=self._clock())
            connection.execute(closed, {"student": self._student, "row": row})
            return Promise(*self._one(connection, row))

    def open(self) -> list[Promise]:
        """Give what was promised and is neither kept nor dismissed, the oldest first."""
        with self._db.read() as connection:
            return [Promise(*row) for row in connection.execute(_OPEN, {"student": self._student})]

    def _one(self, connection: Connection, row: int) -> AnyRow:
        found = connection.execute(_ONE, {"student": self._student, "row": row}).first()
        if found is None:
            raise NotFound(
                f"There is no promise r{row} of this student.", f"이 학생에게는 r{row} 약속이 없습니다."
            )
        return found
