"""An export of version 1 as one of today: columns that were renamed, and facts that were sentences only."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table

from ..store.migrations.worded_facts import fact_values
from .export import VERSION, exported_columns, exported_tables

Row = dict[str, Any]


def from_version_1(document: Row) -> Row:
    """Give a document as this version writes it. What is wrong in it is left for the import to find and to name."""
    new: Row = {**document, "version": VERSION}
    for table in exported_tables():
        rows: object = document.get(table.name, [])
        if isinstance(rows, list):
            new[table.name] = [_row(table, row) for row in cast("list[object]", rows)]
    return new


def _row(table: Table, given: object) -> object:
    if not isinstance(given, dict):
        return given
    row: Row = dict(cast("Row", given))
    if table.name == "messages" and "beside" in row:
        row["context_note"] = row.pop("beside")
    match row:
        case {"kind": "fact", "text": str(text), "subject": str(subject)}:
            row |= fact_values(text, subject) or {}
        case _:
            pass
    added: Row = {column.name: _default(column.default) for column in exported_columns(table)}
    return {**added, **row}


def _default(default: Any) -> Any:
    return default.arg if default is not None and default.is_scalar else None
