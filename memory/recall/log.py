"""Reading a conversation's log, which for a fork begins in its parent's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from ..store import Database
from ..store.schema import messages
from ..types import StoredMessage, message_id
from . import queries as sql
from .rows import Session, message_of

_FIRST = (
    select(func.min(messages.c.id))
    .where(
        messages.c.student_id == bindparam("student"),
        messages.c.role == "user",
        messages.c.undone.is_(False),
    )
    .group_by(messages.c.session_id)
)
_OPENINGS = select(messages.c.session_id, func.substr(messages.c.content, 1, 200)).where(
    messages.c.id.in_(_FIRST)
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one session's messages.

    Attributes:
        as_of: In an ancestor, when the conversation was forked from it: what was undone there later still counts.
    """

    session_id: int
    first: int
    last: int
    as_of: datetime | None


def read_log(
    connection: Connection,
    student_id: int,
    session_id: int,
    from_seq: int = 1,
    *,
    include_undone: bool = False,
) -> list[StoredMessage]:
    """Give a conversation's messages from a number on, in order."""
    found: list[StoredMessage] = []
    for part in segments(connection, student_id, session_id):
        if part.last < from_seq:
            continue
        values: dict[str, Any] = {
            "student": student_id,
            "session": part.session_id,
            "first": max(part.first, from_seq),
            "last": part.last,
        }
        if include_undone:
            rows = connection.execute(sql.SEGMENT, values)
        elif part.as_of is None:
            rows = connection.execute(sql.SEGMENT_SHOWN, values)
        else:
            rows = connection.execute(sql.SEGMENT_AS_OF, values | {"as_of": part.as_of})
        found.extend(map(message_of, rows))
    return found


def segments(connection: Connection, student_id: int, session_id: int) -> list[Segment]:
    """Give what a conversation is made of, the oldest first: its ancestors' beginnings and its own messages."""
    parts: list[Segment] = []
    last = sql.NO_SEQ
    as_of: datetime | None = None
    here: int | None = session_id
    while here is not None:
        row = connection.execute(sql.GET, {"student": student_id, "session": here}).first()
        if row is None:
            break
        first = 1 if row.parent_id is None else row.parent_seq + 1
        parts.append(Segment(here, first, last, as_of))
        last, as_of = min(last, first - 1), row.created_at
        here = row.parent_id
    return parts[::-1]


def openings(db: Database, student_id: int) -> dict[int, str]:
    """Give the first words that the student said in each conversation, by its row id; at most 200 characters."""
    with db.read() as connection:
        return dict(connection.execute(_OPENINGS, {"student": student_id}).all())


def exported(session: Session, log: Sequence[StoredMessage], shown: Collection[int]) -> dict[str, Any]:
    """Give a conversation as plain data; `shown` are the row ids that were not undone."""
    return {
        "id": session.public_id,
        "title": session.title,
        "persona": session.persona,
        "origin": session.origin,
        "created_at": session.created_at.isoformat(),
        "last_at": session.last_at.isoformat(),
        "forked_from": None if session.parent_id is None else f"s{session.parent_id}",
        "messages": [_exported(stored, undone=stored.id not in shown) for stored in log],
    }


def _exported(stored: StoredMessage, *, undone: bool) -> dict[str, Any]:
    message = stored.message
    return {
        "id": message_id(stored.id),
        "external_id": stored.external_id,
        "turn": stored.turn_id,
        "role": message.role,
        "name": message.name,
        "content": message.content,
        "context_note": stored.context_note,
        "hits": [hit.id for hit in stored.hits],
        "trust": stored.trust,
        "tool_calls": [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "state": stored.state,
        "undone": undone,
        "time": stored.time.isoformat(),
        "zone": stored.zone,
    }
