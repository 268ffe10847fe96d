"""Keeping one student's part of Chroma level with the database: opening, catching up, beginning anew."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, select

from ..embedding.base import Vectors
from ..embedding.store_embedder import EmbedderRow, active_embedder
from ..errors import OfficeHoursError
from ..store.database import Database, insert_ignoring
from ..store.locks import work_lock
from ..store.schema import settings, vectors
from ..types import Progress, Scope, Student
from .chroma.base import Chroma, ChromaFailed, ChromaReopened, Collection, Identity, part_id
from .vectors import Change, Changes, changes_since, forget_tombstones, head, unpack_all
from .writer import SCOPES

T = TypeVar("T")

LETTERS: dict[Scope, str] = {"recall": "r", "archival": "a"}

GENTLE_BATCH = 24
GENTLE_PAUSE = 0.025
"""Behind a prompt: the interpreter stands still for about 25 ms, then has as long for itself."""

PATIENT = 60.0
"""Seconds that upkeep waits for a search to be done with Chroma."""

TURN_SECONDS = 60
PAGE = 500
REFRESH_SECONDS = 30.0
SAMPLE = 24
FOUND_SHARE = 0.8
"""Share of sampled vectors that must find themselves in an index whose last holder was killed."""
SAME = 0.9999
"""Similarity from which two vectors are taken for the same."""


class IndexUpkeep:
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
        self._over = threading.Event()

    @property
    def embedder(self) -> EmbedderRow | None:
        """The embedder whose vectors the store holds; None before the first."""
        if self._row is None:
            self._row = active_embedder(self._database)
        return self._row

    def stop(self) -> None:
        """End catching up at the next batch."""
        self._over.set()

    def collection(self, scope: Scope, *, fresh: bool = False) -> Collection:
        """Give the open collection, checked, and made where there was none that fits.

        Args:
            space: Which.
            fresh: Read the watermark again where another process may have moved it.
        """
        row = self.embedder
        if row is None or not self.chroma.is_open:
            raise ChromaFailed("closed")
        known = self._collections.get(scope)
        if known is not None and known.generation == self.chroma.generation:
            recent = not fresh and time.monotonic() - known.read_at < REFRESH_SECONDS
            if recent or not self.chroma.shared:
                return known
        identity = self._identity(scope, row)
        with self._database.read() as connection:
            last = head(connection, self._student.id)
        self.chroma.make_room(identity.name)
        opened = self.chroma.ask(lambda client: Collection(client, identity, last, self.chroma.generation))
        if opened.made_because in {"embedder", "store", "format"}:
            self.chroma.warning(_other(opened.made_because))
        elif self.chroma.suspect and not self.finds_itself(opened, scope, SAMPLE):
            self.chroma.warning(_untrusted())
            opened = self._anew(identity)
        self._collections[scope] = opened
        return opened

    def begin_anew(self, scope: Scope) -> None:
        """Throw the collection away and make an empty one."""
        row = self.embedder
        if row is not None:
            identity = self._identity(scope, row)
            self._collections[scope] = self._anew(identity)

    def catch_up(self, batch: int, pause: float = 0.0, progress: Progress | None = None) -> bool:
        """Put in what the database has and Chroma has not; False where another process is at it.

        Args:
            batch: Vectors in one call to Chroma.
            pause: Seconds between two calls.
            progress: Told vectors done and vectors in the database.
        """
        self.drop_marked()
        for scope in SCOPES:
            done = 0
            total = self.count_parts(scope) if progress is not None else 0
            while not self._over.is_set():
                with self._turn() as mine:
                    if not mine:
                        return False
                    moved = 0
                    try:
                        for moved in self._one_page(scope, batch):
                            done += moved
                            if progress is not None:
                                progress(done, total)
                            if pause:
                                self._over.wait(pause)
                    except ChromaReopened:
                        continue  # by another student's search; the watermark says where to go on
                    if not moved:
                        break
        self._forget_tombstones()
        return True

    def apply(self, scope: Scope, removed: list[str], changed: Sequence[Change], batch: int) -> None:
        """Take out and put in, without moving the watermark (repairs)."""
        collection = self.collection(scope)
        for ids, rows in _packets(LETTERS[scope], changed, batch):
            self._put(collection, [], ids, rows, collection.watermark)
        for at in range(0, len(removed), batch):
            self._put(collection, removed[at : at + batch], [], unpack_all([]), collection.watermark)

    def ask(self, collection: Collection, work: Callable[[], T], *, patience: float = PATIENT) -> T:
        """Do `work`, which uses the collection, when Chroma is free."""
        return self.chroma.ask(lambda _: work(), patience=patience, generation=collection.generation)

    def finds_itself(self, collection: Collection, scope: Scope, size: int) -> bool:
        """Tell whether vectors that the index should hold are found in it."""
        sample = self.sample(scope, collection.watermark, size)
        found = sum(
            self.ask(collection, lambda change=change: _finds(collection, change)) for change in sample
        )
        return found >= FOUND_SHARE * len(sample)

    def sample(self, scope: Scope, upto: int, size: int) -> list[Change]:
        """Take some items at random among those that an index with watermark `upto` should hold."""
        columns = (vectors.c.seq, vectors.c.item_id, vectors.c.parts, vectors.c.data)
        mine = (*self.mine(scope), vectors.c.seq <= upto, vectors.c.parts > 0)
        found: list[Change] = []
        with self._database.read() as connection:
            for _ in range(size):
                start = secrets.randbelow(upto + 1)
                row = connection.execute(
                    select(*columns).where(*mine, vectors.c.seq >= start).order_by(vectors.c.seq).limit(1)
                ).first()
                if row is not None:
                    found.append(Change(*row))
        return found

    def mine(self, scope: Scope) -> tuple[Any, ...]:
        """Give the conditions that pick this student's vectors."""
        assert self.embedder is not None
        return (
            vectors.c.student_id == self._student.id,
            vectors.c.embedder_id == self.embedder.id,
            vectors.c.scope == SCOPES[scope],
        )

    def count_parts(self, scope: Scope) -> int:
        """Count the vectors in the database."""
        counted = select(func.coalesce(func.sum(vectors.c.parts), 0)).where(*self.mine(scope))
        with self._database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def drop_marked(self) -> None:
        """Delete the collections that `mark_collections` has marked, whoever's they are."""
        with self._database.read() as connection:
            keys = (
                connection.execute(select(settings.c.key).where(settings.c.key.like("drop:%")))
                .scalars()
                .all()
            )
        for key in keys:
            name = key.removeprefix("drop:")
            self.chroma.will_erase()
            self.chroma.ask(lambda client, name=name: _drop(client, name), patience=PATIENT)
            self._collections = {
                scope: kept for scope, kept in self._collections.items() if kept.identity.name != name
            }
            with self._database.begin() as connection:
                connection.execute(delete(settings).where(settings.c.key == key))

    def _anew(self, identity: Identity) -> Collection:
        def make(client: Any) -> Collection:
            _drop(client, identity.name)
            return Collection(client, identity, 0, self.chroma.generation)

        self.chroma.make_room(identity.name, patience=PATIENT)
        return self.chroma.ask(make, patience=PATIENT)

    def _one_page(self, scope: Scope, batch: int) -> Generator[int]:
        """Put in one page of changes, and give after each call how many vectors it brought (at least 1)."""
        row = self.embedder
        if row is None:
            return
        collection = self.collection(scope, fresh=True)
        with self._database.read() as connection:
            changes = changes_since(
                connection, self._student.id, scope, row.id, collection.watermark, max(batch, PAGE)
            )
        if changes.upto == collection.watermark:
            return
        for removed, ids, rows, upto in _steps(LETTERS[scope], changes, batch):
            self._put(collection, removed, ids, rows, upto)
            yield max(1, len(ids))

    def _put(
        self, collection: Collection, removed: list[str], ids: list[str], rows: Vectors, upto: int
    ) -> None:
        self.ask(collection, lambda: collection.apply(removed, ids, rows, upto))

    @contextmanager
    def _turn(self) -> Generator[bool]:
        """Take the turn at writing where other processes write too.

        Two that write at once could put back what the other has just taken out.
        """
        if not self.chroma.shared:
            yield True
            return
        with work_lock(self._database, f"index:{self._student.id}", TURN_SECONDS) as mine:
            yield mine is not None

    def _forget_tombstones(self) -> None:
        """Drop the records of removals that both collections have carried out."""
        marks = [collection.watermark for collection in self._collections.values()]
        if len(marks) == len(SCOPES) and min(marks) > 0:
            with self._database.begin(durable=False) as connection:
                forget_tombstones(connection, self._student.id, min(marks))

    def _identity(self, scope: Scope, row: EmbedderRow) -> Identity:
        return Identity(_name(self._student, scope), row.name, self._store_mark())

    def _store_mark(self) -> str:
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
    """Mark a student's collections for deletion, in the caller's transaction: Chroma keeps deleted vectors in its files.

    Whoever opens the index next deletes them, and builds them anew of what the database holds then.
    """
    for scope in SCOPES:
        row = {"key": f"drop:{_name(student, scope)}", "value": True}
        connection.execute(insert_ignoring(connection, settings), row)


