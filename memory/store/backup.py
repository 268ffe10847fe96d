"""Backups: one SQLite file that holds the whole store, from whichever database, and putting it back.

A backup is made while the store is in use and is checked before it takes its name. Putting one back moves what is
there aside; nothing is ever written over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, or_, text, update

from ..errors import NotFound, StoreError, StoreUnwritable, UsageError
from ..private import FILE, make_folder
from ..types import Progress
from .address import file_of, parse_url
from .copy import OWN, compare_rows, copy_rows, count_rows
from .database import Database
from .driver_errors import SQLITE_MAGIC, busy, translated
from .move import move
from .schema import sessions, settings

SIDE_FILES = ("", "-wal", "-shm", "-journal")
"""What belongs to an SQLite file, by the end of its name."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        file: Where it is; `size` in bytes.
        students, messages: How many are in it.
    """

    file: Path
    size: int
    students: int
    messages: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back.

    Attributes:
        aside: Where the store that was there is now; None where there was none.
        students, messages: How many are in the store now.
    """

    aside: Path | None
    students: int
    messages: int


def backup(database: Database, file: Path, progress: Progress | None = None) -> Backup:
    """Copy the store as it is at this moment to one file, while others go on reading and writing.

    Args:
        database: On SQLite copied page by page; on PostgreSQL row by row into an SQLite file.
        file: What the backup is to be called; it appears whole and checked, or not at all.
        progress: Told what is done and what there is: pages or rows.

    Raises:
        UsageError: There is a file of that name.
        StoreError: As its names say.
    """
    if file.exists():
        raise UsageError(
            f"{file} is there already and is not written over. Choose another name, or move it away.",
            f"{file} 파일이 이미 있어 덮어쓰지 않습니다. 다른 이름을 쓰거나 그 파일을 옮겨 주세요.",
        )
    with _draft(file) as draft:
        if database.path is not None:
            _copy_pages(database.path, draft, progress)
        else:
            _copy_from_server(database, draft, progress)
        students, messages = _checked(draft)
        _fold(draft)
        with translated(file):
            draft.replace(file)
    return Backup(file, file.stat().st_size, students, messages)


def restore(
    file: Path, target_url: str | Path, *, now: datetime, progress: Progress | None = None
) -> Restored:
    """Put a backup in the place of the store; one of an earlier version is brought up to date.

    The vector index notices that it belongs to another state of the store, and is built anew from the stored vectors.

    Args:
        file: A backup, or any SQLite store of this program.
        target_url: Where the store belongs. A file that is there is renamed; a PostgreSQL database must be empty.
        now: Goes into the name of what is moved aside.

    Raises:
        NotFound: There is no such backup.
        StoreNewer: A newer version of the program wrote it.
        StoreBusy: Another program has the store open.
        UsageError: The PostgreSQL database holds a memory already.
        StoreError: The backup is damaged or no store of this program. Nothing was changed.
    """
    if not file.is_file():
        raise NotFound(f"There is no backup {file}.", f"백업 파일 {file}이(가) 없습니다.")
    with translated(file), file.open("rb") as opened:
        if opened.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise _no_backup()
    path = sqlite_path(target_url)
    if path is None:
        return _restore_to_server(file, target_url, progress)
    with translated(path):
        make_folder(path.parent)
    with _draft(path) as draft:
        _copy_pages(file, draft, progress)
        students, messages = _checked(draft)
        _make_its_own(draft)
        _fold(draft)
        aside = _move_aside(path, now) if path.exists() else None
        with translated(path):
            draft.replace(path)
    return Restored(aside, students, messages)


def sqlite_path(url: str | Path) -> Path | None:
    """Give the file of an SQLite store's address, None for a server's."""
    parsed = parse_url(url)
    return file_of(parsed) if parsed.get_backend_name() == "sqlite" else None


@contextmanager
def _draft(file: Path) -> Generator[Path]:
    """Give a name beside a file to work under; whatever is left there at the end is removed."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with translated(file):
            _remove(draft)
            draft.touch(mode=FILE)
        yield draft
    finally:
        with suppress(OSError):  # where nothing may be removed nothing was made either
            _remove(draft)


def _remove(file: Path) -> None:
    for end in SIDE_FILES:
        file.with_name(file.name + end).unlink(missing_ok=True)


def _copy_pages(source: Path, target: Path, progress: Progress | None) -> None:
    def told(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    with (
        translated(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        # The copying connection holds one state of the store: others may write meanwhile, and it need not start again.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=1_000, progress=told)


def _copy_from_server(database: Database, draft: Path, progress: Progress | None) -> None:
    with Database.open(draft) as copy, database.read() as reading, copy.begin() as writing:
        reading.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        copy_rows(reading, writing, progress)
        compare_rows(reading, writing)


def _checked(file: Path) -> tuple[int, int]:
    """Look through a copy for damage, bring it up to date, and count its students and messages."""
    with translated(file), closing(sqlite3.connect(file)) as connection:
        state = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        stray = connection.execute("PRAGMA foreign_key_check").fetchone()
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if state != "ok" or stray is not None or known is None:
        raise _no_backup()
    with Database.open(file, create=False) as opened, opened.read() as connection:
        counts = count_rows(connection)
    return counts["students"], counts["messages"]


def _no_backup() -> StoreError:
    return StoreError(
        "This backup is damaged, or none of this program, so nothing was changed. Try another one.",
        "백업이 손상되었거나 이 프로그램의 것이 아니어서 아무것도 바꾸지 않았습니다. 다른 백업을 써 보세요.",
    )


def _make_its_own(file: Path) -> None:
    """Give the store an identity of its own: no index of another state fits it, and nobody is at work in it."""
    passing = or_(*(settings.c.key.startswith(key) for key in OWN))
    with Database.open(file, create=False) as opened, opened.begin() as connection:
        connection.execute(delete(settings).where(passing))
        connection.execute(update(sessions).values(lease_owner=None, lease_until=None))


def _fold(file: Path) -> None:
    """Make it one file, on the disk."""
    with translated(file), closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    with translated(file), file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _move_aside(path: Path, now: datetime) -> Path:
    _alone(path)
    aside = path.with_name(f"{path.stem}.before-restore-{now:%Y%m%d-%H%M%S}{path.suffix}")
    if aside.exists():
        raise StoreUnwritable(
            f"{aside} is there already. Wait a second and try again.",
            f"{aside} 파일이 이미 있습니다. 잠시 뒤에 다시 해 주세요.",
        )
    with translated(path):
        for end in SIDE_FILES:
            side = path.with_name(path.name + end)
            if side.exists():
                side.rename(aside.with_name(aside.name + end))
    return aside


def _alone(path: Path) -> None:
    """Make sure that no other program has the store open; a damaged one may be moved in any case.

    Raises:
        StoreBusy: One has.
    """
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
            # With a write-ahead log, the last one to use it may leave it; anybody else keeps it in use.
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise busy() from error
    except sqlite3.DatabaseError:
        return
    if mode != "delete":
        raise busy()


def _restore_to_server(file: Path, url: str | Path, progress: Progress | None) -> Restored:
    with _draft(file) as draft:
        _copy_pages(file, draft, None)
        students, messages = _checked(draft)
        move(draft, url, progress)
    return Restored(None, students, messages)
