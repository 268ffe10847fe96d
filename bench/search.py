"""How fast a search is in small and large memories, against its parts called bare.

    python -m officehours.bench search [--messages N …] [--searches N]

The floor is one embedding of the question, one Chroma query and one full-text query, asked between the searches of the
same store. The exact path is what a process takes that does not hold the index: all vectors in memory, NumPy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.index import StudentIndex
from officehours.memory.index.exact import ExactVectors
from officehours.memory.search import HybridSearch

from ._figures import Figure, note, p50, p95, parser, show
from ._synthetic import Speech
from .turn import bare_parts, prepare

TARGETS = {100_000: "at most 2 x that at 10,000"}
WARM_UP = 5


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--messages", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--searches", type=int, default=60)
    given = options.parse_args()
    figures: list[Figure] = []
    for messages in given.messages:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=Path(folder), student="bench", language="en", zone="UTC")
            speech = Speech()
            prepare(settings, messages, speech)
            note(f"{messages:,} messages written and indexed")
            with open_runtime(settings) as runtime:
                runtime.embedder.embed(["The first text pays for the loading."])
                # First, because who searches exactly has no Chroma in its process.
                exactly = _exactly(runtime, messages, speech, given.searches)
                figures += _through_index(runtime, messages, speech, given.searches) + exactly
    show(figures, as_json=given.json)


def _through_index(runtime: Runtime, messages: int, speech: Speech, count: int) -> list[Figure]:
    runtime.index.catch_up()
    bare, search = bare_parts(runtime, commit=False), runtime.memories.recall.search
    ours, floor = [], []
    for number in range(count + WARM_UP):
        question = speech.question()
        floor_took, took = bare(question), _milliseconds(lambda q=question: search(q))
        if number >= WARM_UP:
            ours.append(took)
            floor.append(floor_took)
    ratio = p50([mine / parts for mine, parts in zip(ours, floor, strict=True)])
    return [
        Figure(f"search in {messages:,}, p50", p50(ours), "ms", TARGETS.get(messages, "")),
        Figure(f"search in {messages:,}, p95", p95(ours), "ms"),
        Figure("its parts called bare, p50", p50(floor), "ms"),
        Figure("ratio", ratio, "x floor", "at most 1.5" if messages <= 10_000 else ""),
    ]


def _exactly(runtime: Runtime, messages: int, speech: Speech, count: int) -> list[Figure]:
    index = StudentIndex(runtime.db, runtime.student, None)
    search = HybridSearch(runtime.db, runtime.student.id, "recall", index, runtime.embedder, runtime.clock)
    first = _milliseconds(lambda: search.search(speech.question()))
    vectors = ExactVectors(runtime.db, runtime.student.id, "recall", runtime.embedder.id)
    vectors.refresh()
    later = [_milliseconds(lambda: search.search(speech.question())) for _ in range(count + WARM_UP)]
    return [
        Figure(f"exact path in {messages:,}, p50", p50(later[WARM_UP:]), "ms", "at most 40"),
        Figure(f"exact path in {messages:,}, first search", first, "ms"),
        Figure(f"exact path in {messages:,}, its vectors", vectors.bytes / 1e6, "MB"),
    ]


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
