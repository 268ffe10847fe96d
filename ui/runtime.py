"""Opening a student's memory for a command, and saying at the end what it had to say."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ..agent.runtime import Runtime, open_runtime
from ..agent.settings import Settings, load, local_time
from .terminal.say import prefs, say


@contextmanager
def open_for_command(
    student: str | None, *, create: bool = False, settings: Settings | None = None
) -> Generator[Runtime]:
    """Hold a student's memory open; remarks of the index and the embedder are said when it closes.

    Raises:
        NotFound: The student is not known, and `create` is false.
    """
    settings = settings or load()
    with open_runtime(settings, student, create=create) as runtime:
        prefs.known = settings.language or runtime.student.language
        try:
            yield runtime
        finally:
            show_warnings(runtime)


def show_warnings(runtime: Runtime) -> None:
    """Say each warning once."""
    while runtime.warnings:
        say(runtime.warnings.pop(0).say(prefs.language))


def day(runtime: Runtime, when: object) -> str:
    """Give the local day and time of something, short."""
    from datetime import datetime

    assert isinstance(when, datetime)
    return f"{local_time(when, runtime.zone):%Y-%m-%d %H:%M}"
