"""Copying a whole store into another, row by row, and comparing the two: what `db move` and a backup stand on.

The rows go through the definitions of the tables, so SQLite and PostgreSQL may stand on either side. What means
something in one store only (who holds a lease, whose turn it is, which index belongs to it) stays behind.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, Connection, Table, collate, func, insert, select, text, update
from sqlalchemy.types import String

from ..errors import StoreError
from ..types import Progress
from .column_types import Words
from .schema import metadata, sessions, settings

PAGE = 1_000
"""Rows written at once."""

OWN = ("index", "embed:", "index:")
"""Beginnings of keys in the table `settings` that mean something in one store only."""

Row = dict[str, Any]


def copy_rows(source: Connection, target: Connection, progress: Progress | None = None) -> dict[str, int]:
    """Copy every row into an empty store, in the caller's transactions, and give how many each table had.

    Numbers of rows go on where they were, also behind rows that were deleted.

    Args:
        progress: Told rows done and rows in all.
    """
    total = sum(count_rows(source).values())
    done: dict[str, int] = {}
    for table in metadata.sorted_tables:
        done[table.name] = 0
        later = _self_references(table)
        pointing: list[Row] = []
        for page in _pages(rows_of(source, table)):
            # A row may point at one that comes after it: such references are put in once all rows are there.
            pointing += [
                {"row_id": row["id"], **{c.name: row[c.name] for c in later}}
                for row in page
                if any(row[c.name] is not None for c in later)
            ]
            target.execute(
                insert(table), [row | dict.fromkeys((c.name for c in later), None) for row in page]
            )
            done[table.name] += len(page)
            if progress is not None:
                progress(sum(done.values()), total)
        _point(target, table, later, pointing)
    _set_numbers(target, _last_numbers(source))
    return done


def compare_rows(source: Connection, target: Connection) -> None:
    """Compare two stores row by row.

    Raises:
        StoreError: They differ; the text names the table.
    """
    for table in metadata.sorted_tables:
        with closing(rows_of(source, table)) as ones, closing(rows_of(target, table)) as others:
            same = all(one == other for one, other in zip_longest(ones, others))
            if not same:
                raise StoreError(
                    f"The copy differs from the store in the table {table.name}, so it is not used. Nothing was"
                    " changed; check the disks and try again.",
                    f"복사본이 저장소와 다릅니다(테이블 {table.name}). 쓰지 않고 버렸으며 바뀐 것은 없습니다. 디스크를"
                    " 확인하고 다시 해 주세요.",
                )


def count_rows(connection: Connection) -> dict[str, int]:
    """Count the rows of each table."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def rows_of(connection: Connection, table: Table) -> Generator[Row]:
    """Give a table's rows by their key, as they are in any store, with what belongs to this store alone left out."""
    ordered = select(table).order_by(*(_in_bytes(connection, column) for column in table.primary_key))
    names = [column.name for column in table.columns]
    with connection.execute(ordered.execution_options(yield_per=PAGE)) as found:
        for values in found:
            row = dict(zip(names, values, strict=True))
            if table is settings and row["key"].startswith(OWN):
                continue
            if table is sessions:
                row |= {"lease_owner": None, "lease_until": None}
            yield row


def _in_bytes(connection: Connection, column: Column[Any]) -> Any:
    """Order by the bytes of a text: SQLite does, and PostgreSQL is asked to."""
    if connection.dialect.name == "postgresql" and isinstance(column.type, String | Words):
        return collate(column, "C")
    return column


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    page: list[Row] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _self_references(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if any(key.column.table is table for key in column.foreign_keys)]


def _point(target: Connection, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Row]) -> None:
    for row in rows:
        values = {column.name: row[column.name] for column in columns}
        target.execute(update(table).where(table.c.id == row["row_id"]).values(values))


def _numbered() -> list[Table]:
    return [
        table for table in metadata.sorted_tables if [column.name for column in table.primary_key] == ["id"]
    ]


def _last_numbers(connection: Connection) -> dict[str, int]:
    """Give the highest number that each table has given out so far, deleted rows included."""
    found: dict[str, int] = {}
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        found = {row.name: row.seq for row in rows}
    else:
        for table in _numbered():
            sequence = _sequence(connection, table)
            row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
            found[table.name] = row.last_value if row.is_called else 0
    for table in _numbered():
        highest = connection.execute(select(func.max(table.c.id))).scalar() or 0
        found[table.name] = max(found.get(table.name, 0), highest)
    return found


def _set_numbers(connection: Connection, last: Mapping[str, int]) -> None:
    if connection.dialect.name == "sqlite":
        kept = {table.name for table in _numbered() if table.dialect_options["sqlite"]["autoincrement"]}
        connection.execute(text("DELETE FROM sqlite_sequence"))
        rows = [{"name": name, "seq": number} for name, number in last.items() if name in kept]
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), rows)
        return
    for table in _numbered():
        sequence = _sequence(connection, table)
        number = last.get(table.name, 0)
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :number, :called)"),
            {"sequence": sequence, "number": max(1, number), "called": number > 0},
        )


def _sequence(connection: Connection, table: Table) -> str:
    named = text("SELECT pg_get_serial_sequence(:table, 'id')")
    return connection.execute(named, {"table": table.name}).scalar_one()
