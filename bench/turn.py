"""What a plain turn costs besides the model, against its parts called bare.

    python -m officehours.bench turn [--messages N] [--turns N]

A scripted model answers at once, so the turn's time is ours. The floor is one embedding of the question, one Chroma
query, one full-text query (the postings of the question's terms) and one durable SQLite commit, each as bare as its
library allows, measured between the turns of the same run on the same store. The memory is made up (`_synthetic`) and
all of it was embedded before; between two turns there is time to embed what was just said, as a student gives it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert, text

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TextDelta, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.store import schema
from officehours.memory.text import terms

from ._figures import Figure, p50, p95, parser, show
from ._synthetic import Directions, Speech, fill

FULL_TEXT = text("SELECT item_id, tf FROM postings WHERE student_id = :s AND scope = 0 AND term = :t")
COMMIT = text("UPDATE settings SET value = :v WHERE key = 'bench'")


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--turns", type=int, default=60)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), student="bench", language="en", zone="UTC")
        speech = Speech()
        prepare(settings, given.messages, speech)
        overhead, first, floor = _turns(settings, given.turns, speech)
    ratio = p50([ours / bare for ours, bare in zip(overhead, floor, strict=True)])
    what = f"plain turn, {given.messages:,} messages"
    figures = [
        Figure(f"{what}, p50", p50(overhead), "ms", "under 25 on 4 idle cores"),
        Figure(f"{what}, p95", p95(overhead), "ms"),
        Figure("its parts called bare, p50", p50(floor), "ms"),
        Figure("ratio", ratio, "x floor", "at most 1.5"),
        Figure("first text after the model's, p50", p50(first), "ms", "at most 10"),
    ]
    show(figures, as_json=given.json)


def prepare(settings: Settings, count: int, speech: Speech) -> None:
    """Fill the memory of the settings' student, and index it."""
    with open_runtime(settings) as runtime:
        row = runtime.embedder.row
        fill(runtime.db, runtime.student, row, count, speech=speech, directions=Directions(row.dimensions))
        with runtime.db.begin() as connection:
            connection.execute(insert(schema.settings).values(key="bench", value=0))
        runtime.index.catch_up()


def _turns(settings: Settings, count: int, speech: Speech) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each turn beside the model, of its first text, and of the floor beside it."""
    overhead, first, floor = [], [], []
    spoken: list[float] = []

    def answer(_: object) -> str:
        spoken.append(time.perf_counter())
        return "Let us look at it step by step, with one example."

    with open_tutor(settings, model=ScriptedModel(answer), session="new") as agent:
        agent.warm()
        runtime = agent.state.runtime
        runtime.index.catch_up()
        bare = bare_parts(runtime)
        for _ in range(5):
            _drain(agent, speech.question(), spoken)
            bare(speech.question())
        runtime.index.catch_up()
        for _ in range(count):
            question = speech.question()
            floor.append(bare(question))
            took, delay = _drain(agent, question, spoken)
            overhead.append(took)
            first.append(delay)
            runtime.embed_worker.flush(30)
    return overhead, first, floor


def _drain(agent: Agent, question: str, spoken: list[float]) -> tuple[float, float]:
    heard, overhead = None, 0.0
    for event in agent.turn(question):
        if isinstance(event, TextDelta) and heard is None:
            heard = time.perf_counter()
        if isinstance(event, TurnFinished):
            overhead = event.bill.overhead_ms
    return overhead, 1000 * ((heard or spoken[-1]) - spoken[-1])


def bare_parts(runtime: Runtime, *, commit: bool = True) -> Callable[[str], float]:
    """Give the parts of a turn called bare: takes a question, gives milliseconds.

    Args:
        commit: Whether a durable commit is among them; a search has none.
    """
    name = f"{runtime.student.collection}-r"
    collection = runtime.chroma.ask(lambda client: client.get_collection(name, embedding_function=None))

    def measure(question: str) -> float:
        began = time.perf_counter()
        vector = runtime.embedder.embed([question], "query")[0]
        collection.query(query_embeddings=[vector], n_results=10, include=["distances"])
        with runtime.db.read() as connection:
            for term in terms(question):
                connection.execute(FULL_TEXT, {"s": runtime.student.id, "t": term}).all()
        if commit:
            with runtime.db.begin() as connection:
                connection.execute(COMMIT, {"v": "1"})
        return 1000 * (time.perf_counter() - began)

    return measure


if __name__ == "__main__":
    sys.exit(main())
