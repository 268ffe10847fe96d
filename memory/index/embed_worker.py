"""Giving vectors to what waits for them: whatever is committed is queued with it, and embedded behind the scene."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from typing import Literal, TypeVar, get_args

from sqlalchemy import delete, func, select

from ..embedding import Calibration, StoreEmbedder, Vectors, active_embedder
from ..embedding.store_embedder import EmbedderRow
from ..errors import ConfigError, OfficeHoursError
from ..store import Database, WorkLock, work_lock
from ..store.schema import embed_queue
from ..text.normalize import Language
from ..types import Progress, Scope
from .base import VectorIndex
from .chunks import item_texts
from .vectors import put_vectors
from .writer import SCOPES

PAGE = 128
"""Items embedded and committed together: leaving the program waits for no more than that."""

IMPORT_PAGE = 400
"""The same where somebody waits for all of them: the more there are to sort by length, the less is padding."""

WORK_LOCK_SECONDS = 20.0
RETRY_SECONDS = 2.0

MANY = 100
"""So many new items are worth the index's while at once; fewer wait until a search finds enough of them."""

T = TypeVar("T")

Item = tuple[Scope, int]

_PAUSE = threading.Event()  # never set

_NAMES: dict[int, Scope] = {number: name for name, number in SCOPES.items()}


def embed_pending(
    database: Database,
    student_id: int,
    embedder: StoreEmbedder,
    *,
    limit: int | None = None,
    page: int = PAGE,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    alone: bool = True,
) -> bool:
    """Embed what waits, the newest first; writing one page overlaps with embedding the next.

    Another process may do the same at the same time: an item's vectors are written once, by whoever is first.

    Args:
        database: The store.
        student_id: Whose items.
        embedder: The store's; waited for.
        limit: At most so many items; all that wait by default.
        page: Items embedded and committed together.
        progress: Told items done, and items done or waiting.
        stop: Set from elsewhere to end after the page at hand.
        alone: Leave the work to a process that is at it already.

    Returns:
        Whether nothing waits any more, or `limit` is reached.

    Raises:
        OfficeHoursError: What the embedder or the store says. What was embedded before stays.
    """
    with (
        work_lock(database, f"embed:{student_id}", WORK_LOCK_SECONDS) if alone else nullcontext(None) as mine
    ):
        if alone and mine is None:
            return count_pending(database, student_id) == 0
        work = _Embedding(database, student_id, embedder, mine, page)
        with ThreadPoolExecutor(1, "vectors") as writer:
            return work.run(writer, limit, progress, stop or threading.Event())


