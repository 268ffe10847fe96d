"""A quiz may be asked in a conversation: where, how many hints were given, and answers that nobody has graded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a quiz that is open goes on where it stopped, in the command."""
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    # A reference cannot be added to a table of SQLite by Alembic's own words.
    op.execute(
        f"ALTER TABLE quizzes ADD COLUMN session_id {number} REFERENCES sessions (id) ON DELETE SET NULL"
    )
    op.add_column("quiz_items", sa.Column("hints", sa.SmallInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("attempts", table_kwargs={"sqlite_autoincrement": True}) as attempts:
        attempts.alter_column("correct", existing_type=sa.Float(), nullable=True)
