"""How fast conversation is imported, against the embedder's own batch rate on the very same texts.

    python -m officehours.bench importing [--messages N] [--rounds N] [--embedder NAME]

Each round imports a file of its own and then embeds, in one call, the texts that were embedded of it. At the end an
import is killed (SIGKILL) in the middle and done again, and then once more: nothing may be lost or doubled.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import func, select

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.embedding.calibration import PAIRS
from officehours.memory.index.chunks import item_texts
from officehours.memory.store import schema
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
    ratios, rates = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, student="bench", language="en", zone="UTC", embedder=given.embedder)
        with open_runtime(settings) as runtime:
            runtime.embedder.embed(["The first text pays for the loading."])
            runtime.index.catch_up()  # and for opening Chroma
            for number in range(given.rounds):
                file = sanitize_user(home, f"round{number}", given.messages)
                began = time.perf_counter()
                _import(runtime, file)
                took = time.perf_counter() - began
                ratios.append(_bare(runtime, given.messages) / took)
                rates.append(given.messages / took)
        figures = [
            Figure("importing", p50(rates), "messages/s"),
            Figure("against the embedder's own rate", p50(ratios), "x", "at least 0.9"),
            *_killed(settings, home, given.messages),
        ]
    show(figures, as_json=given.json)


def sanitize_user(home: Path, name: str, count: int) -> Path:
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
    return Importer(
        runtime.db, runtime.student, runtime.memories.archival, runtime.embedder, runtime.index, runtime.clock
    ).import_file(file)


def _bare(runtime: Runtime, newest: int) -> float:
    """Seconds that the embedder takes, in one call, for what was embedded of the newest messages."""
    with runtime.db.read() as connection:
        ids = connection.scalars(
            select(schema.messages.c.id).order_by(schema.messages.c.id.desc()).limit(newest)
        ).all()
        items: list[tuple[Scope, int]] = [("recall", item) for item in ids]
        texts = [
            part for parts in item_texts(connection, runtime.student.id, items).values() for part in parts
        ]
    began = time.perf_counter()
    runtime.embedder.embed(texts)
    return time.perf_counter() - began


def _killed(settings: Settings, home: Path, count: int) -> list[Figure]:
    """Kill an import when a third of it is stored, import twice more, and count."""
    file = sanitize_user(home, "killed", count)
    before = _count(settings)
    child = get_context("spawn").Process(target=import_in_child, args=(settings, file))
    child.start()
    while child.is_alive() and _count(settings) - before < count // 3:
        time.sleep(0.05)
    child.kill()
    child.join()
    stored = _count(settings) - before
    with open_runtime(settings) as runtime:
        again = _import(runtime, file)
        began = time.perf_counter()
        third = _import(runtime, file)
        took = time.perf_counter() - began
        found = sum(hit.external_id == f"killed:{count - 1}" for hit in _search_last(runtime, file))
    return [
        Figure("stored when an import was killed", stored, f"of {count:,}"),
        Figure("stored by importing it again", again.messages, ""),
        Figure("there afterwards", _count(settings) - before, f"of {count:,}", "all, once"),
        Figure("its last message is found", found, "", "1"),
        Figure("new at a third import", third.messages, "", "0"),
        Figure("time of the third import", took, "s"),
    ]


def import_in_child(settings: Settings, file: Path) -> None:
    """Import in a process that will be killed."""
    with open_runtime(settings) as runtime:
        _import(runtime, file)


def _search_last(runtime: Runtime, file: Path):
    last = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    return runtime.memories.recall.search(last["content"])


def _count(settings: Settings) -> int:
    with open_runtime(settings) as runtime, runtime.db.read() as connection:
        return connection.execute(select(func.count()).select_from(schema.messages)).scalar_one()


if __name__ == "__main__":
    sys.exit(main())
