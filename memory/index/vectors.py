"""The vectors in the database: the truth that every index is made from.

One row holds all the parts of one item (its sentences, say) as float16. Each write takes the student's next change
numbers, so a reader that knows how far it has come reads only what is new: see `changes_since`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from ..embedding import Vectors
from ..store.schema import doc_lengths, embed_queue, students, tombstones, vectors
from ..types import Scope
from .writer import SCOPES, batched, lock_student, next_change

LITTLE_HALF = np.dtype("<f2")

# Built once: putting a statement together anew takes longer than what it does.
_HEAD = select(students.c.change_seq).where(students.c.id == bindparam("student"))
_CHANGED = (
    select(vectors.c.seq, vectors.c.item_id, vectors.c.parts, vectors.c.data)
    .where(
        vectors.c.student_id == bindparam("student"),
        vectors.c.embedder_id == bindparam("embedder"),
        vectors.c.seq > bindparam("after"),
        vectors.c.seq <= bindparam("upto"),
        vectors.c.scope == bindparam("scope"),
    )
    .order_by(vectors.c.seq)
    .limit(bindparam("limit"))
)
_REMOVED = (
    select(tombstones.c.seq, tombstones.c.item_id, tombstones.c.parts)
    .where(
        tombstones.c.student_id == bindparam("student"),
        tombstones.c.seq > bindparam("after"),
        tombstones.c.seq <= bindparam("upto"),
        tombstones.c.scope == bindparam("scope"),
    )
    .order_by(tombstones.c.seq)
    .limit(bindparam("limit"))
)
_OF_ITEMS = select(vectors.c.item_id, vectors.c.parts, vectors.c.data).where(
    vectors.c.student_id == bindparam("student"),
    vectors.c.scope == bindparam("scope"),
    vectors.c.item_id.in_(bindparam("items", expanding=True)),
    vectors.c.embedder_id == bindparam("embedder"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One item as the database has it now.

    Attributes:
        seq: The change number it was written under.
        data: float16 bytes, little-endian, (parts, dimensions).
    """

    seq: int
    item_id: int
    parts: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """An item (or the last parts of one, if it is also among the changes) that is no more."""

    seq: int
    item_id: int
    parts: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to one student's vectors in one space, in order, up to and including `upto`.

    Attributes:
        whole: Nothing else had happened when they were read.
    """

    upto: int
    changed: list[Change]
    removed: list[Removal]
    whole: bool = True


def pack(rows: Vectors) -> bytes:
    """Store vectors: float16 keeps a cosine to three digits in half the room."""
    return rows.astype(LITTLE_HALF).tobytes()


def unpack(data: bytes, parts: int) -> Vectors:
    """Read what `pack` made: float32 (parts, dimensions)."""
    if not parts:
        return np.empty((0, 0), np.float32)
    return np.frombuffer(data, LITTLE_HALF).reshape(parts, -1).astype(np.float32)


def unpack_all(changed: Sequence[Change]) -> Vectors:
    """Read the parts of many items as one matrix, in order."""
    return unpack(b"".join(change.data for change in changed), sum(change.parts for change in changed))


def put_vectors(
    connection: Connection,
    student_id: int,
    scope: Scope,
    embedder_id: int,
    found: Mapping[int, Vectors],
) -> int:
    """Write vectors of items that still wait in the queue, take them out of it, and give how many there were.

    Items that are no longer in the queue were embedded by another process, or forgotten while their vectors were
    being computed: they are passed over, so nothing is written twice and nothing forgotten comes back.
    """
    # As `forget_items` does, and before any other row: whoever is second then sees what the first has done.
    lock_student(connection, student_id)
    written = 0
    for batch in batched(sorted(found)):
        key = SCOPES[scope]
        taken = delete(embed_queue).where(
            embed_queue.c.student_id == student_id,
            embed_queue.c.scope == key,
            embed_queue.c.item_id.in_(batch),
        )
        waiting = sorted(connection.execute(taken.returning(embed_queue.c.item_id)).scalars())
        if waiting:
            _replace(connection, student_id, key, embedder_id, {item: found[item] for item in waiting})
        written += len(waiting)
    return written


def add_vectors(
    connection: Connection, student_id: int, scope: Scope, embedder_id: int, found: Mapping[int, Vectors]
) -> None:
    """Write vectors of items that are still searchable, whether they wait in the queue or not (reindexing)."""
    lock_student(connection, student_id)  # as in `put_vectors`
    key = SCOPES[scope]
    for batch in batched(sorted(found)):
        kept = connection.execute(
            select(doc_lengths.c.item_id).where(
                doc_lengths.c.student_id == student_id,
                doc_lengths.c.scope == key,
                doc_lengths.c.item_id.in_(batch),
            )
        ).scalars()
        still = {item: found[item] for item in sorted(kept)}
        if still:
            _replace(connection, student_id, key, embedder_id, still)


def dequeue_embedded(connection: Connection, embedder_id: int) -> None:
    """Take what an embedder has done already out of the queue, everyone's."""
    done = exists().where(
        vectors.c.student_id == embed_queue.c.student_id,
        vectors.c.scope == embed_queue.c.scope,
        vectors.c.item_id == embed_queue.c.item_id,
        vectors.c.embedder_id == embedder_id,
    )
    connection.execute(delete(embed_queue).where(done))


