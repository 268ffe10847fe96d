"""One student's vectors in one scope, as Chroma holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...embedding import Vectors

FORMAT = 2
"""Raised when what the collections hold changes: older ones are rebuilt."""

PAGE = 50_000
"""Ids read at once."""


class Collection:
    """An open collection.

    Attributes:
        epoch: The `Chroma.epoch` it was got in; in any other it is void.
        watermark: Every change up to this number is in.
    """

    def __init__(self, collection: Any, made_of: Mapping[str, str | int], watermark: int, epoch: int) -> None:
        self._collection = collection
        self._made_of = made_of
        self.watermark = watermark
        self.epoch = epoch

    def query(self, vector: Vectors, n: int) -> list[tuple[int, int, float]]:
        """Give (item, part, similarity) of the `n` nearest parts, best first."""
        found = self._collection.query(query_embeddings=vector[None, :], n_results=n, include=["distances"])
        return [
            (*read_id(name), 1.0 - float(distance))
            for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def apply(self, removed: Sequence[str], ids: Sequence[str], rows: Vectors, watermark: int) -> None:
        """Carry out tombstones, then put vectors in, then say how far that was; repeating it does no harm."""
        if removed:
            self._collection.delete(ids=list(removed))
        if ids:
            self._collection.upsert(ids=list(ids), embeddings=rows)
        if watermark != self.watermark:
            self._collection.modify(metadata={**self._made_of, "watermark": watermark})
            self.watermark = watermark

    def ids(self) -> set[str]:
        """Read every id."""
        found: set[str] = set()
        while True:
            names = self._collection.get(limit=PAGE, offset=len(found), include=[])["ids"]
            found.update(names)
            if len(names) < PAGE:
                return found


def open_collection(
    client: Any, name: str, made_of: Mapping[str, str], head: int, epoch: int
) -> Collection | None:
    """Get a collection, created where there is none; None if the one there is of no use.

    Args:
        client: Chroma's.
        name: The collection's.
        made_of: What it must be made of.
        head: The database's last change number. A watermark ahead of it: an older database was put back.
        epoch: `Chroma.epoch` now.
    """
    from chromadb.errors import NotFoundError

    wanted = {**made_of, "format": FORMAT}
    try:
        found = client.get_collection(name, embedding_function=None)
    except NotFoundError:
        found = client.create_collection(
            name,
            metadata={**wanted, "watermark": 0},
            configuration={"hnsw": {"space": "ip"}},
            embedding_function=None,
        )
    held: dict[str, Any] = found.metadata or {}
    watermark = held.get("watermark")
    if not (isinstance(watermark, int) and watermark <= head and wanted.items() <= held.items()):
        return None
    return Collection(found, wanted, watermark, epoch)


def part_ids(item: int, parts: int) -> list[str]:
    """Name an item's parts in the index: (12, 2) -> ["12.0", "12.1"]."""
    return [f"{item}.{part}" for part in range(parts)]


def read_id(name: str) -> tuple[int, int]:
    """Read an id that `part_ids` made: "12.1" -> (12, 1)."""
    item, _, part = name.partition(".")
    return int(item), int(part)
