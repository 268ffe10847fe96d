"""Comparing one student's index with the database, and mending it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, exists, func, select

from ..embedding import Vectors, active_embedder
from ..store import Database, insert_ignoring
from ..store.schema import doc_lengths, embed_queue, tombstones, vectors
from ..types import Scope, Student
from .base import ScopeReport
from .chroma.base import ChromaFailed
from .chroma.collection import Collection, part_ids, read_id
from .sync import IndexSync
from .vectors import read_vectors
from .writer import SCOPES, batched

SAMPLE = 64
FOUND_SHARE = 0.8
"""Share of sampled vectors that must find themselves: HNSW is an approximation."""

SAME = 0.9999
"""Similarity from which two vectors are taken for the same."""


def report(database: Database, student: Student, scope: Scope, sync: IndexSync | None) -> ScopeReport:
    """Compare; without an open Chroma (`sync` None) only the database's own side is looked at.

    Nothing may write to the index meanwhile: what moves looks like a fault.
    """
    row = active_embedder(database)
    embedder_id = 0 if row is None else row.id
    collection, held, fault = None, set[str](), "closed" if sync is None else ""
    try:
        if sync is not None and row is not None:
            collection = sync.collection(scope)
            held = sync.ask(collection, collection.ids)
    except ChromaFailed:
        collection, fault = None, "damaged"
    with database.read() as connection:
        queued = select(func.count()).select_from(embed_queue).where(*_of(embed_queue, student, scope))
        waiting = connection.execute(queued).scalar_one()
        stored = _stored(connection, student, scope, embedder_id)
        unembedded = _unembedded(connection, student, scope, embedder_id)
        gone = select(tombstones.c.item_id, tombstones.c.seq).where(*_of(tombstones, student, scope))
        removed = connection.execute(gone).all()
        counts = (len(stored), sum(parts for parts, _ in stored.values()), waiting)
        if sync is None or collection is None:
            return ScopeReport(scope, *counts, 0, unembedded, fault=fault)
        watermark = collection.watermark
        settled = [item for item, (parts, seq) in stored.items() if seq <= watermark and parts]
        some = random.sample(settled, min(SAMPLE, len(settled)))
        sample = read_vectors(connection, student.id, scope, embedder_id, some)
    names = {item: part_ids(item, parts) for item, (parts, _) in stored.items()}
    missing = sorted(item for item in settled if not held.issuperset(names[item]))
    extra = {read_id(name)[0] for name in held.difference(*names.values())}
    extra -= {item for item, seq in removed if seq > watermark}  # the next catching up takes them out
    behind = sum(seq > watermark for _, seq in stored.values())
    if not missing and not _finds_itself(sync, collection, sample):
        fault = "damaged"
    return ScopeReport(scope, *counts, behind, unembedded, missing, sorted(extra), fault)


def mend(
    database: Database, student: Student, reports: Sequence[ScopeReport], sync: IndexSync | None
) -> None:
    """Queue what was never embedded, and throw an index away that is not what it should be: catching up fills it."""
    for found in reports:
        for batch in batched(found.unembedded):
            rows = [
                {"student_id": student.id, "scope": SCOPES[found.scope], "item_id": item} for item in batch
            ]
            with database.begin() as connection:
                connection.execute(insert_ignoring(connection, embed_queue), rows)
    if sync is not None and any(
        found.missing or found.extra or found.fault not in {"", "closed"} for found in reports
    ):
        sync.recreate()


def _finds_itself(sync: IndexSync, collection: Collection, sample: Mapping[int, Vectors]) -> bool:
    """Search for vectors that the index should hold, and tell whether enough of them are found."""
    found = 0
    for wanted, rows in sample.items():
        try:
            nearest = sync.ask(collection, partial(collection.query, rows[0], 10))
        except ChromaFailed:
            return False
        # Of words that were said again and again any will do: they have the same vector.
        found += any(item == wanted or likeness >= SAME for item, _, likeness in nearest)
    return found >= FOUND_SHARE * len(sample)


def _of(table: Table, student: Student, scope: Scope) -> tuple[Any, ...]:
    return table.c.student_id == student.id, table.c.scope == SCOPES[scope]


def _stored(
    connection: Connection, student: Student, scope: Scope, embedder_id: int
) -> dict[int, tuple[int, int]]:
    """Give item -> (parts, change number)."""
    wanted = select(vectors.c.item_id, vectors.c.parts, vectors.c.seq)
    rows = connection.execute(
        wanted.where(*_of(vectors, student, scope), vectors.c.embedder_id == embedder_id)
    )
    return {item: (parts, seq) for item, parts, seq in rows}


def _unembedded(connection: Connection, student: Student, scope: Scope, embedder_id: int) -> list[int]:
    """Give searchable items that have no vectors and do not wait for any."""
    item = doc_lengths.c.item_id
    embedded = exists().where(
        *_of(vectors, student, scope), vectors.c.embedder_id == embedder_id, vectors.c.item_id == item
    )
    queued = exists().where(*_of(embed_queue, student, scope), embed_queue.c.item_id == item)
    mine = (*_of(doc_lengths, student, scope), doc_lengths.c.length > 0)
    return list(connection.scalars(select(item).where(*mine, ~embedded, ~queued).order_by(item)))
