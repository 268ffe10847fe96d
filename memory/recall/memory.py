"""Recall memory: everything that was ever said, found again by its words, its meaning and its date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, bindparam, select

from ..errors import NotFound
from ..store import AnyRow, Database, row_id
from ..store.schema import messages
from ..types import Hit, Role, StoredMessage, message_id
from .rows import ITEMS, MESSAGE_COLUMNS, message_of, said_hit, texts_of

MOST_READ = 500
"""The most messages that are read of a stretch of time."""


class RecallSearch(Protocol):
    """What finds: `HybridSearch` over the space "recall"."""

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        role: Role | None = None,
        exclude: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Give the best `k`, best first."""
        ...


_MINE = messages.c.student_id == bindparam("student")
_LIVE = messages.c.undone.is_(False)
_SAID = select(*MESSAGE_COLUMNS).where(
    _MINE, _LIVE, messages.c.role == bindparam("role"), messages.c.content != ""
)
_SPOKEN = messages.c.role.in_(["user", "assistant"])
_BY_ID = select(*MESSAGE_COLUMNS).where(_MINE, messages.c.id == bindparam("message"), _LIVE)
_TEXTS = select(messages.c.id, messages.c.content).where(_MINE, messages.c.id.in_(ITEMS), _LIVE)
_NEAR = select(*MESSAGE_COLUMNS).where(
    _MINE, messages.c.session_id == bindparam("session"), _LIVE, _SPOKEN, messages.c.content != ""
)
_BEFORE = (
    _NEAR.where(messages.c.seq < bindparam("seq")).order_by(messages.c.seq.desc()).limit(bindparam("count"))
)
_AFTER = _NEAR.where(messages.c.seq > bindparam("seq")).order_by(messages.c.seq).limit(bindparam("count"))


class RecallMemory:
    """One student's recall memory.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
        search: Finds in this student's messages.
    """

    def __init__(
        self, db: Database, student_id: int, clock: Callable[[], datetime], search: RecallSearch
    ) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock
        self._search = search

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        role: Role | None = None,
        exclude: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Find the best `k` of what was said, best first; nothing undone or forgotten.

        Args:
            start, end: Only what was said in this time, `end` excluded.
            role: Only what the student ("user") or the professor ("assistant") said.
            exclude: Ids (`m12`) that are in view already.
        """
        return self._search.search(query, k, start=start, end=end, role=role, exclude=exclude)

    def get(self, message: int | str) -> Hit:
        """Give one message as a find.

        Raises:
            NotFound: This student has no message of that id, or it was undone.
        """
        with self._db.read() as connection:
            row = self._row(connection, row_id(message, "m"))
        return said_hit(row)

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """Give what the messages of some ids say, those undone left out; other ids are passed over."""
        return texts_of(self._db, _TEXTS, self._student, "m", ids)

    def said(self, start: datetime | None, end: datetime | None, role: Role) -> list[StoredMessage]:
        """Give what a role said from `start` until before `end`, in any conversation, oldest first.

        Of more than `MOST_READ` messages the last.
        """
        wanted = [messages.c.time >= start] if start else []
        wanted += [messages.c.time < end] if end else []
        newest = _SAID.where(*wanted).order_by(messages.c.time.desc(), messages.c.id.desc()).limit(MOST_READ)
        with self._db.read() as connection:
            rows = connection.execute(newest, {"student": self._student, "role": role}).all()
        return [message_of(row) for row in rows[::-1]]

    def stored(self, message: int | str) -> StoredMessage:
        """Give one message as the log holds it, a tool's whole result included.

        Raises:
            NotFound: This student has no message of that id, or it was undone.
        """
        with self._db.read() as connection:
            return message_of(self._row(connection, row_id(message, "m")))

    def around(self, message: int | str, count: int = 2) -> list[StoredMessage]:
        """Give a message with up to `count` of what was said before it and after it in its conversation.

        Raises:
            NotFound: This student has no message of that id, or it was undone.
        """
        with self._db.read() as connection:
            row = self._row(connection, row_id(message, "m"))
            at = {"student": self._student, "session": row.session_id, "seq": row.seq, "count": count}
            before = connection.execute(_BEFORE, at).all()
            after = connection.execute(_AFTER, at).all()
        return [message_of(near) for near in [*before[::-1], row, *after]]

    def _row(self, connection: Connection, number: int) -> AnyRow:
        row = connection.execute(_BY_ID, {"student": self._student, "message": number}).first()
        if row is None:
            raise _missing(number)
        return row


def _missing(number: int) -> NotFound:
    name = message_id(number)
    return NotFound(
        f"There is no message {name} of this student.", f"이 학생에게는 {name} 메시지가 없습니다."
    )
