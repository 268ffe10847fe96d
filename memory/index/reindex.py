"""Moving a store to another embedder: everything is embedded anew, then the store changes over at once.

Until the last item is done the old vectors go on being used. What is done is kept: a reindexing that was killed goes on
where it was when it is begun again with the same embedder.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select, update

from .. import students
from ..embedding import Embedder, Vectors, WarningSink, active_embedder, open_embedder
from ..embedding.calibration import measure
from ..embedding.store_embedder import EmbedderRow, write_embedder
from ..errors import StoreBusy
from ..store import Database, work_lock
from ..store.schema import doc_lengths, embedders, vectors
from ..types import Progress, Scope, Student
from .chroma import Chroma
from .chunks import item_texts
from .pending import blind_languages
from .student_index import StudentIndex
from .vectors import add_vectors, dequeue_embedded
from .writer import SCOPES

PAGE = 32
WORK_LOCK_SECONDS = 60.0
SPACE_NAMES: dict[int, Scope] = {number: name for name, number in SCOPES.items()}


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindexing did.

    Attributes:
        embedder: The name of the store's embedder now.
        before: What it was, None for a store without one.
        items: Embedded anew in this run.
    """

    embedder: str
    before: str | None
    items: int


def reindex(
    database: Database,
    setting: Embedder | str,
    chroma: Chroma | None,
    *,
    api_key: str | None = None,
    warn: WarningSink | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> ReindexReport:
    """Embed everything in the store, of every student, with the embedder of a setting, and make it the store's.

    Args:
        database: The store.
        setting: As `open_embedder` takes it; the store's own again embeds what is missing and changes nothing else.
        chroma: Filled anew at the end, where it can be had now; otherwise at the next start.
        api_key: For an endpoint.
        warn: Takes warnings.
        progress: Told items done, and items in all.
        stop: Set from elsewhere to end after the page at hand; the store is unchanged then.

    Raises:
        ConfigError, ProviderError: The embedder cannot be used. The store is unchanged.
        StoreBusy: Another program is reindexing.
    """
    embedder = open_embedder(setting, api_key=api_key, warn=warn)
    before = active_embedder(database)
    row = write_embedder(database, embedder, measure(embedder).to_json(), active=False)
    with work_lock(database, "reindex", WORK_LOCK_SECONDS) as mine:
        if mine is None:
            raise StoreBusy(
                "Another program is reindexing this memory. Wait until it is done.",
                "다른 프로그램이 이 기억을 다시 색인하고 있습니다. 끝날 때까지 기다려 주세요.",
            )
        work = _Reindexing(database, embedder, row)
        while not (stop is not None and stop.is_set()):
            if not work.next_page(progress) and work.change_over():
                _fill(database, chroma)
                return ReindexReport(row.name, None if before is None else before.name, work.done)
            mine.acquire()
    return ReindexReport(
        "" if before is None else before.name, None if before is None else before.name, work.done
    )


class _Reindexing:
    """One run: what has no vectors of the new embedder yet, page by page."""

    def __init__(self, database: Database, embedder: Embedder, row: EmbedderRow) -> None:
        self.done = 0
        self._database = database
        self._embedder = embedder
        self._row = row
        self._blind = blind_languages(row)
        self._bare = and_(
            doc_lengths.c.length > 0,
            ~exists().where(
                vectors.c.student_id == doc_lengths.c.student_id,
                vectors.c.scope == doc_lengths.c.scope,
                vectors.c.item_id == doc_lengths.c.item_id,
                vectors.c.embedder_id == row.id,
            ),
        )

    def next_page(self, progress: Progress | None) -> bool:
        """Embed some more of one student's items; False if there is nothing left."""
        key = (doc_lengths.c.student_id, doc_lengths.c.scope)
        with self._database.read() as connection:
            first = connection.execute(select(*key).where(self._bare).order_by(*key).limit(1)).first()
            if first is None:
                return False
            student_id, number = first
            items = list(
                connection.execute(
                    select(doc_lengths.c.item_id)
                    .where(self._bare, key[0] == student_id, key[1] == number)
                    .order_by(doc_lengths.c.item_id)
                    .limit(PAGE)
                ).scalars()
            )
            scope = SPACE_NAMES[number]
            texts = item_texts(connection, student_id, [(scope, item) for item in items], self._blind)
        flat = [part for parts in texts.values() for part in parts]
        found = self._embedder.embed(flat)
        at = 0
        rows: dict[int, Vectors] = {}
        for (_, item), parts in texts.items():
            rows[item] = found[at : at + len(parts)]
            at += len(parts)
        # A row that is gone while its terms are still filed has nothing to embed.
        rows |= {item: found[:0] for item in items if item not in rows}
        with self._database.begin() as connection:
            add_vectors(connection, student_id, scope, self._row.id, rows)
        self.done += len(items)
        if progress is not None:
            progress(self.done, self.done + self._count_bare())
        return True

    def change_over(self) -> bool:
        """Make the new embedder the store's, unless something was said meanwhile that it has not embedded."""
        with self._database.begin() as connection:
            if self._count(connection, self._bare):
                return False
            connection.execute(update(embedders).values(active=embedders.c.id == self._row.id))
            connection.execute(delete(vectors).where(vectors.c.embedder_id != self._row.id))
            dequeue_embedded(connection, self._row.id)
        return True

    def _count_bare(self) -> int:
        with self._database.read() as connection:
            return self._count(connection, self._bare)

    def _count(self, connection: Connection, which: ColumnElement[bool]) -> int:
        return connection.execute(select(func.count()).select_from(doc_lengths).where(which)).scalar_one()


def _fill(database: Database, chroma: Chroma | None) -> None:
    everyone: Sequence[Student] = students.all(database)
    for student in everyone if chroma is not None else ():
        StudentIndex(database, student, chroma).catch_up()
