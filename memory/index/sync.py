"""Keeping one student's part of Chroma level with the database."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, delete, func, select

from ..embedding import Vectors, active_embedder
from ..embedding.store_embedder import EmbedderRow
from ..store import Database, insert_ignoring, work_lock
from ..store.schema import settings, vectors
from ..types import Progress, Scope, Student
from .chroma import Chroma
from .chroma.base import UPKEEP_WAIT, ChromaFailed, ChromaReopened, rebuilding
from .chroma.collection import Collection, open_collection, part_ids
from .vectors import Change, Changes, changes_since, forget_tombstones, head, unpack_all
from .writer import SCOPES

T = TypeVar("T")

GENTLE_BATCH = 24
GENTLE_PAUSE = 0.025
"""While somebody may be typing: the interpreter stands still for about 25 ms, then has as long for itself."""

LEASE_SECONDS = 60
"""How long one process may take for a page of changes before another takes over."""

FEW_PARTS = 5_000
"""Vectors that are searched exactly in a millisecond, and take 8 MB at 384."""

PAGE = 500
"""Items read from the database at once."""


class IndexSync:
    """The writing half of a student's index; `student_index.StudentIndex` is the reading half.

    Every method that touches Chroma raises `ChromaFailed` where it cannot be used.

    Args:
        database: The truth.
        student: Whose vectors.
        chroma: The process's one Chroma.
    """

    def __init__(self, database: Database, student: Student, chroma: Chroma) -> None:
        self.chroma = chroma
        self._database = database
        self._student = student
        self._row: EmbedderRow | None = None
        self._mark = ""
        self._collections: dict[Scope, Collection] = {}
        self._stopped = threading.Event()
        self._writing = threading.Lock()

    @property
    def embedder(self) -> EmbedderRow | None:
        """The embedder whose vectors the store holds; None before the first."""
        if self._row is None:
            self._row = active_embedder(self._database)
        return self._row

    def stop(self) -> None:
        """End catching up after the page at hand."""
        self._stopped.set()

    def collection(self, scope: Scope, *, fresh: bool = False) -> Collection:
        """Give the open collection, made anew where there is none or one that does not fit the database.

        Args:
            scope: Which.
            fresh: Read the watermark again where another process may have moved it.
        """
        embedder = self.embedder
        if embedder is None or not self.chroma.is_open:
            raise ChromaFailed("closed")
        known = self._collections.get(scope)
        if known is not None and known.epoch == self.chroma.epoch and not (fresh and self.chroma.shared):
            return known
        name = _name(self._student, scope)
        found = self._open(name, embedder)
        if found is None:
            self.chroma.discard([name])
            self.chroma.warn(rebuilding())
            self.chroma.open_now()
            found = self._open(name, embedder)
        if found is None:  # another process has put its own back
            raise ChromaFailed("does not fit")
        self._collections[scope] = found
        return found

    def recreate(self) -> None:
        """Throw away what Chroma has of the student; catching up fills it again."""
        self.chroma.discard([_name(self._student, scope) for scope in SCOPES])

    def is_worth_opening(self, scope: Scope, parts: int | None = None) -> bool:
        """Tell whether a search gains by Chroma: where it holds many collections, a small one is as soon read through.

        Args:
            parts: How many vectors there are, where that is known.
        """
        if self.chroma.has_room(_name(self._student, scope)):
            return True
        return (self.count_parts(scope) if parts is None else parts) > FEW_PARTS

    def catch_up(
        self,
        batch: int,
        pause: float = 0.0,
        progress: Progress | None = None,
        scopes: Iterable[Scope] = tuple(SCOPES),
    ) -> bool:
        """Put in what the database has and Chroma has not; False where another process is at it.

        Args:
            batch: Vectors in one call to Chroma.
            pause: Seconds between two calls.
            progress: Told vectors done and vectors in the database.
            scopes: Of which memories.
        """
        if self.embedder is None:
            return True
        if self.drop_marked():
            self.chroma.open_now()
        for scope in scopes:
            done, total = 0, self.count_parts(scope) if progress is not None else 0

            def after_call(count: int, total: int = total) -> None:
                nonlocal done
                done += count
                if progress is not None:
                    progress(done, total)
                self._stopped.wait(pause)

            while not self._stopped.is_set():
                with self.turn_to_write() as mine:
                    if not mine:
                        return False
                    # Opened anew for another student: the watermark says where to go on.
                    with suppress(ChromaReopened):
                        if not self._apply_page(scope, batch, after_call):
                            break
                self._stopped.wait(pause)  # who waits for the turn gets it now
        self._forget_tombstones()
        return True

    def ask(self, collection: Collection, work: Callable[[], T], *, wait: float = UPKEEP_WAIT) -> T:
        """Do `work`, which uses the collection, when Chroma is free."""
        return self.chroma.ask(lambda _: work(), wait=wait, epoch=collection.epoch)

    def count_parts(self, scope: Scope) -> int:
        """Count the vectors in the database."""
        counted = select(func.coalesce(func.sum(vectors.c.parts), 0)).where(
            vectors.c.student_id == self._student.id,
            vectors.c.embedder_id == (self.embedder.id if self.embedder is not None else 0),
            vectors.c.scope == SCOPES[scope],
        )
        with self._database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def drop_marked(self) -> bool:
        """Delete the collections that `mark_collections` has marked, whoever's they are; tell whether there were any."""
        with self._database.read() as connection:
            keys = (
                connection.execute(select(settings.c.key).where(settings.c.key.like("drop:%")))
                .scalars()
                .all()
            )
        if keys:
            self.chroma.discard([key.removeprefix("drop:") for key in keys])
            with self._database.begin() as connection:
                connection.execute(delete(settings).where(settings.c.key.in_(keys)))
        return bool(keys)

    def _open(self, name: str, embedder: EmbedderRow) -> Collection | None:
        # The store's mark: a collection of another store, or of one that was put back, is of no use.
        made_of = {"embedder": embedder.name, "store": self._store_mark()}
        with self._database.read() as connection:
            last = head(connection, self._student.id)
        self.chroma.reserve(name)
        return self.chroma.ask(lambda client: open_collection(client, name, made_of, last, self.chroma.epoch))

    def _apply_page(self, scope: Scope, batch: int, after_call: Callable[[int], None]) -> bool:
        """Put in one page of changes; False if there is nothing to do."""
        embedder = self.embedder
        if embedder is None:
            return False
        collection = self.collection(scope, fresh=True)
        with self._database.read() as connection:
            changes = changes_since(
                connection, self._student.id, scope, embedder.id, collection.watermark, max(batch, PAGE)
            )
        if changes.upto == collection.watermark:
            return False
        for removed, ids, rows, upto in _calls(changes, batch):
            self.ask(collection, partial(collection.apply, removed, ids, rows, upto))
            after_call(len(ids))
        return True

    @contextmanager
    def turn_to_write(self) -> Generator[bool]:
        """Keep others from writing: two at once could put back what the other took out; False if another process is."""
        with self._writing:
            if not self.chroma.shared:
                yield True
                return
            with work_lock(self._database, f"index:{self._student.id}", LEASE_SECONDS) as mine:
                yield mine is not None

    def _forget_tombstones(self) -> None:
        """Drop the records of tombstones that both collections have carried out."""
        marks = [collection.watermark for collection in self._collections.values()]
        if len(marks) == len(SCOPES) and min(marks) > 0:
            with self._database.begin(durable=False) as connection:
                forget_tombstones(connection, self._student.id, min(marks))

    def _store_mark(self) -> str:
        """Give the store's random mark, made at first use."""
        if not self._mark:
            wanted = select(settings.c.value).where(settings.c.key == "index")
            with self._database.read() as connection:
                value = connection.execute(wanted).scalar_one_or_none()
            if value is None:
                with self._database.begin() as connection:
                    new = {"key": "index", "value": secrets.token_hex(8)}
                    connection.execute(insert_ignoring(connection, settings), new)
                    value = connection.execute(wanted).scalar_one()
            self._mark = str(value)
        return self._mark


