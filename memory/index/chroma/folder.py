"""Chroma in this process, over a folder that exactly one process opens at a time.

The holder has an operating-system lock on a file beside the folder; a crash frees it. Whoever does not hold it
searches exactly (two writers lose vectors even with a lock around each call, and readers see half an index).

Whether a folder can be trusted is decided before it is opened, because Chroma returns wrong results from some
damaged files without a word and crashes the process on others: a manifest, written when the folder is closed,
says what the files were. Without one (the last holder was killed) another process tries the folder first.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from ...embedding.base import WarningSink
from ...errors import OfficeHoursError
from ...store.driver_errors import SQLITE_MAGIC
from .base import PATIENCE, Chroma, ChromaFailed
from .client import most_touched, open_client

State = Literal["sound", "empty", "gone", "damaged", "slow", "unsure"]
"""`gone`: there was an index and it is not there any more. `slow`: building it anew is quicker than going on trying it.
`unsure`: it could not be tried; leave it alone."""

PROBE_SECONDS = 120
"""About 50 ms a collection: what a thousand students have takes so long, and is rebuilt in about twice the time."""
THROW_SECONDS = 2
WANTED_SECONDS = 10
"""An older wish is of a process that is no more."""

SQLITE = "chroma.sqlite3"
HEADER = struct.Struct("<iQQQ")
"""How hnswlib's header begins: version, an offset, room for how many vectors, how many there are."""

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ChromaFolder(Chroma):
    """The index in a folder of the home, held while it is used and for a minute after.

    Args:
        folder: Holds the lock, the manifest and Chroma's own folder; made if it is not there.
        say: Told when an index was lost or damaged, and when the folder cannot be written.
        idle_seconds: How long after its last use the folder is let go.
    """

    def __init__(self, folder: Path, warn: WarningSink | None = None, *, idle_seconds: float = 60.0) -> None:
        from filelock import FileLock

        super().__init__(warn)
        self.idle_seconds = idle_seconds
        self.retry_seconds = 1.0
        self.folder = folder
        self._data = folder / "chroma"
        self._manifest = folder / "manifest.json"
        self._made = folder / "made"
        self._unswept = folder / "unswept"
        self._wanted_by_others = folder / "wanted"
        # Taken and freed by different threads; not one lock for all objects of this process.
        self._lock = FileLock(folder / "lock", thread_local=False)
        self._identity: tuple[int, int] | None = None
        self._touched: set[str] = set()
        self._said_unusable = False

    def open_now(self, *, patience: float = 0.0) -> bool:
        """Open in this thread; a holder with nothing to do is asked to let go, and has `deadline` seconds for it."""
        if super().open_now() or not patience:
            return self.is_open
        try:
            self._wanted_by_others.touch()
        except OSError:
            return False  # opening has said so already
        try:
            return super().open_now(patience=patience)
        finally:
            self._wanted_by_others.unlink(missing_ok=True)

    def make_room(self, name: str, *, patience: float = PATIENCE) -> None:
        if not self._mutex.acquire(timeout=patience):
            raise ChromaFailed("busy")
        try:
            if self._client is None or name in self._touched:
                return
            if len(self._touched) >= most_touched():
                self._open_anew()
            self._touched.add(name)
        finally:
            self._mutex.release()

    def will_erase(self) -> None:
        self._unswept.touch()

    def throw_away(self) -> bool:
        from filelock import Timeout

        with self._mutex:
            self._let_go(clean=False)
            try:
                self._lock.acquire(timeout=THROW_SECONDS)
            except (Timeout, OSError):
                return False
            try:
                shutil.rmtree(self._data, ignore_errors=True)
                self._manifest.unlink(missing_ok=True)
                self._made.unlink(missing_ok=True)  # it is not lost: nobody need be told
            finally:
                self._lock.release()
        return not self._data.exists()

    def _open(self) -> Any | None:
        from filelock import Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            return None
        except OSError as error:
            self._cannot_use(error)
            return None
        client = None
        try:
            client = self._open_held()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  a panic in Chroma's Rust code is no Exception
            self._cannot_use(error)
        finally:
            if client is None:
                self._lock.release()
        return client

    def _open_held(self) -> Any | None:
        state = inspect(self._data, self._manifest)
        if state == "empty" and self._made.exists():
            state = "gone"
        self.suspect = state == "sound" and not self._manifest.exists()
        if state == "unsure":
            return None
        self._begin(state)
        try:
            client = open_client(self._data)
        except (OSError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a panic in Chroma's Rust code is no Exception
            # All files may have their sizes, and not the bytes that were in them. Where another process can open them,
            # it is this one that cannot, for want of files it may open, say.
            if probe(self._data) != "damaged":
                raise
            self._begin("damaged")
            client = open_client(self._data)
        self._identity = _identity(self._data / SQLITE)
        self._touched.clear()
        self._made.touch()
        return client

    def _open_anew(self) -> None:
        """Let go of what is in memory, but not of the folder."""
        self._touched.clear()
        client, self._client = self._client, None
        try:
            client.close()
            del client
            gc.collect()  # as in `_release`
            self._client = open_client(self._data)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self._not_before = time.monotonic() + self.retry_seconds
            self._cannot_use(error)
            raise ChromaFailed(str(error)) from error
        finally:
            if self._client is None:
                self._lock.release()
        self.generation += 1

    def _begin(self, state: State) -> None:
        """Make the folder ready to be opened, without what is of no use, and say what was lost."""
        if state in {"gone", "damaged", "slow"}:
            self.warning(_lost(state))
        if state != "sound":
            shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(exist_ok=True)
        # While the folder is open there is no manifest: a crash is known by that.
        self._manifest.unlink(missing_ok=True)

    def _release(self, client: Any, *, clean: bool) -> None:
        try:
            client.close()
            del client
            gc.collect()  # the last file handles go with Chroma's own objects, which refer to each other
            if sweep(self._data, erased=self._unswept.exists()):
                self._unswept.unlink(missing_ok=True)
            if clean and self._identity == _identity(self._data / SQLITE):
                write_manifest(self._data, self._manifest)
        finally:
            self._lock.release()

    def _still_there(self) -> bool:
        if self._identity == _identity(self._data / SQLITE):
            return True
        # Deleted while it was open: writes would go into files that nobody can see any more.
        self._fall(FileNotFoundError(str(self._data)))
        self._not_before = 0.0
        return False

    def _is_wanted(self) -> bool:
        try:
            asked = self._wanted_by_others.stat().st_mtime
        except OSError:
            return False
        return self.is_open and time.time() - asked < WANTED_SECONDS

    def _fell(self, error: BaseException) -> None:
        """Nothing to say yet: the next opening looks at the folder and says what it finds."""

    def _cannot_use(self, error: BaseException) -> None:
        if not self._said_unusable:
            self._said_unusable = True
            self.warning(_unusable(self.folder, error))


def inspect(data: Path, manifest: Path) -> State:
    """Say whether Chroma's folder can be opened and trusted; cheap where the last holder closed it."""
    sqlite = data / SQLITE
    if not sqlite.exists():
        return "empty"
    if not _is_whole_sqlite(sqlite):
        return "damaged"
    if manifest.exists():
        return "sound" if _read_manifest(manifest) == _sizes(data) else "damaged"
    return probe(data)


def probe(data: Path) -> State:
    """Let another process open the folder, ask every collection and write to it: a crash there harms nobody."""
    # -P: where the student stands must not come before the libraries on the path.
    command = [sys.executable, "-P", "-m", "officehours.memory.index.chroma.probe", str(data)]
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "slow"
    except OSError:
        return "unsure"
    match done.returncode:
        case 0:
            return "sound"
        case 3:  # no room or no right to write: not the folder's fault
            return "unsure"
        case _:
            return "damaged"


def sweep(data: Path, *, erased: bool = False) -> bool:
    """Remove what Chroma (seen in 1.5.9) leaves behind, and tell whether that could be done.

    Of deleted collections that is their vectors' folders, and their rows in the free pages of its database. Of new ones
    it is whatever stood in the process's memory where their vectors are to come, such as vectors of somebody else.
    Only when nobody has the folder open.
    """
    try:
        with closing(sqlite3.connect(data / SQLITE, isolation_level=None)) as connection:
            used = {str(name) for (name,) in connection.execute("SELECT id FROM segments")}
            left = [
                folder
                for folder in data.iterdir()
                if _UUID.fullmatch(folder.name) and folder.name not in used
            ]
            if left or erased:
                connection.execute("VACUUM")
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        for header in data.glob("*/header.bin"):
            _clear_if_empty(header)
    except sqlite3.Error:
        return False  # damaged, or built otherwise by another version: then nothing is known to be left over
    return True


def _clear_if_empty(header: Path) -> None:
    """Put zeros where an index that holds no vector yet has room for some; it was written as it lay in memory."""
    start = header.read_bytes()[: HEADER.size]
    if len(start) < HEADER.size or HEADER.unpack(start)[-1] > 0:
        return
    for name in ("data_level0.bin", "length.bin"):
        room = header.with_name(name)
        if room.exists():
            with room.open("r+b") as opened:
                opened.write(bytes(room.stat().st_size))


def write_manifest(data: Path, manifest: Path) -> None:
    """Write down the sizes of all files, all at once or not at all."""
    draft = manifest.with_suffix(".new")
    draft.write_text(json.dumps(_sizes(data), indent=0), encoding="utf-8")
    draft.replace(manifest)


def _read_manifest(manifest: Path) -> dict[str, int] | None:
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _sizes(data: Path) -> dict[str, int]:
    files = (Path(where) / name for where, _, names in os.walk(data) for name in names)
    return {file.relative_to(data).as_posix(): file.stat().st_size for file in files}


def _is_whole_sqlite(file: Path) -> bool:
    """Compare the number of pages in SQLite's header with the file's length."""
    with file.open("rb") as opened:
        start = opened.read(100)
    if len(start) < 100 or not start.startswith(SQLITE_MAGIC):
        return False
    page: int = struct.unpack(">H", start[16:18])[0]
    pages: int = struct.unpack(">I", start[28:32])[0]
    return file.stat().st_size >= pages * (65_536 if page == 1 else page)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lost(state: State) -> OfficeHoursError:
    match state:
        case "gone":
            what = ("was missing", "없어져서")
        case "slow":
            what = ("was left by a crash and is too large to be tried", "갑자기 끝난 뒤 살펴보기에 너무 커서")
        case _:
            what = ("was damaged", "손상되어서")
    return OfficeHoursError(
        f"The search index {what[0]}; it is being rebuilt from the database. Nothing is lost.",
        f"검색 색인이 {what[1]} 데이터베이스에서 다시 만들고 있습니다. 잃어버린 것은 없습니다.",
    )


def _unusable(folder: Path, error: BaseException) -> OfficeHoursError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return OfficeHoursError(
        f"The search index at {folder} cannot be used ({why}). Memory is searched without it, "
        "more slowly. Check the folder's rights and the room on the disk.",
        f"{folder}의 검색 색인을 쓸 수 없습니다 ({why}). 색인 없이 조금 더 느리게 찾습니다. "
        "폴더 권한과 디스크 공간을 확인해 주세요.",
    )
