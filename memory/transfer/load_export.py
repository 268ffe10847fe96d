"""Reading an exported memory back into a student who has none yet: all of it or nothing.

Ids are kept where they are free, as in an empty home, so that an export from there gives the same bytes. Where
another student has them, rows get new ones, and texts that cite a memory (`[a12]`) are rewritten to the new ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ..archival.supersede import findable
from ..errors import BadImport, UsageError
from ..index import lock_student
from ..index.postings import index_all
from ..index.writer import SCOPES, batched
from ..store import Database
from ..store.schema import archival, embed_queue, messages, students
from ..text import load_korean
from ..types import Student
from .bounds import parse_json
from .check_export import Row, bad_row, check_rows, check_student, refuse_circles
from .export import FORMAT, VERSION, export_document, exported_columns, exported_tables
from .version_1 import from_version_1

LETTERS = {"messages": "m", "archival": "a", "sessions": "s", "cards": "k", "problems": "p", "quizzes": "q"}
"""By which letter a table's ids are shown."""

CITING = {
    "messages": ("content", "context_note", "hits", "tool_calls"),
    "views": ("system", "brief", "summary"),
    "archival": ("text",),
    "core_blocks": ("value",),
}
"""Where texts stand that may cite a memory by its id."""

SPOKEN = ("user", "assistant")

CARRIED = "officehours"
"""The key under which an agent file of ours carries the whole export."""


@dataclass(slots=True)
class LoadedExport:
    """What was loaded: rows by table, all known already, and what kinds of secrets were masked."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    known: bool = False
    masked: set[str] = field(default_factory=set[str])


def read_export(text: str, file: Path) -> Row | None:
    """Give the document in the text of a file, or of an agent file that carries one; None where it holds neither.

    Raises:
        BadImport: A newer program wrote it, or it is more than can be read.
    """
    if f'"{FORMAT}"' not in text:
        return None
    try:
        whole: object = parse_json(text)
    except ValueError:
        return None
    if not isinstance(whole, dict):
        return None
    document = cast("Row", whole)
    if document.get("format") != FORMAT:
        carried: object = document.get(CARRIED)
        if not isinstance(carried, dict):
            return None
        document = cast("Row", carried)
    if document.get("format") != FORMAT:
        return None
    if document.get("version") == 1:
        document = from_version_1(document)
    if document.get("version") == 2:
        new: Row = {table.name: [] for table in exported_tables()}  # tables that it does not know
        document = new | document | {"version": VERSION}
    if document.get("version") != VERSION:
        raise BadImport(
            f"A newer version of Office Hours exported {file}. Nothing was imported. Update the program:"
            " pip install -U officehours.",
            f"더 새로운 Office Hours가 내보낸 파일입니다({file}). 아무것도 가져오지 않았습니다. 프로그램을 업데이트해 주세요:"
            " pip install -U officehours.",
        )
    return document


def load_export(db: Database, student: Student, document: Mapping[str, Any]) -> LoadedExport:
    """Put an exported memory into a student's, which must be empty, or hold the same already.

    Raises:
        BadImport: The document is not whole; the text names the place. Nothing was imported.
        UsageError: The student has a memory of another content.
    """
    done = LoadedExport()
    checked = {t.name: check_rows(t, document.get(t.name), done.masked) for t in exported_tables()}
    about = check_student(document, done.masked)
    refuse_circles(checked["archival"])
    load_korean()  # needed inside the transaction, where it would keep others waiting
    with db.begin() as connection:
        lock_student(connection, student.id)
        if _has_memory(connection, student.id):
            if _same(export_document(db, student), document):
                done.known = True
                return done
            raise _not_empty(student)
        connection.execute(
            update(students).where(students.c.id == student.id).values(**about, trust="imported")
        )
        new = {t.name: _new_ids(connection, t, checked[t.name]) for t in exported_tables()}
        cite = _Citations(new)
        for table in exported_tables():
            rows = [
                _placed(table, row, new, cite) | {"student_id": student.id} for row in checked[table.name]
            ]
            _insert(connection, table, rows)
            done.rows[table.name] = len(rows)
        _make_findable(connection, student.id)
        if db.dialect == "postgresql":
            _move_sequences(connection)
    return done


# Placing


class _Citations:
    """Rewrites the ids that texts cite, where rows got other ids than they had."""

    def __init__(self, new: Mapping[str, Mapping[int, int]]) -> None:
        self._new = {
            f"{letter}{old}": f"{letter}{now}"
            for table, letter in LETTERS.items()
            for old, now in new[table].items()
            if old != now
        }

    def rewrite(self, value: Any) -> Any:
        """Give a text, or texts inside lists and hits, with the ids of now."""
        if not self._new:
            return value
        match value:
            case str():
                return re.sub(
                    r"(?<=\[)[amskpq]\d+(?=\])", lambda found: self._new.get(found[0], found[0]), value
                )
            case list():
                return [self.rewrite(entry) for entry in cast("list[Any]", value)]
            case dict():  # a hit: its own id stands without brackets
                hit = {name: self.rewrite(entry) for name, entry in cast("Row", value).items()}
                return hit | {"id": self._new.get(hit["id"], hit["id"])}
            case _:
                return value


def _new_ids(connection: Connection, table: Table, rows: Sequence[Row]) -> dict[int, int]:
    """Keep the ids if all are free; else count on from the table's last one, in the same order."""
    ids = [row["id"] for row in rows]
    for batch in batched(ids):
        if connection.execute(select(table.c.id).where(table.c.id.in_(batch)).limit(1)).first() is not None:
            last = connection.scalar(select(func.max(table.c.id))) or 0
            return {old: last + at for at, old in enumerate(sorted(ids), 1)}
    return {old: old for old in ids}


