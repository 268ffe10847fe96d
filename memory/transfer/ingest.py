"""Course material into archival memory: Markdown and text, files and folders, again and again.

Passages are known by FILE#LOCATOR; `course.py` says what FILE is. What has not changed is left alone; a passage that
changed takes the place of the old one, and one that is no longer in its file is forgotten. A file that is no longer
there is named and keeps its passages until somebody says otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update

from ..archival import ArchivalMemory
from ..errors import BadImport, NotFound, OfficeHoursError
from ..store import Database
from ..store.schema import archival
from ..text import sanitize_user, warm_for
from ..types import Progress, Student
from .bounds import LARGEST_COURSE_FILE, epoch
from .course import CourseFile, Reason, list_files, name_documents
from .files import decoded, opened, read_bytes, shown
from .splitter import Passage, cut

READS = 3
"""How often a file is read that is being written meanwhile."""


@dataclass(slots=True)
class IngestReport:
    """What an ingestion did. `found` is the sum of `files`, `passed_over`, `links` and `failed`.

    Attributes:
        found: Entries there were: files, links, and folders that were not looked into.
        files: How many were taken in.
        new, changed, unchanged, removed: Passages.
        gone: Files that were ingested from these folders before and are not among them any more; their passages
            stay, unless they were to be pruned.
        passed_over: Why entries of the folders are no course material, by their names.
        links: Links in the folders that lead out of them or nowhere; they are not followed.
        failed: Why files and folders could not be read, by their place; what they gave before stays.
    """

    found: int
    passed_over: dict[str, Reason]
    links: list[str]
    failed: dict[str, OfficeHoursError]
    files: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    gone: list[str] = field(default_factory=list[str])

    def fail(self, place: str, error: OfficeHoursError) -> None:
        """Write down a file that was not taken in; two that differ in how letters are composed are shown alike."""
        alike = sum(known.startswith(place) for known in self.failed)
        self.failed[f"{place} ({alike + 1})" if place in self.failed else place] = error


@dataclass(frozen=True, slots=True)
class _Document:
    """A file as it is now."""

    place: str
    time: datetime
    passages: list[Passage]


class Ingester:
    """Reads course material for one student.

    Args:
        database: The store.
        student: Whose archival memory.
        memory: That memory.
        clock: Gives now; no passage is dated later.
    """

    def __init__(
        self,
        database: Database,
        student: Student,
        memory: ArchivalMemory,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._student = student
        self._memory = memory
        self._clock = clock

    def ingest(
        self, paths: Sequence[Path], progress: Progress | None = None, *, prune: bool = False
    ) -> IngestReport:
        """Read files and folders; when this returns every passage is stored and found by its words.

        A file that cannot be read is named in the report; the others are taken in all the same.

        Args:
            paths: Folders are read with what is in them, but for names that begin with a dot and README files,
                which say what a folder holds and would be found before what it holds.
            progress: Told how many files are taken in, of how many.
            prune: Forget the passages of files that are gone from the folders.

        Raises:
            NotFound: No path is there, or there is no course material in any.
            UsageError: Of the files none is Markdown or text.
            StoreError: As its names say; files that were stored before stay.
        """
        listing = list_files(paths)
        report = IngestReport(listing.found, listing.passed_over, listing.links, listing.failed)

        def unchanged(file: CourseFile, name: str) -> bool:
            document = self._read(file)
            kept = {text for _, text in self._known(name).values()}
            return isinstance(document, _Document) and kept == {_as_kept(p) for p in document.passages}

        names, report.gone = name_documents(listing, self._stored(), unchanged)
        if not (listing.files or listing.links or report.failed or (prune and report.gone)):
            raise _nothing(paths)

        taken: set[str] = set()
        for number, file in enumerate(listing.files, 1):
            name = names[file]
            document = self._read(file)
            if not isinstance(document, _Document):
                report.fail(shown(file.path), document)
            elif name in taken:  # names that are written alike once they are composed, escaped or masked
                report.fail(document.place, _twin(name))
            else:
                taken.add(name)
                self._store(document, name, report)
            if progress is not None:
                progress(number, len(listing.files))
        for name in report.gone if prune else ():
            self._prune(name, report)
        return report

    def _read(self, file: CourseFile) -> _Document | BadImport | NotFound:
        try:
            text, changed = _text_of(file.path, self._clock())
        except (BadImport, NotFound) as error:
            return error
        return _Document(shown(file.path), changed, cut(text, shown(file.path.stem)))

    def _store(self, document: _Document, name: str, report: IngestReport) -> None:
        """Bring one file's passages up to date, in one commit."""
        if document.passages:
            report.files += 1
        else:
            report.passed_over[document.place if name in report.passed_over else name] = "blank"
        known = self._known(name)
        wanted = {f"{name}#{passage.locator}": passage for passage in document.passages}
        warm_for("\n".join(passage.text for passage in document.passages))
        with self._database.begin() as connection:
            for external_id, (item, _) in known.items():
                if external_id not in wanted:
                    self._memory.forget(item)
                    report.removed += 1
            for external_id, passage in wanted.items():
                self._put(document, name, external_id, passage, known.get(external_id), report)
            elsewhere = or_(archival.c.path.is_(None), archival.c.path != document.place)
            connection.execute(
                update(archival).where(*self._passages_of(name), elsewhere).values(path=document.place)
            )

    def _prune(self, name: str, report: IngestReport) -> None:
        known = self._known(name)
        with self._database.begin():
            for item, _ in known.values():
                self._memory.forget(item)
        report.removed += len(known)

    def _put(
        self,
        document: _Document,
        name: str,
        external_id: str,
        passage: Passage,
        known: tuple[int, str] | None,
        report: IngestReport,
    ) -> None:
        if known is not None and known[1] == _as_kept(passage):
            report.unchanged += 1
            return
        if known is not None:
            # Not superseded: a course is what it says now, and nobody asks what a note said before.
            self._memory.forget(known[0])
        self._memory.insert(
            passage.text,
            kind="passage",
            trust="course",
            source=name,
            locator=passage.locator,
            role="source",
            external_id=external_id,
            time=document.time,
        )
        if known is None:
            report.new += 1
        else:
            report.changed += 1

    def _passages_of(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return (
            archival.c.student_id == self._student.id,
            archival.c.kind == "passage",
            archival.c.source == name,
            archival.c.external_id.startswith(f"{name}#", autoescape=True),
        )

    def _known(self, name: str) -> dict[str, tuple[int, str]]:
        """Give a file's passages as they are kept: external id -> (row id, text)."""
        wanted = select(archival.c.external_id, archival.c.id, archival.c.text)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(*self._passages_of(name)))
            return {external_id: (item, text) for external_id, item, text in rows}

    def _stored(self) -> dict[str, str | None]:
        """Give the student's documents by name, each with the place of its file; None where that was not kept."""
        mine = select(archival.c.source, archival.c.path).where(
            archival.c.student_id == self._student.id,
            archival.c.kind == "passage",
            archival.c.source.is_not(None),
        )
        with self._database.read() as connection:
            return {row.source: row.path for row in connection.execute(mine.distinct())}


