"""Bringing conversation and notes from elsewhere into a student's memory.

What is stored is found by its words at once and waits for its vectors (`index.pending`). Every batch is committed
whole, and what was imported is known by its external id, so an import that was killed goes on where it was, and a
second one of the same file stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select, update

from ..archival import ArchivalMemory
from ..errors import BadImport, OfficeHoursError, UsageError
from ..index.postings import index_all
from ..index.writer import SCOPES
from ..store import Database
from ..store.schema import embed_queue, messages, sessions
from ..text import sanitize_user, warm_for
from ..text.sanitize import Utterance
from ..types import Progress, Student
from .chatgpt import unmarked
from .files import shown
from .formats import read_entries
from .load_export import load_export, read_export
from .packages import Part, read_parts
from .records import Entry, PassedOver, Place, Reason, Record, Unreadable

T = TypeVar("T")

BATCH = 200
"""Records committed together."""

SPOKEN = frozenset({"user", "assistant"})


@dataclass(slots=True)
class ImportReport:
    """What an import did. `read` is the sum of the others: nothing goes without a word.

    Attributes:
        read: Entries there were: lines, messages, blocks, files beside the conversations.
        messages: New in recall memory; `kept`: new in archival memory.
        known: Were there already.
        passed_over: Why entries were left out on purpose, by their place.
        failed: Why entries and files could not be taken in, by their place.
        masked: What kinds of secrets were masked.
    """

    read: int = 0
    messages: int = 0
    kept: int = 0
    known: int = 0
    passed_over: dict[str, Reason] = field(default_factory=dict[str, Reason])
    failed: dict[str, OfficeHoursError] = field(default_factory=dict[str, OfficeHoursError])
    masked: set[str] = field(default_factory=set[str])

    @property
    def empty(self) -> int:
        """How many entries had no words."""
        return sum(reason == "blank" for reason in self.passed_over.values())

    @property
    def taken(self) -> int:
        """How many entries are in memory now."""
        return self.messages + self.kept + self.known

    def fail(self, place: str, error: OfficeHoursError) -> None:
        """Write down what could not be taken in."""
        self.read += 1
        self.failed[place] = error


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
        """Import a file; when this returns, everything of it that can be read is stored and found by its words.

        Args:
            file: JSON Lines, a ChatGPT export as a zip, a folder or one of its files, a Letta agent file, or an export
                of our own, which is restored whole.
            progress: Told how many records of a file are stored, of how many.

        Raises:
            NotFound, BadImport: Nothing of it can be used.
            StoreError: As its names say; what was committed stays, and importing again goes on from there.
        """
        return self.import_files([file], progress)

    def import_files(self, files: Sequence[Path], progress: Progress | None = None) -> ImportReport:
        """Import several files; one that cannot be used is named, and the others are taken in all the same.

        Raises:
            NotFound, BadImport: Nothing of any can be used.
            StoreError: As its names say.
        """
        report = ImportReport()
        for file in dict.fromkeys(files):
            above = shown(file) if len(files) > 1 else ""
            for part in _parts(file, report):
                self._take(part, file, above, report, progress)
        if report.failed and not report.taken:
            raise next(iter(report.failed.values()))
        return report

    def _take(
        self, part: Part, file: Path, above: str, report: ImportReport, progress: Progress | None
    ) -> None:
        name = "/".join(filter(None, (above, part.name)))
        if part.found is None:
            report.read += 1
            report.passed_over[name] = "no conversation"
            return
        try:
            if not isinstance(part.found, str):
                raise part.found
            exported = read_export(part.found, file)
            if exported is not None:
                self._restore(exported, report)
                return
            entries = list(read_entries(part.found, name or shown(file), self._student.zone))
        except UsageError as error:
            report.fail(name or shown(file), error)
            return
        records = self._sorted_out(entries, name, report)
        self._store(self._without_other_words(records, name, report), report, progress)

    def _restore(self, exported: Mapping[str, Any], report: ImportReport) -> None:
        done = load_export(self._database, self._student, exported)
        report.masked.update(done.masked)
        rows = len(exported["messages"]) + len(exported["archival"])
        report.read += rows
        if done.known:
            report.known += rows
        else:
            report.messages += done.rows["messages"]
            report.kept += done.rows["archival"]

    def _sorted_out(self, entries: Iterable[Entry], name: str, report: ImportReport) -> list[Record]:
        """Give what is to be kept; say of the rest what became of it."""
        records: list[Record] = []
        for entry in entries:
            place = entry.place.below(name).en if name else entry.place.en
            match entry:
                case Record():
                    report.read += 1
                    records.append(entry)
                case PassedOver():
                    report.read += 1
                    report.passed_over[place] = entry.reason
                case Unreadable():
                    report.fail(place, entry.error)
        return records

    def _without_other_words(
        self, records: Sequence[Record], name: str, report: ImportReport
    ) -> list[Record]:
        """Leave out ids that stand for other messages already: passing over them in silence would lose words."""
        said = {record.external_id: record for record in records if record.kind == "message"}
        other: set[str] = set()
        for batch in _pages(list(said)):
            with self._database.read() as connection:
                rows = connection.execute(
                    select(messages.c.external_id, messages.c.content).where(
                        messages.c.student_id == self._student.id, messages.c.external_id.in_(batch)
                    )
                ).all()
            other.update(key for key, content in rows if _words(content) != _words(_as_kept(said[key]).text))
        for key in other:
            place = said[key].place.below(name) if name else said[key].place
            report.failed[place.en] = _other_words(place, key)
        return [record for record in records if record.kind != "message" or record.external_id not in other]

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
            content, masked = _as_kept(record)
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


def _parts(file: Path, report: ImportReport) -> Iterator[Part]:
    try:
        yield from read_parts(file)
    except UsageError as error:
        report.fail(shown(file), error)


def _pages(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), BATCH):
        yield items[at : at + BATCH]


def _words(text: str) -> str:
    """Give a text without the marks of citations, which earlier versions kept."""
    return unmarked(text).strip()


def _as_kept(record: Record) -> Utterance:
    return sanitize_user(record.content.strip())


def _other_words(place: Place, identity: str) -> BadImport:
    return BadImport(
        f"{place.en[:1].upper()}{place.en[1:]} cannot be imported: this student's memory holds another message under the"
        f" id {identity!r}. Give it an id of its own, such as {'FILE:' + identity!r}, and import the file again.",
        f"{place.ko} 부분을 가져올 수 없습니다: 이 학생의 기억에 id {identity!r}인 다른 메시지가 이미 있습니다. "
        f"{'FILE:' + identity!r}처럼 다른 id를 붙여 다시 가져와 주세요.",
    )


def _zone(time: datetime | None, zone: str) -> str:
    """Name the zone a time was written in: an offset where it gives one, else the student's."""
    offset = None if time is None else time.utcoffset()
    name = getattr(None if time is None else time.tzinfo, "key", None)
    if time is None or offset is None or name is not None:
        return name or zone
    return "UTC" if not offset else time.strftime("%z")[:3] + ":" + time.strftime("%z")[3:5]
