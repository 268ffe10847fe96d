"""Forgetting for real, and proving it: what is deleted is looked for, byte by byte, in every file of the home.

First everything goes in one transaction (`removal.py`), then the write-ahead log is emptied and the index, in whose
files Chroma keeps deleted vectors, is deleted to be built again from the database. Only if the scan still finds
something is more done: SQLite's file is written anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, delete, select, text

from ..errors import ERROR_LOG, OfficeHoursError, StoreBusy
from ..index import lock_student
from ..index.sync import mark_collections
from ..private import FILE
from ..store import Database
from ..store.schema import students, vectors
from ..text import load_korean
from ..types import Student
from .plan import find_holders, plan_for
from .receipt import Receipt
from .removal import Removal, Removed, count_rows, own_tables, words_of, words_of_others
from .scan import (
    LEAST_NAME_BYTES,
    ByteScanner,
    Pattern,
    files_under,
    fragments,
    text_pattern,
    vector_patterns,
)

MOST_TRACES = 200_000
"""Pieces that one scan looks for; of more, so many are taken, evenly."""


class ForgettingIndex(Protocol):
    """What forgetting asks of a student's vector index: `StudentIndex` is one."""

    def forget(self, *, for_good: bool = False) -> bool:
        """Delete the student's part of it; False where that cannot be done now."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look through the files gave."""

    files: int
    size: int
    found: dict[str, int]
    unread: tuple[str, ...]
    shared: int


