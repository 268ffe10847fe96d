"""What survives: kill -9 at random moments, and four programs on one student at once.

    python -m officehours.bench.faults kills [--lives 200] [--seed 1] [--database URL] [--chroma URL]
    python -m officehours.bench.faults crowd [--processes 4] [--messages 500] [--database URL] [--chroma URL]

The work is scripted (no model, the hashing embedder); everything else is the program itself, on a real store, killed
by the operating system.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from officehours.agent.runtime import open_runtime
from officehours.memory.index import ScopeReport
from officehours.memory.store import Database
from officehours.memory.store.schema import archival, messages

from .faults_worker import (
    STUDENT,
    Diary,
    Work,
    crowd,
    drain,
    finds,
    life,
    look_for_all,
    open_agent,
    strays,
    trust_embedder,
)

STARTING = 1.0
"""Of five kills one comes while the process starts, within so many seconds."""

MOST_STEPS = 12
"""The others come after up to so many acknowledgements, and up to `AFTER` seconds more."""

AFTER = 0.2


@dataclass(slots=True)
class Verdict:
    """What was found out.

    Attributes:
        acknowledged: How much the program had said is kept.
        lost: Of that, what is not in the store; `doubled`: what is there twice.
        missed: What a search did not find, in any process.
        searches, missed_meanwhile: Searches after each restart, or while others wrote, and those that did not find.
        stray: Vectors, of every tenth text, that an approximate index does not find by themselves.
        started: How many processes came up.
        wrong: Anything else, in words.
    """

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    missed: list[str] = field(default_factory=list[str])
    stray: list[str] = field(default_factory=list[str])
    searches: int = 0
    missed_meanwhile: int = 0
    started: int = 0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled, missed afterwards or wrong, and 99 % was found meanwhile."""
        found_meanwhile = self.searches < 100 or self.missed_meanwhile <= 0.01 * self.searches
        return found_meanwhile and not (self.lost or self.doubled or self.missed or self.wrong)


class Nursery:
    """Starts processes quickly: each is forked from one that has loaded the libraries and opened nothing."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([f"{__package__}.faults_worker", "chromadb"])

    def start(self, work: Callable[..., None], *arguments: Any) -> BaseProcess:
        """Run a function in a process of its own."""
        process = self._context.Process(target=work, args=arguments)
        process.start()
        return process


def kills(work: Work, lives: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Verdict:
    """Let a process work and kill it at a random moment, again and again; then look at what is there.

    Args:
        work: An empty home, and the servers if there are any.
        lives: How many processes.
        seed: Decides the moments and the work.
    """
    work.home.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    nursery, diary, verdict = Nursery(), Diary(work.home / "diary.jsonl"), Verdict()
    trust_embedder(work)
    for number in range(lives):
        process = nursery.start(life, work, number, seed)
        _let_live(process, diary, rng)
        if process.exitcode is not None:
            verdict.wrong.append(f"life {number} ended by itself with {process.exitcode}")
        process.kill()
        process.join()
        if number % 10 == 9:
            say(f"{number + 1} killed, {len(diary.read())} acknowledgements")
    with open_agent(work) as agent:  # the last restart, which nobody kills
        drain(agent.resume(), diary)
    verdict.started = len(diary.uids("up"))
    verdict.missed = diary.uids("missed")
    verdict.missed_meanwhile = len(verdict.missed)
    verdict.searches = verdict.missed_meanwhile + len(diary.uids("found"))
    verdict.wrong += [f"failed: {line['why']}" for line in diary.read() if line["what"] == "failed"]
    _compare(work, diary, verdict)
    _search_for(work, diary.uids("said", "answered", "noted", "imported"), verdict)
    return verdict


def _let_live(process: BaseProcess, diary: Diary, rng: random.Random) -> None:
    """Wait for a random moment of a process's life; work is counted, so that slow machines do as much of it."""
    if rng.random() < 0.2:
        process.join(rng.uniform(0, STARTING))
        return
    enough = diary.size() + rng.randrange(1, MOST_STEPS)
    while diary.size() < enough and process.exitcode is None:
        process.join(0.01)
    process.join(rng.uniform(0, AFTER))


