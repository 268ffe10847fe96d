"""The embedder that needs no model: hashed character n-grams."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .base import Kind, LoadedEmbedder, Vectors


class HashingEmbedder(LoadedEmbedder):
    """Hashed character n-grams: deterministic, instant, and good at spelling rather than meaning.

    For tests, and for machines that cannot hold a model. Works alike in every script. The hashing trick with
    signs is that of Weinberger et al. 2009 (arXiv:0902.2206).
    """

    sizes = (2, 3, 4)

    def __init__(self, dimensions: int = 256) -> None:
        super().__init__("hashing" if dimensions == 256 else f"hashing-{dimensions}")
        self._dimensions = dimensions
        self._ready.set()

    def start(self) -> None:
        """Nothing to load."""

    def _load(self) -> int:
        return self._dimensions

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:  # noqa: ARG002  both kinds hash alike
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Vectors:
        words = " ".join(text.casefold().split())
        codes = np.frombuffer(f"  {words} ".encode("utf-32-le"), np.uint32).astype(np.uint64)
        grams: list[NDArray[np.uint64]] = []
        for size in self.sizes:
            n = len(codes) - size + 1
            if n < 1:
                continue
            rolled = np.full(n, size, np.uint64)
            for i in range(size):
                rolled = (rolled ^ codes[i : i + n]) * np.uint64(0x9E3779B97F4A7C15)
                rolled ^= rolled >> np.uint64(29)
            grams.append(rolled)
        hashed, counts = np.unique(np.concatenate(grams), return_counts=True)
        signs = np.where(hashed >> np.uint64(63), 1.0, -1.0)
        buckets = (hashed % np.uint64(self._dimensions)).astype(np.intp)
        return np.bincount(buckets, signs * np.log1p(counts), self._dimensions).astype(np.float32)
