"""An embedder that a program brings along: held to the protocol, so that no search and no turn fails of it."""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError, OfficeHoursError
from .base import Embedder, Kind, LoadedEmbedder, Vectors


class ForeignEmbedder(LoadedEmbedder):
    """An embedder of somebody else's. It is asked by one thread at a time, and for each text of a call once.

    Args:
        inner: What was given; whether texts leave this process is its own affair.

    Raises:
        ConfigError: It cannot be one.
    """

    local = False

    def __init__(self, inner: Embedder) -> None:
        missing = [name for name in ("embed", "wait", "start") if not callable(getattr(inner, name, None))]
        if missing or isinstance(inner, type):
            kind = getattr(inner, "__name__", type(inner).__name__)
            raise ConfigError(
                f"embedder= takes a name or an object with name, dimensions, ready, start, wait and embed; {kind} is none.",
                f"embedder=에는 이름이나 name, dimensions, ready, start, wait, embed가 있는 객체를 넣습니다. 받은 것: {kind}",
            )
        super().__init__(type(inner).__name__)
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    def _load(self) -> int:
        self._inner.wait()
        return self._inner.dimensions

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        try:
            rows = np.asarray(self._inner.embed(texts, kind), np.float32)
        except OfficeHoursError:
            raise
        except Exception as error:
            raise _failed(self.name, f"{type(error).__name__}: {error}") from error
        if rows.shape != (len(texts), self._dimensions):
            raise _failed(self.name, f"shape {rows.shape}, not {(len(texts), self._dimensions)}")
        return rows


def _failed(name: str, why: str) -> ConfigError:
    return ConfigError(f"The embedder {name} failed ({why}).", f"임베더 {name}에 오류가 났습니다 ({why}).")
