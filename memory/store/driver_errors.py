"""The one place where a database driver's complaint becomes an error for a person."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import StoreBusy, StoreError, StoreFull, StoreUnreachable, StoreUnwritable

SQLITE_MAGIC = b"SQLite format 3\0"
"""How an SQLite file begins."""

NO_ROOM = 1 << 20
"""With fewer free bytes than this, a failed write is taken for a full disk."""


@contextmanager
def translated(path: Path | None) -> Generator[None]:
    """Let the block's driver and file errors leave as `StoreError`s; `path` is the SQLite file, if it is one."""
    try:
        yield
    except DBAPIError as error:
        raise store_error(error.orig or error, path) from error
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except PoolTimeout as error:
        raise busy() from error
    except OSError as error:
        if path is None:
            raise
        raise _file_error(error, path) from error


def store_error(error: BaseException, path: Path | None) -> StoreError:
    """Name what a driver's error means, for SQLite by its error code and for PostgreSQL by its SQLSTATE."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_error(error, path)
    return _postgres_error(error)


def _sqlite_error(error: sqlite3.Error, path: Path | None) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    match name.split("_")[1:2]:
        case ["BUSY" | "LOCKED"]:
            return busy()
        case ["FULL"]:
            return _full(path)
        case ["IOERR"] if _no_room(path):
            return _full(path)
        case ["READONLY" | "CANTOPEN" | "PERM" | "AUTH"]:
            return _unwritable(path)
        case ["IOERR"]:
            return StoreError(
                f"The disk failed under {path} ({name}). What was saved before is kept; check the disk and try again.",
                f"{path}을(를) 읽거나 쓰다가 디스크 오류가 났습니다({name}). 그 전에 저장한 것은 남아 있습니다."
                " 디스크를 확인하고 다시 해 주세요.",
            )
        case ["CORRUPT" | "NOTADB"]:
            return StoreError(
                f"{path} is damaged or no database of this program. Move it aside and bring back a backup:"
                " officehours db restore FILE.",
                f"{path} 파일이 손상되었거나 이 프로그램의 데이터베이스가 아닙니다. 다른 곳으로 옮겨 두고 백업을"
                " 되살려 주세요: officehours db restore 파일.",
            )
        case _:
            return _refused(error)


def _postgres_error(error: BaseException) -> StoreError:
    state: str = getattr(error, "sqlstate", None) or ""
    match state:
        case "40001" | "40P01" | "55P03" | "57014":
            return busy()
        case "53100" | "53200":
            return _full(None)
        case "25006" | "42501":
            return _unwritable(None)
        case _ if state.startswith(("08", "57P", "53", "28", "3D")) or (
            not state
            and (
                type(error).__name__ in {"OperationalError", "ConnectionTimeout"}
                or "connection option" in str(error)
            )
        ):
            return StoreUnreachable(
                f"The database server does not answer ({_first_line(error)}). Check that it runs and that"
                " OFFICEHOURS_DATABASE_URL is right; nothing that was saved is lost.",
                f"데이터베이스 서버가 응답하지 않습니다({_first_line(error)}). 서버가 켜져 있는지,"
                " OFFICEHOURS_DATABASE_URL이 맞는지 확인해 주세요. 저장한 것은 그대로 있습니다.",
            )
        case _:
            return _refused(error)


def _file_error(error: OSError, path: Path) -> StoreError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _full(path)
    return _unwritable(path)


def busy() -> StoreBusy:
    """Say that somebody else has been writing for too long."""
    return StoreBusy(
        "Another program has been using the store for too long. Close it, or wait a moment, and try again.",
        "다른 프로그램이 저장소를 너무 오래 쓰고 있습니다. 그 프로그램을 닫거나 잠시 뒤에 다시 해 주세요.",
    )


def _full(path: Path | None) -> StoreFull:
    where = f" ({path.parent})" if path else ""
    return StoreFull(
        f"There is no space left on the disk{where}. Nothing was half-written; make room and try again.",
        f"디스크에 남은 공간이 없습니다{where}. 반쯤 저장된 것은 없습니다. 공간을 비우고 다시 해 주세요.",
    )


def _unwritable(path: Path | None) -> StoreUnwritable:
    if path is None:
        return StoreUnwritable(
            "The database cannot be written with this account. Ask whoever runs the server for the right to write.",
            "이 계정으로는 데이터베이스에 쓸 수 없습니다. 서버 관리자에게 쓰기 권한을 요청해 주세요.",
        )
    return StoreUnwritable(
        f"{path} cannot be opened or written. Check the folder's rights, or choose another with OFFICEHOURS_HOME.",
        f"{path} 파일을 열거나 쓸 수 없습니다. 폴더 권한을 확인하거나 OFFICEHOURS_HOME으로 다른 폴더를 정해 주세요.",
    )


def _refused(error: BaseException) -> StoreError:
    return StoreError(
        f"The database refused: {_first_line(error)}. Nothing of this step was saved.",
        f"데이터베이스가 거부했습니다: {_first_line(error)}. 이 단계는 저장되지 않았습니다.",
    )


def _no_room(path: Path | None) -> bool:
    if path is None:
        return False
    try:
        return shutil.disk_usage(path.parent).free < NO_ROOM
    except OSError:
        return False


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
