"""A million messages of a thousand students on one machine: how large, how much memory, how fast a search is.

    python -m officehours.bench scale [--messages N] [--students N] [--searches N] [--folder FOLDER]

SQLite, and Chroma in this process with a collection for each student. Texts and vectors are made up and nothing is
embedded. What is searched is searched in a process of its own, so that its memory is that of searching alone:
first each student once (nothing of theirs is in memory yet), then the same ones again, then without Chroma.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from officehours.memory import students
from officehours.memory.embedding import StoreEmbedder, choose_embedder
from officehours.memory.index import StudentIndex
from officehours.memory.index.chroma import Chroma, ChromaFolder
from officehours.memory.search import HybridSearch
from officehours.memory.store import Database
from officehours.memory.types import Student

from ._figures import Figure, megabytes, note, p50, p95, parser, show, size_of
from ._synthetic import EMBEDDER, Directions, Speech, fill, trusted_embedder

TOLD = 100
"""After how many students the progress is told."""


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--students", type=int, default=1_000)
    options.add_argument("--searches", type=int, default=300, help="students that are searched")
    options.add_argument("--folder", type=Path, help="where to build it, and what is there is used again")
    given = options.parse_args()
    home = given.folder or Path(tempfile.mkdtemp())
    try:
        figures = _build(home, given.messages, given.students)
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            figures += other.submit(searching, home, given.searches).result()
    finally:
        if given.folder is None:
            shutil.rmtree(home, ignore_errors=True)
    show(figures, as_json=given.json)


def _build(home: Path, messages: int, count: int) -> list[Figure]:
    home.mkdir(parents=True, exist_ok=True)
    file = home / "officehours.db"
    with Database.open(file) as db:
        filling = _timed(lambda: _fill(db, messages, count))
        chroma = ChromaFolder(home / "index")
        before = megabytes()
        indexing = _timed(lambda: _index(db, chroma))
        held = megabytes() - before
        closing = _timed(chroma.close)
    database, index = size_of(file), size_of(home / "index")
    return [
        Figure("messages", messages, ""),
        Figure("students", count, ""),
        Figure("database", database, "MB", f"{1e6 * database / messages:,.0f} bytes a message"),
        Figure("index", index, "MB", f"{1e6 * index / messages:,.0f} bytes a message"),
        Figure("writing messages, terms, vectors", messages / filling, "/s"),
        Figure("indexing", messages / indexing, "/s"),
        Figure("memory that indexing all of them took", held, "MB"),
        Figure("closing the index", closing, "s"),
    ]


def _fill(db: Database, messages: int, count: int) -> None:
    embedder, speech, directions = trusted_embedder(db), Speech(), Directions(384)
    there = {student.handle for student in students.all(db)}
    for number in range(count):
        if f"s{number}" in there:
            continue
        student = students.find_or_create(db, f"s{number}", language="en", zone="UTC", now=datetime.now(UTC))
        fill(db, student, embedder, messages // count, speech=speech, directions=directions)
        if (number + 1) % TOLD == 0:
            note(f"{number + 1:,} students written")


def _index(db: Database, chroma: Chroma) -> None:
    for number, student in enumerate(students.all(db), 1):
        if not StudentIndex(db, student, chroma).catch_up():
            raise SystemExit("the index cannot be opened")
        if number % TOLD == 0:
            note(f"{number:,} students indexed, {megabytes():,.0f} MB held")


def searching(home: Path, count: int) -> list[Figure]:
    """Search many students' memories in a process of its own."""
    chance, speech = random.Random(3), Speech()
    with Database.open(home / "officehours.db") as db:
        chroma = ChromaFolder(home / "index")
        everybody = students.all(db)
        some = chance.sample(everybody, min(count, len(everybody)))
        embedder = choose_embedder(db, EMBEDDER)
        embedder.wait()
        _search(db, some[0], None, embedder)(speech.question())  # what Python loads at the first one
        opening = _timed(chroma.open_now)
        start = megabytes()
        ways = {student.id: _search(db, student, chroma, embedder) for student in some}
        first = [_timed(lambda s=s: ways[s.id](speech.question())) for s in some]
        held = megabytes() - start
        again = [_timed(lambda s=s: ways[s.id](speech.question())) for s in some]
        chroma.close()
        exact = {student.id: _search(db, student, None, embedder) for student in some}
        start = megabytes()
        exact_first = [_timed(lambda s=s: exact[s.id](speech.question())) for s in some]
        exact_held = megabytes() - start
        exact_again = [_timed(lambda s=s: exact[s.id](speech.question())) for s in some]
    return [
        Figure("opening the index", opening, "s"),
        *_both("a student's first search", first),
        *_both("a student's later searches", again),
        Figure("memory a searched student takes", held / len(some), "MB"),
        *_both("without Chroma, first search", exact_first),
        *_both("without Chroma, later", exact_again),
        Figure("without Chroma, memory a student", exact_held / len(some), "MB"),
    ]


def _search(
    db: Database, student: Student, chroma: Chroma | None, embedder: StoreEmbedder
) -> Callable[[str], object]:
    index = StudentIndex(db, student, chroma)
    search = HybridSearch(db, student.id, "recall", index, embedder, lambda: datetime.now(UTC))
    return search.search


def _both(what: str, seconds: list[float]) -> list[Figure]:
    return [
        Figure(f"{what}, p50", 1000 * p50(seconds), "ms"),
        Figure(f"{what}, p95", 1000 * p95(seconds), "ms"),
    ]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
