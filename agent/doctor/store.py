"""What is kept, of every student: the database, the index and the embedder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from ...memory import students
from ...memory.embedding import PACKAGED, packaged_embedder
from ...memory.errors import NotFound, OfficeHoursError
from ...memory.index import ScopeReport, StudentIndex
from ...memory.index.overview import StudentCounts, count_kinds, count_students
from ...memory.index.writer import SCOPES
from ...memory.store import Database
from ...memory.store.migrations import HEAD
from ...memory.types import Student
from ..runtime import Shared, open_shared
from ..settings import Settings
from .check import Check, failed, guarded

EMBEDDER_SECONDS = 60.0
"""How long an embedder may take to load here; the first download of a model is longer and no fault."""

MOST_COMPARED = 20
"""Students whose index is compared with the database, those who were here last: it reads every id."""

MOST_NAMED = 5
"""Students who are named in the text of a check; `details` has them all."""

KINDS = {
    "message": ("messages", "메시지"),
    "passage": ("passages", "자료"),
    "fact": ("facts", "사실"),
    "note": ("notes", "메모"),
}


def look_at_store(settings: Settings, handle: str | None) -> Iterator[Check]:
    """Look at what is kept, of one student or of all."""
    try:
        shared = open_shared(settings, lambda _: None)
    except OfficeHoursError as error:
        yield failed("database", error)
        return
    try:
        yield guarded("database", lambda: _database(shared.db))
        chosen = _students(shared.db, handle)
        if not chosen:
            yield Check("index", "ok", "nothing to index yet", "아직 색인할 것이 없습니다")
            return
        yield guarded("index", lambda: _index(shared, chosen))
        yield guarded("embedder", lambda: _embedder(shared, str(settings.embedder)))
    except OfficeHoursError as error:
        yield failed("index", error)
    finally:
        shared.close()


def _students(db: Database, handle: str | None) -> list[Student]:
    if handle is None:
        return students.all(db)
    try:
        return [students.get(db, handle)]
    except NotFound:
        return []


def _database(db: Database) -> Check:
    where = str(db.path) if db.path else db.dialect
    details: dict[str, Any] = {"where": where, "dialect": db.dialect, "revision": HEAD}
    if db.dialect == "sqlite":
        with db.read() as connection:
            found = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(5)"))]
        details["integrity"] = found
        if found != ["ok"]:
            return Check(
                "database",
                "fail",
                f"{where} is damaged. Put a backup back: officehours db restore FILE; what is there is moved aside.",
                f"{where} 파일이 손상되었습니다. 백업을 되돌려 주세요: officehours db restore 파일. 지금 것은 옆에 옮겨 둡니다.",
                details,
            )
    many, kinds = len(students.all(db)), count_kinds(db)
    details |= {"students": many, "kinds": kinds}
    if not many:
        return Check("database", "ok", f"{where}, no student yet", f"{where}, 아직 학생이 없습니다", details)
    known = [(KINDS[kind], count) for kind, count in kinds.items() if kind in KINDS and count]
    en = "".join(f", {count} {names[0]}" for names, count in known)
    ko = "".join(f", {names[1]} {count}개" for names, count in known)
    place = f"{where} ({db.dialect}, {HEAD})"
    return Check("database", "ok", f"{place}: students: {many}{en}", f"{place}: 학생 {many}명{ko}", details)


def _index(shared: Shared, chosen: Sequence[Student]) -> Check:
    counts = count_students(shared.db)
    mine = {student.handle: counts.get(student.id, StudentCounts()) for student in chosen}
    last = sorted(chosen, key=lambda student: mine[student.handle].newest, reverse=True)[:MOST_COMPARED]
    reports = dict(zip((student.handle for student in last), _compare(shared, last), strict=True))
    closed = any(report.fault == "closed" for found in reports.values() for report in found)
    wrong = [
        name
        for name, count in mine.items()
        if count.unembedded or any(not _sound(report) for report in reports.get(name, ()))
    ]
    scopes = _scopes(mine, reports)
    details = scopes | {"students": len(mine), "compared": len(reports), "wrong": wrong}
    items, waiting = (sum(scope[what] for scope in scopes.values()) for what in ("items", "waiting"))
    en = f"{items} items" + (f", {waiting} wait to be embedded" if waiting else "")
    ko = f"항목 {items}개" + (f", 임베딩을 기다리는 것 {waiting}개" if waiting else "")
    if wrong:
        named, more = ", ".join(wrong[:MOST_NAMED]), len(wrong) - MOST_NAMED
        return Check(
            "index",
            "warn",
            f"{items} items; the index does not match the database, for {named}"
            f"{f' and {more} more' if more > 0 else ''}. Nothing is lost: officehours memory verify --repair"
            f" --student {wrong[0]}",
            f"항목 {items}개. 색인이 데이터베이스와 다릅니다({named}{f' 외 {more}명' if more > 0 else ''}). 잃어버린 것은"
            f" 없습니다: officehours memory verify --repair --student {wrong[0]}",
            details,
        )
    if closed:
        return Check(
            "index",
            "ok",
            f"{en}; another program holds the index just now, and searches go on without it",
            f"{ko}. 지금은 다른 프로그램이 색인을 쓰고 있어 색인 없이 검색합니다",
            details,
        )
    return Check("index", "ok", en, ko, details)


def _compare(shared: Shared, last: Sequence[Student]) -> Iterator[list[ScopeReport]]:
    """Compare one student's index after the other; where it is held elsewhere, that is waited for once."""
    closed = False
    for student in last:
        index = StudentIndex(shared.db, student, None) if closed else shared.index_of(student)
        found = index.verify()
        closed = any(report.fault == "closed" for report in found)
        yield found


def _sound(report: ScopeReport) -> bool:
    return report.sound or (report.fault == "closed" and not report.unembedded)


def _scopes(
    mine: Mapping[str, StudentCounts], reports: Mapping[str, Sequence[ScopeReport]]
) -> dict[str, Any]:
    """Say of each memory what there is, what waits, and which faults were seen."""
    found: dict[str, Any] = {}
    for scope in SCOPES:
        faults = {r.fault for found in reports.values() for r in found if r.scope == scope and r.fault}
        found[scope] = {
            "items": sum(count.items[scope] for count in mine.values()),
            "waiting": sum(count.waiting[scope] for count in mine.values()),
            "fault": ", ".join(sorted(faults)),
        }
    return found


def _embedder(shared: Shared, setting: str) -> Check:
    ready = shared.embedder.wait(EMBEDDER_SECONDS)
    if not ready:
        return Check(
            "embedder",
            "warn",
            f"{setting} is not loaded after {EMBEDDER_SECONDS:.0f} s (a first download takes longer). Until it is, "
            "words alone are searched.",
            f"{setting} 임베더를 {EMBEDDER_SECONDS:.0f}초 안에 불러오지 못했습니다(처음 내려받을 때는 더 걸립니다). "
            "그동안은 낱말로만 찾습니다.",
            {"setting": setting},
        )
    row = shared.embedder.row
    details = {"setting": setting, "name": row.name, "dimensions": row.dimensions}
    en = ko = f"{row.name} ({row.dimensions})"
    if row.name == PACKAGED and packaged_embedder() is not None:
        en += "; it knows English only. For Korean too: officehours memory reindex --embedder auto"
        ko += ". 영어만 압니다. 한국어도 뜻으로 찾으려면: officehours memory reindex --embedder auto"
    return Check("embedder", "ok", en, ko, details)
