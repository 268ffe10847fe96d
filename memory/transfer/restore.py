"""Reading an exported memory back into a student who has none yet: all of it or nothing.

Ids are kept where they are free, as in an empty home, so that an export from there gives the same bytes. Where
another student has them, rows get new ones, and texts that cite a memory (`[a12]`) are rewritten to the new ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast, get_args

from sqlalchemy import Boolean, Column, Connection, Float, Integer, Table, func, insert, select, text, update

from ..archival.records import fingerprint
from ..archival.supersede import findable
from ..errors import BadImport, UsageError
from ..facts import Kind, Polarity
from ..index import lock_student
from ..index.postings import index_all
from ..index.writer import SCOPES, batched
from ..recall.rows import hits_from_json
from ..store import Database
from ..store.migrations import worded
from ..store.schema import UtcDateTime, archival, embed_queue, messages, students
from ..text import load_korean, strip_unstorable
from ..text.sanitize import sanitize_arguments
from ..text.secrets import mask
from ..types import TRUSTS, Student
from .export import FORMAT, STUDENT, VERSION, export_document, exported_columns, exported_tables
from .version_1 import from_version_1

Row = dict[str, Any]

LETTERS = {"messages": "m", "archival": "a", "sessions": "s"}
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
class Restored:
    """What a restoring did: rows by table, all known already, and what kinds of secrets were masked."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    known: bool = False
    masked: set[str] = field(default_factory=set[str])


def read_export(text: str, file: Path) -> Row | None:
    """Give the document in the text of a file, or of an agent file that carries one; None where it holds neither.

    Raises:
        BadImport: A newer program wrote it.
    """
    if f'"{FORMAT}"' not in text:
        return None
    try:
        whole: object = json.loads(text)
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
        return from_version_1(document)
    if document.get("version") != VERSION:
        raise BadImport(
            f"A newer version of Office Hours exported {file}. Nothing was imported. Update the program:"
            " pip install -U officehours.",
            f"더 새로운 Office Hours가 내보낸 파일입니다({file}). 아무것도 가져오지 않았습니다. 프로그램을 업데이트해 주세요:"
            " pip install -U officehours.",
        )
    return document


def restore(db: Database, student: Student, document: Mapping[str, Any]) -> Restored:
    """Put an exported memory into a student's, which must be empty, or hold the same already.

    Raises:
        BadImport: The document is not whole; the text names the place. Nothing was imported.
        UsageError: The student has a memory of another content.
    """
    done = Restored()
    checked = {t.name: _checked(t, document.get(t.name), done.masked) for t in exported_tables()}
    about = _about(document, done.masked)
    _refuse_circles(checked["archival"])
    load_korean()  # needed inside the transaction, where it would keep others waiting
    with db.begin() as connection:
        lock_student(connection, student.id)
        if _has_memory(connection, student.id):
            if _same(export_document(db, student), document):
                done.known = True
                return done
            raise _not_empty(student)
        connection.execute(update(students).where(students.c.id == student.id).values(**about))
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


# Reading and checking


def _about(document: Mapping[str, Any], masked: set[str]) -> Row:
    about = document.get("student")
    if not isinstance(about, dict):
        raise _bad("student", 0, "it is not an object", "객체가 아닙니다")
    given = cast("Row", about)
    names = [name for name in STUDENT if name in given]
    return {name: _masked(_value(students, students.c[name], given[name], 1), masked) for name in names}


def _refuse_circles(rows: Sequence[Row]) -> None:
    """Refuse things that took each other's place: whoever asks what holds now would go round for ever."""
    follows = {row["id"]: row["superseded_by"] for row in rows}
    ends: set[object] = {None}
    for place, row in enumerate(rows, 1):
        way: list[object] = []
        at = row["id"]
        while at not in ends and at in follows:
            if at in way:
                raise _bad(
                    "archival", place, "superseded_by goes round in a circle", "superseded_by가 돌고 돕니다"
                )
            way.append(at)
            at = follows[at]
        ends.update(way)


def _checked(table: Table, given: object, masked: set[str]) -> list[Row]:
    """Read a table's rows: every column there and of its kind, ids once, secrets masked."""
    if not isinstance(given, list):
        raise _bad(table.name, 0, "it is not a list", "목록이 아닙니다")
    names = {column.name for column in exported_columns(table)}
    rows: list[Row] = []
    seen: set[int] = set()
    for number, entry in enumerate(cast("list[object]", given), 1):
        if not isinstance(entry, dict):
            raise _bad(table.name, number, "it is not an object", "객체가 아닙니다")
        row = _renamed(table, cast("Row", entry))
        if unknown := row.keys() - names:
            raise _bad(table.name, number, f"{min(unknown)!r} is unknown", f"{min(unknown)!r}을(를) 모릅니다")
        values = {c.name: _value(table, c, row.get(c.name), number) for c in exported_columns(table)}
        if values["id"] in seen:
            raise _bad(table.name, number, "its id stands twice", "id가 두 번 나옵니다")
        seen.add(values["id"])
        if "trust" in values and values["trust"] not in TRUSTS:
            raise _bad(table.name, number, "'trust' is none of ours", "'trust'의 값을 모릅니다")
        if table is messages:
            values["tool_calls"] = _calls(values["tool_calls"], number)
            _check_hits(values["hits"], number)
        rows.append({name: _masked(value, masked) for name, value in values.items()})
        if table is archival:
            rows[-1]["content_hash"] = fingerprint(rows[-1]["text"])
            _check_fact(rows[-1], number)
    return rows


