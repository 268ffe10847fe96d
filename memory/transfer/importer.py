"""Bringing conversation and notes from elsewhere into a student's memory.

What is stored is found by its words at once and waits for its vectors (`index.embed_worker`). Every batch is committed
whole, and what was imported is known by its external id, so an import that was killed goes on where it was, and a
second one of the same file stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select, update

from ..archival import ArchivalMemory
from ..errors import BadImport
from ..index.postings import index_all
from ..index.writer import SCOPES
from ..store import Database
from ..store.schema import embed_queue, messages, sessions
from ..text import sanitize_user, warm_for
from ..types import Progress, Student
from .files import read_import
from .formats import Record, read_records
from .load_export import load_export, read_export

T = TypeVar("T")

BATCH = 200
"""Records committed together."""

SPOKEN = frozenset({"user", "assistant"})


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        messages: New in recall memory; `kept`: new in archival memory.
        known: Were there already.
        empty: Had no words.
        masked: What kinds of secrets were masked.
    """

    messages: int = 0
    kept: int = 0
    known: int = 0
    empty: int = 0
    masked: set[str] = field(default_factory=set[str])


class Importer:
    """Imports files into one student's memory.

    Args:
        database: The store.
        student: Whose memory.
        archival: The student's archival memory.
        clock: Gives now, for records that name no time.
    """

    def __init__(
        self,
        database: Database,
        student: Student,
        archival: ArchivalMemory,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._student = student
        self._archival = archival
        self._clock = clock

    def import_file(self, file: Path, progress: Progress | None = None) -> ImportReport:
        """Import a file whole: when this returns, everything of it is stored and found by its words.

        Args:
            file: JSON Lines, a ChatGPT export, a Letta agent file, or an export of our own, which is restored whole.
            progress: Told how many records are stored, of how many.

        Raises:
            NotFound, BadImport: The file cannot be used; nothing of it was imported.
            StoreError: As its names say; what was committed stays, and importing again goes on from there.
        """
        report = ImportReport()
        text = read_import(file)
        exported = read_export(text, file)
        if exported is not None:
            self._restore(exported, report)
            return report
        records = read_records(text, file, self._student.zone)
        self._refuse_other_words(records)
        self._store(records, report, progress)
        return report

    def _restore(self, exported: Mapping[str, Any], report: ImportReport) -> None:
        done = load_export(self._database, self._student, exported)
        report.masked.update(done.masked)
        report.messages, report.kept = done.rows.get("messages", 0), done.rows.get("archival", 0)
        if done.known:
            report.known = len(exported["messages"]) + len(exported["archival"])

    def _refuse_other_words(self, records: Sequence[Record]) -> None:
        """Refuse ids that stand for other messages already: passing over them in silence would lose words."""
        lines = {record.external_id: record for record in records if record.kind == "message"}
        for batch in _pages(list(lines)):
            with self._database.read() as connection:
                rows = connection.execute(
                    select(messages.c.external_id, messages.c.content).where(
                        messages.c.student_id == self._student.id, messages.c.external_id.in_(batch)
                    )
                ).all()
            for name, content in rows:
                if sanitize_user(lines[name].content.strip())[0] != content:
                    raise _other_words(lines[name])

    def _store(self, records: Sequence[Record], report: ImportReport, progress: Progress | None) -> None:
        talks = _ImportedSessions(self._student, self._clock)
        done = 0
        for batch in _pages(records):
            warm_for("\n".join(record.content for record in batch))
            with self._database.begin() as connection:
                talks.add(connection, [record for record in batch if record.kind == "message"], report)
                for record in batch:
                    if record.kind != "message":
                        self._keep(record, report)
            done += len(batch)
            if progress is not None:
                progress(done, len(records))

    def _keep(self, record: Record, report: ImportReport) -> None:
        if not record.content.strip():
            report.empty += 1
            return
        assert record.kind != "message"
        done = self._archival.insert(
            record.content,
            kind=record.kind,
            subject=record.subject,
            trust="imported",
            source=record.source,
            locator=record.locator,
            role=record.role,
            name=record.name,
            tags=record.tags,
            external_id=record.external_id,
            time=record.time,
            zone=_zone(record.time, self._student.zone),
        )
        report.masked.update(done.masked)
        if done.status == "known":
            report.known += 1
        else:
            report.kept += 1


class _ImportedSessions:
    """The conversations that imported messages go into; each grows at its end only."""

    def __init__(self, student: Student, clock: Callable[[], datetime]) -> None:
        self._student = student
        self._clock = clock
        self._sessions: dict[str, int] = {}

    def add(self, connection: Connection, records: Sequence[Record], report: ImportReport) -> None:
        known = self._known(connection, records)
        for record in records:
            session = known.get(record.external_id)
            if session is not None:
                self._sessions.setdefault(record.session, session)
        new = [record for record in records if record.external_id not in known]
        report.known += len(records) - len(new)
        for name in dict.fromkeys(record.session for record in new):
            self._append(connection, [record for record in new if record.session == name], report)

    def _known(self, connection: Connection, records: Sequence[Record]) -> dict[str, int]:
        rows = connection.execute(
            select(messages.c.external_id, messages.c.session_id).where(
                messages.c.student_id == self._student.id,
                messages.c.external_id.in_([record.external_id for record in records]),
            )
        )
        return {row.external_id: row.session_id for row in rows}

    def _append(self, connection: Connection, records: Sequence[Record], report: ImportReport) -> None:
        session = self._sessions.get(records[0].session)
        if session is None:
            session = self._create(connection, records[0])
        row = connection.execute(
            select(sessions.c.last_seq, sessions.c.last_at).where(sessions.c.id == session)
        ).one()
        seq: int = row.last_seq
        last_at: datetime = row.last_at
        said: list[tuple[int, str, str | None]] = []
        for record in records:
            content, masked = sanitize_user(record.content.strip())
            if not content:
                report.empty += 1
                continue
            report.masked.update(masked)
            seq += 1
            time = record.time or last_at
            last_at = max(last_at, time)
            item = self._insert(connection, session, seq, record, content, time)
            if record.role in SPOKEN:
                said.append((item, content, record.name))
            report.messages += 1
        self._make_findable(connection, said)
        changed = update(sessions).where(sessions.c.id == session)
        connection.execute(changed.values(last_seq=seq, last_at=last_at))

    def _insert(
        self, connection: Connection, session: int, seq: int, record: Record, content: str, time: datetime
    ) -> int:
        values: dict[str, Any] = {
            "student_id": self._student.id,
            "session_id": session,
            "seq": seq,
            "role": record.role,
            "name": record.name,
            "content": content,
            "time": time,
            "zone": _zone(record.time, self._student.zone),
            "external_id": record.external_id,
            "trust": "imported",
        }
        item: int = connection.execute(insert(messages).returning(messages.c.id), values).scalar_one()
        return item

    def _make_findable(self, connection: Connection, said: Sequence[tuple[int, str, str | None]]) -> None:
        index_all(connection, self._student.id, SCOPES["recall"], said)
        queued = [
            {"student_id": self._student.id, "scope": SCOPES["recall"], "item_id": item}
            for item, _, _ in said
        ]
        if queued:
            connection.execute(insert(embed_queue), queued)

    def _create(self, connection: Connection, first: Record) -> int:
        begun = first.time or self._clock()
        values: dict[str, Any] = {
            "student_id": self._student.id,
            "origin": "import",
            "title": first.title,
            "persona": "",
            "external_id": first.session or None,
            "created_at": begun,
            "last_at": begun,
        }
        session: int = connection.execute(insert(sessions).returning(sessions.c.id), values).scalar_one()
        self._sessions[first.session] = session
        return session


def _pages(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), BATCH):
        yield items[at : at + BATCH]


def _other_words(record: Record) -> BadImport:
    return BadImport(
        f"Line {record.line} cannot be imported: this student's memory holds another message under the id "
        f"{record.external_id!r}. Nothing of this file was imported; give its lines ids of their own, such as "
        f"{'FILE:' + record.external_id!r}.",
        f"{record.line}번째 줄을 가져올 수 없습니다: 이 학생의 기억에 id {record.external_id!r}인 다른 메시지가 이미 있습니다. "
        f"이 파일에서는 아무것도 가져오지 않았습니다. {'FILE:' + record.external_id!r}처럼 다른 id를 붙여 주세요.",
    )


def _zone(time: datetime | None, zone: str) -> str:
    """Name the zone a time was written in: an offset where it gives one, else the student's."""
    offset = None if time is None else time.utcoffset()
    name = getattr(None if time is None else time.tzinfo, "key", None)
    if time is None or offset is None or name is not None:
        return name or zone
    return "UTC" if not offset else time.strftime("%z")[:3] + ":" + time.strftime("%z")[3:5]
