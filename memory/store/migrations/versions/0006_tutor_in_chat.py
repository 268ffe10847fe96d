"""The tutor in the chat: quizzes asked in a conversation, acronyms and their senses, promises, modes, rules that were broken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and tables: nobody has chosen a mode yet, and no earlier turn was judged.

    The course is read for acronyms when one is first asked about; a quiz that is open goes on where it stopped.
    """
    _quizzes()
    _acronyms()
    _promises()
    _modes()


def _quizzes() -> None:
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    # A reference cannot be added to a table of SQLite by Alembic's own words.
    op.execute(
        f"ALTER TABLE quizzes ADD COLUMN session_id {number} REFERENCES sessions (id) ON DELETE SET NULL"
    )
    op.add_column("quiz_items", sa.Column("hints", sa.SmallInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("attempts", table_kwargs={"sqlite_autoincrement": True}) as attempts:
        attempts.alter_column("correct", existing_type=sa.Float(), nullable=True)


def _acronyms() -> None:
    op.create_table(
        "acronyms",
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("long", sa.Text(), nullable=False),
        sa.Column("archival_id", ID, nullable=True),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["archival_id"], ["archival.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("acronyms_by_short", "acronyms", ["student_id", "short"])


def _promises() -> None:
    op.create_table(
        "promises",
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("promises_by_student", "promises", ["student_id", "state"], unique=False)


def _modes() -> None:
    for table in ("sessions", "views"):
        op.add_column(
            table, sa.Column("mode", sa.String(length=16), nullable=False, server_default=sa.text("''"))
        )
    op.add_column("turns", sa.Column("broken_rules", sa.JSON(none_as_null=True), nullable=True))
