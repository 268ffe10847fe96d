"""Moving a whole store to another database: from a laptop's SQLite file to PostgreSQL, or back.

The store that is left stays as it is, and nobody writes to it while its rows are read. The new one is filled and
compared row by row in one transaction: it has everything, or it stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from ..errors import UsageError
from ..types import Progress
from .copy import compare_rows, copy_rows
from .database import Database
from .schema import metadata, students


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table. `students` and `messages` are among them."""

    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many rows in all."""
        return sum(self.rows.values())


def move(source_url: str | Path, target_url: str | Path, progress: Progress | None = None) -> Moved:
    """Copy a store into an empty one and compare them; the vector index is then built anew from the stored vectors.

    Args:
        source_url: The store as it is; only read.
        target_url: An empty store, or none yet.
        progress: Told rows done and rows in all.

    Raises:
        NotFound: There is no such source.
        UsageError: The target holds a memory already, or is the source.
        StoreBusy: Other programs keep writing to the source.
        StoreError: As its names say; the target is as empty as before.
    """
    if str(source_url) == str(target_url):
        raise _same()
    with Database.open(source_url, create=False) as source, Database.open(target_url) as target:
        if source.path is not None and source.path == target.path:
            raise _same()
        with source.begin() as reading, target.begin() as writing:
            _hold(reading)
            if writing.execute(select(func.count()).select_from(students)).scalar_one():
                raise _taken()
            rows = copy_rows(reading, writing, progress)
            compare_rows(reading, writing)
    return Moved(rows)


def _hold(connection: Connection) -> None:
    """Keep others from writing until the transaction ends: SQLite's write transaction does so by itself."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def _taken() -> UsageError:
    return UsageError(
        "The database to move to holds a memory already, and two cannot be put together. Name an empty one; nothing"
        " was changed.",
        "옮겨 갈 데이터베이스에 이미 기억이 들어 있어 합칠 수 없습니다. 빈 데이터베이스를 지정해 주세요. 바뀐 것은 없습니다.",
    )


def _same() -> UsageError:
    return UsageError(
        "That is the same database. Name another one to move to.",
        "같은 데이터베이스입니다. 옮겨 갈 다른 데이터베이스를 지정해 주세요.",
    )
