"""Calls that wait for the student's yes, also while nobody is at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column: no call waits yet."""
    op.add_column("turns", sa.Column("approvals", sa.JSON(none_as_null=True), nullable=True))
