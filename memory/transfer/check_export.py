"""An exported document, row by row: every column there and of its kind, secrets masked. The first fault is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import inf, isfinite
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, SmallInteger, String, Table, Text

from ..archival.records import fingerprint
from ..errors import BadImport
from ..facts import Kind, Polarity
from ..recall.rows import hits_from_json
from ..store.migrations import worded
from ..store.schema import UtcDateTime, Values, Words, archival, messages, misconception_events, students
from ..text import clean
from ..text.sanitize import sanitize_arguments
from ..text.secrets import mask
from ..types import TRUSTS, ShownHit
from .bounds import believed
from .cards.check_rows import wrong_column
from .export import STUDENT, exported_columns

Row = dict[str, Any]


def check_student(document: Mapping[str, Any], masked: set[str]) -> Row:
    about = document.get("student")
    if not isinstance(about, dict):
        raise bad_row("student", 0, "it is not an object", "객체가 아닙니다")
    given = cast("Row", about)
    names = [name for name in STUDENT if name in given]
    return {name: _masked(_value(students, students.c[name], given[name], 1), masked) for name in names}


def refuse_circles(rows: Sequence[Row]) -> None:
    """Refuse things that took each other's place: whoever asks what holds now would go round for ever."""
    follows = {row["id"]: row["superseded_by"] for row in rows}
    ends: set[object] = {None}
    for place, row in enumerate(rows, 1):
        way: dict[object, None] = {}
        at = row["id"]
        while at not in ends and at in follows:
            if at in way:
                raise bad_row(
                    "archival", place, "superseded_by goes round in a circle", "superseded_by가 돌고 돕니다"
                )
            way[at] = None
            at = follows[at]
        ends.update(way)


def check_rows(table: Table, given: object, masked: set[str]) -> list[Row]:
    """Read a table's rows: every column there and of its kind, ids once, secrets masked."""
    if not isinstance(given, list):
        raise bad_row(table.name, 0, "it is not a list", "목록이 아닙니다")
    names = {column.name for column in exported_columns(table)}
    rows: list[Row] = []
    seen: set[int] = set()
    for number, entry in enumerate(cast("list[object]", given), 1):
        if not isinstance(entry, dict):
            raise bad_row(table.name, number, "it is not an object", "객체가 아닙니다")
        row = _renamed(table, cast("Row", entry))
        if unknown := row.keys() - names:
            raise bad_row(
                table.name, number, f"{min(unknown)!r} is unknown", f"{min(unknown)!r}을(를) 모릅니다"
            )
        values = {c.name: _value(table, c, row.get(c.name), number) for c in exported_columns(table)}
        if values["id"] in seen:
            raise bad_row(table.name, number, "its id stands twice", "id가 두 번 나옵니다")
        seen.add(values["id"])
        if "trust" in values and values["trust"] not in TRUSTS:
            raise bad_row(table.name, number, "'trust' is none of ours", "'trust'의 값을 모릅니다")
        if table is messages:
            values["tool_calls"] = _calls(values["tool_calls"], number)
            _check_hits(values["hits"], number)
        if (wrong := wrong_column(table.name, values)) is not None:
            raise bad_row(
                table.name, number, f"{wrong!r} is of the wrong kind", f"{wrong!r}의 형식이 다릅니다"
            )
        rows.append({name: _masked(value, masked) for name, value in values.items()})
        if table is misconception_events and not _is_day(rows[-1]["day"]):
            raise bad_row(table.name, number, "'day' is of the wrong kind", "'day'의 형식이 다릅니다")
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
        raise bad_row(table.name, number, f"{column.name!r} is missing", f"{column.name!r}이(가) 없습니다")
    kind = column.type
    match value:
        case str() if isinstance(kind, UtcDateTime):
            return _time(table, column, value, number)
        case bool() if isinstance(kind, Boolean):
            return value
        case int() if isinstance(kind, Integer) and not isinstance(value, bool) and abs(value) < _most(kind):
            return value
        case int() | float() if isinstance(kind, Float) and not isinstance(value, bool) and isfinite(value):
            return value
        case list() | dict() if isinstance(kind, JSON | Values) and _has_shape(column.name, value):
            return cast("Any", value)
        case str() if column.name == "zone":
            return _zone(value)
        case str() if isinstance(kind, String | Text | Words) and len(value) <= _longest(kind):
            return clean(value)
        case _:
            raise bad_row(
                table.name,
                number,
                f"{column.name!r} is of the wrong kind",
                f"{column.name!r}의 형식이 다릅니다",
            )