def _placed(table: Table, row: Row, new: Mapping[str, Mapping[int, int]], cite: _Citations) -> Row:
    placed = dict(row)
    placed["id"] = new[table.name][row["id"]]
    for column in exported_columns(table):
        for key in column.foreign_keys:
            old = placed[column.name]
            if old is None:
                continue
            now = new[key.column.table.name].get(old)
            if now is None:
                raise bad_row(
                    table.name,
                    0,
                    f"{column.name!r} of row {row['id']} names a row that is not there ({old})",
                    f"{row['id']}번 행의 {column.name!r}이(가) 없는 행({old})을 가리킵니다",
                )
            placed[column.name] = now
    for name in CITING.get(table.name, ()):
        if name in placed:
            placed[name] = cite.rewrite(placed[name])
    return placed


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, those that others of the same table refer to first."""
    later = next((c.name for c in table.c if any(k.column.table is table for k in c.foreign_keys)), None)
    if later is None:
        _insert_all(connection, table, rows)
        return
    _insert_all(connection, table, [row | {later: None} for row in rows])
    for row in rows:
        if row[later] is not None:
            connection.execute(update(table).where(table.c.id == row["id"]).values({later: row[later]}))


def _insert_all(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    try:
        for at in range(0, len(rows), 500):
            connection.execute(insert(table), rows[at : at + 500])
    except IntegrityError as error:
        raise bad_row(table.name, 0, "its rows contradict each other", "행들이 서로 어긋납니다") from error


def _make_findable(connection: Connection, student_id: int) -> None:
    said = select(messages.c.id, messages.c.content, messages.c.name).where(
        messages.c.student_id == student_id,
        messages.c.role.in_(SPOKEN),
        messages.c.undone.is_(False),
        messages.c.state != "cancelled",
        messages.c.content != "",
    )
    kept = select(archival).where(archival.c.student_id == student_id)
    spoken = [(row.id, row.content, row.name) for row in connection.execute(said) if row.content.strip()]
    put_away = [(row.id, *findable(row.kind, row.text, row.name)) for row in connection.execute(kept)]
    for key, rows in ((SCOPES["recall"], spoken), (SCOPES["archival"], put_away)):
        for at in range(0, len(rows), 500):
            index_all(connection, student_id, key, rows[at : at + 500])
        queued = [{"student_id": student_id, "scope": key, "item_id": row[0]} for row in rows]
        _insert_all(connection, embed_queue, queued)


def _move_sequences(connection: Connection) -> None:
    """Let PostgreSQL count on from the ids that were inserted by hand."""
    for table in exported_tables():
        name = table.name
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
                f" WHERE EXISTS (SELECT 1 FROM {name})"
            )
        )


# What stands in the way


def _has_memory(connection: Connection, student_id: int) -> bool:
    return any(
        connection.execute(select(t.c.id).where(t.c.student_id == student_id).limit(1)).first() is not None
        for t in exported_tables()
    )


def _same(mine: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    names: Iterable[str] = (t.name for t in exported_tables())
    return all(mine[name] == given.get(name) for name in names)


def _not_empty(student: Student) -> UsageError:
    return UsageError(
        f"{student.handle} has a memory already, and an export is imported whole. Choose a new student:"
        " officehours memory import FILE --student NAME.",
        f"{student.handle} 학생에게는 이미 기억이 있습니다. 내보낸 기억은 통째로 가져오므로 새 학생을 골라 주세요:"
        " officehours memory import 파일 --student 이름",
    )
