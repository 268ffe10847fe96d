"""How well memory finds, without a language model: the ablation table, and weights tried on conversations unseen.

    python -m officehours.bench retrieval SET… [--in recall|archival] [--database URL] [--fit] [--threshold]

A SET is a folder of NAME.messages.jsonl (lines for `memory import`) and NAME.queries.jsonl ({"id", "query", "gold":
[external ids]}), or `tutor`: our own chats of students with a tutor (`_tutor_chats.py`). Each NAME becomes a student;
everything runs through the program's own import and search. A table is printed for each set.

--database  a PostgreSQL URL: the same on another database, to compare
--fit       besides, choose each weight on all conversations but one, of all sets, and try the choice on that one, for
            each in turn
--threshold besides, what would be shown unasked: for the questions, and for those of other conversations, renamed
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from officehours.bench._tutor_chats import write as write_tutor_chats
from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import StoreEmbedder, Vectors, choose_embedder
from officehours.memory.embedding.base import Kind
from officehours.memory.embedding.store_embedder import EmbedderRow
from officehours.memory.index import StudentIndex, embed_everything
from officehours.memory.search import HybridSearch
from officehours.memory.search import hybrid as search
from officehours.memory.search.ranking import WEIGHTS, Weights
from officehours.memory.store import Database
from officehours.memory.transfer import Importer
from officehours.memory.types import Hit, Scope

BUDGETS = (1_000, 2_000)
"""Tokens of hits within which the evidence is looked for."""

DEPTH = 60

OWN = "tutor"
"""The set that is made here."""

NONE = Weights(**{f.name: 0.0 for f in fields(Weights)})

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words (BM25)", ("words", "words_alone")),
    ("+ meaning", ("meaning",)),
    ("+ neighbouring turns", ("near",)),
    ("+ a question's answer", ("answer",)),
    ("+ who is asked about", ("speaker",)),
    ("+ days that are named", ("date", "aftermath")),
    ("+ times, where asked when", ("time",)),
    ("+ questions count less", ("question",)),
)
"""The ablation: each step switches on these weights on top of the last."""

MOVED = ("words", "meaning", "near", "answer", "speaker", "date", "time", "question")
TRIED = (1.0, 0.5, 0.7, 1.4, 2.0)
"""Factors by which the cross-validation moves each weight; of equals the first is taken."""

MOST_SHOWN = 4
"""Finds that a turn shows unasked at most."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the external ids of its evidence."""

    text: str
    gold: frozenset[str]


class Remembering:
    """An embedder that embeds each question once, however often the table asks it."""

    def __init__(self, inner: StoreEmbedder) -> None:
        self._inner = inner
        self._known: dict[str, Vectors] = {}

    @property
    def row(self) -> EmbedderRow:
        """What the store says of it."""
        return self._inner.row

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the loading."""
        return self._inner.wait(timeout)

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        """Embed what is not known yet."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._inner.embed([text], kind)[0]
        return np.stack([self._known[text] for text in texts])


@dataclass(slots=True)
class Store:
    """One conversation of a set, imported."""

    set: str
    name: str
    search: HybridSearch
    queries: list[Query]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Score:
    """What one question found of its evidence."""

    recall1: float
    recall5: float
    recall10: float
    ndcg10: float
    within: tuple[float, ...]
    milliseconds: float


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


@contextmanager
def opened(sets: Iterable[str], scope: Scope, url: str | None) -> Generator[list[Store]]:
    """Import every conversation of some sets into a fresh store."""
    with tempfile.TemporaryDirectory() as home, Database.open(url or Path(home) / "bench.db") as database:
        embedder = choose_embedder(database, "auto")
        yield [
            _imported(database, embedder, path, scope, of=name)
            for name in sets
            for path in sorted(_folder(name, Path(home)).glob("*.messages.jsonl"))
        ]


def _folder(name: str, home: Path) -> Path:
    if name != OWN:
        return Path(name)
    folder = home / OWN
    folder.mkdir()
    write_tutor_chats(folder)
    return folder


