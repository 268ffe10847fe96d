"""Giving vectors to what waits for them: whatever is committed is queued with it, and embedded behind the scene."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from itertools import zip_longest
from math import inf
from time import perf_counter
from typing import get_args

import numpy as np
from sqlalchemy import Connection, bindparam, delete, func, select

from ..embedding import Calibration, StoreEmbedder, Vectors, active_embedder
from ..embedding.store_embedder import EmbedderRow
from ..errors import ConfigError
from ..store import Database, WorkLock, work_lock
from ..store.schema import embed_queue
from ..text.normalize import Language
from ..types import Progress, Scope
from .base import VectorIndex
from .chunks import PART_TOKENS, count_tokens, item_texts
from .vectors import put_vectors
from .writer import SCOPES

PAGE = 64
"""Items embedded and committed together: what a kill may cost."""

IMPORT_PAGE = 256
"""The same where somebody waits for all of them: the more there are to sort by length, the less is padding."""

ITEM_TOKENS = 32
"""Tokens that a page has room for, times its items: a page of long texts is as soon done as one of short ones."""

PIECE_SECONDS = 0.25
"""How long a question, or leaving the program, waits for the embedder at most, about."""

WORK_LOCK_SECONDS = 60.0

Item = tuple[Scope, int]

_PAUSE = threading.Event()  # never set

_NEWEST = (
    select(embed_queue.c.item_id)
    .where(embed_queue.c.student_id == bindparam("student"), embed_queue.c.scope == bindparam("scope"))
    .order_by(embed_queue.c.item_id.desc())
    .limit(bindparam("most"))
)


def embed_pending(
    database: Database,
    student_id: int,
    embedder: StoreEmbedder,
    *,
    page: int = PAGE,
    piece_seconds: float = PIECE_SECONDS,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    alone: bool = True,
    others: Callable[[], bool] = lambda: False,
) -> bool:
    """Embed what waits, the newest first; writing one page overlaps with embedding the next.

    Another process may do the same at the same time: an item's vectors are written once, by whoever is first.

    Args:
        database: The store.
        student_id: Whose items.
        embedder: The store's; waited for.
        page: Items embedded and committed together, fewer where they are long.
        piece_seconds: For how long the embedder is given work at once; a question goes in between.
        progress: Told items done, and items done or waiting.
        stop: Set from elsewhere to end after the piece at hand.
        alone: Leave the work to a process that is at it already.
        others: Asked after each page whether somebody else waits for the embedder; then the rest is left for later.

    Returns:
        Whether nothing waits any more.

    Raises:
        OfficeHoursError: What the embedder or the store says. What was embedded before stays.
    """
    with (
        work_lock(database, f"embed:{student_id}", WORK_LOCK_SECONDS) if alone else nullcontext(None) as mine
    ):
        if alone and mine is None:
            return count_pending(database, student_id) == 0
        work = _Embedding(database, student_id, embedder, mine, page, piece_seconds)
        with ThreadPoolExecutor(1, "vectors") as writer:
            work.run(writer, progress, stop or threading.Event(), others)
        return count_pending(database, student_id) == 0


class _Embedding:
    """One run of `embed_pending`."""

    def __init__(
        self,
        database: Database,
        student_id: int,
        embedder: StoreEmbedder,
        mine: WorkLock | None,
        size: int,
        piece_seconds: float,
    ) -> None:
        self._database = database
        self._student_id = student_id
        self._embedder = embedder
        self._work_lock = mine
        self._size = size
        self._room = float(size * ITEM_TOKENS)
        self._piece_seconds = piece_seconds
        self._piece_tokens = self._room if piece_seconds == inf else float(PART_TOKENS)
        self._flying: set[Item] = set()
        self._writing: Future[None] | None = None
        self._blind = blind_languages(embedder.row)

    def run(
        self,
        writer: ThreadPoolExecutor,
        progress: Progress | None,
        stop: threading.Event,
        others: Callable[[], bool],
    ) -> None:
        done = 0
        while not stop.is_set():
            page = self._page()
            if not page:
                break
            found = self._embed(page, stop)
            self._finish_writing()
            self._flying = set(found)
            self._writing = writer.submit(self._write, found)
            done += len(found)
            if progress is not None:
                waiting = count_pending(self._database, self._student_id)
                progress(done, max(done, done + waiting - len(found)))
            if others() or (self._work_lock is not None and not self._work_lock.acquire()):
                break
        self._finish_writing()

    def _page(self) -> dict[Item, list[str] | None]:
        """Take the newest that wait, each with what is embedded of it; None where its row is gone."""
        page: dict[Item, list[str] | None] = {}
        room = self._room
        with self._database.read() as connection:
            items = self._newest(connection)
            texts = item_texts(connection, self._student_id, items, self._blind)
        for item in items:
            parts = texts.get(item)
            room -= sum(map(count_tokens, parts or ()))
            if page and room < 0:
                break
            page[item] = parts
        return page

    def _newest(self, connection: Connection) -> list[Item]:
        """Take the newest of both memories in turn, leaving out what is being written.

        They are numbered apart: course material that comes after a long conversation must not wait for all of it.
        """
        recall, archival = (self._newest_of(connection, scope) for scope in SCOPES)
        waiting = [item for pair in zip_longest(recall, archival) for item in pair if item is not None]
        return [item for item in waiting if item not in self._flying][: self._size]

    def _newest_of(self, connection: Connection, scope: Scope) -> list[Item]:
        most = self._size + len(self._flying)
        at = {"student": self._student_id, "scope": SCOPES[scope], "most": most}
        return [(scope, item) for item in connection.scalars(_NEWEST, at)]

    def _embed(
        self, page: Mapping[Item, Sequence[str] | None], stop: threading.Event
    ) -> dict[Item, Vectors | None]:
        """Give each item's vectors, None for one whose row is gone, as far as it got before `stop`."""
        texts = [part for parts in page.values() for part in parts or ()]
        vectors = np.empty((len(texts), self._embedder.dimensions), np.float32)
        # Texts of one length side by side, for models that pad; the short ones first, so that a stop leaves whole items.
        left = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
        while left:
            piece = self._take(left, texts)
            vectors[piece] = self._embed_piece([texts[at] for at in piece])
            if stop.is_set():
                break
        missing = set(left)
        found: dict[Item, Vectors | None] = {}
        end = 0
        for item, parts in page.items():
            start, end = end, end + len(parts or ())
            if missing.isdisjoint(range(start, end)):
                found[item] = None if parts is None else vectors[start:end]
        return found

    def _take(self, left: list[int], texts: Sequence[str]) -> list[int]:
        """Take one piece off the end of `left`: one text at least."""
        piece = [left.pop()]
        room = self._piece_tokens - count_tokens(texts[piece[0]])
        while left and (room := room - count_tokens(texts[left[-1]])) >= 0:
            piece.append(left.pop())
        return piece

    def _embed_piece(self, texts: list[str]) -> Vectors:
        """Embed, and see from the time that it took how much the next piece may be."""
        began = perf_counter()
        vectors = self._embedder.embed(texts)
        rate = sum(map(count_tokens, texts)) / max(perf_counter() - began, 1e-9)
        self._piece_tokens = min(max(rate * self._piece_seconds, PART_TOKENS), self._room)
        return vectors

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


def embed_everything(
    database: Database,
    student_id: int,
    embedder: StoreEmbedder,
    index: VectorIndex,
    progress: Progress | None = None,
) -> None:
    """Embed all that waits while somebody waits for it, and put it into the index.

    Raises:
        OfficeHoursError: What the embedder or the store says. What is not embedded waits on.
    """
    while not embed_pending(
        database, student_id, embedder, page=IMPORT_PAGE, piece_seconds=inf, progress=progress
    ):
        _PAUSE.wait(0.1)  # another process is at it, and takes ours along
    index.catch_up()


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
