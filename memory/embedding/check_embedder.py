"""What every `Embedder` must do, as a check that anybody can run on theirs; docs/api/testing.md lists the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np

from .base import Embedder, Kind, Vectors

NEAR = 2e-2
"""How far two vectors of one text may be apart, that were embedded among others."""

LONGEST_NAME = 200

_TEXTS = (
    "A matrix is a table of numbers.",
    "행렬은 수를 네모나게 늘어놓은 표입니다.",
    "The cafeteria closes at six.",
    "기말시험은 12월 3일이에요! 🙂",
)
_ODD = ("", " ", "\n", "?", "a" * 20_000, "각각의 낱자", "e\u0301", "\x00")
"""Nothing, nearly nothing, very much, letters taken apart, what no keyboard has."""


def check_embedder(make_embedder: Callable[[], Embedder]) -> None:
    """Hold an embedder against the protocol.

    Args:
        make_embedder: Makes it anew.

    Raises:
        AssertionError: It breaks a rule; the text is a sentence that says which.
    """
    embedder = make_embedder()
    _loads(embedder)
    _is_itself(embedder, make_embedder())
    rows = _rows(embedder, _TEXTS)
    alone = np.concatenate([_rows(embedder, [text]) for text in _TEXTS])
    assert np.abs(rows - alone).max() <= NEAR, (
        "Rows stand in the order of the texts, whatever stands beside them."
    )
    assert np.abs(_rows(make_embedder(), _TEXTS) - rows).max() <= NEAR, (
        "Another one of the same name gives the same."
    )
    _means_something(embedder)
    for text in _ODD:
        _rows(embedder, [text])
    _rows(embedder, [])
    _rows(embedder, _TEXTS, "query")
    _side_by_side(embedder, rows)


def _loads(embedder: Embedder) -> None:
    embedder.start()
    embedder.start()
    assert embedder.wait() is True, "`wait` gives True once the loading is over."
    assert embedder.ready.is_set(), "`ready` is set once the loading is over."
    assert embedder.wait(0) is True, "`wait` gives True at once where nothing has to load any more."


def _is_itself(embedder: Embedder, other: Embedder) -> None:
    name = cast("object", embedder.name)
    named = isinstance(name, str) and 0 < len(name.strip()) == len(name) <= LONGEST_NAME
    assert named, (
        f"`name` is a text of up to {LONGEST_NAME} characters, without blanks around it; it is {name!r}."
    )
    assert embedder.dimensions > 0, "`dimensions` is a whole number above 0."
    other.wait()
    same = (other.name, other.dimensions) == (embedder.name, embedder.dimensions)
    assert same, "Another one made in the same way has the same `name` and `dimensions`."


def _rows(embedder: Embedder, texts: Sequence[str], kind: Kind = "text") -> Vectors:
    given = list(texts)
    rows = embedder.embed(given, kind)
    about = "no texts" if not texts else f"{texts[0][:30]!r}"
    assert given == list(texts), "The list of texts is left as it is."
    assert isinstance(rows, np.ndarray), f"`embed` gives a NumPy array, not a {type(rows).__name__}."
    assert rows.dtype == np.float32, f"The numbers are float32, not {rows.dtype}."
    wanted = (len(texts), embedder.dimensions)
    assert rows.shape == wanted, (
        f"The shape is (texts, dimensions), here {wanted}, not {rows.shape} ({about})."
    )
    assert np.isfinite(rows).all(), f"Every number is finite ({about})."
    lengths = np.linalg.norm(rows, axis=1)
    assert np.allclose(lengths, 1, atol=1e-3), f"Every row has length one ({about}: {lengths[:3]})."
    return rows


def _means_something(embedder: Embedder) -> None:
    text, alike, other = _rows(embedder, (_TEXTS[0], _TEXTS[0].rstrip(".") + "!", _TEXTS[2]))
    assert text @ alike > text @ other, "A text is nearer to nearly the same text than to another."


def _side_by_side(embedder: Embedder, rows: Vectors) -> None:
    with ThreadPoolExecutor(2) as pool:
        for found in [pool.submit(_rows, embedder, _TEXTS) for _ in range(4)]:
            assert np.abs(found.result() - rows).max() <= NEAR, (
                "Two threads at once each get their own vectors."
            )
