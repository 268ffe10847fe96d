"""Messages keep what a reply brought besides its text and calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier replies nothing is known."""
    op.add_column("messages", sa.Column("extras", sa.Text(), nullable=True))
