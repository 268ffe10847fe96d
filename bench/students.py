"""Many students at once: how long a turn takes when the model takes one second.

    python -m officehours.bench students [--students N] [--turns N] [--database URL]

Each student has a professor and a thread of their own in one process; all ask at the same moment, again and again,
with no time to think in between. SQLite by default; `--database` takes a PostgreSQL URL (an empty database), and
`--database pgserver` starts one where that package is installed. Text is hashed rather than embedded: a class has an
embedding server.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFailed, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.settings import Settings

from ._figures import Figure, megabytes, p50, p95, parser, show
from ._synthetic import Speech

MODEL_SECONDS = 1.0


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--students", type=int, default=64)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--database")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        database_url(given.database, Path(folder)) as url,
        ExitStack() as open_,
    ):
        settings = Settings(
            home=Path(folder), database_url=url, language="en", zone="UTC", embedder="hashing"
        )
        agents = [
            open_.enter_context(
                open_tutor(settings, f"s{number}", model=ScriptedModel(_answer), session="new")
            )
            for number in range(given.students)
        ]
        together = Barrier(given.students)
        began = time.perf_counter()
        with ThreadPoolExecutor(given.students) as threads:
            done = list(threads.map(lambda agent: _talk(agent, given.turns, together), agents))
        took = time.perf_counter() - began
        held = megabytes()
    seconds = [second for times, _ in done for second in times]
    figures = [
        Figure(f"turn of {given.students} students at once, p50", p50(seconds), "s", "at most 1.3"),
        Figure("p95", p95(seconds), "s"),
        Figure("turns", len(seconds) / took, "/s"),
        Figure("turns that failed", sum(failed for _, failed in done), "", "0"),
        Figure("memory of the process", held, "MB"),
    ]
    show(figures, as_json=given.json)


def _answer(_: object) -> str:
    time.sleep(MODEL_SECONDS)
    return "Let us look at it step by step, with one example."


def _talk(agent: Agent, turns: int, together: Barrier) -> tuple[list[float], int]:
    """Seconds of each turn, and how many failed; the first turn, which pays for the loading, is left out."""
    speech, times, failed = Speech(seed=agent.state.runtime.student.id), [], 0
    for number in range(turns + 1):
        together.wait()
        began = time.perf_counter()
        events = list(agent.turn(speech.question()))
        failed += any(isinstance(event, TurnFailed) for event in events)
        assert any(isinstance(event, TurnFinished | TurnFailed) for event in events)
        if number:
            times.append(time.perf_counter() - began)
    return times, failed


@contextmanager
def database_url(database: str | None, folder: Path) -> Generator[str | None]:
    """Give the URL to use: what is named, or of a PostgreSQL that is started for "pgserver"."""
    if database != "pgserver":
        yield database
        return
    import pgserver

    server = pgserver.get_server(folder / "postgres", cleanup_mode="stop")  # pyright: ignore[reportPrivateImportUsage]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
