"""The statements of `sessions`, built once: SQLAlchemy then compiles each a single time."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from ..store.schema import messages, sessions, turns, views
from .rows import MESSAGE_COLUMNS, SESSION_COLUMNS, TURN_COLUMNS, VIEW_COLUMNS

MINE = and_(sessions.c.student_id == bindparam("student"), sessions.c.id == bindparam("session"))
GET = select(*SESSION_COLUMNS).where(MINE)
ALL = (
    select(*SESSION_COLUMNS)
    .where(sessions.c.student_id == bindparam("student"))
    .order_by(sessions.c.last_at.desc(), sessions.c.id.desc())
)
LATEST = ALL.where(sessions.c.origin == "chat").limit(1)
NEXT_SEQ = (
    update(sessions)
    .where(MINE)
    .values(last_seq=sessions.c.last_seq + 1, last_at=bindparam("now"))
    .returning(sessions.c.last_seq)
)
ADD_TURN = (
    insert(turns)
    .values(
        number=select(func.coalesce(func.max(turns.c.number), 0) + 1)
        .where(turns.c.session_id == bindparam("in_session"))
        .scalar_subquery()
    )
    .returning(turns.c.id, turns.c.number)
)
ADD_MESSAGE = insert(messages).returning(messages.c.id)
LAST_TURN = (
    select(*TURN_COLUMNS)
    .where(
        turns.c.student_id == bindparam("student"),
        turns.c.session_id == bindparam("session"),
        turns.c.state != "undone",
    )
    .order_by(turns.c.number.desc())
    .limit(1)
)
ASKED = select(*MESSAGE_COLUMNS).where(
    messages.c.student_id == bindparam("student"),
    messages.c.turn_id == bindparam("turn"),
    messages.c.role == "user",
)
REPLIES = select(messages.c.content, messages.c.tool_calls).where(
    messages.c.student_id == bindparam("student"),
    messages.c.turn_id == bindparam("turn"),
    messages.c.role == "assistant",
)
SEGMENT = (
    select(*MESSAGE_COLUMNS)
    .where(
        messages.c.student_id == bindparam("student"),
        messages.c.session_id == bindparam("session"),
        messages.c.seq.between(bindparam("first"), bindparam("last")),
    )
    .order_by(messages.c.seq)
)
SEGMENT_SHOWN = SEGMENT.where(messages.c.undone.is_(False))
# A turn that was undone after a fork was made is still part of what the fork continues.
UNDONE_LATER = select(turns.c.id).where(
    turns.c.session_id == bindparam("session"), turns.c.undone_at > bindparam("as_of")
)
SEGMENT_AS_OF = SEGMENT.where(or_(messages.c.undone.is_(False), messages.c.turn_id.in_(UNDONE_LATER)))
VIEW = (
    select(*VIEW_COLUMNS)
    .where(views.c.student_id == bindparam("student"), views.c.session_id == bindparam("session"))
    .order_by(views.c.id.desc())
    .limit(1)
)
NO_SEQ = 2**31 - 1
