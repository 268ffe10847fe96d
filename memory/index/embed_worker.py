"""Embedding behind the scene: one thread for all students of a process, a page for each in turn."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Literal

from ..background import BackgroundThread
from ..embedding import StoreEmbedder
from ..errors import OfficeHoursError
from ..store import Database
from .base import VectorIndex
from .pending import count_pending, embed_pending

RETRY_SECONDS = 2.0

MANY = 100
"""So many new items are worth the index's while at once; fewer wait until a search finds enough of them."""


class EmbedThread:
    """Embeds what students' workers leave with it, as long as it is needed.

    Args:
        embedder: Theirs. A model that is still loading is waited for.
    """

    def __init__(self, embedder: StoreEmbedder) -> None:
        self.changed = threading.Condition()
        self._embedder = embedder
        self._due: dict[EmbedWorker, float] = {}
        self._at: EmbedWorker | None = None
        self._over = False
        self._thread = BackgroundThread(self._run, "indexer")

    @property
    def over(self) -> bool:
        """Whether it does nothing any more: it was ended, or the model cannot be loaded."""
        return self._over

    def start(self) -> None:
        """Begin; again does nothing."""
        self._thread.start()

    def add(self, worker: EmbedWorker, seconds: float = 0.0) -> None:
        """Let a worker have its turn, in so many seconds at the earliest; one that waits already keeps its place."""
        with self.changed:
            self._due.setdefault(worker, monotonic() + seconds)
            self.changed.notify_all()

    def leave(self, worker: EmbedWorker) -> None:
        """Take a worker out, and wait for the end of its turn."""
        with self.changed:
            self._due.pop(worker, None)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self._at is not worker)

    def end(self) -> None:
        """End after the piece at hand; again does nothing."""
        with self.changed:
            self._over = True
            self.changed.notify_all()
        # A model that is still loading is not waited for: the thread touches nothing before it is there.
        self._thread.end(timeout=None if self._embedder.ready.is_set() else 0)

    def others_wait(self) -> bool:
        """Whether the turn of another than the one at work is due."""
        with self.changed:
            now = monotonic()
            return any(due <= now for worker, due in self._due.items() if worker is not self._at)

    def _run(self) -> None:
        try:
            self._embedder.wait()
        except OfficeHoursError:
            self._over = True
        while (worker := self._next()) is not None:
            try:
                worker.take_turn()
            finally:
                with self.changed:
                    self._at = None
                    self.changed.notify_all()

    def _next(self) -> EmbedWorker | None:
        """Wait for the next whose turn it is; None at the end."""
        with self.changed:
            while not self._over:
                now = monotonic()
                first = next((worker for worker, due in self._due.items() if due <= now), None)
                if first is not None:
                    del self._due[first]
                    self._at = first
                    return first
                soonest = min(self._due.values(), default=None)
                self.changed.wait(None if soonest is None else soonest - now)
            self.changed.notify_all()
            return None


class EmbedWorker:
    """Has embedded in the background what one student's turns, imports and course files leave behind.

    What fails leaves it waiting. A search says that the embedder fails (`HybridSearch`), so nothing is said here.

    Args:
        database: The store.
        student_id: Whose.
        embedder: The store's.
        index: Told when there are new vectors.
        thread: Does the work, for others too; by default one of its own.
    """

    def __init__(
        self,
        database: Database,
        student_id: int,
        embedder: StoreEmbedder,
        index: VectorIndex,
        thread: EmbedThread | None = None,
    ) -> None:
        self._database = database
        self._student_id = student_id
        self._embedder = embedder
        self._index = index
        self._owns_thread = thread is None
        self._thread = thread or EmbedThread(embedder)
        self._stop = threading.Event()
        self._begun = False
        self._many = False
        self._asked = 0
        self._answered = 0

    def start(self) -> None:
        """Begin; again does nothing."""
        if not self._begun:
            self._begun = True
            self._thread.start()
            self.wake()

    def wake(self) -> None:
        """Say that something may wait; returns at once."""
        with self._thread.changed:
            self._asked += 1
            if not self._stop.is_set():
                self._thread.add(self)

    def flush(self, timeout: float) -> bool:
        """Wait until what waits now is embedded; False if `timeout` seconds were not enough."""
        self.start()
        with self._thread.changed:
            self.wake()
            wanted = self._asked
            answered = self._thread.changed.wait_for(
                lambda: self._answered >= wanted or self._stop.is_set() or self._thread.over, timeout
            )
        return answered and count_pending(self._database, self._student_id) == 0

    def stop(self) -> None:
        """End after the piece at hand; what still waits is embedded the next time."""
        self._stop.set()
        self._thread.leave(self)
        if self._owns_thread:
            self._thread.end()

    def take_turn(self) -> None:
        """Embed until nothing waits or another student's turn is due; the thread calls it."""
        asked = self._asked
        state = self._embed()
        with self._thread.changed:
            if state in {"done", "failed"}:
                self._answered = asked
                self._thread.changed.notify_all()
            if state != "done" and not self._stop.is_set():
                self._thread.add(self, 0.0 if state == "more" else RETRY_SECONDS)

    def _embed(self) -> Literal["done", "more", "busy", "failed"]:
        """Say how it went; "busy" is that another process is at it."""
        gave_way = False

        def others() -> bool:
            nonlocal gave_way
            gave_way = self._thread.others_wait()
            return gave_way

        try:
            self._many |= count_pending(self._database, self._student_id) > MANY
            whole = embed_pending(
                self._database, self._student_id, self._embedder, stop=self._stop, others=others
            )
            if whole and self._many:
                self._many = False
                self._index.warm()
            return "done" if whole else "more" if gave_way else "busy"
        except OfficeHoursError:
            return "failed"
        except RuntimeError:
            if threading.main_thread().is_alive():
                raise
            return "failed"  # Python is ending and lets nothing be begun; it is embedded the next time
