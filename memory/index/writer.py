"""Small steps inside a transaction that several memories share: numbering index changes, and forgetting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ..store.schema import doc_lengths, embed_queue, postings, students, tombstones, vectors
from ..types import Scope
from .postings import index_terms

SCOPES: dict[Scope, int] = {"recall": 0, "archival": 1}
"""How the tables call the two searchable memories."""

BATCH = 500
"""Ids in one statement; far below every database's limit on parameters."""

_NEXT = (
    update(students)
    .where(students.c.id == bindparam("student"))
    .values(change_seq=students.c.change_seq + bindparam("count"))
    .returning(students.c.change_seq)
)
_LOCK = select(students.c.id).where(students.c.id == bindparam("student")).with_for_update()


def lock_student(connection: Connection, student_id: int) -> None:
    """Keep other transactions from changing this student's memory by the same steps until this one ends.

    SQLite has one writer at a time anyway; PostgreSQL locks the student's row.
    """
    connection.execute(_LOCK, {"student": student_id})


def next_change(connection: Connection, student_id: int, count: int = 1) -> int:
    """Reserve `count` consecutive numbers for index changes and give the first.

    The student's row stays locked until the transaction ends, so numbers become visible in their order.
    """
    last: int = connection.execute(_NEXT, {"student": student_id, "count": count}).scalar_one()
    return last - count + 1


def index_text(
    connection: Connection, student_id: int, scope: Scope, item: int, text: str, name: str | None = None
) -> None:
    """Make an item findable: its terms and its speaker's name at once, its vectors by way of the queue."""
    index_terms(connection, student_id, SCOPES[scope], item, text, name)
    connection.execute(
        insert(embed_queue), {"student_id": student_id, "scope": SCOPES[scope], "item_id": item}
    )


def forget_items(connection: Connection, student_id: int, scope: Scope, items: Iterable[int]) -> None:
    """Take items out of everything that is searched, in the caller's transaction; their own rows are the caller's.

    Terms, lengths, vectors and queue entries go at once. What may be in the vector index is recorded in
    `tombstones` under the student's next change numbers, for whoever holds the index to carry out.
    """
    lock_student(connection, student_id)  # vectors that are being written now would come after
    for batch in batched(items):
        _forget_batch(connection, student_id, SCOPES[scope], batch)


def _forget_batch(connection: Connection, student_id: int, scope: int, items: Sequence[int]) -> None:
    indexed = connection.execute(
        select(vectors.c.item_id, func.max(vectors.c.parts))
        .where(vectors.c.student_id == student_id, vectors.c.scope == scope, vectors.c.item_id.in_(items))
        .group_by(vectors.c.item_id)
        .order_by(vectors.c.item_id)
    ).all()
    for table in (postings, doc_lengths, vectors, embed_queue):
        connection.execute(
            delete(table).where(
                table.c.student_id == student_id, table.c.scope == scope, table.c.item_id.in_(items)
            )
        )
    if not indexed:
        return
    first = next_change(connection, student_id, len(indexed))
    connection.execute(
        insert(tombstones),
        [
            {"student_id": student_id, "seq": first + at, "scope": scope, "item_id": item, "parts": parts}
            for at, (item, parts) in enumerate(indexed)
        ],
    )


def batched(items: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    """Give the items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