def _text_of(path: Path, now: datetime) -> tuple[str, datetime]:
    """Give a file's text and when it was last changed, which is not after now."""
    name = shown(path)
    for _ in range(READS):
        with opened(path) as stream:
            before = os.fstat(stream.fileno())
            raw = read_bytes(stream, name, LARGEST_COURSE_FILE)
            after = os.fstat(stream.fileno())
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(raw)):
            return decoded(raw, name), epoch(min(after.st_mtime, now.timestamp())) or now
    raise BadImport(
        f"{name} is being written, so it was not taken in. Try again when that is done.",
        f"{name}은(는) 지금 다른 프로그램이 쓰고 있어 넣지 않았습니다. 끝난 뒤 다시 시도해 주세요.",
    )


def _as_kept(passage: Passage) -> str:
    return sanitize_user(passage.text.strip())[0]


def _twin(name: str) -> BadImport:
    return BadImport(
        f"Another file is called {name} as well, so this one was not taken in. Rename one of them.",
        f"{name}(이)라는 파일이 또 있어서 이 파일은 넣지 않았습니다. 둘 중 하나의 이름을 바꿔 주세요.",
    )


def _nothing(paths: Sequence[Path]) -> NotFound:
    where = ", ".join(map(shown, paths))
    return NotFound(
        f"There is no Markdown or text (.md, .txt) in {where}. README files of a folder are passed over: name one to"
        " take it in.",
        f"{where}에 마크다운이나 글 파일(.md, .txt)이 없습니다. 폴더 안의 README는 건너뛰니, 넣으려면 파일 이름을 직접 적어"
        " 주세요.",
    )
