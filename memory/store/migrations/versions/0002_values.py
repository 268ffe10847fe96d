"""What is known becomes columns: facts, trust, hits beside a message, memory pressure; tables bear the field's names."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from officehours.memory.store.migrations import worded

# Alembic loads this file by its path: it stands in no package.
from officehours.memory.store.migrations.worded_facts import (
    fact_values,
)
from officehours.memory.store.schema import UtcDateTime

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

    _add_trust_of_views()
    _fill_trust_and_hits(op.get_bind())
    _fill_views(op.get_bind())


MESSAGES = sa.table(
    "messages",
    *map(sa.column, ("id", "student_id", "session_id", "seq", "turn_id", "role", "name")),
    *map(sa.column, ("content", "context_note", "zone", "trust")),
    sa.column("time", UtcDateTime()),
    sa.column("hits", sa.JSON(none_as_null=True)),
)
ARCHIVAL = sa.table(
    "archival",
    *map(sa.column, ("id", "student_id", "kind", "trust", "role", "name", "source", "locator")),
    sa.column("time", UtcDateTime()),
)
SESSIONS = sa.table("sessions", *map(sa.column, ("id", "origin", "parent_id", "parent_seq")))
VIEWS = sa.table("views", *map(sa.column, ("id", "session_id", "summary", "first_seq", "trust", "pressure")))
PAGE = 500


def _add_trust_of_views() -> None:
    op.add_column("views", sa.Column("trust", sa.String(length=16), nullable=False, server_default="student"))


def _fill_trust_and_hits(connection: sa.Connection) -> None:
    """Whose words each message holds, by who spoke and where; then the hits that notes and tools' results show."""
    imported = sa.select(SESSIONS.c.id).where(SESSIONS.c.origin == "import")
    said = {"user": "student", "assistant": "model", "tool": "model", "system": "model"}
    for role, trust in said.items():
        connection.execute(sa.update(MESSAGES).where(MESSAGES.c.role == role).values(trust=trust))
    connection.execute(
        sa.update(MESSAGES).where(MESSAGES.c.session_id.in_(imported)).values(trust="imported")
    )
    shows = sa.or_(MESSAGES.c.role == "tool", MESSAGES.c.context_note != "")
    lowest: dict[int, str] = {}  # by turn
    last = 0
    while rows := connection.execute(
        sa.select(MESSAGES).where(shows, MESSAGES.c.id > last).order_by(MESSAGES.c.id).limit(PAGE)
    ).all():
        last = rows[-1].id
        for row in rows:
            _fill_one(connection, row, lowest)
    for turn, trust in lowest.items():  # an answer rests on all that its turn brought in
        if trust != "model":
            answers = (MESSAGES.c.turn_id == turn) & (MESSAGES.c.role == "assistant")
            connection.execute(sa.update(MESSAGES).where(answers).values(trust=trust))


def _fill_one(connection: sa.Connection, row: sa.Row[Any], lowest: dict[int, str]) -> None:
    text = row.content if row.role == "tool" else row.context_note
    hits = worded.hits_in(text, row.zone, _known(connection, row.student_id, worded.ids_in(text)))
    trust = worded.trust_of_result(text, hits) if row.role == "tool" else row.trust
    if hits or trust != row.trust:
        changed = sa.update(MESSAGES).where(MESSAGES.c.id == row.id)
        connection.execute(changed.values(hits=hits or None, trust=trust))
    if row.turn_id is not None:
        brought = worded.least_trusted("model", trust, *(hit["trust"] for hit in hits))
        lowest[row.turn_id] = worded.least_trusted(brought, lowest.get(row.turn_id, "model"))


def _known(connection: sa.Connection, student: int, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Give what the rows that hits came from say of them; of what was forgotten since there is none."""
    found: dict[str, dict[str, Any]] = {}
    for letter, table in (("m", MESSAGES), ("a", ARCHIVAL)):
        items = [int(public[1:]) for public in ids if public.startswith(letter)]
        for row in connection.execute(
            sa.select(table).where(table.c.student_id == student, table.c.id.in_(items))
        ):
            known = {
                "kind": "message" if letter == "m" else row.kind,
                "role": row.role or "source",
                "trust": row.trust,
                "time": row.time.isoformat(),
                "name": row.name,
            }
            if letter == "a":
                known |= {"origin": row.source, "locator": row.locator}
            found[f"{letter}{row.id}"] = {name: value for name, value in known.items() if value is not None}
    return found


def _fill_views(connection: sa.Connection) -> None:
    """What a summary rests on, and whether the model was told that the window is nearly full."""
    warned = (
        sa.select(MESSAGES.c.id)
        .where(
            MESSAGES.c.session_id == VIEWS.c.session_id,
            MESSAGES.c.seq >= VIEWS.c.first_seq,
            MESSAGES.c.context_note.contains("(Memory pressure:"),
        )
        .exists()
    )
    connection.execute(sa.update(VIEWS).where(warned).values(pressure=sa.true()))
    for view in connection.execute(sa.select(VIEWS).where(VIEWS.c.summary != "")).all():
        trust = worded.least_trusted("student", *_folded(connection, view.session_id, view.first_seq))
        connection.execute(sa.update(VIEWS).where(VIEWS.c.id == view.id).values(trust=trust))


def _folded(connection: sa.Connection, session: int | None, before: int) -> set[str]:
    """Give the trusts of a conversation's messages before a number, those that a fork shares included."""
    found: set[str] = set()
    while session is not None:
        here = (MESSAGES.c.session_id == session) & (MESSAGES.c.seq < before)
        found |= set(connection.scalars(sa.select(MESSAGES.c.trust).where(here).distinct()))
        row = connection.execute(sa.select(SESSIONS).where(SESSIONS.c.id == session)).one()
        session, before = row.parent_id, min(before, (row.parent_seq or 0) + 1)
    return found


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
