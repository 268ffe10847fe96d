"""Course material into archival memory: Markdown and text, files and folders, again and again.

Passages are known by FILE#LOCATOR; `course.py` says what FILE is. What has not changed is left alone; a passage that
changed takes the place of the old one, and one that is no longer in its file is forgotten. A file that is no longer
there is named and keeps its passages until somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update

from ..archival import ArchivalMemory
from ..errors import BadImport, NotFound, OfficeHoursError
from ..store import Database
from ..store.schema import archival
from ..text import sanitize_user, warm_for
from ..types import Progress, Student
from .course import CourseFile, list_files, name_documents
from .files import read_text, shown
from .splitter import Passage, cut


@dataclass(slots=True)
class IngestReport:
    """What an ingestion did.

    Attributes:
        files: How many were taken in.
        new, changed, unchanged, removed: Passages.
        gone: Files that were ingested from these folders before and are not among them any more; their passages
            stay, unless they were to be pruned.
        passed_over: Files in the folders that are neither Markdown nor text, and those that describe a folder.
        links: Links in the folders that lead out of them or nowhere; they are not followed.
        failed: Files and folders that could not be read, each with the reason; what they gave before stays.
    """

    files: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    gone: list[str] = field(default_factory=list[str])
    passed_over: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    failed: dict[str, OfficeHoursError] = field(default_factory=dict[str, OfficeHoursError])


@dataclass(frozen=True, slots=True)
class _Document:
    """A file as it is now; the name is given once all are read."""

    place: str
    time: datetime
    passages: list[Passage]
    name: str = ""


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
            NotFound: A path is not there, or there is no course material in it.
            UsageError: A file is neither Markdown nor text.
            StoreError: As its names say; files that were stored before stay.
        """
        listing = list_files(paths)
        report = IngestReport(passed_over=listing.passed_over, links=listing.links)
        report.failed = {shown(folder): error for folder, error in listing.unreadable.items()}
        read = {file: document for file in listing.files if (document := self._read(file, report))}

        def unchanged(file: CourseFile, name: str) -> bool:
            kept = {text for _, text in self._known(name).values()}
            return file in read and kept == {_as_kept(passage) for passage in read[file].passages}

        names, report.gone = name_documents(listing, self._stored(), unchanged)
        named = [replace(document, name=names[file]) for file, document in read.items()]
        documents = _without_twins(named, report)
        if not (listing.files or listing.links or report.failed or (prune and report.gone)):
            raise _nothing(paths)

        for document in documents:
            self._store(document, report)
            if progress is not None:
                progress(report.files, len(documents))
        for name in report.gone if prune else ():
            self._prune(name, report)
        return report

    def _read(self, file: CourseFile, report: IngestReport) -> _Document | None:
        place = shown(file.path)
        try:
            text, changed = _text_of(file.path)
        except (BadImport, NotFound) as error:
            report.failed[place] = error
            return None
        return _Document(place, min(changed, self._clock()), cut(text, shown(file.path.stem)))

    def _store(self, document: _Document, report: IngestReport) -> None:
        """Bring one file's passages up to date, in one commit."""
        report.files += 1
        known = self._known(document.name)
        wanted = {f"{document.name}#{passage.locator}": passage for passage in document.passages}
        warm_for("\n".join(passage.text for passage in document.passages))
        with self._database.begin() as connection:
            for external_id, (item, _) in known.items():
                if external_id not in wanted:
                    self._memory.forget(item)
                    report.removed += 1
            for external_id, passage in wanted.items():
                self._put(document, external_id, passage, known.get(external_id), report)
            elsewhere = or_(archival.c.path.is_(None), archival.c.path != document.place)
            connection.execute(
                update(archival)
                .where(*self._passages_of(document.name), elsewhere)
                .values(path=document.place)
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
            source=document.name,
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


def _text_of(path: Path) -> tuple[str, datetime]:
    """Give a file's text and when it was last changed."""
    text, name = read_text(path), shown(path)
    if "\0" in text:
        raise BadImport(
            f"{name} is not text, so it was not taken in.",
            f"{name}은(는) 글 파일이 아니어서 넣지 않았습니다.",
        )
    try:
        return text, datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {name}.", f"{name} 파일이 없습니다.") from error


def _without_twins(documents: Sequence[_Document], report: IngestReport) -> list[_Document]:
    """Leave out files whose name is written as another's once it is composed, escaped or masked."""
    found: dict[str, _Document] = {}
    for document in documents:
        if document.name in found:
            report.failed[document.place] = _twin(document.name)
        else:
            found[document.name] = document
    return list(found.values())


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
