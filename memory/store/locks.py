"""Work that one process at a time should do for all, such as embedding what waits: whoever holds its lock does it.

Two that do it at once do no harm where such a lock is used, only twice the work; so it is acquired in good faith,
lasts a while in case its holder dies (on the same machine a dead one is seen at once), and is never waited for inside
a transaction.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from .database import Database, insert_ignoring
from .owner import is_dead, new_owner
from .schema import settings


class WorkLock:
    """What a process holds while it does the work."""

    def __init__(self, database: Database, key: str, seconds: float) -> None:
        self._database = database
        self._key = key
        self._seconds = seconds
        self._owner = new_owner()

    def acquire(self) -> bool:
        """Take it, or keep it for longer; False where another has it."""
        now = datetime.now(UTC)
        value = {"owner": self._owner, "until": (now + timedelta(seconds=self._seconds)).isoformat()}
        with self._database.begin(durable=False) as connection:
            new = {"key": self._key, "value": value}
            if connection.execute(insert_ignoring(connection, settings), new).rowcount == 1:
                return True
            held = connection.execute(
                select(settings.c.value).where(settings.c.key == self._key).with_for_update()
            ).scalar_one_or_none()
            if held is None:
                return False  # it was put down this very moment: next time
            if self._holds(held, now):
                return False
            connection.execute(update(settings).where(settings.c.key == self._key).values(value=value))
            return True

    def _holds(self, held: Mapping[str, str], now: datetime) -> bool:
        """Tell whether somebody else has it."""
        owner = held["owner"]
        return owner != self._owner and datetime.fromisoformat(held["until"]) > now and not is_dead(owner)

    def release(self) -> None:
        """Let another have it."""
        mine = select(settings.c.value).where(settings.c.key == self._key).with_for_update()
        with self._database.begin(durable=False) as connection:
            held = connection.execute(mine).scalar_one_or_none()
            if held is not None and held["owner"] == self._owner:
                connection.execute(delete(settings).where(settings.c.key == self._key))


@contextmanager
def work_lock(database: Database, key: str, seconds: float) -> Generator[WorkLock | None]:
    """Hold the lock `key` for the length of a block; None where another process has it.

    Args:
        database: Whose processes take turns.
        key: What the work is.
        seconds: How long it lasts unless it is taken again.
    """
    mine = WorkLock(database, key, seconds)
    if not mine.acquire():
        yield None
        return
    try:
        yield mine
    finally:
        mine.release()
