"""Comparing one student's index with the database, and mending it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from ..embedding.store_embedder import active_embedder
from ..store.database import Database, insert_ignoring
from ..store.schema import doc_lengths, embed_queue, tombstones, vectors
from ..types import Scope, Student
from .base import ScopeReport
from .chroma.base import ChromaFailed, Collection, part_id, read_id
from .sync import LETTERS, IndexUpkeep
from .vectors import Change, unpack
from .writer import SCOPES, batched

SAMPLE = 64
TOLERANCE = 0.01
"""How far a number of a vector in the index may be from the database's."""


def report(database: Database, student: Student, scope: Scope, upkeep: IndexUpkeep | None) -> ScopeReport:
    """Compare; without an open Chroma (`upkeep` None) only the database's own side is looked at."""
    row = active_embedder(database)
    embedder_id = 0 if row is None else row.id
    with database.read() as connection:
        waiting = _waiting(connection, student, scope)
        had = _had(connection, student, scope, embedder_id)
        unembedded = _unembedded(connection, student, scope, embedder_id)
    counts = (len(had), sum(parts for parts, _ in had.values()), waiting)
    if upkeep is None or row is None:
        return ScopeReport(scope, *counts, 0, unembedded, fault="closed" if upkeep is None else "")
    try:
        collection = upkeep.collection(scope)
        found = upkeep.ask(collection, collection.ids)
        missing, extra = _differences(LETTERS[scope], had, found, collection.watermark)
        extra = _without_pending(database, student, scope, extra, collection.watermark)
        missing |= _altered(upkeep, collection, scope) - missing
        whole = upkeep.finds_itself(collection, scope, SAMPLE) if not missing else True
    except ChromaFailed:
        return ScopeReport(scope, *counts, 0, unembedded, fault="damaged")
    fault = collection.made_because if collection.made_because != "new" else ""
    behind = sum(seq > collection.watermark for _, seq in had.values())
    return ScopeReport(
        scope,
        *counts,
        behind,
        unembedded,
        sorted(missing),
        sorted({read_id(name)[0] for name in extra}),
        fault or ("" if whole else "damaged"),
    )


def mend(database: Database, student: Student, found: ScopeReport, upkeep: IndexUpkeep | None) -> None:
    """Queue what was never embedded; put back what is missing and take out what is too much.

    A collection with a fault of its own is begun anew: catching up fills it.
    """
    scope = found.scope
    if found.unembedded:
        with database.begin() as connection:
            for batch in batched(found.unembedded):
                rows = [{"student_id": student.id, "scope": SCOPES[scope], "item_id": item} for item in batch]
                connection.execute(insert_ignoring(connection, embed_queue), rows)
    if upkeep is None or found.fault == "closed":
        return
    if found.fault:
        upkeep.begin_anew(scope)
        return
    if not (found.missing or found.extra):
        return
    with database.read() as connection:
        changes = _rows(connection, upkeep, scope, found.missing)
        row = active_embedder(database)
        had = _had(connection, student, scope, 0 if row is None else row.id)
    collection = upkeep.collection(scope)
    _, extra = _differences(LETTERS[scope], had, upkeep.ask(collection, collection.ids), collection.watermark)
    extra = _without_pending(database, student, scope, extra, collection.watermark)
    upkeep.apply(scope, sorted(extra), changes, upkeep.chroma.batch)


def _differences(
    id_prefix: str, had: Mapping[int, tuple[int, int]], found: set[str], watermark: int
) -> tuple[set[int], set[str]]:
    """Give items that lack a part in the index, and ids in the index that no item accounts for."""
    all_ids = {part_id(id_prefix, item, part) for item, (parts, _) in had.items() for part in range(parts)}
    missing = {
        item
        for item, (parts, seq) in had.items()
        if seq <= watermark and any(part_id(id_prefix, item, part) not in found for part in range(parts))
    }
    return missing, found - all_ids


def _without_pending(
    database: Database, student: Student, scope: Scope, extra: set[str], watermark: int
) -> set[str]:
    """Leave out what the next catching up will take out anyway."""
    with database.read() as connection:
        pending = set(
            connection.execute(
                select(tombstones.c.item_id).where(
                    tombstones.c.student_id == student.id,
                    tombstones.c.scope == SCOPES[scope],
                    tombstones.c.seq > watermark,
                )
            ).scalars()
        )
    return {name for name in extra if read_id(name)[0] not in pending}


def _altered(upkeep: IndexUpkeep, collection: Collection, scope: Scope) -> set[int]:
    """Give sampled items whose vectors in the index are not those of the database."""
    altered: set[int] = set()
    for change in upkeep.sample(scope, collection.watermark, SAMPLE):
        ids = [part_id(LETTERS[scope], change.item_id, part) for part in range(change.parts)]
        held = upkeep.ask(collection, lambda ids=ids: collection.vectors(ids))
        rows = unpack(change.data, change.parts)
        if not all(
            name in held and np.allclose(held[name], row, atol=TOLERANCE)
            for name, row in zip(ids, rows, strict=True)
        ):
            altered.add(change.item_id)
    return altered


def _waiting(connection: Connection, student: Student, scope: Scope) -> int:
    mine = (embed_queue.c.student_id == student.id, embed_queue.c.scope == SCOPES[scope])
    return connection.execute(select(func.count()).select_from(embed_queue).where(*mine)).scalar_one()


def _of(student: Student, scope: Scope, embedder_id: int) -> ColumnElement[bool]:
    return and_(
        vectors.c.student_id == student.id,
        vectors.c.scope == SCOPES[scope],
        vectors.c.embedder_id == embedder_id,
    )


def _had(
    connection: Connection, student: Student, scope: Scope, embedder_id: int
) -> dict[int, tuple[int, int]]:
    """Give item -> (parts, change number)."""
    rows = connection.execute(
        select(vectors.c.item_id, vectors.c.parts, vectors.c.seq).where(_of(student, scope, embedder_id))
    )
    return {item: (parts, seq) for item, parts, seq in rows}


def _unembedded(connection: Connection, student: Student, scope: Scope, embedder_id: int) -> list[int]:
    """Give searchable items that have no vectors and do not wait for any."""
    embedded = exists().where(_of(student, scope, embedder_id), vectors.c.item_id == doc_lengths.c.item_id)
    queued = exists().where(
        embed_queue.c.student_id == student.id,
        embed_queue.c.scope == SCOPES[scope],
        embed_queue.c.item_id == doc_lengths.c.item_id,
    )
    rows = connection.execute(
        select(doc_lengths.c.item_id)
        .where(
            doc_lengths.c.student_id == student.id,
            doc_lengths.c.scope == SCOPES[scope],
            doc_lengths.c.length > 0,
            ~embedded,
            ~queued,
        )
        .order_by(doc_lengths.c.item_id)
    )
    return list(rows.scalars())


def _rows(connection: Connection, upkeep: IndexUpkeep, scope: Scope, items: list[int]) -> list[Change]:
    columns = (vectors.c.seq, vectors.c.item_id, vectors.c.parts, vectors.c.data)
    return [
        Change(*row)
        for batch in batched(items)
        for row in connection.execute(
            select(*columns).where(*upkeep.mine(scope), vectors.c.item_id.in_(batch)).order_by(vectors.c.seq)
        )
    ]
