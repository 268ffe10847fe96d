"""One open Chroma, embedded or on a server: who may use it, when it opens, what happens when it fails.

Chroma is only an index of what the database holds, so every failure has the same answer: let go, search exactly
meanwhile, open again later and catch up. Ids and vectors go in, never text; Chroma's own embedding function, which
downloads a model, is never used.

Chroma's bindings hold Python's interpreter lock while they work: 1 s for a batch of 2,000, 25 ms for one of 24.
So what is done while somebody types goes in small batches with pauses (docs/adr/0011).
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

from ...background import BackgroundThread
from ...embedding import WarningSink
from ...errors import OfficeHoursError

T = TypeVar("T")

SEARCH_WAIT = 0.1
"""Seconds a search waits for another thread that is using Chroma; then it searches exactly."""

UPKEEP_WAIT = 60.0
"""Seconds that catching up and verifying wait for a search to be done with Chroma."""

POLL_SECONDS = 0.5
"""How often an idle holder looks whether another process asks for the folder."""

BACK_OFF_SECONDS = 0.5
"""How long a holder that has let go leaves the folder to others, who ask every 0.05 s."""

CLOSE_SECONDS = 5
"""How long closing waits for the background thread, which may itself be waiting for a locked database."""


class ChromaFailed(Exception):
    """Chroma cannot be used now; search exactly."""


class ChromaReopened(ChromaFailed):
    """It was closed and opened again since a collection was got from it; get the collection again."""


IDLE_ROOM = 100_000
"""Vectors that all who searched in it may together keep in memory after it was let go: 154 MB at 384."""


class IdleListener(Protocol):
    """What wants to know that Chroma was let go because nobody used it.

    Attributes:
        used_at: When it was last searched in, by the monotonic clock.
    """

    used_at: float

    def on_idle(self, room: int) -> int:
        """Get ready to search without it, with at most `room` vectors in memory, and give how many they are."""
        ...


class Chroma(ABC):
    """A Chroma that several students of this process share.

    All use goes through `ask`, one caller at a time. Opening, closing and catching up happen in a thread of its
    own, which begins with the first `request`.

    Attributes:
        epoch: Grows with every opening: a collection that was got in an older one is void.
        shared: Other processes write to it too, so writers take turns and the watermark may move by itself.
        batch: Vectors to put in at once when somebody waits for it.
        idle_seconds: How long after its last use it is let go; None for never.
        retry_seconds: How long after an opening that did not succeed the next is tried in the background.
        recover_seconds: The same after work that failed.
    """

    shared = False
    batch = 2_000
    idle_seconds: float | None = None
    retry_seconds = 5.0
    recover_seconds = 5.0

    def __init__(self, warn: WarningSink | None = None) -> None:
        self.epoch = 0
        self._warn = warn
        self._warned: set[tuple[int, str]] = set()
        self._mutex = threading.RLock()
        self._client: Any = None
        self._wake = threading.Condition()
        self._jobs: dict[object, Callable[[], None]] = {}
        self._closing = False
        self._thread = BackgroundThread(self._run, "chroma")
        self._used_at = time.monotonic()
        self._not_before = 0.0
        self._idle_listeners: weakref.WeakSet[IdleListener] = weakref.WeakSet()

    @abstractmethod
    def _open(self, wait: float) -> Any | None:
        """Give a client, or None if it cannot be had within `wait` seconds; the implementation warns of failures."""

    @abstractmethod
    def _release(self, client: Any, failed: ChromaFailed | None) -> None:
        """Let go of a client, because it `failed` or because it is not needed now."""

    @abstractmethod
    def discard(self, names: Sequence[str]) -> None:
        """Delete collections with every byte, whether it is open or not; it may be closed afterwards.

        More than these may go: whatever is missing is built again from the database.

        Raises:
            ChromaFailed: That cannot be done now.
        """

    @abstractmethod
    def reserve(self, name: str, *, wait: float = SEARCH_WAIT) -> None:
        """Announce that a collection is about to be opened, which may make every other one void.

        Raises:
            ChromaFailed: It cannot be opened now.
        """

    def has_room(self, name: str) -> bool:  # noqa: ARG002  a server's memory is its own
        """Tell whether a collection may be opened however little it holds."""
        return True

    @property
    def is_open(self) -> bool:
        """Whether `ask` would find a client."""
        return self._client is not None

    def request(self, key: object, job: Callable[[], None]) -> None:
        """Open in the background and do a job there; of several with the same key only the last is done."""
        with self._wake:
            if self._closing:
                return
            self._jobs[key] = job
            if self._thread.start():
                atexit.register(self.close)
            self._wake.notify_all()

    def add_idle_listener(self, listener: IdleListener) -> None:
        """Call its `on_idle` in the background whenever Chroma was let go because nobody used it, the last user first."""
        self._idle_listeners.add(listener)

    def ask(self, work: Callable[[Any], T], *, wait: float = SEARCH_WAIT, epoch: int | None = None) -> T:
        """Let `work` use the client; it must not touch the database, whose failures are not Chroma's.

        Args:
            work: What is to be done.
            wait: Seconds to wait for others who use it.
            epoch: When the collection that `work` uses was got.

        Raises:
            ChromaReopened: It is another epoch now.
            ChromaFailed: It is not open, is busy for longer than `wait` seconds, or failed at the work.
        """
        with self._exclusive(wait):
            if self._closing or self._client is None:
                raise ChromaFailed("closed")
            if epoch not in {None, self.epoch}:
                raise ChromaReopened
            self._used_at = time.monotonic()
            try:
                with chroma_errors():
                    return work(self._client)
            except ChromaFailed as failed:
                self._not_before = time.monotonic() + self.recover_seconds
                self._let_go(failed)
                raise

    def open_now(self, *, wait: float = 0.0) -> bool:
        """Open in this thread, waiting `wait` seconds for another process; tell whether it is open."""
        self._not_before = 0.0
        self._try_to_open(wait)
        return self.is_open

    def close(self) -> None:
        """Let go for good; again does nothing."""
        with self._wake:
            self._closing = True
            self._jobs.clear()
            self._wake.notify_all()
        self._thread.end(timeout=CLOSE_SECONDS)
        self._let_go()
        atexit.unregister(self.close)

    def warn(self, warning: OfficeHoursError) -> None:
        """Tell the person something that is no failure of what they asked for, once in each epoch."""
        known = (self.epoch, warning.en)
        if self._warn is not None and known not in self._warned:
            self._warned.add(known)
            self._warn(warning)

    def _is_wanted(self) -> bool:
        """Tell whether another process asks for it."""
        return False

    @contextlib.contextmanager
    def _exclusive(self, wait: float) -> Generator[None]:
        if not self._mutex.acquire(timeout=wait):
            raise ChromaFailed("busy")
        try:
            yield
        finally:
            self._mutex.release()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closing or self._jobs, timeout=self._until_idle())
                if self._closing:
                    return
                key = next(iter(self._jobs), None)
                job = self._jobs.pop(key, None)
            if job is not None:
                self._try_to_open()
                self._do(job)
            elif self._until_idle() == 0 or self._is_wanted():
                self._let_go()
                self._not_before = time.monotonic() + BACK_OFF_SECONDS
                self._do(self._tell_idle)

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except ChromaFailed:
            return  # it has let go already; the next request opens it again
        except OfficeHoursError as error:
            self.warn(error)

    def _tell_idle(self) -> None:
        room = IDLE_ROOM
        for listener in sorted(self._idle_listeners, key=lambda listener: listener.used_at, reverse=True):
            room -= listener.on_idle(room)

    def _until_idle(self) -> float | None:
        """Give the seconds until the next look at who needs it, 0 if it is idle; None where it is kept open."""
        if self.idle_seconds is None or self._client is None:
            return None
        return min(POLL_SECONDS, max(0.0, self._used_at + self.idle_seconds - time.monotonic()))

    def _try_to_open(self, wait: float = 0.0) -> None:
        with self._mutex:
            if self._client is not None or self._closing or time.monotonic() < self._not_before:
                return
            self._not_before = time.monotonic() + self.retry_seconds
            client = self._open(wait)
            if client is not None:
                self._client = client
                self.epoch += 1
                self._used_at = time.monotonic()
                self._not_before = 0.0

    def _let_go(self, failed: ChromaFailed | None = None) -> None:
        with self._mutex:
            client, self._client = self._client, None
            if client is not None:
                # What broke may break again while it is closed.
                with contextlib.suppress(ChromaFailed), chroma_errors():
                    self._release(client, failed)


@contextlib.contextmanager
def chroma_errors() -> Generator[None]:
    """Raise `ChromaFailed` for whatever Chroma raises; a panic of its Rust code is a BaseException."""
    try:
        yield
    except (ChromaFailed, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise ChromaFailed(str(error)) from error


def rebuilding() -> OfficeHoursError:
    """WarningSink that the index was of no use and is being made anew."""
    return OfficeHoursError(
        "The search index was lost, damaged or did not match the database; it is being rebuilt from the database."
        " Nothing is lost.",
        "검색 색인이 없어졌거나 손상되었거나 데이터베이스와 맞지 않아 데이터베이스에서 다시 만들고 있습니다."
        " 잃어버린 것은 없습니다.",
    )
