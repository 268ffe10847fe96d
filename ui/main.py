"""The edge of the program: where errors become sentences and exit codes, and output becomes safe to print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.exceptions import Abort, Exit, TyperException

from ..agent.settings import find_home
from ..memory.errors import ERROR_LOG, Interrupted, OfficeHoursError, ToolRetry
from ..memory.network import READ_BY_LIBRARIES
from ..memory.private import open_private
from ..memory.values import trimmed
from .terminal.say import localized, prefs, print_json, say
from .terminal.stdout import stdout

INTERRUPTED = Interrupted.exit_code
USAGE = 2
OF_CHAT = frozenset({"--student", "--persona", "--model", "--new", "--resume"})


def safe_streams() -> None:
    """Let no character stop the program: a terminal that cannot show one gets a replacement."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def tidy_environment() -> None:
    """Take what is no part of a value, such as the line end of a file from Windows, off what libraries read themselves."""
    for name in {"TZ", *READ_BY_LIBRARIES} & set(os.environ):
        if (value := trimmed(os.environ[name])) != os.environ[name]:
            os.environ[name] = value
            if name == "TZ" and hasattr(time, "tzset"):
                time.tzset()


def run(program: Callable[[], None]) -> int:
    """Run the program and give its exit code; whatever goes wrong is said in one place, here."""
    threading.excepthook = _said_of_thread
    try:
        program()
        stdout().flush()
    except Exit as ended:
        return ended.exit_code
    except OfficeHoursError as error:
        # What a model would be told to try again with, a person is told at the command line.
        code = USAGE if isinstance(error, ToolRetry) else error.exit_code
        return _fail(type(error).__name__, error.en, error.ko, code)
    except TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, Interrupted, Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout().fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a bug of ours: written down whole, said in a sentence
        return _fail("Bug", *_bug(error), 1)
    return 0


def error_document(kind: str, en: str, ko: str, exit_code: int) -> dict[str, Any]:
    """Give an error as the JSON document that stands on stdout in place of the answer."""
    document = {"error": {"kind": kind, "en": en, "ko": ko, "exit_code": exit_code}}
    return {"type": "error", **document} if prefs.form == "ndjson" else document


def _fail(kind: str, en: str, ko: str, exit_code: int) -> int:
    if prefs.form != "text":
        with contextlib.suppress(BrokenPipeError):
            print_json(error_document(kind, en, ko, exit_code))
    say(localized(en, ko))
    return exit_code


def _misused(error: TyperException) -> int:
    what = error.format_message()
    # A line that cannot be parsed was not read up to its --json.
    if prefs.form == "text" and "--json" in sys.argv:
        prefs.form = "json"
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "officehours"
    if command == "officehours" and getattr(error, "option_name", None) in OF_CHAT:
        command = (
            "officehours chat"  # which is what runs without a command, but has its options behind its name
        )
    return _fail(
        "UsageError",
        f"{what}\n{command} --help says what can be written here.",
        f"{_misuse_in_korean(error, what)}\n쓰는 법: {command} --help",
        error.exit_code,
    )


def _misuse_in_korean(error: TyperException, what: str) -> str:
    """Say what Typer says in English; what it has no words of ours for stands as it is."""
    quoted = re.findall(r"'([^']+)'", what)
    named = quoted[0] if quoted else ""
    match type(error).__name__:
        case "NoSuchOption":
            option, near = str(getattr(error, "option_name", "")), getattr(error, "possibilities", None)
            hint = f" 혹시 이것인가요? {', '.join(near)}" if near else ""
            return f"그런 옵션은 없습니다: {option}.{hint}"
        case "MissingParameter":
            return f"빠진 것이 있습니다: {named}"
        case "BadParameter":
            return f"{named}에 쓸 수 없는 값입니다."
        case "BadOptionUsage":
            return f"{named} 뒤에 값이 있어야 합니다."
        case "UsageError" if what.startswith("No such command"):
            return f"그런 명령은 없습니다: {named}." + (f" 혹시 {quoted[1]}인가요?" if quoted[1:] else "")
        case "UsageError" if "extra argument" in what:
            return f"더 쓴 것이 있습니다: {what.partition('(s) (')[2].rstrip(')')}. 띄어 쓴 글은 따옴표로 묶어 주세요."
        case _:
            return what


def _bug(error: Exception) -> tuple[str, str]:
    what = f"{type(error).__name__}: {error}"
    try:
        path = _write_down(error, find_home() / ERROR_LOG)
    except (OSError, OfficeHoursError):
        return (
            f"Something went wrong in the program ({what}). What was said before is stored.",
            f"프로그램 오류가 났습니다({what}). 그 전까지의 대화는 저장되어 있습니다.",
        )
    return (
        f"Something went wrong in the program ({what}). What was said before is stored. The details are in {path}",
        f"프로그램 오류가 났습니다({what}). 그 전까지의 대화는 저장되어 있습니다. 자세한 기록: {path}",
    )


def _said_of_thread(failed: threading.ExceptHookArgs) -> None:
    """Say what a thread died of, as of the program itself."""
    if isinstance(failed.exc_value, Exception):
        say(localized(*_bug(failed.exc_value)))


def _write_down(error: Exception, path: Path) -> Path:
    import traceback
    from datetime import UTC, datetime

    with open_private(path, "a") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {' '.join(sys.argv[1:2])}\n")
        file.writelines(traceback.format_exception(error))
        file.write("\n")
    return path
