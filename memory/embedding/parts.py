"""Texts for a server that takes only so many at once, or none so long: a refused batch is halved, a text is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .base import Vectors

SHORTEST = 64
"""Characters to which a text is cut at most before its server's refusal is believed."""


class Refused(Exception):
    """A server does not take these texts.

    Attributes:
        error: What a person is told if it stays at that.
        length: It speaks of a size, so that less may be taken.
    """

    def __init__(self, error: Exception, *, length: bool) -> None:
        super().__init__(str(error))
        self.error, self.length = error, length


class Parts:
    """Embeds texts in parts as large as the server takes.

    Args:
        ask: Embeds texts with one request; raises `Refused`.
    """

    def __init__(self, ask: Callable[[list[str]], Vectors]) -> None:
        self._ask = ask
        self._most: int | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in their order; what is refused alone and cut short gives a row of zeros, the others are kept.

        Raises:
            Exception: What the last refusal says, where every text was refused.
        """
        rows: list[Vectors] = []
        size = self._most or len(texts)
        for start in range(0, len(texts), size):
            rows += self._halved(list(texts[start : start + size]))
        dimensions = max((row.shape[1] for row in rows if row.size), default=0)
        return np.concatenate([row if row.size else np.zeros((1, dimensions), np.float32) for row in rows])

    def _halved(self, texts: list[str]) -> list[Vectors]:
        try:
            return [self._ask(texts)]
        except Refused as refused:
            if len(texts) == 1:
                return [self._cut(texts[0], refused)]
        middle = (len(texts) + 1) // 2
        parts = [*self._halved(texts[:middle]), *self._halved(texts[middle:])]
        if len(parts) == 2:  # both halves were taken whole: it was the number, not one of the texts
            self._most = min(middle, self._most or middle)
        return parts

    def _cut(self, text: str, refused: Refused) -> Vectors:
        """Embed the beginning of a text that is too long; an empty array for one that is refused for itself."""
        while refused.length and len(text) > SHORTEST:
            text = text[: max(SHORTEST, len(text) // 2)]
            try:
                return self._ask([text])
            except Refused as again:
                refused = again
        try:
            self._ask(["."])  # refused for itself, or does the server take nothing any more?
        except Refused:
            raise refused.error from None
        return np.empty((0, 0), np.float32)
