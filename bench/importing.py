"""How soon what is imported is found by words, and how fast vectors follow, against the embedder's own batch rate.

    python -m officehours.bench importing [--messages N] [--rounds N] [--embedder NAME]

Each round imports two files of its own. One is embedded as the background does it, in small pieces; the other as
`--wait` does, and put into the index. Then the embedder is given the texts of the first in one call. At the end
`import --wait` is killed (SIGKILL) while it stores, again while it embeds, and done once more: nothing may be lost or
doubled.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import Table, func, select

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.embedding.calibration import PAIRS
from officehours.memory.index import embed_everything, embed_pending
from officehours.memory.index.chunks import item_texts
from officehours.memory.store import Database, schema
from officehours.memory.transfer import Importer, ImportReport
from officehours.memory.types import Scope

from ._figures import Figure, p50, parser, show

SENTENCES = [sentence[:-1] for pair in PAIRS["en"] for sentence in pair]
STARTED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--messages", type=int, default=2_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--embedder", default="auto")
    given = options.parse_args()
    words: list[float] = []
    behind: list[float] = []
    waited: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, student="bench", language="en", zone="UTC", embedder=given.embedder)
        with open_runtime(settings) as runtime:
            runtime.embedder.embed(["The first text pays for the loading."])
            runtime.index.catch_up()  # and for opening Chroma
            for number in range(given.rounds):
                words.append(_seconds(_import, runtime, write_talk(home, f"behind{number}", given.messages)))
                behind.append(_seconds(embed_pending, runtime.db, runtime.student.id, runtime.embedder))
                bare.append(_seconds(runtime.embedder.embed, _newest_texts(runtime, given.messages)))
                _import(runtime, write_talk(home, f"waited{number}", given.messages))
                waited.append(_seconds(_embed_everything, runtime))
        figures = [
            Figure("stored and found by words", given.messages / p50(words), "messages/s"),
            Figure("embedded in the background", given.messages / p50(behind), "messages/s"),
            Figure("against the embedder's own rate", p50(_ratios(bare, behind)), "x", "at least 0.9"),
            Figure("embedded and indexed with --wait", given.messages / p50(waited), "messages/s"),
            Figure("against the embedder's own rate, with --wait", p50(_ratios(bare, waited)), "x"),
            *_killed(settings, home, given.messages),
        ]
    show(figures, as_json=given.json)


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def _ratios(floor: Sequence[float], ours: Sequence[float]) -> list[float]:
    return [bare / took for bare, took in zip(floor, ours, strict=True)]


def write_talk(home: Path, name: str, count: int) -> Path:
    """Write a file of `count` messages of one to four sentences, no two alike."""
    chance = random.Random(name)
    lines: list[str] = []
    for number in range(count):
        said = [
            f"{chance.choice(SENTENCES)} on day {chance.randrange(100_000)}."
            for _ in range(chance.randint(1, 4))
        ]
        row = {
            "id": f"{name}:{number}",
            "role": "user" if number % 2 == 0 else "assistant",
            "content": " ".join(said),
            "time": (STARTED + timedelta(minutes=number)).isoformat(),
        }
        lines.append(json.dumps(row))
    file = home / f"{name}.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _import(runtime: Runtime, file: Path) -> ImportReport:
    return Importer(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).import_file(file)


def _embed_everything(runtime: Runtime) -> None:
    embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)


def _newest_texts(runtime: Runtime, newest: int) -> list[str]:
    """Give what was embedded of the newest messages."""
    wanted = select(schema.messages.c.id).order_by(schema.messages.c.id.desc()).limit(newest)
    with runtime.db.read() as connection:
        items: list[tuple[Scope, int]] = [("recall", item) for item in connection.scalars(wanted)]
        found = item_texts(connection, runtime.student.id, items)
    return [part for parts in found.values() for part in parts]


def _killed(settings: Settings, home: Path, count: int) -> list[Figure]:
    """Kill an import when a third of it is stored and the next when a third is embedded, import again, and count."""
    file = write_talk(home, "killed", count)
    with Database.open(settings.database) as db:
        before, had = _count(db, schema.messages), _count(db, schema.vectors)
        _kill_when(settings, file, lambda: _count(db, schema.messages) - before >= count // 3)
        stored = _count(db, schema.messages) - before
        _kill_when(settings, file, lambda: _count(db, schema.vectors) - had >= count // 3)
        embedded = _count(db, schema.vectors) - had
        with open_runtime(settings) as runtime:
            _embed_everything(runtime)
            again = _import(runtime, file)
            found = sum(hit.external_id == f"killed:{count - 1}" for hit in _search_last(runtime, file))
        return [
            Figure("stored when an import was killed", stored, f"of {count:,}"),
            Figure("embedded when the next was killed", embedded, f"of {count:,}"),
            Figure(
                "stored after the third", _count(db, schema.messages) - before, f"of {count:,}", "all, once"
            ),
            Figure(
                "embedded after the third", _count(db, schema.vectors) - had, f"of {count:,}", "all, once"
            ),
            Figure("its last message is found", found, "", "1"),
            Figure("new at one more import", again.messages, "", "0"),
        ]


def _kill_when(settings: Settings, file: Path, so_far: Callable[[], bool]) -> None:
    child = get_context("spawn").Process(target=import_in_child, args=(settings, file))
    child.start()
    while child.is_alive() and not so_far():
        time.sleep(0.01)
    child.kill()
    child.join()


def import_in_child(settings: Settings, file: Path) -> None:
    """Import and embed in a process that will be killed."""
    with open_runtime(settings) as runtime:
        _import(runtime, file)
        _embed_everything(runtime)


def _search_last(runtime: Runtime, file: Path):
    last = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    return runtime.memories.recall.search(last["content"])


def _count(db: Database, table: Table) -> int:
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


if __name__ == "__main__":
    sys.exit(main())