class _Embedding:
    """One run of `embed_pending`."""

    def __init__(
        self, database: Database, student_id: int, embedder: StoreEmbedder, mine: WorkLock | None, size: int
    ) -> None:
        self._database = database
        self._student_id = student_id
        self._embedder = embedder
        self._work_lock = mine
        self._size = size
        self._flying: set[Item] = set()
        self._writing: Future[None] | None = None
        self._blind = blind_languages(embedder.row)

    def run(
        self, writer: ThreadPoolExecutor, limit: int | None, progress: Progress | None, stop: threading.Event
    ) -> bool:
        done = 0
        while not stop.is_set() and (limit is None or done < limit):
            page = self._page(self._size if limit is None else min(self._size, limit - done))
            if not page:
                break
            found = self._embed(page)
            self._finish_writing()
            self._flying = set(page)
            self._writing = writer.submit(self._write, found)
            done += len(page)
            if progress is not None:
                waiting = count_pending(self._database, self._student_id)
                progress(done, max(done, done + waiting - len(page)))
            if self._work_lock is not None and not self._work_lock.acquire():
                break
        self._finish_writing()
        return (limit is not None and done >= limit) or count_pending(self._database, self._student_id) == 0

    def _page(self, size: int) -> list[Item]:
        """Take the newest that wait, leaving out those that are being written."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(embed_queue.c.scope, embed_queue.c.item_id)
                .where(embed_queue.c.student_id == self._student_id)
                .order_by(embed_queue.c.item_id.desc())
                .limit(size + len(self._flying))
            )
            waiting: list[Item] = [(_NAMES[scope], item) for scope, item in rows]
        return [item for item in waiting if item not in self._flying][:size]

    def _embed(self, page: Sequence[Item]) -> dict[Item, Vectors | None]:
        """Give each item's vectors; None for one whose row is gone."""
        with self._database.read() as connection:
            texts = item_texts(connection, self._student_id, page, self._blind)
        flat = [part for parts in texts.values() for part in parts]
        vectors = self._embedder.embed(flat)
        found: dict[Item, Vectors | None] = dict.fromkeys(page)
        at = 0
        for item, parts in texts.items():
            found[item] = vectors[at : at + len(parts)]
            at += len(parts)
        return found

    def _write(self, found: dict[Item, Vectors | None]) -> None:
        with self._database.begin() as connection:
            now = active_embedder(self._database)
            if now is None or now.id != self._embedder.id:
                raise _changed_over()
            for scope in SCOPES:
                mine = {item: rows for (of, item), rows in found.items() if of == scope and rows is not None}
                gone = [item for (of, item), rows in found.items() if of == scope and rows is None]
                put_vectors(connection, self._student_id, scope, self._embedder.id, mine)
                connection.execute(
                    delete(embed_queue).where(
                        embed_queue.c.student_id == self._student_id,
                        embed_queue.c.scope == SCOPES[scope],
                        embed_queue.c.item_id.in_(gone),
                    )
                )

    def _finish_writing(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None
            self._flying = set()


def embed_during(
    work: Callable[[], T],
    database: Database,
    student_id: int,
    embedder: StoreEmbedder,
    progress: Progress | None = None,
) -> T:
    """Do work that stores items, in a thread of its own, embed them meanwhile, and give what the work gave.

    When this returns nothing of it waits to be embedded any more.

    Raises:
        OfficeHoursError: What the work, the embedder or the store says. What was stored stays, and is embedded
            later if the embedder failed.
    """
    embedder.start()
    with ThreadPoolExecutor(1, "storing") as storing:
        stored = storing.submit(work)
        while True:
            last_round = stored.done()
            if last_round:
                stored.result()
            whole = embed_pending(database, student_id, embedder, page=IMPORT_PAGE, progress=progress)
            if last_round and whole:
                return stored.result()
            # If it is not whole another process is embedding for this student; it takes ours along.
            wait([stored], 0.05 if whole else 0)
            _PAUSE.wait(0 if whole else 0.1)


def _changed_over() -> ConfigError:
    return ConfigError(
        "Another program moved this memory to another embedder. Start this one again to use it.",
        "다른 프로그램이 이 기억의 임베더를 바꾸었습니다. 새 임베더를 쓰려면 프로그램을 다시 시작해 주세요.",
    )


def blind_languages(row: EmbedderRow) -> frozenset[Language]:
    """Give the languages in which an embedder has no vote, if it has one in any."""
    calibration = Calibration.from_json(row.calibration)
    blind = frozenset(name for name in get_args(Language) if calibration.scale(name).vote <= 0)
    return blind if len(blind) < len(get_args(Language)) else frozenset()


def count_pending(database: Database, student_id: int) -> int:
    """Count a student's items that wait to be embedded."""
    counted = select(func.count()).select_from(embed_queue).where(embed_queue.c.student_id == student_id)
    with database.read() as connection:
        return connection.execute(counted).scalar_one()


class EmbedWorker:
    """Embeds in the background what one student's turns leave behind.

    What fails leaves it waiting. A search says that the embedder fails (`HybridSearch`), so nothing is said here.

    Args:
        database: The store.
        student_id: Whose.
        embedder: The store's.
        index: Told when there are new vectors.
    """

    def __init__(
        self, database: Database, student_id: int, embedder: StoreEmbedder, index: VectorIndex
    ) -> None:
        self._database = database
        self._student_id = student_id
        self._embedder = embedder
        self._index = index
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._asked = 0
        self._answered = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; again does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
            self._thread.start()
            self.wake()

    def wake(self) -> None:
        """Say that something may wait; returns at once."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until what waits now is embedded; False if `timeout` seconds were not enough."""
        self.start()
        with self._changed:
            self._asked += 1
            wanted = self._asked
            self._changed.notify_all()
            answered = self._changed.wait_for(
                lambda: self._answered >= wanted or self._stop.is_set(), timeout
            )
        return answered and count_pending(self._database, self._student_id) == 0

    def stop(self) -> None:
        """End after the page at hand; what still waits is embedded the next time."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        # A model that is still loading is not waited for: the thread touches nothing before it is there.
        if self._thread is not None and self._embedder.ready.is_set():
            self._thread.join()

    def _run(self) -> None:
        if not self._wait_for_embedder():
            return
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked > self._answered or self._stop.is_set())
                if self._stop.is_set():
                    return
                asked = self._asked
            state = self._embed()
            if state != "busy":
                with self._changed:
                    self._answered = asked
                    self._changed.notify_all()
            if state != "done" and not self._stop.wait(RETRY_SECONDS):
                self.wake()

    def _wait_for_embedder(self) -> bool:
        try:
            self._embedder.wait()
        except OfficeHoursError:
            self._stop.set()
            with self._changed:
                self._changed.notify_all()
        return not self._stop.is_set()

    def _embed(self) -> Literal["done", "busy", "failed"]:
        """Say how it went; "busy" is that another process is at it."""
        try:
            waiting = count_pending(self._database, self._student_id)
            whole = embed_pending(self._database, self._student_id, self._embedder, stop=self._stop)
            if waiting > MANY:
                self._index.warm()
            return "done" if whole else "busy"
        except OfficeHoursError:
            return "failed"
        except RuntimeError:
            if threading.main_thread().is_alive():
                raise
            return "failed"  # Python is ending and lets nothing be begun; it is embedded the next time
