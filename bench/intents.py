"""Fits the classifier of what a turn wants on the example sentences, and says how well it reads those it did not see.

    python -m officehours.bench intents [--write] [--check FILE.tsv …]

A softmax regression with an L2 penalty over letter n-grams and e5 vectors (`agent/models/study/intent.py`). One in five is left
out at first; `--check` reads further sentences (tables whose last columns are intent and sentence). `--write` puts the weights into the package.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from officehours.agent.models.study.intent import FOLDER, WEIGHTS, Matrix, features, plain
from officehours.memory.embedding import packaged_embedder

PENALTY = 3e-5
STEPS = 300
MEANING = 6.0
"""How much the vector weighs beside the letters."""

Row = tuple[str, str]


def examples(folder: Path = FOLDER) -> list[Row]:
    """Read the examples of both languages: (intent, sentence)."""
    found: list[Row] = []
    for file in (folder / f"{language}.txt" for language in ("en", "ko")):
        intent = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("[") and line.endswith("]"):
                intent = line[1:-1]
            elif line.strip() and not line.startswith("#"):
                found.append((intent, line.strip()))
    return found


def fit(seen: Matrix, wanted: Sequence[int], classes: int) -> Matrix:
    """Fit a softmax regression by Adam on all rows at once; the penalty leaves the bias alone.

    Returns:
        Shape (columns, classes).
    """
    targets = np.eye(classes, dtype=np.float32)[list(wanted)]
    weights = np.zeros((seen.shape[1], classes), np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        scores = seen @ weights
        likely = np.exp(scores - scores.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        slope = seen.T @ (likely - targets) / len(seen) + PENALTY * weights
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        rate = 0.3 * (1 - step / STEPS) + 0.01
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def embedded(texts: Sequence[str]) -> Matrix | None:
    """Give the vectors of sentences; None where this install has no bilingual embedder."""
    embedder = packaged_embedder()
    return None if embedder is None else embedder.embed(texts, "query")


def joined(letters: Matrix, meaning: Matrix | None, centre: Matrix) -> Matrix:
    """Put letters and meaning side by side; e5 vectors lie close together, so what they share is taken off."""
    return letters if meaning is None else np.hstack([letters, MEANING * (meaning - centre)])


def folded(weights: Matrix, columns: int, centre: Matrix) -> Matrix:
    """Give weights for vectors as they are: the scale and the centre go into them and into the bias."""
    found = weights.copy()
    found[columns:] *= MEANING
    found[columns - 1] -= centre @ found[columns:]
    return found


def right(scores: Matrix, wanted: Sequence[int]) -> float:
    """The share of rows whose best class is the wanted one."""
    return float((scores.argmax(1) == np.array(wanted)).mean())


def main(argv: Sequence[str] | None = None) -> None:
    """Fit, say how well it reads, and write the weights where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", nargs="*", type=Path, default=[])
    options = parser.parse_args(argv)
    rows = examples()
    labels = sorted({intent for intent, _ in rows})
    wanted = [labels.index(intent) for intent, _ in rows]
    texts = [plain(text) for _, text in rows]
    letters, meaning = features(texts), embedded(texts)
    centre = np.zeros(0, np.float32) if meaning is None else meaning.mean(0)
    both = joined(letters, meaning, centre)
    print(f"{len(rows)} examples of {len(labels)} intents")
    out, of = np.arange(len(rows)) % 5 == 0, np.array(wanted)
    for name, seen in (("letters", letters), ("letters and meaning", both)):
        share = right(seen[out] @ fit(seen[~out], of[~out].tolist(), len(labels)), of[out].tolist())
        print(f"{name:20} {share:.3f} of the sentences left out, one in five")
    whole = fit(both, wanted, len(labels))
    fitted = {"letters": fit(letters, wanted, len(labels)), "both": folded(whole, letters.shape[1], centre)}
    for file in options.check:
        check(file, labels, fitted)
    if options.write:
        kept: dict[str, Any] = {name: weights.astype(np.float16) for name, weights in fitted.items()}
        np.savez_compressed(WEIGHTS, labels=np.array(labels), **kept)
        print(f"written: {WEIGHTS.stat().st_size / 1024:.0f} KB")


def check(file: Path, labels: Sequence[str], fitted: dict[str, Matrix]) -> None:
    """Say how well other sentences are read, and which are not."""
    rows = [line.split("\t")[-2:] for line in file.read_text(encoding="utf-8").splitlines() if "\t" in line]
    texts = [plain(text) for _, text in rows]
    letters, meaning = features(texts), embedded(texts)
    wanted = [labels.index(intent) for intent, _ in rows]
    print(f"{file.name}: letters {right(letters @ fitted['letters'], wanted):.3f}")
    if meaning is not None:
        scores = np.hstack([letters, meaning]) @ fitted["both"]
        print(f"{file.name}: both {right(scores, wanted):.3f}")
        for at, best in enumerate(scores.argmax(1)):
            if best != wanted[at]:
                print(f"  {labels[wanted[at]]:>14} read as {labels[best]:14} {rows[at][1]}")
