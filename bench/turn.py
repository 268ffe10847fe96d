"""What a plain turn costs besides the model, against its parts called bare.

    python -m officehours.bench turn [--messages N] [--turns N]

A scripted model answers at once, so the turn's time is ours. The floor is one embedding of the question, one Chroma
query, one full-text query (the postings of the question's terms) and one durable SQLite commit, each as bare as its
library allows, measured between the turns of the same run on the same store. The memory is filled with synthetic
messages and vectors; nothing is embedded for it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import insert, select, text

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TextDelta, TurnFinished
from officehours.agent.house import open_house
from officehours.agent.loop import Agent
from officehours.agent.models.scripted import ScriptedModel
from officehours.agent.settings import Settings
from officehours.memory import schema
from officehours.memory.changes import next_change
from officehours.memory.embedding import Vectors
from officehours.memory.text import terms
from officehours.memory.vectors import pack

WORDS = [
    "gradient",
    "tensor",
    "layer",
    "weight",
    "bias",
    "loss",
    "batch",
    "epoch",
    "token",
    "vector",
    "matrix",
    "kernel",
    "node",
    "edge",
    "prior",
    "cache",
    "state",
]
FULL_TEXT = text("SELECT item_id, tf FROM postings WHERE student_id = :s AND space = 0 AND term = :t")
COMMIT = text("UPDATE store SET value = :v WHERE key = 'bench'")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), student="bench", language="en", zone="UTC")
        _fill(settings, options.messages)
        overhead, first, floor = _turns(settings, options.turns)
    turn, bare = statistics.median(overhead), statistics.median(floor)
    late = statistics.quantiles(overhead, n=20)[-1]
    print(
        f"plain turn, {options.messages:,} messages: {turn:.1f} ms p50, {late:.1f} ms p95, "
        f"{turn / bare:.2f} x floor of {bare:.1f} ms (at most 1.5, and 25 ms on 4 idle cores)"
    )
    print(f"first text after the model's: {statistics.median(first):.2f} ms p50 (at most 10)")


def _fill(settings: Settings, count: int) -> None:
    """Write messages with terms and random vectors, as if they had been said and embedded."""
    rng, chance = np.random.default_rng(7), random.Random(7)
    with open_house(settings) as house:
        house.embedder.start()
        row = house.embedder.row
        session = house.memories.sessions.create("kim-yongdam")
        student, now = house.student.id, datetime.now(UTC)
        for start in range(0, count, 2_000):
            size = min(2_000, count - start)
            said = [" ".join(chance.choices(WORDS, k=8)) + f" item{start + i}" for i in range(size)]
            vectors = rng.standard_normal((size, row.dimensions)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            with house.db.begin() as connection:
                first = next_change(connection, student, size)
                ids = connection.scalars(
                    insert(schema.messages).returning(schema.messages.c.id, sort_by_parameter_order=True),
                    [
                        {
                            "student_id": student,
                            "session_id": session.id,
                            "seq": start + i + 1,
                            "role": "user" if i % 2 == 0 else "assistant",
                            "content": content,
                            "time": now,
                            "zone": "UTC",
                        }
                        for i, content in enumerate(said)
                    ],
                ).all()
                key = {"student_id": student, "space": 0}
                counted = [terms(content) for content in said]
                connection.execute(
                    insert(schema.postings),
                    [
                        key | {"term": t, "item_id": n, "tf": f}
                        for n, c in zip(ids, counted, strict=True)
                        for t, f in c.items()
                    ],
                )
                connection.execute(
                    insert(schema.documents),
                    [
                        key | {"item_id": n, "length": sum(c.values())}
                        for n, c in zip(ids, counted, strict=True)
                    ],
                )
                connection.execute(
                    insert(schema.vectors),
                    [
                        key
                        | {
                            "item_id": n,
                            "embedder_id": row.id,
                            "seq": first + i,
                            "parts": 1,
                            "data": pack(vectors[i : i + 1]),
                        }
                        for i, n in enumerate(ids)
                    ],
                )
        with house.db.begin() as connection:
            mine = schema.sessions.c.id == session.id
            connection.execute(schema.sessions.update().where(mine).values(last_seq=count))
            connection.execute(insert(schema.store).values(key="bench", value=0))
        house.index.catch_up()


def _turns(settings: Settings, count: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each turn beside the model, of its first text, and of the floor beside it."""
    chance = random.Random(11)
    overhead, first, floor = [], [], []
    spoken: list[float] = []

    def answer(_: object) -> str:
        spoken.append(time.perf_counter())
        return "Let us look at it step by step, with one example."

    with open_tutor(settings, model=ScriptedModel(answer), session="new") as agent:
        agent.warm()
        _drain(agent, "what is a warm up question about a tensor?", spoken)
        agent.desk.house.index.catch_up()
        bare = _floor(agent)
        for _ in range(count):
            question = f"why does the {' '.join(chance.choices(WORDS, k=4))} matter?"
            floor.append(bare(question))
            took, delay = _drain(agent, question, spoken)
            overhead.append(took)
            first.append(delay)
            agent.desk.house.indexer.flush(30)
    return overhead, first, floor


def _drain(agent: Agent, question: str, spoken: list[float]) -> tuple[float, float]:
    heard, overhead = None, 0.0
    for event in agent.turn(question):
        if isinstance(event, TextDelta) and heard is None:
            heard = time.perf_counter()
        if isinstance(event, TurnFinished):
            overhead = event.bill.overhead_ms
    return overhead, 1000 * ((heard or spoken[-1]) - spoken[-1])


def _floor(agent: Agent) -> Callable[[str], float]:
    """The parts of a turn called bare; gives a function that takes a question and gives milliseconds."""
    import chromadb

    house = agent.desk.house
    client = chromadb.EphemeralClient()
    collection = client.create_collection("floor", embedding_function=None, metadata={"hnsw:space": "cosine"})
    with house.db.read() as connection:
        rows = connection.execute(select(schema.vectors.c.item_id, schema.vectors.c.data)).all()
    for start in range(0, len(rows), 2_000):
        part = rows[start : start + 2_000]
        matrix: Vectors = np.frombuffer(b"".join(r.data for r in part), "<f2").reshape(
            -1, house.embedder.dimensions
        )
        ids = [
            f"{r.item_id}.{n}" for r in part for n in range(len(r.data) // (2 * house.embedder.dimensions))
        ]
        collection.add(ids=ids, embeddings=matrix.astype(np.float32))

    def measure(question: str) -> float:
        began = time.perf_counter()
        vector = house.embedder.embed([question], "query")[0]
        collection.query(query_embeddings=[vector], n_results=10, include=["distances"])
        with house.db.read() as connection:
            for term in terms(question):
                connection.execute(FULL_TEXT, {"s": house.student.id, "t": term}).all()
        with house.db.begin() as connection:
            connection.execute(COMMIT, {"v": "1"})
        return 1000 * (time.perf_counter() - began)

    return measure


if __name__ == "__main__":
    sys.exit(main())