def _imported(database: Database, embedder: StoreEmbedder, path: Path, scope: Scope, *, of: str) -> Store:
    name = path.name.removesuffix(".messages.jsonl")
    student = students.find_or_create(database, name, language="en", zone="UTC", now=now())
    index = StudentIndex(database, student, None)
    found = HybridSearch(database, student.id, scope, index, Remembering(embedder), now)
    archival = ArchivalMemory(database, student.id, now, found)
    begun = time.perf_counter()
    report = Importer(database, student, archival, now).import_file(path)
    embed_everything(database, student.id, embedder, index)
    seconds = time.perf_counter() - begun
    count = report.messages + report.kept
    print(f"{name}: {count} imported, {count / seconds:.0f}/s", file=sys.stderr)
    lines = path.with_name(f"{name}.queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    queries = [Query(row["query"], frozenset(row["gold"])) for row in rows]
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return Store(of, name, found, queries, sorted({row["name"] for row in said if row.get("name")}))


@contextmanager
def weighed(weights: Weights) -> Generator[None]:
    """Search with other weights for a while."""
    kept = search.WEIGHTS
    search.WEIGHTS = weights
    try:
        yield
    finally:
        search.WEIGHTS = kept


def run(stores: Iterable[Store]) -> list[Score]:
    """Ask every question of every store."""
    return [scored(store, query) for store in stores for query in store.queries]


def scored(store: Store, query: Query) -> Score:
    """Ask one question."""
    begun = time.perf_counter()
    hits = store.search.search(query.text, DEPTH)
    milliseconds = (time.perf_counter() - begun) * 1000
    right = [hit.external_id in query.gold for hit in hits]
    total = len(query.gold)
    ideal = sum(1 / math.log2(at + 2) for at in range(min(10, total)))
    gain = sum(1 / math.log2(at + 2) for at, good in enumerate(right[:10]) if good)
    return Score(
        sum(right[:1]) / total,
        sum(right[:5]) / total,
        sum(right[:10]) / total,
        gain / ideal,
        tuple(sum(right[: _fitting(hits, budget)]) / total for budget in BUDGETS),
        milliseconds,
    )


def _fitting(hits: Sequence[Hit], budget: int) -> int:
    spent = 0.0
    for at, hit in enumerate(hits):
        spent += tokens(hit.text) + 4
        if spent > budget:
            return at
    return len(hits)


def tokens(text: str) -> float:
    """Estimate o200k tokens."""
    hangul = sum("가" <= character <= "힣" for character in text)
    return 0.86 * hangul + 0.25 * (len("".join(text.split())) - hangul)


def line(title: str, scores: Sequence[Score]) -> str:
    """Write one line of a table."""
    within = " ".join(f"{_mean(s.within[at] for s in scores):.4f}" for at in range(len(BUDGETS)))
    return (
        f"{title:28} {_mean(s.recall1 for s in scores):.4f} {_mean(s.recall5 for s in scores):.4f} "
        f"{_mean(s.recall10 for s in scores):.4f} {_mean(s.ndcg10 for s in scores):.4f} {within} "
        f"{statistics.median(s.milliseconds for s in scores):6.1f}"
    )


HEAD = f"{'':28} R@1    R@5    R@10   nDCG10 " + " ".join(f"E@{b:<4}" for b in BUDGETS) + "     ms"


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def ablation(stores: Sequence[Store]) -> None:
    """Print what each step is worth on top of the last."""
    print(HEAD)
    on: dict[str, float] = {}
    for title, names in STEPS:
        on |= {name: getattr(WEIGHTS, name) for name in names}
        with weighed(replace(NONE, **on)):
            print(line(title, run(stores)), flush=True)
    for store in stores:
        print(line(f"  {store.name}", run([store])), flush=True)


def leave_one_out(stores: Sequence[Store]) -> None:
    """Print how weights do that were chosen without the conversation they are tried on.

    Each weight is moved alone, by the factors of `TRIED`; what is chosen for each is then put together.
    """
    unmoved = _by_store(stores, WEIGHTS)
    values = {
        (name, factor): unmoved
        if factor == 1.0
        else _by_store(stores, replace(WEIGHTS, **{name: getattr(WEIGHTS, name) * factor}))
        for name in MOVED
        for factor in TRIED
    }
    scores: list[Score] = []
    for left_out in stores:
        others = [store.name for store in stores if store is not left_out]
        chosen = {
            name: max(TRIED, key=lambda factor: _mean(values[name, factor][other] for other in others))
            for name in MOVED
        }
        print(left_out.name, {name: factor for name, factor in chosen.items() if factor != 1.0}, flush=True)
        with weighed(replace(WEIGHTS, **{name: getattr(WEIGHTS, name) * f for name, f in chosen.items()})):
            scores += run([left_out])
    print(HEAD)
    now = run(stores)
    for name in dict.fromkeys(store.set for store in stores):
        of = [store.set == name for store in stores for _ in store.queries]
        print(name)
        print(line("  chosen on the others", [*itertools.compress(scores, of)]))
        print(line("  as they are", [*itertools.compress(now, of)]))


def _by_store(stores: Sequence[Store], weights: Weights) -> dict[str, float]:
    with weighed(weights):
        return {
            store.name: _mean((score.recall10 + score.ndcg10) / 2 for score in run([store]))
            for store in stores
        }


def threshold(stores: Sequence[Store]) -> None:
    """Print what is shown unasked for questions of this conversation, and for those of the others."""
    for title, pairs in (
        ("own questions", [(store, query) for store in stores for query in store.queries]),
        ("others' questions", [pair for store in stores for pair in _foreign(store, stores)]),
    ):
        shown = [
            (query, [hit for hit in store.search.search(query.text, MOST_SHOWN) if hit.relevance >= 0.5])
            for store, query in pairs
        ]
        found = [hit.external_id in query.gold for query, hits in shown for hit in hits]
        gold = _mean(
            len({hit.external_id for hit in hits} & query.gold) / max(1, min(MOST_SHOWN, len(query.gold)))
            for query, hits in shown
        )
        print(
            f"{title:18} {len(pairs):4} asked; anything shown {_mean(bool(hits) for _, hits in shown):.3f}, "
            f"{_mean(len(hits) for _, hits in shown):.2f} finds and "
            f"{_mean(sum(tokens(hit.text) for hit in hits) for _, hits in shown):.0f} tokens a question; "
            f"evidence shown {gold:.3f}, of the finds {_mean(found or [0]):.3f} hold it"
        )


def _foreign(store: Store, stores: Sequence[Store]) -> list[tuple[Store, Query]]:
    asked: list[tuple[Store, Query]] = []
    for other in stores:
        if other is store:
            continue
        renamed = dict(zip(other.names, store.names, strict=False))
        pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, renamed))})\b" if renamed else "(?!)")
        for query in other.queries[::7]:
            text = pattern.sub(lambda found: renamed[found.group()], query.text)  # noqa: B023
            asked.append((store, Query(text, frozenset())))
    return asked


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", metavar="SET", help="a folder, or `tutor`")
    parser.add_argument("--in", dest="scope", choices=["recall", "archival"], default="recall")
    parser.add_argument("--database", help="a PostgreSQL URL; a SQLite file by default")
    parser.add_argument("--fit", action="store_true", help="leave one conversation out")
    parser.add_argument("--threshold", action="store_true", help="what would be shown unasked")
    arguments = parser.parse_args()
    with opened(arguments.sets, arguments.scope, arguments.database) as stores:
        for name in arguments.sets:
            own = [store for store in stores if store.set == name]
            print(name)
            ablation(own)
            if arguments.threshold:
                threshold(own)
        if arguments.fit:
            leave_one_out(stores)


if __name__ == "__main__":
    main()
