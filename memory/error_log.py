"""What nobody foresaw: written down whole, without its secrets, and told in a sentence that says where."""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from .errors import ERROR_LOG, Bug, OfficeHoursError
from .private import open_private
from .text import redact


def as_told(error: Exception, home: Path) -> OfficeHoursError:
    """Give an error as a person is told of it: its secrets masked; one that nobody foresaw as a reference to the log."""
    if not isinstance(error, OfficeHoursError):
        return _bug(error, home)
    error.en, error.ko = redact(error.en), redact(error.ko)
    return error


def _bug(error: Exception, home: Path) -> Bug:
    what, reference, path = type(error).__name__, secrets.token_hex(3), home / ERROR_LOG
    try:
        _write(path, reference, "".join(traceback.format_exception(error)))
    except OSError:
        en, ko = "", ""
    else:
        en, ko = f" The details are in {path} under {reference}.", f" 자세한 기록: {path} ({reference})"
    return Bug(
        f"Something went wrong in the program ({what}). What was said before is stored.{en}",
        f"프로그램 오류가 났습니다({what}). 그 전까지의 대화는 저장되어 있습니다.{ko}",
    )


class ErrorLog(logging.Handler):
    """Writes what is logged into the error log of a home; a screen is no place for it."""

    def __init__(self, home: Path) -> None:
        super().__init__(logging.WARNING)
        self._path = home / ERROR_LOG

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            _write(self._path, record.name, self.format(record))


def _write(path: Path, name: str, text: str) -> None:
    head = f"{datetime.now(UTC).isoformat(timespec='seconds')} {name} {' '.join(sys.argv[1:2])}".rstrip()
    with open_private(path, "a") as file:
        file.write(f"{redact(head)}\n{redact(text).rstrip()}\n\n")