def _replace(
    connection: Connection, student_id: int, scope: int, embedder_id: int, found: Mapping[int, Vectors]
) -> None:
    old = delete(vectors).where(
        vectors.c.student_id == student_id,
        vectors.c.scope == scope,
        vectors.c.item_id.in_(list(found)),
        vectors.c.embedder_id == embedder_id,
    )
    rows = connection.execute(old.returning(vectors.c.item_id, vectors.c.parts))
    had: dict[int, int] = {row.item_id: row.parts for row in rows}
    first = next_change(connection, student_id, len(found))
    numbered = {item: first + at for at, item in enumerate(found)}
    common = {"student_id": student_id, "scope": scope}
    connection.execute(
        insert(vectors),
        [
            common
            | {"item_id": item, "embedder_id": embedder_id, "seq": numbered[item]}
            | {"parts": len(rows), "data": pack(rows)}
            for item, rows in found.items()
        ],
    )
    shorter = [
        common | {"seq": numbered[item], "item_id": item, "parts": parts}
        for item, parts in had.items()
        if parts > len(found[item])
    ]
    if shorter:  # the index still holds parts that the item has no more
        connection.execute(insert(tombstones), shorter)


def head(connection: Connection, student_id: int) -> int:
    """Give the number of the student's last change, 0 if there was none."""
    return connection.execute(_HEAD, {"student": student_id}).scalar_one_or_none() or 0


def changes_since(
    connection: Connection, student_id: int, scope: Scope, embedder_id: int, after: int, limit: int
) -> Changes:
    """Read what changed after number `after`, at most `limit` items (and as many removals) at a time.

    Go on from `upto` until it no longer grows. Numbers are given under a lock, so nothing can still appear behind
    `upto`.
    """
    upto = head(connection, student_id)
    if upto == after:
        return Changes(upto, [], [])
    at = {"student": student_id, "scope": SCOPES[scope], "after": after, "upto": upto, "limit": limit}
    found = connection.execute(_CHANGED, at | {"embedder": embedder_id}).all()
    gone = connection.execute(_REMOVED, at).all()
    whole = len(found) < limit and len(gone) < limit
    for rows in (found, gone):
        if len(rows) == limit:
            upto = min(upto, rows[-1].seq)
    return Changes(
        upto,
        [Change(*row) for row in found if row.seq <= upto],
        [Removal(*row) for row in gone if row.seq <= upto],
        whole,
    )


def read_vectors(
    connection: Connection, student_id: int, scope: Scope, embedder_id: int, items: Sequence[int]
) -> dict[int, Vectors]:
    """Read the vectors of some items; those that have none yet are left out."""
    found: dict[int, NDArray[np.float32]] = {}
    for batch in batched(items):
        at = {"student": student_id, "scope": SCOPES[scope], "embedder": embedder_id, "items": batch}
        rows = connection.execute(_OF_ITEMS, at).all()
        found.update({item: unpack(data, parts) for item, parts, data in rows})
    return found


def forget_tombstones(connection: Connection, student_id: int, upto: int) -> None:
    """Drop the record of removals that every index of this store has carried out."""
    connection.execute(
        delete(tombstones).where(tombstones.c.student_id == student_id, tombstones.c.seq <= upto)
    )
