"""Whoever sits at this terminal: their language, and the form in which they asked for the output."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Literal

from ...agent import settings
from ...memory.error_log import as_told
from ...memory.errors import OfficeHoursError, UsageError
from ...memory.text import clean, redact
from .columns import cells, screen, wrapped
from .door import as_json, draw, put
from .stdout import stdout

Form = Literal["text", "json", "ndjson"]


@dataclass(slots=True)
class OutputPrefs:
    """Whoever reads what the program prints; there is one to a process.

    Attributes:
        form: Text for a person, or JSON for a program.
        known: Their language once it is known; until then it is the settings', else the terminal's.
    """

    form: Form = "text"
    known: str | None = None

    @property
    def language(self) -> str:
        """The language to speak in, "ko" or "en"."""
        if self.known is None:
            self.known = _language()
        return self.known


prefs = OutputPrefs()


def tell(error: Exception) -> int:
    """Say in a sentence what went wrong, whatever it was, and give its exit code."""
    told = as_told(error, home())
    say(told.say(prefs.language))
    return told.exit_code


def warn(en: str, ko: str) -> None:
    """Say something to the person, on stderr: stdout carries the answer only."""
    say(localized(en, ko))


def localized(en: str, ko: str) -> str:
    """Choose the text in the person's language."""
    return ko if prefs.language == "ko" else en


def many(count: int, noun: str) -> str:
    """Count something in English: "1 message", "2 messages"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def say(text: str, *, dim: bool = False) -> None:
    """Print a text on stderr; what is too long for the terminal is broken between words, not within them."""
    width = screen(sys.stderr)
    for line in clean(redact(text)).split("\n"):
        fits = width is None or cells(line) <= width
        for piece in [line] if fits else wrapped(line, len(line) - len(line.lstrip()), sys.stderr):
            draw(sys.stderr, f"\x1b[2m{piece}\x1b[22m\n" if dim and piece else f"{piece}\n")


def echo(text: str = "") -> None:
    """Print a text on stdout."""
    put(stdout(), f"{text}\n")


def print_json(value: Any, indent: int | None = None) -> None:
    """Print one JSON document on stdout, on a line of its own unless `indent` is given.

    Where stdout is not Unicode, letters are written as JSON escapes: none is lost.
    """
    ascii_only = not (stdout().encoding or "utf-8").lower().startswith("utf")
    put(stdout(), f"{as_json(value, indent, ascii_only=ascii_only)}\n")


def home() -> Path:
    """Where state lives, or would where its name is no place."""
    try:
        return settings.find_home()
    except OfficeHoursError:
        return Path(gettempdir())


def _language() -> str:
    try:
        return settings.load().language or settings.system_language()
    except OfficeHoursError:  # the configuration itself may be what is wrong; its language may still be read
        with suppress(OfficeHoursError):
            return _written_language(settings.find_home() / "config.toml") or settings.system_language()
        return settings.system_language()


def _written_language(config: Path) -> str | None:
    try:
        found = re.search(rb'^language\s*=\s*["\'](ko|en)["\']', config.read_bytes(), re.MULTILINE)
    except OSError:
        return None
    return found[1].decode() if found else None


def make_sure(question: str, *, yes: bool) -> None:
    """Ask before something is deleted for good.

    Raises:
        UsageError: The person does not say yes, or there is no terminal to ask at.
    """
    if not yes and not confirmed(question):
        raise UsageError(
            "Nothing was deleted. Say --yes to delete without being asked.",
            "지우지 않았습니다. 묻지 않고 지우려면 --yes를 붙여 주세요.",
        )


YES = frozenset({"y", "yes", "네", "예", "응"})


def confirmed(question: str) -> bool:
    """Ask for a yes at the terminal; without a terminal the answer is no."""
    if not sys.stdin.isatty():
        return False
    put(sys.stderr, question)
    return sys.stdin.readline().strip().lower() in YES