def _zone(name: str) -> str:
    """Give a zone that this machine knows, else UTC."""
    try:
        if name[:1] in {"+", "-"}:
            datetime.fromisoformat(f"2000-01-01T00:00{name}")
        else:
            ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "UTC"
    return name


def _most(kind: Integer) -> int:
    """Give the first number that a column no longer holds."""
    return 2**63 if isinstance(kind, BigInteger) else 2**15 if isinstance(kind, SmallInteger) else 2**31


def _longest(kind: Any) -> float:
    return getattr(kind, "length", None) or inf


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
        raise bad_row("archival", number, f"{wrong!r} is of the wrong kind", f"{wrong!r}의 형식이 다릅니다")


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


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
        hits = hits_from_json(value)
        known = isinstance(value, list | None) and all(_is_whole(hit) for hit in hits)
    except (TypeError, ValueError, LookupError, AttributeError):
        known = False
    if not known:
        raise bad_row("messages", number, "'hits' is of the wrong kind", "'hits'의 형식이 다릅니다")


def _is_whole(hit: ShownHit) -> bool:
    return (
        hit.trust in TRUSTS
        and _are(str, hit.id, hit.kind, hit.role, hit.text, hit.rendered)
        and _are(str | None, hit.name, hit.origin, hit.locator)
        and hit.time.tzinfo is not None
        and believed(hit.time) is not None
        and isfinite(hit.relevance)
    )


def _are(kind: Any, *values: object) -> bool:
    return all(isinstance(value, kind) for value in values)


def _has_shape(name: str, value: Any) -> bool:
    """Whether a JSON value is built as what its column holds."""
    match name:
        case "tags" | "topics":
            return isinstance(value, list) and _are(str, *cast("list[Any]", value))
        case "tools" | "broken_rules":
            return isinstance(value, list) and all(
                isinstance(tool, dict) for tool in cast("list[Any]", value)
            )
        case "prices":
            return isinstance(value, dict)
        case _:
            return isinstance(value, list | dict)


def _calls(value: Any, number: int) -> list[list[str]] | None:
    if value is None:
        return None
    calls: list[list[str]] = []
    for call in cast("list[Any]", value):
        match call:
            case [str(identity), str(name), str(arguments)]:
                calls.append([identity, name, sanitize_arguments(arguments)])
            case _:
                raise bad_row(
                    "messages", number, "'tool_calls' is of the wrong kind", "'tool_calls'의 형식이 다릅니다"
                )
    return calls


def _time(table: Table, column: Column[Any], value: str, number: int) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or believed(time) is None:
        raise bad_row(
            table.name,
            number,
            f"{column.name!r} is no ISO 8601 time with its offset, between 1900 and 2200",
            f"{column.name!r}이(가) 오프셋이 있는 ISO 8601 형식의 1900~2200년 시각이 아닙니다",
        )
    return time


def _masked(value: Any, kinds: set[str]) -> Any:
    match value:
        case str():
            masked = mask(clean(value))
            kinds.update(found.kind for found in masked.found)
            return masked.text
        case list():
            return [_masked(entry, kinds) for entry in cast("list[Any]", value)]
        case dict():
            return {_masked(key, kinds): _masked(entry, kinds) for key, entry in cast("Row", value).items()}
        case float() if not isfinite(value):
            return None
        case _:
            return value


def bad_row(table: str, number: int, en: str, ko: str) -> BadImport:
    place = f"{table}, row {number}" if number else table
    place_ko = f"{table} {number}번째 행" if number else table
    return BadImport(
        f"This export cannot be imported ({place}: {en}). Nothing was imported.",
        f"내보낸 파일을 가져올 수 없습니다({place_ko}: {ko}). 아무것도 가져오지 않았습니다.",
    )
