from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from officehours.memory.embedding import HashingEmbedder, choose_embedder, open_embedder
from officehours.memory.embedding.base import Kind
from officehours.memory.errors import ConfigError, OfficeHoursError
from officehours.memory.store import Database


class Lengths:
    """Somebody else's embedder: three numbers, not of length one, and a plain list of lists."""

    name = "lengths"
    dimensions = 3

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.asked: list[tuple[Kind, list[str]]] = []

    def start(self) -> None:
        self.ready.set()

    def wait(self, timeout: float | None = None) -> bool:
        self.start()
        return self.ready.wait(timeout)

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Any:
        self.asked.append((kind, list(texts)))
        return [[len(text), 1.0, text.count("a")] for text in texts]


class Wrong(Lengths):
    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Any:
        return self.rows(texts, kind)

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self.rows = rows


def broken(*_: object) -> Any:
    raise KeyError("weights")


def test_rows_have_length_one_in_the_order_of_the_texts_and_each_is_embedded_once() -> None:
    inner = Lengths()
    rows = open_embedder(inner).embed(["a", "bbb", "a"])
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert (rows[0] == rows[2]).all()
    assert [(kind, sorted(texts)) for kind, texts in inner.asked] == [("text", ["a", "bbb"])]


@pytest.mark.parametrize(
    "rows",
    [
        broken,
        lambda texts, _: [[1.0, 2.0]] * len(texts),
        lambda *_: [[1.0, 2.0, 3.0]] * 9,
        lambda *_: "rows",
        lambda *_: None,
    ],
    ids=lambda given: getattr(given, "__name__", type(given).__name__),
)
def test_what_is_no_vector_is_an_error_that_names_the_embedder(rows: Any) -> None:
    with pytest.raises(ConfigError, match="The embedder lengths failed"):
        open_embedder(Wrong(rows)).embed(["a", "b"])


def test_a_failure_while_loading_is_told_by_whoever_waits() -> None:
    class Unloadable(Lengths):
        def start(self) -> None:
            raise OSError("no weights")

    with pytest.raises(OfficeHoursError, match="no weights"):
        open_embedder(Unloadable()).wait()


@pytest.mark.parametrize(
    "given", [Lengths, 5, object()], ids=lambda given: getattr(given, "__name__", type(given).__name__)
)
def test_what_is_no_embedder_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="embedder="):
        open_embedder(given)


def test_the_store_keeps_its_name_and_says_so_where_another_comes(database: Database) -> None:
    said: list[OfficeHoursError] = []
    assert choose_embedder(database, Lengths()).name == "lengths"
    assert choose_embedder(database, Lengths(), warn=said.append).name == "lengths"
    assert said == []
    with pytest.raises(OfficeHoursError):
        choose_embedder(database, HashingEmbedder(32), warn=said.append).wait()
    assert "lengths" in said[0].en