class Eraser:
    """Forgets for one student.

    Args:
        db: The store.
        student: Whose memory.
        home: The folder that is scanned; the SQLite file is, wherever it is.
        index: The student's vector index.
        remote_index: The index is on a server, whose files cannot be scanned from here.
    """

    def __init__(
        self,
        db: Database,
        student: Student,
        home: Path,
        index: ForgettingIndex,
        *,
        remote_index: bool = False,
    ) -> None:
        self._db = db
        self._student = student
        self._home = home
        self._index = index
        self._remote = remote_index

    def forget(self, identity: str) -> Receipt:
        """Forget one thing with all that rests on it and every copy, and prove it.

        Args:
            identity: A message, `m12` (its whole turn goes, and the facts it gave), an archival memory, `a7` (with the
                words of the student that it rests on), a conversation, `s3`, or the label of a core block.

        Raises:
            NotFound: This student has nothing of that id.
            UsageError: It is no such id.
        """
        load_korean()  # words are filed anew inside the transaction
        identity, student_id = identity.strip(), self._student.id
        with self._db.read() as connection:
            before = plan_for(connection, student_id, identity)
            holders = find_holders(connection, student_id, before)
        with self._db.begin() as connection:
            lock_student(connection, student_id)
            plan = plan_for(connection, student_id, identity)
            # Where something came to it meanwhile, its copies are looked for again, under the lock.
            removal = Removal(connection, student_id, holders if plan == before else None)
            removal.carry_out(plan)
            removed = removal.finish()
            mark_collections(connection, self._student)
        return self._prove(identity, removed, for_good=False)

    def erase(self) -> Receipt:
        """Erase the student: every row, vector and copy, the bill included, and prove it."""
        student = self._student
        with self._db.read() as connection:
            removed = _everything(connection, student)
        with self._db.begin() as connection:
            lock_student(connection, student.id)
            if _counted(connection, student) != removed.rows:
                removed = _everything(connection, student)
            for table in own_tables():
                if table is not students and not table.c.student_id.foreign_keys:
                    connection.execute(delete(table).where(table.c.student_id == student.id))
            connection.execute(delete(students).where(students.c.id == student.id))
            mark_collections(connection, student)
        return self._prove(student.handle, removed, for_good=True)

    # The proof

    def _prove(self, what: str, removed: Removed, *, for_good: bool) -> Receipt:
        patterns = _evenly(_patterns(removed), MOST_TRACES)
        dropped = self._index.forget(for_good=for_good)
        folded = self._db.fold_log()
        log_lines = self._clean_error_log(patterns)
        scan = self._scan(patterns)
        if any(path.name in name for name in scan.found for path in self._store_files()):
            folded = self._db.fold_log(rewrite=True)
            scan = self._scan(patterns)
        return Receipt(
            what=what,
            ids=tuple(dict.fromkeys(removed.ids)),
            rows=removed.rows,
            changed=removed.changed,
            log_lines=log_lines,
            elsewhere=tuple(dict.fromkeys(removed.elsewhere)),
            phrases=len(patterns) - scan.shared,
            shared=scan.shared,
            files=scan.files,
            bytes=scan.size,
            found=scan.found,
            unread=scan.unread,
            warnings=tuple(self._warnings(scan, folded=folded, dropped=dropped)),
        )

    def _scan(self, patterns: Sequence[Pattern]) -> Scan:
        shared = self._shared(patterns)
        scanner = ByteScanner([pattern for place, pattern in enumerate(patterns) if place not in shared])
        size = files = 0
        found: dict[str, int] = {}
        unread: list[str] = []
        for path in files_under(self._home, *self._store_files()):
            name = path.relative_to(self._home).as_posix() if path.is_relative_to(self._home) else str(path)
            try:
                length, places = scanner.in_file(path)
            except FileNotFoundError:
                continue  # another program has just finished with it
            except OSError:
                unread.append(name)
                continue
            files += 1
            size += length
            if places:
                found[name] = len(places)
        return Scan(files, size, found, tuple(unread), len(shared))

    def _shared(self, patterns: Sequence[Pattern]) -> set[int]:
        """Give the traces that other students' rows hold as well: they are no proof of anything."""
        scanner = ByteScanner(patterns)
        with self._db.read() as connection:
            shared = scanner.in_texts(words_of_others(connection, self._student.id))
            if self._db.dialect == "sqlite":
                shared |= scanner.in_texts(
                    connection.scalars(text("SELECT sql FROM sqlite_master WHERE sql > ''"))
                )
            # Vectors are looked at whoever they belong to: what is stored now is no trace.
            for data in connection.scalars(select(vectors.c.data).execution_options(yield_per=1000)):
                shared |= scanner.places(data)
        return shared

    def _store_files(self) -> Iterator[Path]:
        if self._db.path is not None:
            yield self._db.path
            yield from (Path(f"{self._db.path}{end}") for end in ("-wal", "-shm", "-journal"))

    def _clean_error_log(self, patterns: Sequence[Pattern]) -> int:
        """Take the lines that hold the words out of the program's own log, and give their number.

        No other file of the home is the program's but the store and the index: what else holds the words is named by
        the scan, and so is a log that cannot be written.
        """
        path = self._home / ERROR_LOG
        scanner = ByteScanner(patterns)
        if path.is_symlink() or not path.is_file():
            return 0
        with suppress(OSError):
            lines = path.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if not scanner.places(line)]
            if len(kept) < len(lines):
                _replace(path, b"".join(kept))
            return len(lines) - len(kept)
        return 0

    def _warnings(self, scan: Scan, *, folded: bool, dropped: bool) -> Iterator[OfficeHoursError]:
        if self._db.dialect == "postgresql":
            yield OfficeHoursError(
                "The rows are gone from PostgreSQL. Its files, its log and its backups are the server's and were not"
                " scanned: run VACUUM FULL there, and let old logs and backups expire.",
                "PostgreSQL에서 행은 지워졌습니다. 서버의 데이터 파일, 로그, 백업은 여기서 확인할 수 없습니다. 서버에서"
                " VACUUM FULL을 실행하고 오래된 로그와 백업이 만료되게 해 주세요.",
            )
        elif not folded:
            yield StoreBusy(
                "Another program is reading the store, so its log could not be emptied: that happens when it is closed.",
                "다른 프로그램이 저장소를 읽고 있어 로그를 비우지 못했습니다. 그 프로그램을 닫으면 비워집니다.",
            )
        if not (dropped or self._remote):
            yield StoreBusy(
                "Another program is at work in the search index, so the vectors (numbers, no text) are still in its"
                " files. They go as soon as the index is opened again. Close that program, then run officehours memory"
                " verify.",
                "다른 프로그램이 검색 색인을 쓰고 있어 벡터(글이 아닌 숫자)가 아직 색인 파일에 남아 있습니다. 색인을 다시 열 때"
                " 지워집니다. 그 프로그램을 닫고 officehours memory verify 를 실행해 주세요.",
            )
        if self._remote:
            yield OfficeHoursError(
                "The vectors were deleted from the Chroma server; its files were not scanned. They hold ids and"
                " numbers, never text.",
                "Chroma 서버에서 벡터를 지웠습니다. 서버의 파일은 확인하지 못했습니다. 거기에는 글이 아니라 번호와"
                " 숫자만 있습니다.",
            )
        foreign = [name for name in scan.found if not name.startswith("index/")]
        if foreign and (self._db.path is None or self._db.path.name not in foreign):
            yield OfficeHoursError(
                "Backups, exports and files of your own are not changed: delete those named above yourself.",
                "백업, 내보낸 파일, 직접 만든 파일은 고치지 않습니다. 위에 나온 파일은 직접 지워 주세요.",
            )


def _everything(connection: Connection, student: Student) -> Removed:
    """Give all that is stored of a student, before it goes."""
    held = select(vectors.c.data, vectors.c.parts).where(vectors.c.student_id == student.id)
    names = [piece for name in (student.handle, student.name) for piece in fragments(name, LEAST_NAME_BYTES)]
    return Removed(
        texts=[piece for words in words_of(connection, student.id) for piece in fragments(words)] + names,
        vectors=[(row.data, row.parts) for row in connection.execute(held)],
        rows=_counted(connection, student),
    )


def _counted(connection: Connection, student: Student) -> dict[str, int]:
    return {name: count for name, count in count_rows(connection, student.id).items() if count}


def _patterns(removed: Removed) -> list[Pattern]:
    words = [text_pattern(piece) for piece in dict.fromkeys(removed.texts)]
    return words + [pattern for data, parts in removed.vectors for pattern in vector_patterns(data, parts)]


def _evenly(patterns: Sequence[Pattern], most: int) -> Sequence[Pattern]:
    if len(patterns) <= most:
        return patterns
    return [patterns[at * len(patterns) // most] for at in range(most)]


def _replace(path: Path, content: bytes) -> None:
    """Write a file anew, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=FILE)
        draft.write_bytes(content)
        shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