def _value(table: Table, column: Column[Any], value: Any, number: int) -> Any:
    if value is None:
        if column.nullable:
            return None
        if column.default is not None and column.default.is_scalar:
            return cast("Any", column.default).arg
        raise _bad(table.name, number, f"{column.name!r} is missing", f"{column.name!r}이(가) 없습니다")
    kind = column.type
    match value:
        case str() if isinstance(kind, UtcDateTime):
            return _time(table, column, value, number)
        case bool() if isinstance(kind, Boolean):
            return value
        case int() if isinstance(kind, Integer) and not isinstance(value, bool):
            return value
        case int() | float() if isinstance(kind, Float) and not isinstance(value, bool):
            return value
        case list() | dict() if kind.__class__.__name__ == "JSON":
            return cast("Any", value)
        case str() if kind.__class__.__name__ in {"Text", "String"}:
            return strip_unstorable(value)
        case _:
            raise _bad(
                table.name,
                number,
                f"{column.name!r} is of the wrong kind",
                f"{column.name!r}의 형식이 다릅니다",
            )


def _check_fact(row: Row, number: int) -> None:
    """Refuse values that would not be read as a fact's."""
    allowed = {"fact_kind": {None, *get_args(Kind)}, "polarity": {None, *get_args(Polarity)}}
    wrong = next((name for name, values in allowed.items() if row[name] not in values), None)
    for name in ("day", "last_day"):
        try:
            date.fromisoformat(row[name] or "2026-11-26")
        except ValueError:
            wrong = wrong or name
    if wrong is not None:
        raise _bad("archival", number, f"{wrong!r} is of the wrong kind", f"{wrong!r}의 형식이 다릅니다")


def _renamed(table: Table, row: Row) -> Row:
    """Give a row that an earlier version exported as one of now."""
    if table is not messages or "trust" in row:
        return row
    row = {("context_note" if name == "beside" else name): value for name, value in row.items()}
    text = str(row.get("content" if row.get("role") == "tool" else "context_note") or "")
    hits = worded.hits_in(text, str(row.get("zone")), {})
    said = "student" if row.get("role") == "user" else worded.trust_of_result(text, hits)
    return row | {"hits": hits or None, "trust": said if row.get("turn_id") else "imported"}


def _check_hits(value: Any, number: int) -> None:
    try:
        known = all(hit.trust in TRUSTS for hit in hits_from_json(value))
    except (TypeError, ValueError, LookupError, AttributeError):
        known = False
    if not known:
        raise _bad("messages", number, "'hits' is of the wrong kind", "'hits'의 형식이 다릅니다")


def _calls(value: Any, number: int) -> list[list[str]] | None:
    if value is None:
        return None
    calls: list[list[str]] = []
    for call in cast("list[Any]", value):
        match call:
            case [str(identity), str(name), str(arguments)]:
                calls.append([identity, name, sanitize_arguments(arguments)])
            case _:
                raise _bad(
                    "messages", number, "'tool_calls' is of the wrong kind", "'tool_calls'의 형식이 다릅니다"
                )
    return calls


def _time(table: Table, column: Column[Any], value: str, number: int) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise _bad(
            table.name,
            number,
            f"{column.name!r} is no ISO 8601 time with its offset",
            f"{column.name!r}이(가) 오프셋이 있는 ISO 8601 시각이 아닙니다",
        )
    return time


def _masked(value: Any, kinds: set[str]) -> Any:
    match value:
        case str():
            clean = mask(value)
            kinds.update(found.kind for found in clean.found)
            return clean.text
        case list():
            return [_masked(entry, kinds) for entry in cast("list[Any]", value)]
        case dict():
            return {key: _masked(entry, kinds) for key, entry in cast("Row", value).items()}
        case _:
            return value


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
                    r"(?<=\[)[ams]\d+(?=\])", lambda found: self._new.get(found[0], found[0]), value
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
                raise _bad(
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
    for at in range(0, len(rows), 500):
        connection.execute(insert(table), rows[at : at + 500])


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


def _bad(table: str, number: int, en: str, ko: str) -> BadImport:
    place = f"{table}, row {number}" if number else table
    place_ko = f"{table} {number}번째 행" if number else table
    return BadImport(
        f"This export cannot be imported ({place}: {en}). Nothing was imported.",
        f"내보낸 파일을 가져올 수 없습니다({place_ko}: {ko}). 아무것도 가져오지 않았습니다.",
    )
