"""Which embedder a store uses: chosen once, written into the store, never changed silently.

Vectors of two models cannot be compared, so the first embedder that is used in a store stays until
`memory reindex --embedder X` has embedded everything anew.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ..errors import ConfigError, OfficeHoursError
from ..store import Database
from ..store.schema import embedders
from ..text import language
from .base import AUTO, Embedder, Kind, LoadedEmbedder, Vectors, WarningSink
from .calibration import Calibration, measure
from .open import open_embedder

MOST_BEGUN = 64
"""Questions of a process's students that are embedded aside and not yet asked for."""


@dataclass(frozen=True, slots=True)
class EmbedderRow:
    """An embedder as the store knows it; `calibration` is what `calibration.py` measured of it."""

    id: int
    name: str
    dimensions: int
    calibration: Mapping[str, Any]


class StoreEmbedder(LoadedEmbedder):
    """The embedder of one store: the one written there, or the setting's, which is then written there.

    Opens at once; the store is read and the model loaded in the background.

    Args:
        database: The store.
        setting: As `open_embedder` takes it; what the store says goes first.
        api_key: For an endpoint.
        warn: Takes warnings: that the store's embedder is not the setting's, that a model is being fetched.
    """

    def __init__(
        self,
        database: Database,
        setting: Embedder | str,
        *,
        api_key: str | None = None,
        warn: WarningSink | None = None,
    ) -> None:
        super().__init__(setting if isinstance(setting, str) else type(setting).__name__)
        self._database = database
        self._setting = setting
        self._api_key = api_key
        self._warn = warn
        self._inner: Embedder | None = None
        self._row: EmbedderRow | None = None
        self._gate = threading.Lock()
        self._measuring = threading.Lock()
        self._closed = False
        self._aside = ThreadPoolExecutor(1, "question")  # its thread begins with the first question
        self._begun: dict[str, Future[Vectors]] = {}

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def row(self) -> EmbedderRow:
        """What the store says of it. Waits for the loading."""
        self.wait()
        assert self._row is not None
        return self._row

    @property
    def id(self) -> int:
        """The id its vectors carry in the store. Waits for the loading."""
        return self.row.id

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        self.wait()
        assert self._inner is not None
        begun = self._begun.pop(texts[0], None) if kind == "query" and len(texts) == 1 else None
        return self._inner.embed(texts, kind) if begun is None else begun.result()

    def begin(self, question: str) -> None:
        """Embed aside what will be asked for in a moment, while it is being stored; returns at once.

        Nothing happens where the model is not loaded, does not know the language, or is not in this process: what is
        not stored yet goes to no server.
        """
        inner, row = self._inner, self._row
        if row is None or not (isinstance(inner, LoadedEmbedder) and inner.local):
            return
        if Calibration.from_json(row.calibration).scale(language(question)).vote <= 0:
            return
        with self._gate:
            if not self._closed and question not in self._begun:
                if len(self._begun) >= MOST_BEGUN:  # of a turn that ended before it searched
                    self._begun.pop(next(iter(self._begun)), None)
                self._begun[question] = self._aside.submit(inner.embed, [question], "query")

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        return self.embed(texts, kind)

    def close(self) -> None:
        """Let go of the store: what is still loading will not touch it any more, and what is measured is waited for."""
        with self._gate:
            self._closed = True
        with self._measuring:
            pass
        self._aside.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> int:
        with self._open_gate():
            row = active_embedder(self._database)
        if row is None:
            inner = self._open(self._setting)
            calibration = self._measure(inner)
            with self._open_gate():
                row = write_embedder(self._database, inner, calibration, active=True)
            if row.name != inner.name:  # another program chose first
                inner = self._open(row.name)
        else:
            inner = self._stored(row)
        if inner.dimensions != row.dimensions:
            raise _changed(row, inner.dimensions)
        self._inner, self._row = inner, row
        return row.dimensions

    def _measure(self, inner: Embedder) -> Mapping[str, Any]:
        inner.wait()
        with self._measuring:
            with self._open_gate():
                pass
            return measure(inner).to_json()

    @contextmanager
    def _open_gate(self) -> Generator[None]:
        with self._gate:
            if self._closed:
                raise ConfigError("The memory was closed.", "기억이 닫혔습니다.")
            yield

    def _stored(self, row: EmbedderRow) -> Embedder:
        if isinstance(self._setting, str) and self._setting.strip() in AUTO:
            return self._open(row.name)
        asked = self._open(self._setting, start=False)
        if asked.name == row.name:
            return asked
        if self._warn is not None:
            self._warn(_kept(row.name, asked.name))
        return self._open(row.name)

    def _open(self, setting: Embedder | str, *, start: bool = True) -> Embedder:
        return open_embedder(setting, api_key=self._api_key, warn=self._warn, start=start)


