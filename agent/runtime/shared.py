"""What the tutors of a process share, so that twenty take little more than one: opened by the first, closed by the last.

All hangs on the database: an embedder is the store's, an index is of what the store holds. So whoever has another
database, another folder or another embedder gets others (docs/adr/0036).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from ...memory.embedding import StoreEmbedder, WarningSink, active_embedder, choose_embedder
from ...memory.errors import OfficeHoursError
from ...memory.index import EmbedThread, StudentIndex
from ...memory.index.chroma import Chroma, ChromaFolder, ChromaServer
from ...memory.store import Database
from ...memory.types import Student
from ..settings import Settings
from .holding import Holdings

T = TypeVar("T")

HELD = Holdings()
"""What this process holds."""


class Listeners:
    """Everybody who is told what something shared has to say."""

    def __init__(self) -> None:
        self._sinks: list[WarningSink] = []

    def __call__(self, warning: OfficeHoursError) -> None:
        for sink in tuple(self._sinks):
            sink(warning)

    def add(self, sink: WarningSink) -> None:
        """Tell one more."""
        self._sinks.append(sink)

    def remove(self, sink: WarningSink) -> None:
        """Tell one less."""
        self._sinks.remove(sink)


@dataclass(frozen=True, slots=True)
class _Speaking(Generic[T]):
    """Something shared that has things to say, and who hears them."""

    value: T
    listeners: Listeners


@dataclass(frozen=True, slots=True)
class Shared:
    """One tutor's part in what is shared.

    Attributes:
        embed_thread: Embeds in the background, a page for each student in turn.
    """

    db: Database
    embedder: StoreEmbedder
    chroma: Chroma
    embed_thread: EmbedThread
    _held: ExitStack
    _process: int = field(default_factory=os.getpid)

    @property
    def inherited(self) -> bool:
        """Whether this process was forked off since: what is open is the parent's."""
        return os.getpid() != self._process

    def index_of(self, student: Student) -> StudentIndex:
        """Give the index of a student, the same to all of that student's tutors."""

        def fits(index: StudentIndex) -> bool:
            known, active = index.embedder_id, active_embedder(self.db)
            return known is None or (active is not None and active.id == known)

        return self._held.enter_context(
            HELD.hold(
                (self.chroma, student.collection),
                lambda: StudentIndex(self.db, student, self.chroma),
                lambda _: None,
                fits,
            )
        )

    def close(self) -> None:
        """Let go; what nobody else holds is closed. Again does nothing."""
        self._held.close()


def open_shared(settings: Settings, warn: WarningSink) -> Shared:
    """Hold what the settings name, opened now if nobody in this process has it.

    Args:
        warn: Told what the embedder and the index have to say while it is held.

    Raises:
        StoreError, ConfigError: As their names say; nothing is held then.
    """
    with ExitStack() as held:
        db = _hold_database(held, settings.database)
        embedder = _hold_embedder(held, db, settings, warn)
        chroma = _hold_chroma(held, db, settings, warn)
        thread = held.enter_context(
            HELD.hold((embedder, "thread"), lambda: EmbedThread(embedder), lambda thread: thread.end())
        )
        return Shared(db, embedder, chroma, thread, held.pop_all())


def _hold_database(held: ExitStack, url: str | Path) -> Database:
    return held.enter_context(
        HELD.hold(
            ("database", Database.address(url)),
            lambda: Database.open(url),
            lambda db: db.close(),
            lambda db: db.in_place(),
        )
    )


def _hold_embedder(held: ExitStack, db: Database, settings: Settings, warn: WarningSink) -> StoreEmbedder:
    def make() -> _Speaking[StoreEmbedder]:
        heard = Listeners()
        made = choose_embedder(db, settings.embedder, api_key=settings.api_key, warn=heard, start=False)
        return _Speaking(made, heard)

    def fits(known: _Speaking[StoreEmbedder]) -> bool:
        if not known.value.ready.is_set():
            return True
        active = active_embedder(db)  # another since `memory reindex`
        return not known.value.broken and active is not None and active.id == known.value.id

    row, setting = active_embedder(db), settings.embedder
    named = setting if isinstance(setting, str) else f"id {id(setting)}"  # a program's own is only itself
    server = "://" in named or (row is not None and "://" in row.name)
    key = (db, "embedder", named, settings.api_key if server else None)
    return _hear(held, held.enter_context(HELD.hold(key, make, lambda it: it.value.close(), fits)), warn)


def _hold_chroma(held: ExitStack, db: Database, settings: Settings, warn: WarningSink) -> Chroma:
    folder = settings.home / "index"

    def make() -> _Speaking[Chroma]:
        heard = Listeners()
        url = settings.chroma_url
        return _Speaking(ChromaServer(url, heard) if url else ChromaFolder(folder, heard), heard)

    key = (db, "chroma", settings.chroma_url or str(folder.absolute()))
    return _hear(held, held.enter_context(HELD.hold(key, make, lambda it: it.value.close())), warn)


def _hear(held: ExitStack, shared: _Speaking[T], warn: WarningSink) -> T:
    shared.listeners.add(warn)
    held.callback(shared.listeners.remove, warn)
    return shared.value


def _close_files() -> None:
    # SQLite loses track of its locks in a process that is forked off with a file open.
    for db in HELD.values(Database):
        if db.dialect == "sqlite":
            db.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_close_files)
