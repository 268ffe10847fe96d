"""What is known becomes columns: facts, trust, hits beside a message, memory pressure; tables bear the field's names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from officehours.memory.store.migrations.worded_facts import (
    fact_values,  # Alembic loads this file by its path
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = {"documents": "doc_lengths", "removals": "tombstones", "store": "settings"}
SCOPED = ("postings", "doc_lengths", "vectors", "embed_queue", "tombstones")
FACT = {
    "fact_kind": sa.String(length=16),
    "value": sa.Text(),
    "day": sa.String(length=10),
    "last_day": sa.String(length=10),
    "polarity": sa.String(length=16),
}


def upgrade() -> None:
    """Rename what was misnamed, add the columns, and fill them from what was worded."""
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table in SCOPED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN space TO scope")
    op.execute("ALTER TABLE messages RENAME COLUMN beside TO context_note")
    op.add_column("messages", sa.Column("hits", sa.JSON(), nullable=True))
    op.add_column(
        "messages", sa.Column("trust", sa.String(length=16), nullable=False, server_default="model")
    )
    op.add_column("views", sa.Column("pressure", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, kind in FACT.items():
        op.add_column("archival", sa.Column(name, kind, nullable=True))
    op.add_column("archival", sa.Column("path", sa.Text(), nullable=True))
    # A reference cannot be added to a table of SQLite by Alembic's own words.
    op.execute(
        f"ALTER TABLE core_blocks ADD COLUMN message_id {_id()} REFERENCES messages (id) ON DELETE SET NULL"
    )
    _fill_facts()


def _id() -> str:
    return "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"


def _fill_facts() -> None:
    """Read the facts that rules had written as sentences into their columns; the sentences stay."""
    archival = sa.table("archival", *map(sa.column, ("id", "kind", "text", "subject", *FACT)))
    worded = sa.select(archival.c.id, archival.c.text, archival.c.subject).where(
        archival.c.kind == "fact", archival.c.subject.is_not(None)
    )
    connection = op.get_bind()
    for row in connection.execute(worded).all():
        if values := fact_values(row.text, row.subject):
            connection.execute(sa.update(archival).where(archival.c.id == row.id).values(values))
