"""One open Chroma, embedded or on a server: who may use it, when it opens, what happens when it fails.

Chroma is only ever an index of what the database holds, so every failure here has the same answer: let go, search
exactly meanwhile, open again later and catch up. Ids and vectors go in, never text, and Chroma's own embedding
function (it downloads a model) is never used.

Chroma's bindings hold Python's interpreter lock while they work: 1 s for a batch of 2,000, 25 ms for one of 24.
So whatever is done behind a prompt goes in small batches with pauses (docs/adr/0011).
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ...embedding.base import Vectors, WarningSink
from ...errors import OfficeHoursError

T = TypeVar("T")

PATIENCE = 0.1
"""Seconds a search waits for another thread that is using Chroma; then it searches exactly."""

LOOK_SECONDS = 0.5
"""How often a holder with nothing to do looks whether another process asks for the folder."""

STAND_BACK = 0.5
"""Seconds that who has let go leaves to others, who ask every 0.05 s."""

CLOSE_SECONDS = 5
"""How long closing waits for what goes on behind the scene, such as a wait for a database that somebody has locked."""

FORMAT = 1
"""Raised when what the collections hold changes: older ones are built anew."""


class ChromaFailed(Exception):
    """Chroma cannot be used now; search exactly."""


class ChromaReopened(ChromaFailed):
    """It was closed and opened again since a collection was got from it; get it anew."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a collection must be made of to be of use.

    Attributes:
        name: The collection.
        embedder: The embedder's name.
        store: The store's own random mark: a collection of another store, or of a restored one, is not ours.
    """

    name: str
    embedder: str
    store: str


class Collection:
    """One student's vectors in one space, as Chroma holds them.

    Attributes:
        generation: The `Chroma.generation` it was got from; with any other it is void.
        watermark: Every change up to this number is in.
        made: It was made just now, for one of the reasons in `made_because`.
        made_because: "new", or "embedder", "store", "format": what did not fit of the one that was there.
    """

    def __init__(self, client: Any, identity: Identity, head: int, generation: int) -> None:
        self.identity = identity
        self.generation = generation
        self.made_because = ""
        self._collection: Any = _found(client, identity.name)
        if self._collection is not None:
            self.made_because = _misfit(self._collection.metadata or {}, identity, head)
            if self.made_because:
                client.delete_collection(identity.name)
        if self._collection is None or self.made_because:
            self.made_because = self.made_because or "new"
            self._collection = client.create_collection(
                identity.name,
                metadata=_metadata(identity, 0),
                configuration={"hnsw": {"space": "ip"}},
                embedding_function=None,
            )
        self.watermark = int(self._collection.metadata["watermark"])
        self.read_at = time.monotonic()

    def query(self, vector: Vectors, n: int) -> list[tuple[int, int, float]]:
        """Give (item, part, similarity) of the `n` nearest parts, best first."""
        found = self._collection.query(query_embeddings=vector[None, :], n_results=n, include=["distances"])
        return [
            (*read_id(name), 1.0 - float(distance))
            for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def apply(self, removed: list[str], ids: list[str], rows: Vectors, watermark: int) -> None:
        """Carry out removals, then put vectors in, then say how far that was; repeating it does no harm."""
        if removed:
            self._collection.delete(ids=removed)
        if ids:
            self._collection.upsert(ids=ids, embeddings=rows)
        if watermark != self.watermark:
            self._collection.modify(metadata=_metadata(self.identity, watermark))
            self.watermark = watermark
            self.made_because = ""

    def ids(self, page: int = 50_000) -> set[str]:
        """Read every id; goes page by page."""
        found: set[str] = set()
        while True:
            names = self._collection.get(limit=page, offset=len(found), include=[])["ids"]
            found.update(names)
            if len(names) < page:
                return found

    def vectors(self, ids: list[str]) -> dict[str, Vectors]:
        """Read the vectors of some ids."""
        found = self._collection.get(ids=ids, include=["embeddings"])
        return dict(zip(found["ids"], found["embeddings"], strict=True))


class Resting(Protocol):
    """What wants to know that Chroma has been let go."""

    def rest(self) -> None: ...


class Chroma(ABC):
    """A Chroma that several students of this process share.

    All use goes through `ask`, one caller at a time. Opening, closing and catching up happen in a thread of its
    own, which begins with `warm` or the first `request`.

    Attributes:
        generation: Grows with every opening: what was got from an older one is void.
        suspect: The last holder did not close properly, so what is found is to be checked before it is trusted.
        shared: Other processes write to it too, so writers take turns and the watermark may move by itself.
        batch: Vectors to put in at once when nobody waits.
    """

    shared = False
    batch = 2_000
    idle_seconds: float | None = None
    retry_seconds = 5.0

    def __init__(self, warn: WarningSink | None = None) -> None:
        self.generation = 0
        self.suspect = False
        self._warn = warn
        self._said: set[tuple[int, str]] = set()
        self._mutex = threading.RLock()
        self._client: Any = None
        self._wake = threading.Condition()
        self._jobs: dict[object, Callable[[], None]] = {}
        self._wanted = False
        self._closing = False
        self._thread: threading.Thread | None = None
        self._used_at = time.monotonic()
        self._not_before = 0.0
        self._at_rest: weakref.WeakSet[Resting] = weakref.WeakSet()

    @abstractmethod
    def _open(self) -> Any | None:
        """Give a client, or None if it cannot be had now; failures are said by the implementation."""

    @abstractmethod
    def _release(self, client: Any, *, clean: bool) -> None:
        """Let go of a client; `clean` if nothing went wrong with it."""

    @property
    def is_open(self) -> bool:
        """Whether `ask` would find a client."""
        return self._client is not None

    def warm(self) -> None:
        """Open in the background, if it is not open; returns at once."""
        self.request(None, None)

    def request(self, key: object, job: Callable[[], None] | None) -> None:
        """Open in the background and do a job there; of several with the same key only the last is done."""
        with self._wake:
            if self._closing:
                return
            self._wanted = True
            if job is not None:
                self._jobs[key] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="chroma", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._wake.notify_all()

    def tell_of_rest(self, listener: Resting) -> None:
        """Call `listener.rest()` in the background whenever the client was let go because nobody used it."""
        self._at_rest.add(listener)

    def ask(
        self, work: Callable[[Any], T], *, patience: float = PATIENCE, generation: int | None = None
    ) -> T:
        """Let `work` use the client; it must not touch the database, whose failures are not Chroma's.

        Args:
            work: What is to be done.
            patience: Seconds to wait for others who use it.
            generation: What the collection that `work` uses was got from.

        Raises:
            ChromaReopened: It is another generation now.
            ChromaFailed: It is not open, is busy for longer than `deadline` seconds, or failed at the work.
        """
        if not self._mutex.acquire(timeout=patience):
            raise ChromaFailed("busy")
        try:
            if self._closing or self._client is None or not self._still_there():
                raise ChromaFailed("closed")
            if generation not in {None, self.generation}:
                raise ChromaReopened
            self._used_at = time.monotonic()
            try:
                return work(self._client)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                # Not Exception: a panic in Chroma's Rust code arrives as a BaseException.
                self._fall(error)
                raise ChromaFailed(str(error)) from error
        finally:
            self._mutex.release()

    def open_now(self, *, patience: float = 0.0) -> bool:
        """Open in this thread, waiting `deadline` seconds for another holder; tell whether it is open."""
        deadline = time.monotonic() + patience
        pause = threading.Event()
        while True:
            self._not_before = 0.0
            self._try_to_open()
            if self._client is not None or time.monotonic() >= deadline:
                return self._client is not None
            pause.wait(0.05)

    def leave(self) -> None:
        """Let go now; whoever asks for it next opens it again."""
        self._let_go(clean=True)

    @abstractmethod
    def make_room(self, name: str, *, patience: float = PATIENCE) -> None:
        """Hear that a collection is about to be opened, which may make every other one void.

        Raises:
            ChromaFailed: That cannot be now.
        """

    @abstractmethod
    def will_erase(self) -> None:
        """Hear that collections are about to be deleted for good: nothing of them is to be left behind."""

    def throw_away(self) -> bool:
        """Delete all that is kept on this machine, to be built anew; False where it cannot be, or is elsewhere."""
        return False

    def close(self) -> None:
        """Let go for good; again does nothing."""
        with self._wake:
            self._closing = True
            self._jobs.clear()
            self._wake.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=CLOSE_SECONDS)
        self._let_go(clean=True)
        atexit.unregister(self.close)

    def warning(self, warning: OfficeHoursError) -> None:
        """Tell the person something that is no failure of what they asked for, once for each opening."""
        known = (self.generation, warning.en)
        if self._warn is not None and known not in self._said:
            self._said.add(known)
            self._warn(warning)

    def _still_there(self) -> bool:
        return True

    def _is_wanted(self) -> bool:
        """Whether another process asks for it."""
        return False

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(self._has_work, timeout=self._until_idle())
                if self._closing:
                    return
                key = next(iter(self._jobs), None)
                job = self._jobs.pop(key, None)
                wanted, self._wanted = self._wanted, False
            if wanted or job is not None:
                self._try_to_open()
            if job is not None:
                self._do(job)
            elif self._is_idle() or self._is_wanted():
                self._let_go(clean=True)
                self._not_before = time.monotonic() + STAND_BACK
                for listener in list(self._at_rest):
                    self._do(listener.rest)

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except ChromaFailed:
            return  # it has let go already; the next request opens it again
        except OfficeHoursError as error:
            self.warning(error)

    def _has_work(self) -> bool:
        return self._closing or bool(self._jobs) or self._wanted

    def _until_idle(self) -> float | None:
        if self.idle_seconds is None or self._client is None:
            return None
        return min(LOOK_SECONDS, max(0.01, self._used_at + self.idle_seconds - time.monotonic()))

    def _is_idle(self) -> bool:
        if self.idle_seconds is None or self._client is None:
            return False
        return time.monotonic() - self._used_at >= self.idle_seconds

    def _try_to_open(self) -> None:
        with self._mutex:
            if self._client is not None or self._closing or time.monotonic() < self._not_before:
                return
            self._not_before = time.monotonic() + self.retry_seconds
            client = self._open()
            if client is not None:
                self._client = client
                self.generation += 1
                self._used_at = time.monotonic()
                self._not_before = 0.0

    def _fall(self, error: BaseException) -> None:
        client, self._client = self._client, None
        self._not_before = time.monotonic() + self.retry_seconds
        self._fell(error)
        with contextlib.suppress(Exception):  # what is broken may break again while it is closed
            self._release(client, clean=False)

    @abstractmethod
    def _fell(self, error: BaseException) -> None:
        """Say that it failed."""

    def _let_go(self, *, clean: bool) -> None:
        with self._mutex:
            client, self._client = self._client, None
            if client is not None:
                self._release(client, clean=clean)


def part_id(id_prefix: str, item: int, part: int) -> str:
    """Name a part in the index: ("r", 12, 0) -> "r12.0"."""
    return f"{id_prefix}{item}.{part}"


def read_id(name: str) -> tuple[int, int]:
    """Read what `part_id` made: "r12.0" -> (12, 0)."""
    item, _, part = name[1:].partition(".")
    return int(item), int(part)


def _found(client: Any, name: str) -> Any | None:
    from chromadb.errors import NotFoundError

    try:
        return client.get_collection(name, embedding_function=None)
    except NotFoundError:
        return None


def _metadata(identity: Identity, watermark: int) -> dict[str, str | int]:
    return {"embedder": identity.embedder, "store": identity.store, "format": FORMAT, "watermark": watermark}


def _misfit(metadata: Mapping[str, Any], identity: Identity, head: int) -> str:
    """Say why a collection is of no use, "" if it fits. `head` is the database's last change number."""
    wanted = _metadata(identity, 0)
    for key in ("format", "embedder", "store"):
        if metadata.get(key) != wanted[key]:
            return key
    watermark = metadata.get("watermark")
    # A watermark ahead of the database: the database is an older one that was put back.
    return "" if isinstance(watermark, int) and watermark <= head else "store"
