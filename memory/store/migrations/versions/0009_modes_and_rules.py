"""Conversations and views keep how the student wants to be taught, and turns which of the professor's rules they broke."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: nobody has chosen a mode yet, and no earlier turn was judged."""
    for table in ("sessions", "views"):
        op.add_column(
            table, sa.Column("mode", sa.String(length=16), nullable=False, server_default=sa.text("''"))
        )
    op.add_column("turns", sa.Column("broken_rules", sa.JSON(none_as_null=True), nullable=True))
