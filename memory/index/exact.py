"""Exact search: one student's vectors as a matrix in memory, brought up to date by change number.

At 384 dimensions an item of 2.5 parts takes 3.9 kB, so 100,000 messages take 384 MB. The same class holds a whole
space (when no index can be used) or only what an index does not know yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from ..embedding import Vectors
from ..store import Database
from ..store.schema import vectors
from ..types import Scope
from .vectors import Change, changes_since, unpack_all
from .writer import SCOPES

PAGE = 5_000
"""Items read from the database at once."""

DEAD_SHARE = 0.25
"""Rows of replaced and removed items above this share are swept out."""


class ExactVectors:
    """The parts of one student's items in one space that changed after number `after`.

    Not safe for two threads at once: the index that owns it holds a lock.

    Attributes:
        after: Everything that changed after this number is here.
        upto: And nothing that changed after this one, yet.
    """

    def __init__(
        self, database: Database, student_id: int, scope: Scope, embedder_id: int, after: int = 0
    ) -> None:
        self._database = database
        self._key = (student_id, scope, embedder_id)
        self.after = after
        self.upto = after
        self._matrix: Vectors = np.empty((0, 0), np.float32)
        self._items = np.empty(0, np.int64)
        self._parts = np.empty(0, np.int16)
        self._used = 0
        self._dead = 0
        self._expected = 0
        self._rows: dict[int, tuple[int, int]] = {}  # item -> (first row, parts)
        self._removed: set[int] = set()

    def __len__(self) -> int:
        """Count the items."""
        return len(self._rows)

    @property
    def parts(self) -> int:
        """Count the vectors in use."""
        return self._used - self._dead

    @property
    def bytes(self) -> int:
        """Memory of the matrix."""
        return self._matrix.nbytes

    def refresh(self) -> None:
        """Read what changed in the database since the last time."""
        while True:
            with self._database.read() as connection:
                changes = changes_since(connection, *self._key, self.upto, PAGE)
            if changes.upto == self.upto:
                return
            # A removal goes first: where the item is also among the changes, only its last parts went.
            for removal in changes.removed:
                self._drop(removal.item_id)
                self._removed.add(removal.item_id)
            if not self._used and not changes.whole:
                self._expected = self._count()
            if changes.changed:
                self._append(changes.changed)
            self.upto = changes.upto
            self._sweep()
            if changes.whole:
                return

    def touched(self, item: int) -> bool:
        """Tell whether an item changed or went after `after`: what an index says of it is out of date."""
        return item in self._rows or item in self._removed

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, int, float]]:
        """Give (item, part, similarity) of the `k` nearest items, each by its nearest part, best first."""
        if not self._rows or k < 1:
            return []
        scores = self._matrix[: self._used] @ vector
        if self._dead:
            scores[self._items[: self._used] < 0] = -np.inf
        wanted = k
        while True:
            wanted = min(wanted * 4, self.parts)
            rows = _best(scores, wanted)
            found = first_of_each(
                [(int(self._items[row]), int(self._parts[row]), float(scores[row])) for row in rows], k
            )
            if len(found) == min(k, len(self._rows)) or wanted == self.parts:
                return found

    def _count(self) -> int:
        """Count the vectors that will be read, so that the matrix is made once and no larger."""
        student_id, scope, embedder_id = self._key
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.coalesce(func.sum(vectors.c.parts), 0)).where(
                        vectors.c.student_id == student_id,
                        vectors.c.scope == SCOPES[scope],
                        vectors.c.embedder_id == embedder_id,
                        vectors.c.seq > self.after,
                    )
                ).scalar_one()
            )

    def _append(self, changed: list[Change]) -> None:
        for change in changed:
            self._drop(change.item_id)
            self._removed.discard(change.item_id)
        # An item without a word has no parts: whatever an index says of it is wrong.
        self._removed.update(change.item_id for change in changed if not change.parts)
        changed = [change for change in changed if change.parts]
        if not changed:
            return
        new = unpack_all(changed)
        self._reserve(len(new), new.shape[1])
        at, end = self._used, self._used + len(new)
        counts = np.array([change.parts for change in changed])
        starts = at + np.cumsum(counts) - counts
        self._matrix[at:end] = new
        self._items[at:end] = np.repeat([change.item_id for change in changed], counts)
        self._parts[at:end] = np.arange(at, end) - np.repeat(starts, counts)
        self._rows.update(
            (change.item_id, (start, change.parts))
            for change, start in zip(changed, starts.tolist(), strict=True)
        )
        self._used = end

    def _reserve(self, more: int, dimensions: int) -> None:
        needed = self._used + more
        if needed <= len(self._matrix):
            return
        room = max(needed, self._expected, len(self._matrix) * 5 // 4, 64)
        matrix = np.empty((room, dimensions), np.float32)
        if self._used:
            matrix[: self._used] = self._matrix[: self._used]
        self._matrix = matrix
        self._items = _grown(self._items, room)
        self._parts = _grown(self._parts, room)

    def _drop(self, item: int) -> None:
        place = self._rows.pop(item, None)
        if place is not None:
            first, parts = place
            self._items[first : first + parts] = -1
            self._dead += parts

    def _sweep(self) -> None:
        if self._dead <= max(256, self._used * DEAD_SHARE):
            return
        kept = np.flatnonzero(self._items[: self._used] >= 0)
        self._matrix = self._matrix[kept]
        self._items, self._parts = self._items[kept], self._parts[kept]
        self._used, self._dead = len(kept), 0
        starts = np.flatnonzero(self._parts == 0)
        self._rows = {
            int(item): (int(start), self._rows[int(item)][1])
            for start, item in zip(starts, self._items[starts], strict=True)
        }


def first_of_each(found: list[tuple[int, int, float]], k: int) -> list[tuple[int, int, float]]:
    """Keep each item's first row, at most `k` items."""
    kept: dict[int, tuple[int, int, float]] = {}
    for row in found:
        if row[0] not in kept:
            kept[row[0]] = row
            if len(kept) == k:
                break
    return list(kept.values())


def _best(scores: NDArray[np.float32], n: int) -> NDArray[np.intp]:
    """Give the places of the `n` highest scores, highest first."""
    if n < len(scores):
        top = np.argpartition(scores, len(scores) - n)[len(scores) - n :]
    else:
        top = np.arange(len(scores))
    return top[np.argsort(-scores[top], kind="stable")]


def _grown(values: NDArray[Any], room: int) -> NDArray[Any]:
    grown = np.empty(room, values.dtype)
    grown[: len(values)] = values
    return grown