def mark_collections(connection: Connection, student: Student) -> None:
    """Mark a student's collections for deletion, in the caller's transaction.

    Whoever uses the index next deletes them with every byte, and builds them anew of what the database holds then.
    """
    for scope in SCOPES:
        row = {"key": f"drop:{_name(student, scope)}", "value": True}
        connection.execute(insert_ignoring(connection, settings), row)


def _name(student: Student, scope: Scope) -> str:
    return f"{student.collection}-{scope[0]}"


def _calls(changes: Changes, batch: int) -> Generator[tuple[list[str], list[str], Vectors, int]]:
    """Cut changes into calls: (ids out, ids in, their vectors, watermark after it). Removals go first."""
    removed = [name for gone in changes.removed for name in part_ids(gone.item_id, gone.parts)]
    groups = _grouped(changes.changed, batch) or [[]]
    for group in groups:
        ids = [name for change in group for name in part_ids(change.item_id, change.parts)]
        yield removed, ids, unpack_all(group), changes.upto if group is groups[-1] else group[-1].seq
        removed = []


def _grouped(changed: Sequence[Change], batch: int) -> list[list[Change]]:
    """Put items together that have about `batch` parts."""
    groups: list[list[Change]] = []
    room = 0
    for change in changed:
        if not groups or change.parts > room:
            groups.append([])
            room = batch
        groups[-1].append(change)
        room -= change.parts
    return groups
