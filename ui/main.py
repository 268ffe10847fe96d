"""The edge of the program: where errors become sentences and exit codes, and output becomes safe to print."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from typer.exceptions import Abort, Exit, TyperException

from ..memory.error_log import ErrorLog, as_told
from ..memory.errors import Interrupted, ToolRetry
from ..memory.network import READ_BY_LIBRARIES
from ..memory.values import trimmed
from .terminal.door import Door
from .terminal.say import home, localized, prefs, print_json, say
from .terminal.stdout import stdout

INTERRUPTED = Interrupted.exit_code
USAGE = 2
OF_CHAT = frozenset({"--student", "--persona", "--model", "--mode", "--new", "--resume"})


def safe_streams() -> None:
    """Put the door before both streams: nothing that anybody prints stops the program or steers the terminal.

    What libraries and tools log goes into the error log: a traceback is nothing for a screen.
    """
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, Door):
            setattr(sys, name, Door.before(stream))
    logging.getLogger().addHandler(ErrorLog(home()))


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
    except TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, Interrupted, Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout().fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - of our own, or a bug: written down whole, said in a sentence
        told = as_told(error, home())
        # What a model would be told to try again with, a person is told at the command line.
        code = USAGE if isinstance(told, ToolRetry) else told.exit_code
        return _fail(type(told).__name__, told.en, told.ko, code)
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


def _said_of_thread(failed: threading.ExceptHookArgs) -> None:
    """Say what a thread died of, as of the program itself."""
    if isinstance(failed.exc_value, Exception):
        told = as_told(failed.exc_value, home())
        say(localized(told.en, told.ko))
