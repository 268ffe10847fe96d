"""Messages keep what a reply brought besides its text and calls; core memory and students know whose words they hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: of earlier replies nothing is known; what stands in core memory the student or the model wrote."""
    op.add_column("messages", sa.Column("extras", sa.Text(), nullable=True))
    for table, trust in (("core_blocks", "model"), ("students", "student")):
        column = sa.Column("trust", sa.String(length=16), nullable=False, server_default=trust)
        op.add_column(table, column)
