"""Memories that nobody said: messages of made-up words and random vectors, as many as are wanted, nothing embedded.

Words are drawn as in a language (the r-th most frequent one in proportion to 1/r), because a store in which every
word is common, or none, is searched at another speed. Vectors lie near 64 directions as those of texts do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, update

from officehours.memory.embedding import HashingEmbedder, Vectors
from officehours.memory.embedding.store_embedder import EmbedderRow
from officehours.memory.index.postings import index_all
from officehours.memory.index.vectors import pack
from officehours.memory.index.writer import SCOPES, next_change
from officehours.memory.store import Database, schema
from officehours.memory.types import Student

VOCABULARY = 30_000
SESSION = 50
"""Messages of one conversation."""

PAGE = 2_000
LENGTHS = (12, 30)
"""Mean number of words of what the student says and of what the professor says."""

EMBEDDER = "hashing-384"
"""What makes the vector of a question where none is embedded: instant, and of the usual length."""

_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "or")]


@dataclass(slots=True)
class Speech:
    """Makes messages; the same seed makes the same ones."""

    seed: int = 7
    _rng: np.random.Generator = field(init=False)
    _words: list[str] = field(init=False)
    _shares: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        picked = self._rng.integers(len(_SYLLABLES), size=(2 * VOCABULARY, 3))
        made = dict.fromkeys("".join(_SYLLABLES[i] for i in row) for row in picked.tolist())
        self._words = list(made)[:VOCABULARY]
        shares = np.cumsum(1 / np.arange(1, len(self._words) + 1))
        self._shares = shares / shares[-1]

    def messages(self, count: int) -> list[str]:
        """Give messages, the student's and the professor's in turn."""
        means = np.resize(LENGTHS, count)
        sizes = 3 + self._rng.poisson(means - 3)
        drawn = np.searchsorted(self._shares, self._rng.random(int(sizes.sum()))).tolist()
        words = iter(drawn)
        return [" ".join(self._words[next(words)] for _ in range(size)) for size in sizes.tolist()]

    def question(self) -> str:
        """Give a question: five words, of which a student asks the rarer ones."""
        ranks = self._rng.integers([50, 50, 500, 500, 5_000], [500, 500, 5_000, 5_000, len(self._words)])
        return f"why does the {' '.join(self._words[rank] for rank in ranks.tolist())} matter?"


class Directions:
    """Makes random vectors of length one."""

    def __init__(self, dimensions: int, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self._axes = self._rng.standard_normal((64, dimensions)).astype(np.float32)

    def rows(self, count: int) -> Vectors:
        """Give `count` vectors."""
        mixed = self._rng.standard_normal((count, len(self._axes))).astype(np.float32) @ self._axes
        return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def fill(
    db: Database,
    student: Student,
    embedder: EmbedderRow,
    count: int,
    *,
    speech: Speech,
    directions: Directions,
    done: Callable[[int], None] | None = None,
) -> None:
    """Write messages of a student with terms and vectors, as if said over the last year and embedded since."""
    spoken = speech.messages(count)
    start = datetime.now(UTC) - timedelta(days=365)
    step = timedelta(days=360) / max(1, count)
    for at in range(0, count, PAGE):
        page = spoken[at : at + PAGE]
        _write(
            db,
            student,
            embedder,
            page,
            [start + step * (at + i) for i in range(len(page))],
            directions.rows(len(page)),
        )
        if done is not None:
            done(at + len(page))


def _write(
    db: Database,
    student: Student,
    embedder: EmbedderRow,
    page: Sequence[str],
    times: Sequence[datetime],
    vectors: Vectors,
) -> None:
    mine = {"student_id": student.id}
    with db.begin() as connection:
        change = next_change(connection, student.id, len(page))
        begun = list(range(0, len(page), SESSION))
        talks = connection.scalars(
            insert(schema.sessions).returning(schema.sessions.c.id, sort_by_parameter_order=True),
            [
                mine | {"created_at": times[at], "last_at": times[at], "persona": "kim-yongdam"}
                for at in begun
            ],
        ).all()
        # The messages' own statement is prepared once and run for each row, which hands back the ids in order.
        rows = [
            mine
            | {"session_id": talks[i // SESSION], "seq": i % SESSION + 1, "content": content}
            | {"role": "user" if i % 2 == 0 else "assistant", "time": times[i], "zone": "UTC"}
            | {"trust": "student" if i % 2 == 0 else "model"}
            for i, content in enumerate(page)
        ]
        returning = insert(schema.messages).returning(schema.messages.c.id, sort_by_parameter_order=True)
        ids = connection.scalars(returning, rows).all()
        for talk, at in zip(talks, begun, strict=True):
            last = min(SESSION, len(page) - at)
            connection.execute(
                update(schema.sessions)
                .where(schema.sessions.c.id == talk)
                .values(last_seq=last, consolidated_seq=last, last_at=times[at + last - 1])
            )
        index_all(connection, student.id, SCOPES["recall"], zip(ids, page, [None] * len(page), strict=True))
        key = mine | {"scope": SCOPES["recall"], "embedder_id": embedder.id, "parts": 1}
        connection.execute(
            insert(schema.vectors),
            [
                key | {"item_id": item, "seq": change + i, "data": pack(vectors[i : i + 1])}
                for i, item in enumerate(ids)
            ],
        )


def trusted_embedder(db: Database) -> EmbedderRow:
    """Write `EMBEDDER` into a store as one that knows every language: what it says is asked in every search."""
    from officehours.memory.embedding.store_embedder import write_embedder

    scale = {"vote": 1.0, "unrelated": 0.0, "deviation": 0.05, "paraphrase": 0.8}
    return write_embedder(db, HashingEmbedder(384), {"ko": scale, "en": scale}, active=True)
