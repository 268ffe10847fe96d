"""Whose words core memory holds: it is in view in every turn, and what it says could be an order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what stands there was written by the student or the model."""
    op.add_column(
        "core_blocks", sa.Column("trust", sa.String(length=16), nullable=False, server_default="model")
    )
