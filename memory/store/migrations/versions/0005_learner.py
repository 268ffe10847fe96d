"""What is kept of the learner: questions that are parked or withdrawn, misconceptions with their events, goals of a plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from officehours.memory.dates import zone_of
from officehours.memory.store.schema import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TIME = UtcDateTime()
ARCHIVAL = sa.table(
    "archival",
    *map(sa.column, ("id", "student_id", "fact_kind", "subject", "value", "polarity", "quote", "message_id")),
    *map(sa.column, ("trust", "zone")),
    *(sa.column(name, TIME) for name in ("time", "valid_to")),
)
QUESTIONS = sa.table("open_questions", *map(sa.column, ("id", "message_id", "state")))
MESSAGES = sa.table("messages", *map(sa.column, ("id", "turn_id", "undone")))
TURNS = sa.table("turns", *map(sa.column, ("id", "state")))


def upgrade() -> None:
    """Make the tables; questions that wait are parked, and confusions that were facts become misconceptions."""
    op.create_table(
        "misconceptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("student_id", "topic_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "misconception_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("misconception_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["misconception_id"], ["misconceptions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("misconception_id", "message_id", "kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("misconception_events_by_message", "misconception_events", ["message_id"], unique=False)
    op.create_table(
        "study_goals",
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("topics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("student_id", "subject"),
        sqlite_autoincrement=True,
    )
    _close_questions(op.get_bind())
    _move_confusions(op.get_bind())


def _close_questions(connection: sa.Connection) -> None:
    """What was asked in a turn that is over is parked, or withdrawn with it."""
    undone = sa.select(MESSAGES.c.id).where(MESSAGES.c.undone.is_(True))
    running = (
        sa.select(MESSAGES.c.id).join(TURNS, TURNS.c.id == MESSAGES.c.turn_id).where(TURNS.c.state == "open")
    )
    waits = sa.update(QUESTIONS).where(QUESTIONS.c.state == "open")
    connection.execute(waits.where(QUESTIONS.c.message_id.in_(undone)).values(state="withdrawn"))
    connection.execute(waits.where(QUESTIONS.c.message_id.not_in(running)).values(state="parked"))


def _move_confusions(connection: sa.Connection) -> None:
    """What the student called confusing or clear becomes events; as facts these statements hold no more."""
    topics = sa.table(
        "misconceptions",
        *map(sa.column, ("id", "student_id", "topic", "topic_key")),
        sa.column("created_at", TIME),
    )
    events = sa.table(
        "misconception_events",
        *map(sa.column, ("student_id", "misconception_id", "kind", "words", "message_id", "day")),
        sa.column("at", TIME),
    )
    own = (ARCHIVAL.c.fact_kind == "confusion", ARCHIVAL.c.trust.in_(("student", "imported")))
    known: dict[tuple[int, str], int] = {}
    seen: set[tuple[int, int | None, str]] = set()
    for row in connection.execute(
        sa.select(ARCHIVAL).where(*own).order_by(ARCHIVAL.c.time, ARCHIVAL.c.id)
    ).all():
        at = (row.student_id, row.subject)
        if at not in known:
            values = {"student_id": row.student_id, "topic": row.value, "topic_key": row.subject}
            connection.execute(sa.insert(topics).values(**values, created_at=row.time))
            found = sa.select(topics.c.id).where(
                topics.c.student_id == row.student_id, topics.c.topic_key == row.subject
            )
            known[at] = connection.execute(found).scalar_one()
        kind = "claimed" if row.polarity == "understood" else "seen"
        if row.message_id is not None and (known[at], row.message_id, kind) in seen:
            continue
        seen.add((known[at], row.message_id, kind))
        connection.execute(
            sa.insert(events).values(
                student_id=row.student_id,
                misconception_id=known[at],
                kind=kind,
                words=row.quote or "",
                message_id=row.message_id,
                at=row.time,
                day=row.time.astimezone(zone_of(row.zone)).date().isoformat(),
            )
        )
        connection.execute(
            sa.update(ARCHIVAL)
            .where(ARCHIVAL.c.id == row.id, ARCHIVAL.c.valid_to.is_(None))
            .values(valid_to=row.time)
        )