def _name(student: Student, scope: Scope) -> str:
    return f"{student.collection}-{LETTERS[scope]}"


def _steps(
    id_prefix: str, changes: Changes, batch: int
) -> Generator[tuple[list[str], list[str], Vectors, int]]:
    """Cut changes into calls: (ids out, ids in, their vectors, watermark after it). Removals go first."""
    out = [part_id(id_prefix, gone.item_id, part) for gone in changes.removed for part in range(gone.parts)]
    groups = _grouped(changes.changed, batch) or [[]]
    for at, group in enumerate(groups):
        upto = changes.upto if at == len(groups) - 1 else group[-1].seq
        yield (out if at == 0 else []), _ids(id_prefix, group), unpack_all(group), upto


def _packets(id_prefix: str, changed: Sequence[Change], batch: int) -> Generator[tuple[list[str], Vectors]]:
    for group in _grouped(changed, batch):
        yield _ids(id_prefix, group), unpack_all(group)


def _ids(id_prefix: str, group: Sequence[Change]) -> list[str]:
    return [part_id(id_prefix, change.item_id, part) for change in group for part in range(change.parts)]


def _grouped(changed: Sequence[Change], batch: int) -> list[list[Change]]:
    groups: list[list[Change]] = []
    room = 0
    for change in changed:
        if not groups or change.parts > room:
            groups.append([])
            room = batch
        groups[-1].append(change)
        room -= change.parts
    return groups


