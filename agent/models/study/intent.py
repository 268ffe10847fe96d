"""What a turn wants: a linear model over its meaning (e5 vectors) and its letters, fitted on example sentences.

The examples are data (`intents/ko.txt`, `intents/en.txt`); `make intents` fits the weights anew (`bench/intents.py`).
Where there is no bilingual embedder, or none is loaded, letters alone decide. What single words show is data as well:
`cues.toml`, and `intents/framing.txt` for those that name nothing.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ....memory.text import mentions, phrases_of
from ....memory.text.translations import translations
from ....memory.text.words import Phrase

Matrix = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Matrix]
"""Gives the vectors of questions, shape (n, dimensions), rows of length one."""

FOLDER: Final = Path(__file__).with_name("intents")
WEIGHTS: Final = FOLDER / "weights.npz"

BUCKETS: Final = 4096
"""Letter n-grams are hashed into so many places."""

SIZES: Final = (1, 2, 3, 4)

LONGEST: Final = 160
"""Characters of a turn that are looked at: it says what it wants at its beginning or at its end."""

LEAST_WORDS: Final = 4
"""Words from which what stands below a line or behind a colon is a text."""

SURELY, SURE, POSSIBLY = 0.8, 0.5, 0.05
"""The probability from which nothing speaks against a reading, it needs no further evidence, and where something speaks for it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a turn wants, how likely that is (0 to 1), and the next likeliest."""

    intent: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()

    def next_best(self) -> Reading:
        """The reading where the likeliest is ruled out."""
        (intent, probability), *others = self.others
        return Reading(intent, probability / max(1e-6, 1 - self.probability), tuple(others))

    def share(self, *intents: str) -> float:
        """How likely it is one of some intents."""
        return sum(p for name, p in ((self.intent, self.probability), *self.others) if name in intents)


def read(text: str, embed: Embed | None = None) -> Reading:
    """Read a turn, with the embedder that the weights were fitted with, or by its letters: a tenth of a millisecond."""
    labels, letters, both = _weights()
    shown = plain(text)
    seen = features([shown])
    scores = seen @ letters if embed is None else np.hstack([seen, embed([shown])]) @ both
    likely = np.exp(scores[0] - scores[0].max())
    likely /= likely.sum()
    order: list[int] = np.argsort(-likely)[:5].tolist()
    first, *others = [(labels[at], round(float(likely[at]), 4)) for at in order]
    return Reading(*first, tuple(others))


@lru_cache(maxsize=1)
def _weights() -> tuple[list[str], Matrix, Matrix]:
    with np.load(WEIGHTS) as kept:
        found: dict[str, Any] = dict(kept)
    letters, both = (found[name].astype(np.float32) for name in ("letters", "both"))
    return list(map(str, found["labels"])), letters, both


def plain(text: str) -> str:
    """Give a turn as it is read: in one spelling of its letters, without pasted lines, not too long."""
    lines = [line.strip() for line in unicodedata.normalize("NFC", text).splitlines() if line.strip()]
    words = " ".join(" ".join([*lines[:1], *lines[1:][-1:]]).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST // 2]} {words[-LONGEST // 2 :]}"


def features(texts: Sequence[str]) -> Matrix:
    """Count letter n-grams, hashed, with a last column that is always one.

    Returns:
        Shape (len(texts), BUCKETS + 1); rows without the last column have length one.
    """
    found = np.zeros((len(texts), BUCKETS + 1), np.float32)
    for row, text in enumerate(texts):
        letters = f" {text.casefold()} "
        for size in SIZES:
            for at in range(len(letters) - size + 1):
                found[row, crc32(letters[at : at + size].encode()) % BUCKETS] += 1
    found[:, :BUCKETS] = np.log1p(found[:, :BUCKETS])
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    found[:, BUCKETS] = 1.0
    return found


@lru_cache(maxsize=1)
def framing() -> frozenset[str]:
    """The words that questions on anything have: they name nothing."""
    lines = (FOLDER / "framing.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def cues() -> Mapping[str, Sequence[str]]:
    """All cue words by what they show."""
    return tomllib.loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))


def says(text: str, cue: str) -> bool:
    """Whether one of the words for `cue` stands in a text."""
    lower = text.casefold()
    return any(word in lower for word in cues()[cue])


def instruction(said: str) -> str:
    """Give the line that stands before a text, in a line of its own or before a colon; "" where there is none."""
    for mark in ("\n", ":"):
        head, _, text = said.partition(mark)
        if "```" in text or len(text.split()) >= LEAST_WORDS:
            return head
    return ""


def named_in(text: str) -> list[Phrase]:
    """What a text names, as phrases; a term of more words, such as least squares, is one with all of them."""
    terms = {word.casefold() for term in translations(text) if len(term.words) > 1 for word in term.words}
    return phrases_of(text, framing() - terms)


def speaks_of(text: str, named: Iterable[Phrase]) -> bool:
    """Whether a text mentions one of some things."""
    return any(mentions(text, phrase) for phrase in named)
