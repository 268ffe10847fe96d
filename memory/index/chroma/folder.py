"""Chroma in this process, over a folder that exactly one process opens at a time.

The holder has an operating-system lock on a file beside the folder; a crash frees it. Whoever does not hold it
searches exactly (two writers lose vectors even with a lock around each call, and readers see half an index).

From some damaged files Chroma answers wrongly without a word, and others crash the process, so a folder is opened only
if it is exactly as it was when it was closed. In any doubt it is deleted, and catching up fills it from the database.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import struct
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...embedding import WarningSink
from ...errors import OfficeHoursError
from ...private import FILE, close_to_others, make_folder
from .base import SEARCH_WAIT, UPKEEP_WAIT, Chroma, ChromaFailed, chroma_errors, rebuilding
from .client import close_client, most_collections, open_client

LOCK_SECONDS = 2.0
"""How long who wants to delete the folder waits for its holder."""

WANTED_SECONDS = 10
"""An older request for the folder is of a process that is no more."""

SMALL_COLLECTIONS = 8
"""So many are opened however little they hold. Each takes 2.7 MB with its first vector, for hnswlib makes 65,536 locks."""

HEADER = struct.Struct("<iQQQ")
"""How hnswlib's header begins: version, an offset, room for how many vectors, how many there are."""


class ChromaFolder(Chroma):
    """The index in a folder of the home, held while it is used and for a minute after.

    Args:
        folder: Holds the lock, the note of how the index was closed, and Chroma's own folder; made if it is not there.
        warn: Told when an index was lost or damaged, and when the folder cannot be written.
        idle_seconds: How long after its last use the folder is let go.
    """

    retry_seconds = 1.0
    recover_seconds = 60.0  # what failed is rebuilt, which on a full disk fails again

    def __init__(self, folder: Path, warn: WarningSink | None = None, *, idle_seconds: float = 60.0) -> None:
        from filelock import FileLock

        super().__init__(warn)
        self.idle_seconds = idle_seconds
        self.folder = folder
        self._data = folder / "chroma"
        self._closed_as = folder / "closed"
        self._wanted = folder / "wanted"
        # Taken and freed by different threads; not one lock for all objects of this process.
        self._lock = FileLock(folder / "lock", mode=FILE, thread_local=False)
        self._reserved: set[str] = set()

    def reserve(self, name: str, *, wait: float = SEARCH_WAIT) -> None:
        with self._exclusive(wait):
            if self._client is None or name in self._reserved:
                return
            if len(self._reserved) >= most_collections():
                self._reopen()
            self._reserved.add(name)

    def has_room(self, name: str) -> bool:
        return name in self._reserved or len(self._reserved) < SMALL_COLLECTIONS

    def discard(self, names: Sequence[str]) -> None:  # noqa: ARG002  they cannot be taken out of Chroma's files
        """Delete the folder: Chroma leaves the bytes of deleted vectors and collections in its files."""
        with self._exclusive(UPKEEP_WAIT):
            self._let_go()
            try:
                with chroma_errors():
                    if not self._take_lock(LOCK_SECONDS):
                        raise ChromaFailed("another process holds the folder")
                    self._delete()
            finally:
                self._lock.release()

    def _open(self, wait: float) -> Any | None:
        client = None
        try:
            with chroma_errors():
                if self._take_lock(wait):
                    client = self._open_locked()
        except ChromaFailed as failed:
            cause = failed.__cause__
            self.warn(cause if isinstance(cause, OfficeHoursError) else _unusable(self.folder, failed))
        finally:
            if client is None:
                self._lock.release()
            else:
                close_to_others(self._files())
        return client

    def _take_lock(self, wait: float) -> bool:
        """Take the folder's lock, asking a holder with nothing to do to let go."""
        from filelock import Timeout

        make_folder(self.folder)
        if wait:
            self._wanted.touch(mode=FILE)
        try:
            self._lock.acquire(timeout=wait, poll_interval=0.05)
        except Timeout:
            return False
        finally:
            if wait:
                self._wanted.unlink(missing_ok=True)
        return True

    def _open_locked(self) -> Any:
        """Open the folder if it is as it was closed, otherwise an empty one."""
        self._reserved.clear()
        was = self._closed_as.read_bytes() if self._closed_as.exists() else b""
        sound = was == fingerprint(self._data)
        self._closed_as.unlink(missing_ok=True)  # whoever does not come to closing it leaves none
        if sound:
            with contextlib.suppress(ChromaFailed), chroma_errors():
                return open_client(self._data)
        self._delete()
        client = open_client(self._data)
        if was:
            self.warn(rebuilding())
        return client

    def _reopen(self) -> None:
        """Let go of what is in memory, but not of the lock."""
        client, self._client = self._client, None
        self._reserved.clear()
        try:
            with chroma_errors():
                close_client(client)
                self._client = open_client(self._data)
        except ChromaFailed as failed:
            self._not_before = time.monotonic() + self.recover_seconds
            self.warn(_unusable(self.folder, failed))
            raise
        finally:
            if self._client is None:
                self._lock.release()
        self.epoch += 1

    def _release(self, client: Any, failed: ChromaFailed | None) -> None:
        try:
            close_client(client)
            if failed is None:
                clear_empty_segments(self._data)
                self._closed_as.touch(mode=FILE)
                self._closed_as.write_bytes(fingerprint(self._data))
        finally:
            close_to_others(self._files())
            self._lock.release()

    def _files(self) -> Iterable[Path]:
        """Give what Chroma makes with everybody's rights, vectors of what was said among it, and what is beside it."""
        return (self.folder, *self.folder.rglob("*"))

    def _delete(self) -> None:
        self._closed_as.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._data)

    def _is_wanted(self) -> bool:
        try:
            asked = self._wanted.stat().st_mtime
        except OSError:
            return False
        return self.is_open and time.time() - asked < WANTED_SECONDS


def fingerprint(data: Path) -> bytes:
    """Sum up the names, sizes and times of a folder's files; reading what is in them would take too long."""
    found = ((file.relative_to(data).as_posix(), file.stat()) for file in data.rglob("*") if file.is_file())
    lines = sorted(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest().encode()


def clear_empty_segments(data: Path) -> None:
    """Put zeros where an index that holds no vector yet has room for some.

    hnswlib writes that room as it lay in memory, which may be vectors that were forgotten or are somebody else's.
    """
    for header in data.glob("*/header.bin"):
        start = header.read_bytes()[: HEADER.size]
        if len(start) < HEADER.size or HEADER.unpack(start)[-1] > 0:
            continue
        for name in ("data_level0.bin", "length.bin"):
            room = header.with_name(name)
            if room.exists():
                with room.open("r+b") as opened:
                    opened.write(bytes(room.stat().st_size))


def _unusable(folder: Path, failed: ChromaFailed) -> OfficeHoursError:
    why = getattr(failed.__cause__, "strerror", None) or str(failed)
    return OfficeHoursError(
        f"The search index at {folder} cannot be used ({why}). Memory is searched without it, "
        "more slowly. Check the folder's rights and the room on the disk.",
        f"{folder}의 검색 색인을 쓸 수 없습니다 ({why}). 색인 없이 조금 더 느리게 찾습니다. "
        "폴더 권한과 디스크 공간을 확인해 주세요.",
    )
