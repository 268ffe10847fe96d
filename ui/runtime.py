"""Opening a student's memory for a command, and saying at the end what it had to say."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ..agent.runtime import House, open_house
from ..agent.settings import Settings, load, local_time
from .terminal.say import person, say


@contextmanager
def house_of(
    student: str | None, *, create: bool = False, settings: Settings | None = None
) -> Generator[House]:
    """Hold a student's memory open; remarks of the index and the embedder are said when it closes.

    Raises:
        NotFound: The student is not known, and `create` is false.
    """
    settings = settings or load()
    with open_house(settings, student, create=create) as house:
        person.known = settings.language or house.student.language
        try:
            yield house
        finally:
            say_remarks(house)


def say_remarks(house: House) -> None:
    """Say once what the house has to say."""
    while house.remarks:
        say(house.remarks.pop(0).say(person.language))


def day(house: House, when: object) -> str:
    """Give the local day and time of something, short."""
    from datetime import datetime

    assert isinstance(when, datetime)
    return f"{local_time(when, house.zone):%Y-%m-%d %H:%M}"
