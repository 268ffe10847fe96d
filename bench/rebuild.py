"""How fast the index is built from the database, against Chroma's own batch add of the same vectors.

    python -m officehours.bench rebuild [--messages N] [--rounds N]

Both write to disk in batches of 2,000 and take turns. Nothing is embedded: the embedder is not even loaded.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import select

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.index.chroma.client import open_client
from officehours.memory.store import schema

from ._figures import Figure, p50, parser, show
from ._synthetic import EMBEDDER, Directions, Speech, fill, trusted_embedder

BATCH = 2_000


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder) / "home", student="bench", language="en", zone="UTC", embedder=EMBEDDER
        )
        with open_runtime(settings) as runtime:
            row = trusted_embedder(runtime.db)
            fill(
                runtime.db,
                runtime.student,
                row,
                given.messages,
                speech=Speech(),
                directions=Directions(row.dimensions),
            )
            ours, chromas = [], []
            for number in range(given.rounds):
                chromas.append(given.messages / _chroma_alone(runtime, Path(folder) / f"chroma{number}"))
                ours.append(given.messages / _rebuilt(runtime))
            embedded = runtime.embedder.ready.is_set()
    ratio = p50([mine / bare for mine, bare in zip(ours, chromas, strict=True)])
    figures = [
        Figure(f"rebuilding the index of {given.messages:,}", p50(ours), "/s"),
        Figure("Chroma's own batch add", p50(chromas), "/s"),
        Figure("ratio", ratio, "x", "at least 0.8"),
        Figure("embedder loaded", float(embedded), "", "0"),
    ]
    show(figures, as_json=given.json)


def _rebuilt(runtime: Runtime) -> float:
    began = time.perf_counter()
    if not runtime.index.rebuild():
        raise SystemExit("the index cannot be opened")
    return time.perf_counter() - began


def _chroma_alone(runtime: Runtime, folder: Path) -> float:
    with runtime.db.read() as connection:
        rows = connection.execute(select(schema.vectors.c.item_id, schema.vectors.c.data)).all()
    ids = [f"r{row.item_id}.0" for row in rows]
    vectors = (
        np.frombuffer(b"".join(row.data for row in rows), "<f2").reshape(len(rows), -1).astype(np.float32)
    )
    client = open_client(folder)
    collection = client.create_collection(
        "bare", configuration={"hnsw": {"space": "ip"}}, embedding_function=None
    )
    began = time.perf_counter()
    for at in range(0, len(ids), BATCH):
        collection.add(ids=ids[at : at + BATCH], embeddings=vectors[at : at + BATCH])
    took = time.perf_counter() - began
    client.close()
    return took


if __name__ == "__main__":
    sys.exit(main())
