"""Whose words core memory holds, in view in every turn, and whether a whole memory came from a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what stands in core memory was written by the student or the model."""
    op.add_column(
        "core_blocks", sa.Column("trust", sa.String(length=16), nullable=False, server_default="model")
    )
    op.add_column(
        "students", sa.Column("trust", sa.String(length=16), nullable=False, server_default="student")
    )
