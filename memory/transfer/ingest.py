"""Course material into archival memory: Markdown and text, files and folders, again and again.

Passages are known by FILE#LOCATOR. What has not changed is left alone; a passage that changed takes the place of the
old one, and one that is no longer in its file is forgotten. A file that is no longer there is named and keeps its
passages until somebody says otherwise: another folder of the same name looks just like it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from ..archival.memory import ArchivalMemory
from ..embedding.store_embedder import StoreEmbedder
from ..errors import BadImport, NotFound, UsageError
from ..index.base import VectorIndex
from ..index.embed_worker import embed_during
from ..store.database import Database
from ..store.schema import archival
from ..text.sanitize import sanitize_user, warm_for
from ..types import Progress, Student
from .files import read_text
from .splitter import Passage, cut

SUFFIXES = frozenset({".md", ".markdown", ".txt", ".text"})

DESCRIBING = "readme"
"""The name, in any case, of files that describe the folder they are in."""


@dataclass(slots=True)
class IngestReport:
    """What an ingestion did.

    Attributes:
        files: How many were read.
        new, changed, unchanged, removed: Passages.
        gone: Files that were ingested from these folders before and are not among them any more; their passages
            stay, unless they were to be pruned.
        passed_over: Files in the folders that are neither Markdown nor text, and those that describe a folder.
    """

    files: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    gone: list[str] = field(default_factory=list[str])
    passed_over: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class _Document:
    name: str
    time: datetime
    passages: list[Passage]


class Ingester:
    """Reads course material for one student.

    Args:
        database: The store.
        student: Whose archival memory.
        memory: That memory.
        embedder: The store's.
        index: The student's vector index.
        clock: Gives now; no passage is dated later.
    """

    def __init__(
        self,
        database: Database,
        student: Student,
        memory: ArchivalMemory,
        embedder: StoreEmbedder,
        index: VectorIndex,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._student = student
        self._memory = memory
        self._embedder = embedder
        self._index = index
        self._clock = clock

    def ingest(
        self, paths: Sequence[Path], progress: Progress | None = None, *, prune: bool = False
    ) -> IngestReport:
        """Read files and folders; when this returns every passage is stored, embedded and found.

        All files are read before the first is stored: one that cannot be read stops all of them.

        Args:
            paths: Folders are read with what is in them, but for names that begin with a dot and README files,
                which say what a folder holds and would be found before what it holds.
            progress: Told how many of this student's items are embedded, of how many.
            prune: Forget the passages of files that are gone from the folders.

        Raises:
            NotFound: A path is not there, or there is no course material in it.
            UsageError: A file is neither Markdown nor text.
            BadImport: A file is not UTF-8. Nothing was stored.
            ConfigError, ProviderError: The embedder fails. What was stored stays and is embedded later.
            StoreError: As its names say; files that were stored before stay.
        """
        report = IngestReport()
        found = {name: file for path in paths for name, file in _files(path, report)}
        report.gone = self._gone(paths, found)
        if not found and not (prune and report.gone):
            raise _nothing(paths)
        documents = [self._read(name, file) for name, file in found.items()]

        def store() -> None:
            for document in documents:
                self._store(document, report)
            for name in report.gone if prune else ():
                self._prune(name, report)

        embed_during(store, self._database, self._student.id, self._embedder, progress)
        self._index.catch_up()
        return report

    def _read(self, name: str, file: Path) -> _Document:
        text = read_text(file)
        if "\0" in text:
            raise BadImport(
                f"{file} is not text, so nothing was ingested.",
                f"{file}은(는) 글 파일이 아니어서 아무것도 넣지 않았습니다.",
            )
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return _Document(name, min(changed, self._clock()), cut(text, file.stem))

    def _store(self, document: _Document, report: IngestReport) -> None:
        """Bring one file's passages up to date, in one commit."""
        report.files += 1
        known = self._known(document.name)
        wanted = {f"{document.name}#{passage.locator}": passage for passage in document.passages}
        warm_for("\n".join(passage.text for passage in document.passages))
        with self._database.begin():
            for external_id, (item, _) in known.items():
                if external_id not in wanted:
                    self._memory.forget(item)
                    report.removed += 1
            for external_id, passage in wanted.items():
                self._put(document, external_id, passage, known.get(external_id), report)

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
        if known is not None and known[1] == sanitize_user(passage.text.strip())[0]:
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

    def _known(self, name: str) -> dict[str, tuple[int, str]]:
        """Give a file's passages as they are kept: external id -> (row id, text)."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(archival.c.external_id, archival.c.id, archival.c.text).where(
                    archival.c.student_id == self._student.id,
                    archival.c.kind == "passage",
                    archival.c.external_id.startswith(f"{name}#", autoescape=True),
                )
            )
            return {external_id: (item, text) for external_id, item, text in rows}

    def _gone(self, paths: Sequence[Path], found: Mapping[str, Path]) -> list[str]:
        """Give files of these folders that have passages and are no longer there."""
        gone: set[str] = set()
        for path in paths:
            if not path.is_dir():
                continue
            prefix = f"{_name_of(path)}/"
            with self._database.read() as connection:
                rows = connection.execute(
                    select(archival.c.source)
                    .where(
                        archival.c.student_id == self._student.id,
                        archival.c.kind == "passage",
                        archival.c.source.startswith(prefix, autoescape=True),
                    )
                    .distinct()
                )
                gone |= {source for source in rows.scalars() if source not in found}
        return sorted(gone)


def _files(path: Path, report: IngestReport) -> Iterator[tuple[str, Path]]:
    """Give the material at a path, named from the path's own folder down."""
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(
                f"{path} is neither Markdown nor text (.md, .txt). Convert it first.",
                f"{path}은(는) 마크다운이나 글 파일(.md, .txt)이 아닙니다. 먼저 변환해 주세요.",
            )
        yield _name_of(path), path
        return
    if not path.is_dir():
        raise NotFound(f"There is no file or folder {path}.", f"{path} 파일이나 폴더가 없습니다.")
    top = _name_of(path)
    for file in sorted(path.rglob("*")):
        below = file.relative_to(path)
        if any(part.startswith(".") for part in below.parts) or not file.is_file():
            continue
        name = unicodedata.normalize("NFC", f"{top}/{below.as_posix()}")
        if file.suffix.lower() in SUFFIXES and file.stem.lower() != DESCRIBING:
            yield name, file
        else:
            report.passed_over.append(name)


def _name_of(path: Path) -> str:
    return unicodedata.normalize("NFC", path.resolve().name)


def _nothing(paths: Sequence[Path]) -> NotFound:
    where = ", ".join(map(str, paths))
    return NotFound(
        f"There is no Markdown or text (.md, .txt) in {where}. README files of a folder are passed over: name one to"
        " take it in.",
        f"{where}에 마크다운이나 글 파일(.md, .txt)이 없습니다. 폴더 안의 README는 건너뛰니, 넣으려면 파일 이름을 직접 적어"
        " 주세요.",
    )
