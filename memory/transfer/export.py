"""Taking a memory along: every row of a student as one JSON document, complete, the same bytes for the same memory.

Only what can be made again is left out: terms, vectors and queues. docs/export.md describes the document;
`restoring.py` reads it back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Column, Connection, Table, select

from ..errors import StoreUnwritable
from ..private import FILE
from ..store import Database
from ..store.schema import doc_lengths, embed_queue, metadata, postings, students, tombstones, vectors
from ..types import Student

FORMAT = "officehours-memory"

VERSION = 3
"""Raised when an older program could no longer read the document."""

DERIVED: frozenset[Table] = frozenset({postings, doc_lengths, vectors, embed_queue, tombstones})
"""Tables that are made again from the others."""

PASSING = frozenset({"student_id", "lease_owner", "lease_until", "extras", "approvals"})
"""Columns that mean nothing elsewhere; nobody else's file says what the student here allows."""

STUDENT = ("name", "language", "zone", "created_at")
"""What is said of the student; the handle is chosen where it is imported."""


def exported_tables() -> list[Table]:
    """Give the tables that are exported, those that others refer to first."""
    return [t for t in metadata.sorted_tables if "student_id" in t.c and t not in DERIVED]


def exported_columns(table: Table) -> list[Column[Any]]:
    """Give the columns that are exported, in their order."""
    return [column for column in table.c if column.name not in PASSING]


def export_rows(connection: Connection, student_id: int, table: Table) -> Iterator[dict[str, Any]]:
    """Give a student's rows of a table as JSON values, by id."""
    columns = exported_columns(table)
    wanted = select(*columns).where(table.c.student_id == student_id).order_by(table.c.id)
    for row in connection.execute(wanted.execution_options(yield_per=500)):
        yield {column.name: _plain(value) for column, value in zip(columns, row, strict=True)}


def export_document(db: Database, student: Student) -> dict[str, Any]:
    """Give everything that is kept of a student as one JSON value."""
    with db.read() as connection:
        tables = {t.name: list(export_rows(connection, student.id, t)) for t in exported_tables()}
        return {**_head(connection, student), **tables}


def export_json(db: Database, student: Student, file: Path) -> int:
    """Write everything that is kept of a student, a row a line, and give the number of rows.

    The file appears whole or not at all.

    Raises:
        StoreUnwritable: It cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=FILE)
        with draft.open("w", encoding="utf-8", newline="\n") as out, db.read() as connection:
            rows = _write(connection, student, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise unwritable(file, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return rows


def write_text(file: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        StoreUnwritable: It cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=FILE)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(file)
    except OSError as error:
        raise unwritable(file, error) from error
    finally:
        draft.unlink(missing_ok=True)


def unwritable(file: Path, error: OSError) -> StoreUnwritable:
    """Say that a file cannot be written."""
    return StoreUnwritable(
        f"{file} cannot be written ({error.strerror or error}). Nothing was left there; choose another place.",
        f"{file}에 쓸 수 없습니다({error.strerror or error}). 남긴 것은 없습니다. 다른 곳을 골라 주세요.",
    )


def _head(connection: Connection, student: Student) -> dict[str, Any]:
    columns = [students.c[name] for name in STUDENT]
    row = connection.execute(select(*columns).where(students.c.id == student.id)).one()
    about = {name: _plain(value) for name, value in zip(STUDENT, row, strict=True)}
    return {"format": FORMAT, "version": VERSION, "student": about}


def _write(connection: Connection, student: Student, out: TextIO) -> int:
    out.write("{\n")
    head = _head(connection, student)
    out.writelines(f"{_json(name)}: {_json(value)},\n" for name, value in head.items())
    count = 0
    tables = exported_tables()
    for table in tables:
        out.write(f"{_json(table.name)}: [\n")
        before = ""
        for row in export_rows(connection, student.id, table):
            out.write(f"{before}{_json(row)}")
            before = ",\n"
            count += 1
        out.write(f"{before and chr(10)}]{',' if table is not tables[-1] else ''}\n")
    out.write("}\n")
    return count


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