def together(
    work: Work, processes: int, count: int, seed: int, say: Callable[[str], None] = lambda _: None
) -> Verdict:
    """Let processes talk, ask and import as one student at once; then look for everything from each.

    Args:
        work: An empty home, and the servers if there are any.
        processes: How many.
        count: Messages that each gives.
        seed: Decides who does what.
    """
    work.home.mkdir(parents=True, exist_ok=True)
    nursery, verdict = Nursery(), Verdict()
    trust_embedder(work)
    running = [nursery.start(crowd, work, name, count, seed) for name in range(processes)]
    for process in running:
        process.join()
    verdict.wrong += [f"a process ended with {p.exitcode}" for p in running if p.exitcode]
    diaries = [Diary(work.home / f"diary{name}.jsonl") for name in range(processes)]
    said = [uid for diary in diaries for uid in diary.uids("said")]
    verdict.started = sum(len(diary.uids("end")) for diary in diaries)
    verdict.missed_meanwhile = sum(len(diary.uids("missed")) for diary in diaries)
    verdict.searches = verdict.missed_meanwhile + sum(len(diary.uids("found")) for diary in diaries)
    say(f"{len(said)} given by {verdict.started} processes")
    if len(said) != processes * count:
        verdict.wrong.append(f"{len(said)} messages given, not {processes * count}")
    for diary in diaries:
        verdict.wrong += [f"failed: {line['why']}" for line in diary.read() if line["what"] == "failed"]
        _compare(work, diary, verdict)
    reports = [work.home / f"missing{name}.json" for name in range(processes)]
    looking = [nursery.start(look_for_all, work, said, report) for report in reports]
    for process, report in zip(looking, reports, strict=True):
        process.join()
        found = json.loads(report.read_text(encoding="utf-8"))
        verdict.missed += found["missing"]
        verdict.stray += found["stray"]
    return verdict


def _compare(work: Work, diary: Diary, verdict: Verdict) -> None:
    """Hold what was acknowledged against the rows of the store."""
    with Database.open(work.settings().database) as database, database.read() as connection:
        texts = list(connection.scalars(select(messages.c.content).where(messages.c.role != "tool")))
        notes = list(connection.scalars(select(archival.c.text)))
        results = connection.execute(
            select(messages.c.tool_call_id, func.count())
            .where(messages.c.role == "tool")
            .group_by(messages.c.tool_call_id, messages.c.turn_id)
        )
        verdict.doubled += [f"result of {call}" for call, n in results if n > 1]
        if database.dialect == "sqlite":
            state = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            verdict.wrong += [] if state == "ok" else [f"integrity: {state}"]
    there = Counter(uid for text in [*texts, *notes] if (uid := _uid(text)))
    verdict.doubled += [uid for uid, n in there.items() if n > 1 and uid not in verdict.doubled]
    acknowledged = set(diary.uids("said", "answered", "noted", "imported"))
    verdict.acknowledged += len(acknowledged)
    verdict.lost += sorted(acknowledged - set(there))


def _uid(text: str) -> str:
    head, _, rest = text.partition(" ")
    return rest.split(":")[0].split()[0] if head in {"Question", "질문", "Reply", "Note", "Imported"} else ""


def _search_for(work: Work, uids: list[str], verdict: Verdict) -> None:
    """Search for everything once more, with the index and without, and let `verify` compare."""
    with open_runtime(work.settings(), STUDENT) as runtime:
        runtime.warm()
        if not runtime.embed_worker.flush(120):
            verdict.wrong.append("something still waits to be embedded")
        runtime.index.catch_up()
        unique = list(dict.fromkeys(uids))
        verdict.missed += [uid for uid in unique if not finds(runtime, uid)]
        verdict.stray += [uid for uid in unique[::10] if strays(runtime, uid)]
        verdict.wrong += [_described(report) for report in runtime.index.verify() if not report.sound]


def _described(report: ScopeReport) -> str:
    return (
        f"{report.scope}: fault {report.fault or 'none'}, {len(report.missing)} missing, {len(report.extra)} too"
        f" much, {len(report.unembedded)} never embedded"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["kills", "crowd"])
    parser.add_argument("--lives", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="a PostgreSQL URL; a SQLite file by default")
    parser.add_argument("--chroma", help="a Chroma server's URL; a folder by default")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        work = Work(Path(folder) / "home", asked.database, asked.chroma)
        if asked.what == "kills":
            verdict = kills(work, asked.lives, asked.seed, lambda text: print(text, file=sys.stderr))
        else:
            verdict = together(
                work, asked.processes, asked.messages, asked.seed, lambda text: print(text, file=sys.stderr)
            )
    show(verdict, time.perf_counter() - begun, as_json=asked.json)
    sys.exit(0 if verdict.good else 1)


def show(verdict: Verdict, seconds: float, *, as_json: bool) -> None:
    """Print what was found out."""
    found: dict[str, Any] = {
        "acknowledged": verdict.acknowledged,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "not found afterwards": len(verdict.missed),
        "vectors astray, of 10 %": len(verdict.stray),
        "processes that came up": verdict.started,
        "searches meanwhile": verdict.searches,
        "of them without a find": verdict.missed_meanwhile,
        "seconds": round(seconds, 1),
    }
    if as_json:
        print(json.dumps(found | {"wrong": verdict.wrong}))
        return
    for name, value in found.items():
        print(f"{name:24} {value}")
    for line in [*verdict.wrong, *verdict.lost[:10], *verdict.doubled[:10], *verdict.missed[:10]]:
        print(f"  {line}")


if __name__ == "__main__":
    main()
