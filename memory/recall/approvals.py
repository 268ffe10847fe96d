"""Calls that the student is to allow: what waits, what was answered, and what was begun, until each has its result.

An answer may come from another process than the one that asked, and before, during or after a crash: what stands here
decides, and nothing that was begun is begun again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, Select, and_, select, update

from ..errors import NotFound
from ..store import Database
from ..store.schema import messages, turns
from ..text import clean
from ..types import ToolCall
from .rows import Session, Turn

ApprovalState = Literal["waiting", "approved", "refused", "begun"]


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits for the student's answer.

    Attributes:
        why: Why it was asked about, in the word of whoever asked.
        session: Public id of the conversation, "s7"; `turn` counts its turns.
        asked_at: When the reply came that asks for it.
    """

    call: ToolCall
    why: str
    session: str
    turn: int
    asked_at: datetime


class TurnApprovals:
    """How it stands with the calls of one turn that the student is to allow; `Approvals.of` gives it."""

    def __init__(self, db: Database, student_id: int, turn: Turn) -> None:
        self._db = db
        self._turn = and_(turns.c.student_id == student_id, turns.c.id == turn.id)

    def state(self, call_id: str) -> ApprovalState | None:
        """Say how it stands with a call; None where nobody was asked about it, or it has its result."""
        with self._db.read() as connection:
            kept = _kept(connection.scalar(select(turns.c.approvals).where(self._turn)))
        return kept[clean(call_id)]["state"] if clean(call_id) in kept else None

    def ask(self, call_id: str, why: str) -> None:
        """Keep that a call waits, and why; one that was asked about already stays as it is."""
        with self._db.begin() as connection:
            kept = self._read(connection)
            kept.setdefault(clean(call_id), {"state": "waiting", "why": why})
            self._write(connection, kept)

    def put(self, call_id: str, state: ApprovalState) -> None:
        """Keep how it stands now with a call that was asked about."""
        with self._db.begin() as connection:
            kept = self._read(connection)
            kept[clean(call_id)] = {**kept[clean(call_id)], "state": state}
            self._write(connection, kept)

    def settle(self, call_id: str) -> None:
        """Forget a call that has its result; joins the transaction that stores it."""
        with self._db.begin() as connection:
            kept = self._read(connection)
            kept.pop(clean(call_id), None)
            self._write(connection, kept)

    def _read(self, connection: Connection) -> dict[str, dict[str, Any]]:
        return _kept(connection.scalar(select(turns.c.approvals).where(self._turn).with_for_update()))

    def _write(self, connection: Connection, kept: Mapping[str, Mapping[str, Any]]) -> None:
        connection.execute(update(turns).where(self._turn).values(approvals=kept or None))


class Approvals:
    """The calls of one student that wait for an answer.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
    """

    def __init__(self, db: Database, student_id: int) -> None:
        self._db, self._student = db, student_id

    def of(self, turn: Turn) -> TurnApprovals:
        """Give how it stands with the calls of a turn."""
        return TurnApprovals(self._db, self._student, turn)

    def answer(self, session: Session, call_id: str, *, yes: bool) -> None:
        """Answer a call that waits in a conversation.

        Raises:
            NotFound: No such call waits in it.
        """
        rows = self._unsettled().where(turns.c.session_id == session.id).with_for_update()
        with self._db.begin() as connection:
            for row in connection.execute(rows).all():
                kept = _kept(row.approvals)
                asked = kept.get(clean(call_id))
                if asked and asked["state"] == "waiting":
                    kept[clean(call_id)] = {**asked, "state": "approved" if yes else "refused"}
                    mine = and_(turns.c.student_id == self._student, turns.c.id == row.id)
                    connection.execute(update(turns).where(mine).values(approvals=kept))
                    return
        raise NotFound(
            f"No call {call_id} waits for an answer. officehours approvals list shows those that do.",
            f"답을 기다리는 {call_id} 호출이 없습니다. officehours approvals list 로 볼 수 있습니다.",
        )

    def waiting(self, session: Session | None = None) -> list[WaitingCall]:
        """Give the calls that wait, the first asked for first.

        Args:
            session: Only those of this conversation.
        """
        unsettled = self._unsettled()
        if session is not None:
            unsettled = unsettled.where(turns.c.session_id == session.id)
        with self._db.read() as connection:
            rows = connection.execute(unsettled).all()
            return [found for row in rows for found in self._of_row(connection, row)]

    def _of_row(self, connection: Connection, row: Any) -> list[WaitingCall]:
        waiting = {
            i: asked["why"] for i, asked in _kept(row.approvals).items() if asked["state"] == "waiting"
        }
        replies = (
            select(messages.c.tool_calls, messages.c.time)
            .where(messages.c.student_id == self._student, messages.c.turn_id == row.id)
            .order_by(messages.c.seq)
        )
        last: dict[str, WaitingCall] = {}  # servers may count the calls of each reply from 0
        for reply in connection.execute(replies):
            for call in (ToolCall(*parts) for parts in reply.tool_calls or ()):
                if call.id in waiting:
                    last[call.id] = WaitingCall(
                        call, waiting[call.id], f"s{row.session_id}", row.number, reply.time
                    )
        return list(last.values())

    def _unsettled(self) -> Select[Any, Any, Any, Any]:
        return (
            select(turns.c.id, turns.c.session_id, turns.c.number, turns.c.approvals)
            .where(
                turns.c.student_id == self._student,
                turns.c.approvals.is_not(None),
                turns.c.state.not_in(("done", "undone")),
            )
            .order_by(turns.c.id)
        )


def _kept(stored: object) -> dict[str, dict[str, Any]]:
    return dict(cast("Mapping[str, dict[str, Any]]", stored or {}))
