"""Finding near vectors: what a search asks, whichever way it is answered.

A student's index answers from Chroma up to the watermark and exactly from the database's vectors after it; where
Chroma cannot be used (another process holds the folder, it is not open yet, its server is down) all of it is
exact. The caller never waits for Chroma to open or to be built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..embedding import Vectors
from ..types import Progress, Scope


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A part of an item that is near a vector.

    Attributes:
        item_id: A message's or an archival row's id, by `scope`.
        part: Which part of it, counted from 0.
        similarity: The cosine, -1 to 1.
    """

    scope: Scope
    item_id: int
    part: int
    similarity: float


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What `verify` found in one space; the lists hold item ids.

    Attributes:
        items: Items that the database has vectors of; `parts` counts the vectors.
        waiting: Items that wait to be embedded, which is no fault.
        behind: Items that the index will take up next, which is no fault either.
        unembedded: Searchable items with neither vectors nor a place in the queue.
        missing: Items that the index should hold and does not (or not all parts).
        extra: Items that the index holds and the database does not.
        fault: What is wrong with the collection as a whole: "", "damaged" (it does not find what it holds, or fails)
            or "closed" (it could not be looked at).
    """

    scope: Scope
    items: int
    parts: int
    waiting: int
    behind: int
    unembedded: list[int] = field(default_factory=list[int])
    missing: list[int] = field(default_factory=list[int])
    extra: list[int] = field(default_factory=list[int])
    fault: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing needs repair."""
        return not (self.unembedded or self.missing or self.extra or self.fault)


class VectorIndex(Protocol):
    """One student's vectors."""

    def query(self, vector: Vectors, k: int, scope: Scope) -> list[Neighbour]:
        """Give the `k` nearest items, each by its nearest part, best first.

        Args:
            vector: Float32 (dimensions,), of length one.
            k: How many items.
            space: Where to look.
        """
        ...

    def vectors_of(self, scope: Scope, items: Sequence[int]) -> dict[int, Vectors]:
        """Give items' parts, float32 (parts, dimensions); those without vectors yet are left out."""
        ...

    def warm(self) -> None:
        """Open Chroma and catch up in the background; returns at once."""
        ...

    def catch_up(self, progress: Progress | None = None) -> bool:
        """Bring Chroma up to the database now, in large batches; False where it cannot be used."""
        ...

    def rebuild(self, progress: Progress | None = None) -> bool:
        """Make the student's part of Chroma anew from the database's vectors; False where it cannot be used."""
        ...

    def verify(self) -> list[ScopeReport]:
        """Compare the index with the database; one report for each space."""
        ...

    def repair(self, progress: Progress | None = None) -> list[ScopeReport]:
        """Mend what `verify` finds, and give what it finds then."""
        ...

    def forget(self, *, for_good: bool = False) -> bool:
        """Delete the student's part of Chroma, to be built anew of what the database holds now.

        Deleting single vectors would leave their bytes in Chroma's files. False where it cannot be done now: then
        whoever opens the index next does it.

        Args:
            for_good: The student is erased, so nothing is built any more.
        """
        ...