def _finds(collection: Collection, change: Change) -> bool:
    vector = unpack_all([change])[0]
    nearest = collection.query(vector, 10)
    # Of words that were said again and again, any will do: they have the same vector.
    return any(item == change.item_id or likeness >= SAME for item, _, likeness in nearest)


def _drop(client: Any, name: str) -> None:
    from chromadb.errors import NotFoundError

    try:
        client.delete_collection(name)
    except NotFoundError:
        return


def _other(why: str) -> OfficeHoursError:
    what = {
        "embedder": ("was made with another embedder", "다른 임베더로 만들어져"),
        "store": ("belongs to another state of the database", "데이터베이스와 맞지 않아"),
        "format": ("is of an older version", "이전 버전의 형식이라"),
    }[why]
    return OfficeHoursError(
        f"The search index {what[0]}; it is being rebuilt from the database.",
        f"검색 색인이 {what[1]} 데이터베이스에서 다시 만들고 있습니다.",
    )


def _untrusted() -> OfficeHoursError:
    return OfficeHoursError(
        "The search index did not survive a crash whole; it is being rebuilt from the database. Nothing is lost.",
        "프로그램이 갑자기 끝나면서 검색 색인이 온전하지 않아 데이터베이스에서 다시 만들고 있습니다. 잃어버린 것은 없습니다.",
    )
