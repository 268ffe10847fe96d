"""Twenty tutors in one process against one: what they take together.

    python -m officehours.bench tutors [--tutors N] [--embedder NAME] [--database pgserver]

Each run is a process of its own, in which so many tutors are open at once, each of a student of its own, and each has
answered (a scripted model) and has had its words embedded and searched. The memory is the process's own, by the
system's count. `--database pgserver` counts connections too, as PostgreSQL itself lists them, where that package is
installed; a URL names an empty database.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.settings import Settings
from officehours.memory.store.address import parse_url

from ._figures import Figure, megabytes, parser, show
from .students import database_url

EMBEDDING_SECONDS = 120.0
ANSWER = "Let us look at it step by step, with one example."

QUESTIONS = (
    "What does the learning rate do to gradient descent?",
    "Why do we divide by the square root of the dimension?",
    "My exam on linear algebra is on Friday. Where do I begin?",
    "경사하강법에서 학습률은 어떤 역할을 하나요?",
    "어텐션에서 왜 차원의 제곱근으로 나누나요?",
    "금요일에 선형대수 시험이 있어요. 무엇부터 볼까요?",
)
"""In English, then in Korean."""


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--tutors", type=int, default=20)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--embedder", default="auto")
    options.add_argument("--language", choices=["en", "ko"], default="en")
    options.add_argument("--database")
    options.add_argument("--inside", action="store_true", help="be the process that is measured")
    given = options.parse_args()
    if given.inside:
        with tempfile.TemporaryDirectory() as home:
            settings = Settings(
                home=Path(home),
                database_url=given.database,
                language=given.language,
                zone="UTC",
                embedder=given.embedder,
            )
            print(json.dumps(held(settings, given.tutors, given.turns)))
        return
    with tempfile.TemporaryDirectory() as folder, database_url(given.database, Path(folder)) as url:
        one, all_ = (_run(given, tutors, url) for tutors in (1, given.tutors))
    figures = [
        Figure("memory of a process with one tutor", one["megabytes"], "MB"),
        Figure(f"{given.tutors} tutors take more", all_["megabytes"] - one["megabytes"], "MB", "at most 60"),
        Figure(f"threads with one, with {given.tutors}", one["threads"], f"{all_['threads']}"),
        Figure("turns that failed", all_["failed"], "", "0"),
    ]
    if url is not None:
        figures.append(Figure("connections at most", all_["connections"], "", "at most 10"))
    show(figures, as_json=given.json)


def held(settings: Settings, tutors: int, turns: int) -> dict[str, float]:
    """Open tutors, let all answer at once, and tell what the process holds then."""
    with ExitStack() as open_, _counting(settings.database_url) as connections:
        agents = [
            open_.enter_context(open_tutor(settings, f"s{number}", model=ScriptedModel(lambda _: ANSWER)))
            for number in range(tutors)
        ]
        together = Barrier(tutors)
        with ThreadPoolExecutor(tutors) as threads:
            failed = sum(threads.map(lambda agent: _talk(agent, turns, together), agents))
        for agent in agents:
            agent.state.runtime.embed_worker.flush(EMBEDDING_SECONDS)
            agent.state.memories.recall.search("the example")
        return {
            "megabytes": megabytes(),
            "threads": threading.active_count(),
            "failed": failed,
            "connections": max(connections, default=0),
        }


def _talk(agent: Agent, turns: int, together: Barrier) -> int:
    failed, number = 0, agent.state.runtime.student.id
    asked = [question for question in QUESTIONS if question.isascii() == (agent.state.language == "en")]
    for turn in range(turns):
        together.wait()
        said = f"{asked[turn % len(asked)]} ({number}.{turn})"
        failed += not any(isinstance(event, TurnFinished) for event in agent.turn(said))
    return failed


@contextmanager
def _counting(url: str | None) -> Generator[list[int]]:
    """Count again and again, from a connection of its own, the connections that this program has."""
    counts: list[int] = []
    if url is None:
        yield counts
        return
    import psycopg

    over = threading.Event()
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'officehours'"

    def count() -> None:
        plain = parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, application_name="counting", autocommit=True) as connection:
            while not over.wait(0.01):
                row = connection.execute(asked).fetchone()
                counts.append(row[0] if row else 0)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield counts
    finally:
        over.set()
        thread.join()


def _run(given: argparse.Namespace, tutors: int, url: str | None) -> dict[str, float]:
    command = [sys.executable, "-m", "officehours.bench.tutors", "--inside", "--tutors", str(tutors)]
    command += ["--turns", str(given.turns), "--embedder", given.embedder, "--language", given.language]
    command += ["--database", url] if url else []
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
