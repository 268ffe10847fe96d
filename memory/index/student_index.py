"""One student's vector index: Chroma up to the watermark, exact over what came after it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from math import ceil
from time import monotonic

from ..embedding import Vectors, active_embedder
from ..embedding.store_embedder import EmbedderRow
from ..store import Database
from ..types import Progress, Scope, Student
from .base import Neighbour, ScopeReport
from .chroma import Chroma
from .chroma.base import SEARCH_WAIT, ChromaFailed, ChromaReopened
from .exact import ExactVectors, first_of_each
from .sync import GENTLE_BATCH, GENTLE_PAUSE, IndexSync, mark_collections
from .vectors import read_vectors
from .verify import mend, report
from .writer import SCOPES

TAIL = 256
"""Vectors behind the watermark that make a search ask for catching up."""

IDLE_PARTS = 50_000
"""A student of at most so many vectors (77 MB at 384) is searched exactly after Chroma was let go for idleness."""

MOST_PARTS_ASKED = 4.0
LEAST_PARTS_ASKED = 2.0
"""Parts that Chroma is asked for each item wanted: it gives parts, and an item may come with several."""

OPENING_SECONDS = 2.0
"""How long upkeep that a person asked for waits for another process to let go of the folder."""


class StudentIndex:
    """See `index.VectorIndex`; all tutors of a student in this process use one. Safe for several threads.

    Args:
        database: The truth.
        student: Whose vectors.
        chroma: The process's one Chroma; None searches exactly always.

    Attributes:
        used_at: When it was last searched in, by the monotonic clock.
    """

    def __init__(self, database: Database, student: Student, chroma: Chroma | None) -> None:
        self._database = database
        self._student = student
        self._sync = None if chroma is None else IndexSync(database, student, chroma)
        self._row: EmbedderRow | None = None
        self._exact: dict[Scope, ExactVectors] = {}
        self._parts_asked = dict.fromkeys(SCOPES, MOST_PARTS_ASKED)
        self._locks: dict[Scope, threading.RLock] = {scope: threading.RLock() for scope in SCOPES}
        self.used_at = monotonic()
        if chroma is not None:
            chroma.add_idle_listener(self)

    @property
    def embedder_id(self) -> int | None:
        """Whose vectors it searches, by the id in the store; None before the first search."""
        return None if self._row is None else self._row.id

    def query(self, vector: Vectors, k: int, scope: Scope) -> list[Neighbour]:
        row = self._embedder()
        if row is None or k < 1:
            return []
        self.used_at = monotonic()
        found, after = self._ask_chroma(vector, k, scope)
        with self._locks[scope]:
            exact = self._exact_after(row, scope, after)
            exact.refresh()
            # What changed after the watermark is answered by the exact part alone.
            known = [hit for hit in found if not exact.touched(hit[0])]
            tail = exact.nearest(vector, k)
            behind = exact.parts
        if behind > (TAIL if after else 0) and self._is_worth_opening(scope):
            self.warm()
        best = sorted([*known, *tail], key=lambda hit: hit[2], reverse=True)
        return [Neighbour(scope, *hit) for hit in first_of_each(best, k)]

    def vectors_of(self, scope: Scope, items: Sequence[int]) -> dict[int, Vectors]:
        row = self._embedder()
        if row is None:
            return {}
        with self._database.read() as connection:
            return read_vectors(connection, self._student.id, scope, row.id, items)

    def warm(self) -> None:
        if self._sync is not None:
            self._sync.chroma.request(("catch up", self._student.id), self._catch_up_gently)

    def catch_up(self, progress: Progress | None = None) -> bool:
        sync = self._opened()
        if sync is None:
            return False
        try:
            return sync.catch_up(sync.chroma.batch, progress=progress)
        except ChromaFailed:
            return False

    def rebuild(self, progress: Progress | None = None) -> bool:
        sync = self._opened()
        if sync is None:
            return False
        try:
            sync.recreate()
        except ChromaFailed:
            return False
        return self.catch_up(progress)

    def verify(self) -> list[ScopeReport]:
        sync = self._opened()
        with sync.turn_to_write() if sync is not None else nullcontext():  # what moves looks like a fault
            return [report(self._database, self._student, scope, sync) for scope in SCOPES]

    def repair(self, progress: Progress | None = None) -> list[ScopeReport]:
        with suppress(ChromaFailed):  # the reports below say what is still wrong
            mend(self._database, self._student, self.verify(), self._sync)
        self.catch_up(progress)
        return self.verify()

    def forget(self, *, for_good: bool = False) -> bool:
        with self._database.begin() as connection:
            mark_collections(connection, self._student)
        if self._sync is None:
            return True
        if for_good:
            self._sync.stop()
        for scope, lock in self._locks.items():
            with lock:
                self._exact.pop(scope, None)
        try:
            self._sync.drop_marked()
        except ChromaFailed:
            return False
        return True

    def on_idle(self, room: int) -> int:
        row, taken = self._embedder(), 0
        if row is None or self._sync is None:
            return 0
        for scope in SCOPES:
            parts = self._sync.count_parts(scope)
            if parts <= min(IDLE_PARTS, room - taken):
                taken += parts
                with self._locks[scope]:
                    self._exact_after(row, scope, 0).refresh()
        return taken

    def _opened(self) -> IndexSync | None:
        """Delete what is marked and open Chroma in this thread; None where another process has it, or it fails."""
        if self._sync is None:
            return None
        with suppress(ChromaFailed):
            self._sync.drop_marked()
            if self._sync.chroma.open_now(wait=OPENING_SECONDS):
                return self._sync
        return None

    def _embedder(self) -> EmbedderRow | None:
        if self._row is None:
            self._row = active_embedder(self._database)
        return self._row

    def _ask_chroma(self, vector: Vectors, k: int, scope: Scope) -> tuple[list[tuple[int, int, float]], int]:
        """Give what Chroma finds and its watermark; nothing and 0 where it cannot be asked."""
        if self._sync is None or not self._is_worth_opening(scope):
            return [], 0
        if not self._sync.chroma.is_open:
            self.warm()
            return [], 0
        try:
            with suppress(ChromaReopened):  # for another student's search, between two steps of this one
                return self._from_chroma(self._sync, vector, k, scope)
            return self._from_chroma(self._sync, vector, k, scope)
        except ChromaFailed:
            return [], 0

    def _is_worth_opening(self, scope: Scope) -> bool:
        exact = self._exact.get(scope)
        known = exact.parts if exact is not None and not exact.after else None
        return self._sync is not None and self._sync.is_worth_opening(scope, known)

    def _from_chroma(
        self, sync: IndexSync, vector: Vectors, k: int, scope: Scope
    ) -> tuple[list[tuple[int, int, float]], int]:
        collection = sync.collection(scope)
        # Read first: what is put in between this line and the answer is only found twice.
        after = collection.watermark
        if after == 0:
            return [], 0

        def nearest(parts: int) -> list[tuple[int, int, float]]:
            return sync.ask(collection, lambda: collection.query(vector, parts), wait=SEARCH_WAIT)

        wanted = max(ceil(k * self._parts_asked[scope]), 32)
        found = nearest(wanted)
        items = first_of_each(found, k)
        self._parts_asked[scope] = _parts_to_ask(found)
        if len(items) < k and len(found) == wanted:
            items = first_of_each(nearest(wanted * 8), k)
        return items, after

    def _exact_after(self, row: EmbedderRow, scope: Scope, after: int) -> ExactVectors:
        """Give an exact search of what changed after a number; more is fine where it costs little."""
        known = self._exact.get(scope)
        if known is not None and known.after <= after and (known.after == after or known.parts <= 8 * TAIL):
            return known
        known = ExactVectors(self._database, self._student.id, scope, row.id, after)
        self._exact[scope] = known
        return known

    def _catch_up_gently(self) -> None:
        assert self._sync is not None
        try:
            worth: list[Scope] = [scope for scope in SCOPES if self._sync.is_worth_opening(scope)]
            self._sync.catch_up(GENTLE_BATCH, GENTLE_PAUSE, scopes=worth)
        except ChromaFailed:
            self.on_idle(2 * IDLE_PARTS)


def _parts_to_ask(found: Sequence[tuple[int, int, float]]) -> float:
    """WarningSink from one answer how many parts to ask for next time: half as many again as its items came with."""
    items = len({item for item, _, _ in found})
    return min(MOST_PARTS_ASKED, max(LEAST_PARTS_ASKED, 1.5 * len(found) / max(1, items)))
