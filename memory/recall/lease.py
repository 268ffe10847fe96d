"""Who may run a turn of a session: a lease in the session's row, kept alive by a heartbeat.

No transaction is held while a turn runs. A holder that dies is noticed at once on its own machine (its process is
gone) and after the lease has run out anywhere else. Leases follow real time, never an injected clock, and the
database's own time where several machines share one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Interval, Select, Update, and_, bindparam, func, or_, select, update

from ..errors import NotFound, StoreBusy, StoreError
from ..store import Database, is_dead
from ..store.schema import UtcDateTime, sessions

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
"""Seconds between two looks at a lease that somebody else holds."""


@dataclass(frozen=True, slots=True)
class _Statements:
    """What is said to the database, built once for each way of telling the time."""

    look: Select[Any]
    take: Update
    take_from: Update
    extend: Update
    release: Update


def _statements(now: Any, until: Any) -> _Statements:
    row = and_(sessions.c.student_id == bindparam("student"), sessions.c.id == bindparam("session"))
    mine = sessions.c.lease_owner == bindparam("me")
    free = or_(sessions.c.lease_owner.is_(None), sessions.c.lease_until < now, mine)
    taken: dict[str, Any] = {"lease_owner": bindparam("me"), "lease_until": until}
    return _Statements(
        look=select(sessions.c.lease_owner).where(row),
        take=update(sessions).where(row, free).values(taken),
        # Compare and set: of all who saw the same dead holder, one gets it.
        take_from=update(sessions).where(row, sessions.c.lease_owner == bindparam("dead")).values(taken),
        extend=update(sessions).where(row, mine).values(lease_until=until),
        release=update(sessions).where(row, mine).values(lease_owner=None, lease_until=None),
    )


_NOW = func.clock_timestamp(type_=DateTime(timezone=True))
_SAY = {
    "sqlite": _statements(bindparam("now", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime())),
    "postgresql": _statements(_NOW, _NOW + bindparam("for", type_=Interval())),
}


class Lease:
    """A lease that is held; `check` tells whether it still is."""

    def __init__(self, db: Database, student_id: int, session_id: int, owner: str, seconds: float) -> None:
        self.owner = owner
        self._db = db
        self._sql = _SAY[db.dialect]
        self._at = {"student": student_id, "session": session_id, "me": owner}
        self._seconds = seconds
        self._over = threading.Event()
        self._lost = threading.Event()

    def check(self) -> None:
        """Make sure that the session is still ours, and stays so for as long as a lease lasts.

        Raises:
            StoreBusy: Another program has taken it over (this one slept too long).
            NotFound: The session is gone.
        """
        if not self._lost.is_set() and self._do(self._sql.extend):
            return
        self._lost.set()
        self._holder()
        raise StoreBusy(
            "Another program has taken this conversation over meanwhile. Go on there, or resume it here.",
            "그사이 다른 프로그램이 이 대화를 이어받았습니다. 그쪽에서 계속하거나 여기서 다시 열어 주세요.",
        )

    def try_to_take(self) -> str | None:
        """Take the lease if it is free and give None, else give who holds it."""
        if self._do(self._sql.take):
            return None
        holder = self._holder()
        if is_dead(holder) and self._do(self._sql.take_from, dead=holder):
            return None
        return holder

    def _holder(self) -> str:
        with self._db.read() as connection:
            row = connection.execute(self._sql.look, self._at).first()
        if row is None:
            raise NotFound("This conversation was deleted.", "이 대화는 삭제되었습니다.")
        return row.lease_owner or "?"

    @contextmanager
    def kept(self) -> Generator[Lease]:
        """Extend the lease every third of its time until the block ends, then release it."""
        beat = threading.Thread(target=self._beat, name="lease", daemon=True)
        beat.start()
        try:
            yield self
        finally:
            self._over.set()
            beat.join()
            self._do(self._sql.release)

    def _beat(self) -> None:
        expires = time.monotonic() + self._seconds
        while not self._over.wait(self._seconds / 3):
            try:
                held = self._do(self._sql.extend)
            except StoreError:
                held = time.monotonic() < expires  # an outage: the next beat may get through
            else:
                expires = time.monotonic() + self._seconds
            if not held:
                self._lost.set()
                return

    def _do(self, statement: Update, **more: str) -> bool:
        values: dict[str, Any] = self._at | more
        length = timedelta(seconds=self._seconds)
        if self._db.dialect == "sqlite":
            now = datetime.now(UTC)
            values |= {"now": now, "until": now + length}
        else:
            values |= {"for": length}
        with self._db.begin(durable=False) as connection:
            return connection.execute(statement, values).rowcount == 1


@contextmanager
def lease(
    db: Database,
    student_id: int,
    session_id: int,
    owner: str,
    *,
    seconds: float = 30,
    patience: float = 120,
    on_wait: Callable[[], None] | None = None,
) -> Generator[Lease]:
    """Hold a session's lease for the length of a block, waiting politely for another holder.

    Args:
        seconds: How long a lease outlives its holder's last heartbeat.
        patience: Seconds to wait for another holder.
        on_wait: Called once, when it turns out that waiting is needed.

    Raises:
        StoreBusy: Another program still holds the session after `deadline`.
        NotFound: The session is gone.
    """
    held = Lease(db, student_id, session_id, owner, seconds)
    _wait_for(held, patience, on_wait)
    with held.kept():
        yield held


def _wait_for(held: Lease, patience: float, on_wait: Callable[[], None] | None) -> None:
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    waiting = threading.Event()  # never set: waits that a signal can interrupt
    told = False
    while held.try_to_take() is not None:
        if not told and on_wait is not None:
            on_wait()
        told = True
        if time.monotonic() >= deadline:
            raise StoreBusy(
                "Another program is in the middle of a turn of this conversation. Let it finish, or start another"
                " conversation: officehours chat --new",
                "다른 프로그램에서 이 대화가 진행되고 있습니다. 끝나기를 기다리거나 새 대화를 시작해 주세요:"
                " officehours chat --new",
            )
        waiting.wait(pause * random.uniform(0.5, 1))
        pause = min(pause * 1.6, LONGEST_PAUSE)
