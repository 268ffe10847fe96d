"""Conversations: the log of everything said, in turns, each step committed before anything else happens.

The log only grows. Undoing marks, forking points at a parent, and what a model has in view is a record of its own.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from ..errors import NotFound, UsageError
from ..index import forget_items, index_text
from ..store import Database, row_id
from ..store.schema import messages, sessions, turns, views
from ..text import mask_secrets, sanitize_message, sanitize_user
from ..text.sanitize import Utterance
from ..types import Message, MessageState, ShownHit, StoredMessage, Trust
from . import queries as sql
from .lease import Lease, lease
from .log import exported, read_log
from .rows import (
    SESSION_COLUMNS,
    TURN_COLUMNS,
    BrokenRule,
    Session,
    Turn,
    TurnState,
    View,
    broken_rules_of,
    calls_to_json,
    hits_to_json,
    message_of,
    session_of,
    turn_of,
    view_of,
)


class Sessions:
    """One student's conversations.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock

    # Sessions

    def create(self, persona: str, *, origin: str = "chat", title: str = "") -> Session:
        """Begin a conversation."""
        return self._insert(persona=persona, origin=origin, title=title)

    def latest(self) -> Session | None:
        """Give the conversation that was spoken in last; imported ones do not count."""
        with self._db.read() as connection:
            row = connection.execute(sql.LATEST, {"student": self._student}).first()
        return None if row is None else session_of(row)

    def get(self, session: str | int) -> Session:
        """Give a conversation by its id, "s7" or 7.

        Raises:
            NotFound: This student has none of that id.
        """
        number = row_id(session, "s")
        with self._db.read() as connection:
            row = connection.execute(sql.GET, self._at(number)).first()
        if row is None:
            raise _gone(number)
        return session_of(row)

    def list(self) -> list[Session]:
        """Give every conversation, the last spoken in first."""
        with self._db.read() as connection:
            return [session_of(row) for row in connection.execute(sql.ALL, {"student": self._student})]

    def set_persona(self, session: Session, persona: str) -> Session:
        """Let another professor go on with a conversation, which is given as it is now."""
        return self._change(session, persona=persona)

    def set_mode(self, session: Session, mode: str) -> Session:
        """Keep how the student chose to be taught in a conversation, which is given as it is now."""
        return self._change(session, mode=mode)

    def fork(self, session: Session) -> Session:
        """Begin a conversation that continues this one from where its last finished turn ends."""
        with self._db.begin() as connection:
            unfinished = connection.execute(
                select(func.min(messages.c.seq))
                .join(turns, turns.c.id == messages.c.turn_id)
                .where(
                    messages.c.student_id == self._student,
                    messages.c.session_id == session.id,
                    turns.c.state == "open",
                )
            ).scalar()
            now = self.get(session.id)
            last = now.last_seq if unfinished is None else unfinished - 1
            return self._insert(
                persona=now.persona,
                mode=now.mode,
                title=now.title,
                parent_id=now.id,
                parent_seq=last,
                last_seq=last,
            )

    def lease(
        self,
        session: Session,
        owner: str,
        *,
        seconds: float = 30,
        patience: float = 120,
        on_wait: Callable[[], None] | None = None,
    ) -> AbstractContextManager[Lease]:
        """Hold a conversation so that no other program runs a turn of it; see `lease.lease`."""
        return lease(
            self._db, self._student, session.id, owner, seconds=seconds, patience=patience, on_wait=on_wait
        )

    # Turns

    def begin_turn(
        self,
        session: Session,
        said: Utterance | str,
        zone: str,
        context_note: str = "",
        hits: Sequence[ShownHit] = (),
    ) -> tuple[Turn, StoredMessage]:
        """Commit a student's message as an open turn, before anything else is done with it.

        Args:
            said: The message, sanitised already or as it was typed.
            zone: Where the student is now, an IANA name or "+09:00".
            context_note: What goes in beside the message, if it is known already; `hits` are those in it.
        """
        content, kinds = sanitize_user(said) if isinstance(said, str) else said
        note = mask_secrets(context_note)
        now = self._clock()
        with self._db.begin() as connection:
            seq = self._next_seq(connection, session.id, now)
            turn_id, number = connection.execute(
                sql.ADD_TURN,
                {
                    "student_id": self._student,
                    "session_id": session.id,
                    "in_session": session.id,
                    "state": "open",
                    "started_at": now,
                },
            ).one()
            turn = Turn(turn_id, session.id, number, "open", zone, now, masked=kinds)
            stored = StoredMessage(
                0,
                session.id,
                seq,
                turn_id,
                Message("user", content),
                now,
                zone,
                context_note=note,
                trust="student",
                hits=_hits_in(note, context_note, hits),
            )
            return turn, self._write(connection, stored)

    def append(
        self,
        session: Session,
        turn: Turn,
        message: Message,
        *,
        state: MessageState = "whole",
        trust: Trust = "model",
        hits: Sequence[ShownHit] = (),
    ) -> StoredMessage:
        """Commit the next message of a turn and give it as it is stored: what is sent again is that, not `message`.

        Args:
            state: "partial" for a reply that was cut off, "cancelled" for a tool that was stopped.
            trust: The least trusted of what its words came from.
            hits: Those that a tool's result shows.
        """
        now, clean = self._clock(), sanitize_message(message)
        with self._db.begin() as connection:
            seq = self._next_seq(connection, session.id, now)
            stored = StoredMessage(
                0,
                session.id,
                seq,
                turn.id,
                clean,
                now,
                turn.zone,
                state,
                trust=trust,
                hits=_hits_in(clean.content, message.content, hits),
            )
            return self._write(connection, stored)

    def attach_note(
        self, message: StoredMessage, context_note: str, hits: Sequence[ShownHit] = ()
    ) -> StoredMessage:
        """Put what goes in beside a user's message. It may change until something follows the message, not after.

        Args:
            hits: Those that the note shows.

        Raises:
            UsageError: A model has read the message with what stood beside it.
        """
        text = mask_secrets(context_note)
        shown = _hits_in(text, context_note, hits)
        replied = (
            select(messages.c.id)
            .where(messages.c.session_id == message.session_id, messages.c.seq > message.seq)
            .exists()
        )
        with self._db.begin() as connection:
            changed = connection.execute(
                update(messages)
                .where(
                    messages.c.student_id == self._student,
                    messages.c.id == message.id,
                    or_(messages.c.context_note == "", ~replied),
                )
                .values(context_note=text, hits=hits_to_json(shown))
            ).rowcount
        if changed != 1:
            raise UsageError(
                "What went in beside a message cannot change after the reply.",
                "답변이 나온 뒤에는 메시지에 덧붙인 내용을 바꿀 수 없습니다.",
            )
        return replace(message, context_note=text, hits=shown)

    def finish_turn(
        self,
        turn: Turn,
        state: TurnState,
        error: str | None = None,
        broken: Sequence[BrokenRule] | None = None,
    ) -> Turn:
        """Close a turn as done, failed or interrupted.

        Args:
            broken: Which of the professor's rules its replies broke; None where nobody looked.
        """
        now = self._clock()
        judged = {} if broken is None else {"broken_rules": [asdict(rule) for rule in broken]}
        with self._db.begin() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.student_id == self._student, turns.c.id == turn.id, turns.c.state != "undone")
                .values(state=state, error=error and sanitize_user(error)[0], finished_at=now, **judged)
            )
        return replace(turn, state=state, error=error, finished_at=now)

    def broken_rules(self, session: Session) -> dict[int, tuple[BrokenRule, ...]]:
        """Give for each turn of a conversation that was looked at, by row id, which rules its replies broke."""
        judged = select(turns.c.id, turns.c.broken_rules).where(
            turns.c.student_id == self._student,
            turns.c.session_id == session.id,
            turns.c.broken_rules.is_not(None),
        )
        with self._db.read() as connection:
            return {row.id: broken_rules_of(row.broken_rules) for row in connection.execute(judged)}

    def unanswered(self, session: Session) -> tuple[Turn, StoredMessage] | None:
        """Give the last turn and its message if the student never got an answer, else None.

        That is a turn left open by a crash, or one that failed or was interrupted, without any words of a reply. What
        its tools did is in the log already, so resuming it applies nothing twice. Ask only while holding the lease:
        a turn that runs elsewhere is open too.
        """
        with self._db.read() as connection:
            row = connection.execute(sql.LAST_TURN, self._at(session.id)).first()
            if row is None or row.state == "done":
                return None
            of_turn = {"student": self._student, "turn": row.id}
            asked = connection.execute(sql.ASKED, of_turn).first()
            if asked is None:
                return None
            replies = connection.execute(sql.REPLIES, of_turn)
            if any(reply.content.strip() and not reply.tool_calls for reply in replies):
                return None
            return turn_of(row, asked.zone), message_of(asked)

    def undo(self, session: Session) -> tuple[Turn, StoredMessage] | None:
        """Mark the last turn undone and give it with its message, None where there is none.

        The rows stay; the log passes over them and no search finds them. In a fork without turns of its own the fork
        steps back by one turn of its parent, which keeps it.
        """
        now = self._clock()
        with self._db.begin() as connection:
            row = connection.execute(sql.LAST_TURN, self._at(session.id)).first()
            if row is None:
                return self._step_back(connection, session)
            asked = connection.execute(sql.ASKED, {"student": self._student, "turn": row.id}).one()
            mine = and_(messages.c.student_id == self._student, messages.c.turn_id == row.id)
            items = connection.scalars(select(messages.c.id).where(mine)).all()
            connection.execute(update(messages).where(mine).values(undone=True))
            connection.execute(
                update(turns)
                .where(turns.c.student_id == self._student, turns.c.id == row.id)
                .values(state="undone", undone_at=now)
            )
            forget_items(connection, self._student, "recall", items)
            return replace(turn_of(row, asked.zone), state="undone"), message_of(asked)

    # What is read

    def log(
        self, session: Session, from_seq: int = 1, include_undone: bool = False
    ) -> builtins.list[StoredMessage]:
        """Give the messages from a number on; a fork's begin with its parent's."""
        with self._db.read() as connection:
            return read_log(connection, self._student, session.id, from_seq, include_undone=include_undone)

    def export(self, session: Session) -> dict[str, Any]:
        """Give everything that is kept of a conversation as plain data for JSON, undone turns included."""
        log = self.log(session, include_undone=True)
        shown = {stored.id for stored in self.log(session)}
        return exported(self.get(session.id), log, shown)

    def open_view(
        self,
        session: Session,
        reason: str,
        *,
        system: str,
        tools: Sequence[Mapping[str, Any]],
        brief: str = "",
        summary: str = "",
        first_seq: int = 1,
        trust: Trust = "student",
        pressure: bool = False,
        mode: str = "",
    ) -> View:
        """Record what a model is to see from now on before the messages; see `View`."""
        values = {
            "student_id": self._student,
            "session_id": session.id,
            "reason": reason,
            "system": mask_secrets(system),
            "tools": list(tools),
            "brief": mask_secrets(brief),
            "summary": mask_secrets(summary),
            "first_seq": first_seq,
            "trust": trust,
            "pressure": pressure,
            "mode": mode,
            "opened_at": self._clock(),
        }
        with self._db.begin() as connection:
            if connection.execute(sql.GET, self._at(session.id)).first() is None:
                raise _gone(session.id)
            connection.execute(insert(views), values)
            return view_of(connection.execute(sql.VIEW, self._at(session.id)).one())

    def modes(self, session: Session) -> builtins.list[tuple[datetime, str]]:
        """Give when each view of a conversation was opened, the first one first, and in which mode."""
        opened = (
            select(views.c.opened_at, views.c.mode)
            .where(views.c.student_id == self._student, views.c.session_id == session.id)
            .order_by(views.c.id)
        )
        with self._db.read() as connection:
            return [(row.opened_at, row.mode) for row in connection.execute(opened)]

    def note_pressure(self, view: View) -> View:
        """Record that the model was told in this view that the window is nearly full."""
        with self._db.begin(durable=False) as connection:
            connection.execute(
                update(views)
                .where(views.c.student_id == self._student, views.c.id == view.id)
                .values(pressure=True)
            )
        return replace(view, pressure=True)

    def view(self, session: Session) -> View | None:
        """Give the view that is open, None before the first."""
        with self._db.read() as connection:
            row = connection.execute(sql.VIEW, self._at(session.id)).first()
        return None if row is None else view_of(row)

    # Inside

    def _at(self, session_id: int) -> dict[str, Any]:
        return {"student": self._student, "session": session_id}

    def _insert(self, **values: Any) -> Session:
        now = self._clock()
        with self._db.begin() as connection:
            row = connection.execute(
                insert(sessions)
                .values(student_id=self._student, created_at=now, last_at=now, **values)
                .returning(*SESSION_COLUMNS)
            ).one()
        return session_of(row)

    def _change(self, session: Session, **values: Any) -> Session:
        with self._db.begin() as connection:
            row = connection.execute(
                update(sessions).where(sql.MINE).values(values).returning(*SESSION_COLUMNS),
                self._at(session.id),
            ).first()
        if row is None:
            raise _gone(session.id)
        return session_of(row)

    def _next_seq(self, connection: Connection, session_id: int, now: datetime) -> int:
        seq = connection.execute(sql.NEXT_SEQ, self._at(session_id) | {"now": now}).scalar()
        if seq is None:
            raise _gone(session_id)
        return seq

    def _write(self, connection: Connection, stored: StoredMessage) -> StoredMessage:
        message = stored.message
        item: int = connection.execute(
            sql.ADD_MESSAGE,
            {
                "student_id": self._student,
                "session_id": stored.session_id,
                "seq": stored.seq,
                "turn_id": stored.turn_id,
                "role": message.role,
                "name": message.name,
                "content": message.content,
                "tool_calls": calls_to_json(message.tool_calls),
                "tool_call_id": message.tool_call_id,
                "state": stored.state,
                "context_note": stored.context_note,
                "trust": stored.trust,
                "hits": hits_to_json(stored.hits),
                "extras": message.extras or None,
                "time": stored.time,
                "zone": stored.zone,
            },
        ).scalar_one()
        said = message.role in {"user", "assistant"} and stored.state != "cancelled"
        if said and message.content.strip():
            index_text(connection, self._student, "recall", item, message.content, message.name)
        return replace(stored, id=item)

    def _step_back(self, connection: Connection, fork: Session) -> tuple[Turn, StoredMessage] | None:
        shown = [m for m in self.log(fork) if m.turn_id is not None]
        if not shown:
            return None
        row = connection.execute(
            select(*TURN_COLUMNS).where(turns.c.student_id == self._student, turns.c.id == shown[-1].turn_id)
        ).one()
        asked = next(m for m in shown if m.turn_id == row.id)
        self._change(fork, parent_seq=asked.seq - 1)
        return turn_of(row, asked.zone), asked


def _hits_in(kept: str, given: str, hits: Sequence[ShownHit]) -> tuple[ShownHit, ...]:
    """Give the hits of a text as they are kept: where nothing was masked in it, nothing is in them."""
    if kept == given:
        return tuple(hits)
    return tuple(
        replace(hit, text=mask_secrets(hit.text), rendered=mask_secrets(hit.rendered)) for hit in hits
    )


def _gone(session_id: int) -> NotFound:
    return NotFound(
        f"There is no conversation s{session_id} of this student. officehours sessions list shows them.",
        f"이 학생에게는 s{session_id} 대화가 없습니다. officehours sessions list 로 볼 수 있습니다.",
    )