def choose_embedder(
    database: Database,
    setting: Embedder | str,
    *,
    api_key: str | None = None,
    warn: WarningSink | None = None,
    start: bool = True,
) -> StoreEmbedder:
    """Open the embedder of a store; returns at once and loads in the background.

    Raises:
        ConfigError: The setting cannot be understood. What fails later is raised by `wait` and `embed`.
    """
    embedder = StoreEmbedder(database, setting, api_key=api_key, warn=warn)
    if start:
        embedder.start()
    return embedder


def active_embedder(database: Database) -> EmbedderRow | None:
    """Give the embedder that the store's vectors are of; None before the first use."""
    with database.read() as connection:
        return _active(connection)


def write_embedder(
    database: Database, embedder: Embedder, calibration: Mapping[str, Any], *, active: bool
) -> EmbedderRow:
    """Write a loaded embedder into the store; where another program was quicker, give what that wrote.

    Args:
        database: The store.
        embedder: Waited for.
        calibration: What was measured of it.
        active: Whether the store's vectors are of it from now on (unless another one is active already).
    """
    with database.begin() as connection:
        row = _active(connection) if active else None
        row = row or _named(connection, embedder.name)
        if row is None:
            connection.execute(
                insert(embedders),
                {
                    "name": embedder.name,
                    "dimensions": embedder.dimensions,
                    "calibration": calibration,
                    "active": active,
                    "created_at": datetime.now(UTC),
                },
            )
            row = _named(connection, embedder.name)
    assert row is not None
    return row


_COLUMNS = (embedders.c.id, embedders.c.name, embedders.c.dimensions, embedders.c.calibration)


def _active(connection: Connection) -> EmbedderRow | None:
    row = connection.execute(select(*_COLUMNS).where(embedders.c.active)).first()
    return None if row is None else EmbedderRow(*row)


def _named(connection: Connection, name: str) -> EmbedderRow | None:
    row = connection.execute(select(*_COLUMNS).where(embedders.c.name == name)).first()
    return None if row is None else EmbedderRow(*row)


def _kept(stored: str, asked: str) -> OfficeHoursError:
    return OfficeHoursError(
        f"This memory was embedded with {stored}, so {stored} is used, not {asked}. To change it: "
        f"officehours memory reindex --embedder {asked}",
        f"이 기억은 {stored}(으)로 임베딩되어 있어 {asked} 대신 {stored}을(를) 씁니다. 바꾸려면: "
        f"officehours memory reindex --embedder {asked}",
    )


def _changed(row: EmbedderRow, dimensions: int) -> ConfigError:
    return ConfigError(
        f"The embedder {row.name} gives vectors of {dimensions} numbers now; this memory was made with "
        f"{row.dimensions}. Put the old model back, or choose another: officehours memory reindex --embedder auto",
        f"임베더 {row.name}의 벡터 길이가 {dimensions}(으)로 바뀌었습니다. 이 기억은 {row.dimensions}(으)로 "
        "만들어졌습니다. 이전 모델을 되돌리거나 다른 것을 고르세요: officehours memory reindex --embedder auto",
    )
