"""The edge of the program: where errors become sentences and exit codes, and output becomes safe to print."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..memory.errors import Interrupted, OfficeHoursError


def safe_streams() -> None:
    """Let no character stop the program: a terminal that cannot show one gets a replacement."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def run(program: Callable[[], None], language: Callable[[], str], log_folder: Callable[[], Path]) -> int:
    """Run the program and give its exit code; whatever goes wrong is said in one place, here.

    Args:
        language: Gives the person's language, asked for only when there is something to say.
        log_folder: Where the traceback of a bug is written.
    """
    try:
        program()
    except OfficeHoursError as error:
        say(error.say(language()))
        return error.exit_code
    except (KeyboardInterrupt, Interrupted):
        return 130
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a bug of ours: written down whole, said in a sentence
        say(_bug(error, log_folder(), language()))
        return 1
    return 0


def say(text: str) -> None:
    """Print a sentence for the person on stderr."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print one JSON document on a line of stdout."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _bug(error: Exception, folder: Path, language: str) -> str:
    path = folder / "error.log"
    what = f"{type(error).__name__}: {error}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
        record = logging.LogRecord("officehours", logging.ERROR, "", 0, what, None, sys.exc_info())
        handler.emit(record)
        handler.close()
    except OSError:
        return f"{what}\n(이 오류는 프로그램의 잘못입니다.)" if language == "ko" else f"{what}\n(This is a bug.)"
    if language == "ko":
        return f"프로그램 오류가 났습니다({what}). 대화는 저장되어 있습니다. 자세한 기록: {path}"
    return f"Something went wrong in the program ({what}). Your conversation is stored. The details are in {path}"
