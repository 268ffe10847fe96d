"""Counting over the whole store what every student has that is found by meaning, waits to be, or was left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import exists, func, select

from ..embedding import active_embedder
from ..store import Database
from ..store.schema import archival, doc_lengths, embed_queue, messages, vectors
from ..types import Scope
from .writer import SCOPES

_NAMES: dict[int, Scope] = {number: scope for scope, number in SCOPES.items()}


@dataclass(slots=True)
class StudentCounts:
    """What one student has.

    Attributes:
        items: Items that have vectors, of each memory.
        waiting: Items that wait to be embedded, which is no fault; `unembedded` have neither vectors nor a place there.
        newest: The highest number of anything that is found: who has the highest was here last.
    """

    items: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(SCOPES, 0))
    waiting: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(SCOPES, 0))
    unembedded: int = 0
    newest: int = 0


def count_students(database: Database) -> dict[int, StudentCounts]:
    """Count for every student who has anything that is found, by row id."""
    row = active_embedder(database)
    found: dict[int, StudentCounts] = {}

    def of(student_id: int) -> StudentCounts:
        return found.setdefault(student_id, StudentCounts())

    embedded = exists().where(
        vectors.c.student_id == doc_lengths.c.student_id,
        vectors.c.scope == doc_lengths.c.scope,
        vectors.c.item_id == doc_lengths.c.item_id,
        vectors.c.embedder_id == (0 if row is None else row.id),
    )
    queued = exists().where(
        embed_queue.c.student_id == doc_lengths.c.student_id,
        embed_queue.c.scope == doc_lengths.c.scope,
        embed_queue.c.item_id == doc_lengths.c.item_id,
    )
    each = (doc_lengths.c.student_id, doc_lengths.c.scope)
    searchable = select(*each, func.count(), func.max(doc_lengths.c.item_id)).group_by(*each)
    queue = (embed_queue.c.student_id, embed_queue.c.scope)
    with database.read() as connection:
        for student, scope, items, _ in connection.execute(searchable.where(embedded)):
            of(student).items[_NAMES[scope]] = items
        for student, scope, waiting in connection.execute(select(*queue, func.count()).group_by(*queue)):
            of(student).waiting[_NAMES[scope]] = waiting
        left_out = searchable.where(doc_lengths.c.length > 0, ~embedded, ~queued)
        for student, _, items, _ in connection.execute(left_out):
            of(student).unembedded += items
        for student, scope, _, newest in connection.execute(searchable):
            if scope == SCOPES["recall"]:  # the two memories are numbered apart
                of(student).newest = newest
    return found


def count_kinds(database: Database) -> dict[str, int]:
    """Count what is kept of all students, by kind: messages, and each kind of archival memory."""
    kinds = select(archival.c.kind, func.count()).group_by(archival.c.kind).order_by(archival.c.kind)
    with database.read() as connection:
        said = connection.execute(select(func.count()).select_from(messages)).scalar_one()
        return {"message": said} | {row.kind: row[1] for row in connection.execute(kinds)}
