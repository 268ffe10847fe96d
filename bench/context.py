"""What a context without end costs: tokens, requests, summaries, time over a long life. Each figure with its target.

    python -m officehours.bench context [--turns 200] [--long 1000] [--embedder hashing] [--only NAME]

A scripted model plays the professor. About four minutes on an idle machine: economy half a minute, small windows half
a minute, a thousand turns one, ten thousand keys one and a half. The program ends with 1 where a target is missed.

The first request and the 30 turns are counted by o200k itself where `tiktoken` is installed and TIKTOKEN_CACHE_DIR names a folder that
holds its vocabulary; everything else is the estimate of `tools/text.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from officehours.agent.assemble import open_tutor
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.settings import Settings
from officehours.bench._figures import megabytes
from officehours.bench._mixed import (
    KINDS,
    Count,
    Figures,
    Professor,
    hire,
    profile,
    run,
    size_of,
    spoken,
    stub_web,
    talk,
)
from officehours.memory.types import ToolCall
from officehours.persona import registry as personas
from officehours.tools.base import ToolContext
from officehours.tools.text import estimate_tokens

FLAT = 1.05
"""The process may hold so much more at the end than halfway: what was said since is in the index."""

WARM = 100
"""Turns after which a long run is warm: the window was full more than once, and a search has about as much to look at
as it ever looks at."""


class Report:
    """Prints figures as they come, each with its target and whether it is met."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def say(self, name: str, figure: str, target: str, met: bool) -> None:
        """Print one figure."""
        if not met:
            self.missed.append(name)
        print(f"{'met' if met else 'MISSED':7} {name}: {figure} ({target})", flush=True)

    def no_failures(self, name: str, figures: Figures) -> None:
        """Say whether every turn went well."""
        first = f", first: {figures.failures[0]}" if figures.failures else ""
        self.say(
            f"{name}, turns that failed or overflowed",
            f"{len(figures.failures)}{first}",
            "0",
            not figures.failures,
        )


def economy(report: Report, turns: int, embedder: str) -> None:
    """First request, prefix, requests, tokens beside, a session of 30 turns."""
    first_request(report, embedder)
    mixed = talk(turns, 128_000, embedder, mixed=True)
    plain = talk(turns, 128_000, embedder, mixed=False)
    both = talk(turns, 128_000, embedder, mixed=True, speaks_and_writes=True)
    count, by = tokens_of()
    short = talk(30, 128_000, embedder, mixed=True, count=count)
    for name, figures, least in (("mixed", mixed, 0.95), ("plain", plain, 0.98)):
        report.say(
            f"prefix repeated, {turns} {name} turns at 128k",
            f"{figures.share:.3f}",
            f"at least {least}",
            figures.share >= least,
        )
    apart = len(mixed.prompts) / turns
    report.say("requests a turn, call and then speak", f"{apart:.2f}", "at most 1.6", apart <= 1.6)
    needed = sum(kind in ("recall", "web", "quiz") for kind in KINDS) / len(KINDS)
    together = len(both.prompts) / turns - needed
    report.say(
        f"requests a turn, speak and write, {needed:.1f} that fetch a result left out",
        f"{together:.2f}",
        "1.0",
        together <= 1.0,
    )
    beside = statistics.mean(mixed.context_note)
    report.say(
        "tokens of finds beside a turn",
        f"{beside:.1f} on average, {max(mixed.context_note):.0f} at most",
        "at most 40 on average, 300 in one",
        beside <= 40 and max(mixed.context_note) <= 300,
    )
    spent = round(short.counted)
    report.say(f"prompt tokens of 30 mixed turns, {by}", f"{spent:,}", "at most 200,000", spent <= 200_000)
    for name, figures in (("mixed", mixed), ("plain", plain), ("speak and write", both)):
        report.no_failures(name, figures)


def first_request(report: Report, embedder: str) -> None:
    """Count the first request of every professor that comes with the package, in both languages."""
    count, by = tokens_of()
    sizes: dict[str, int] = {}
    for persona in personas.all():
        for language, hello in (("ko", "안녕하세요, 교수님."), ("en", "Hello, professor.")):
            model = ScriptedModel(["…"], profile=profile(128_000))
            with tempfile.TemporaryDirectory() as folder:
                settings = Settings(
                    home=Path(folder), embedder=embedder, language=language, zone="Asia/Seoul"
                )
                with open_tutor(settings, model=model, persona=persona.id) as agent:
                    agent.state.memories.core.set(
                        "student", "민아, 2학년 / Mina, second year, exam December 3"
                    )
                    list(agent.turn(hello))
            sizes[f"{persona.id} {language}"] = round(size_of(model.requests[0], count))
    largest = max(sizes, key=lambda name: sizes[name])
    report.say(
        f"tokens of the first request, {by}",
        f"{sizes[largest]} ({largest}, the largest of {len(sizes)})",
        "at most 1500",
        sizes[largest] <= 1_500,
    )


def tokens_of() -> tuple[Count, str]:
    """Give a way to count tokens and its name: o200k where it is at hand, else the estimate."""
    if "TIKTOKEN_CACHE_DIR" not in os.environ:
        return estimate_tokens, "estimated"
    try:
        import tiktoken  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        return estimate_tokens, "estimated"
    encoding = tiktoken.get_encoding("o200k_base")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return lru_cache(8_192)(lambda text: float(len(encoding.encode(text)))), "by o200k"  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownLambdaType]


def small_windows(report: Report, embedder: str) -> None:
    """220 turns where little fits."""
    for window, most, keep in ((8_192, 11, 6), (4_096, 220, 2)):
        figures = talk(220, window, embedder, mixed=True)
        folds, least = len(figures.folds), figures.least_verbatim or 0
        target = f"at most {most}, never fewer than {keep}" if window == 8_192 else f"never fewer than {keep}"
        report.say(
            f"220 turns at {window}",
            f"{folds} summaries, at least {least} exchanges verbatim",
            target,
            folds <= most and least >= keep,
        )
        report.say(
            f"largest prompt at {window}",
            f"{max(figures.prompts)}",
            f"below {window}",
            max(figures.prompts) < window,
        )
        report.no_failures(f"220 turns at {window}", figures)


def long_life(report: Report, turns: int, embedder: str) -> None:
    """A thousand turns in 8k: time, memory, and what was said at the beginning."""
    figures = Figures()
    facts = {1: ("금고", "4821"), turns // 4: ("locker", "7390"), turns // 2: ("사물함", "1558")}
    model = Professor(figures, 8_192)

    def texts() -> Iterator[str]:
        for number, text in enumerate(spoken(turns, mixed=True), 1):
            what, code = facts.get(number, ("", ""))
            yield (
                (f"My {what} code is {code}." if what.isascii() else f"제 {what} 번호는 {code}입니다.")
                if what
                else text
            )

    with tempfile.TemporaryDirectory() as folder, stub_web(), hire(Path(folder), model, embedder) as agent:  # pyright: ignore[reportGeneralTypeIssues]
        rest = texts()
        run(agent, model, figures, (next(rest) for _ in range(turns // 2)))
        half = megabytes()
        run(agent, model, figures, rest)
        end = megabytes()
        found = {
            code: any(code in hit.text for hit in agent.state.memories.recall.search(f"{what} code 번호", 5))
            for what, code in facts.values()
        }
    name = f"{turns} turns at 8192"
    report.say(
        f"{name}, largest prompt",
        f"{max(figures.prompts)}, {len(figures.folds)} summaries",
        "below 8192",
        max(figures.prompts) < 8_192,
    )
    report.no_failures(name, figures)
    _time(report, name, figures)
    report.say(
        f"{name}, memory of the process",
        f"{half:.0f} MB at half, {end:.0f} MB at the end",
        f"at most {FLAT} x",
        not end > FLAT * half,  # also where the system does not tell
    )
    report.say(
        f"{name}, facts of turns {', '.join(map(str, facts))} found at the end",
        f"{sum(found.values())} of {len(found)}",
        "all",
        all(found.values()),
    )


def _time(report: Report, name: str, figures: Figures) -> None:
    """Say how the processor time of a turn grew after warm-up.

    Each turn is held against a piece of work of the same moment, for other programs slow this one down.
    """
    early, first, last = (slice(at, at + 100) for at in (WARM - 100, WARM, figures.turns - 100))
    milliseconds = {at.start: 1000 * statistics.median(figures.seconds[at]) for at in (early, first, last)}
    steady = [turn / yard for turn, yard in zip(figures.seconds, figures.yard, strict=True)]
    cold, before, after = (statistics.median(steady[at]) for at in (early, first, last))
    report.say(
        f"{name}, a turn's own processor time",
        f"{before:.2f} yardsticks ({milliseconds[first.start]:.1f} ms) in turns {WARM + 1} to {WARM + 100}, "
        f"{after:.2f} ({milliseconds[last.start]:.1f} ms) in the last 100: {after / before:.2f} x",
        "at most 1.2 x",
        after <= 1.2 * before,
    )
    print(f"        against the {WARM} turns before those, warm-up and all: {after / cold:.2f} x")
    one, other = (1000 * statistics.mean(figures.behind[at]) for at in (first, last))
    print(
        f"        embedding and indexing behind a turn: {one:.1f} ms in the first of these, {other:.1f} in the last"
    )


def nested_keys(report: Report, embedder: str, size: int, seed: int = 11) -> None:
    """MemGPT's nested key-value store: each value may be the next key; every look-up must be exact."""
    dice = random.Random(seed)
    keys = [f"{dice.getrandbits(64):016x}-{dice.getrandbits(32):08x}" for _ in range(size)]
    values = [f"{dice.getrandbits(64):016x}-{dice.getrandbits(32):08x}" for _ in range(size)]
    places = iter(dice.sample(range(size), sum(20 * (depth + 1) for depth in range(5))))
    chains = [[next(places) for _ in range(depth + 1)] for depth in range(5) for _ in range(20)]
    for chain in chains:
        for here, following in pairwise(chain):
            values[here] = keys[following]
    right = total = 0
    with tempfile.TemporaryDirectory() as folder:
        model = ScriptedModel([], profile=profile(128_000))
        with hire(Path(folder), model, embedder) as agent:
            archival, registry = agent.state.memories.archival, agent.state.registry
            with agent.state.db.begin():
                for key, value in zip(keys, values, strict=True):
                    archival.insert(f"{key}: {value}")
            for chain in chains:
                at = keys[chain[0]]
                for place in chain:
                    call = ToolCall("c", "archival_memory_search", json.dumps({"query": at}))
                    lines = registry.run(call, ToolContext()).output.splitlines()
                    line = next((line for line in lines if f"· {at}: " in line), "")
                    at = line.rpartition(": ")[2]
                    total += 1
                    right += at == values[place]
    report.say(
        f"nested keys, {size} entries, depth 0 to 4, exact look-ups",
        f"{right} of {total}",
        "all",
        right == total,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--long", type=int, default=1_000)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--embedder", default="hashing")
    parser.add_argument("--only", choices=["first", "economy", "small", "long", "keys"])
    options = parser.parse_args()
    report = Report()
    parts: dict[str, Callable[[], None]] = {
        "economy": lambda: economy(report, options.turns, options.embedder),
        "small": lambda: small_windows(report, options.embedder),
        "long": lambda: long_life(report, options.long, options.embedder),
        "keys": lambda: nested_keys(report, options.embedder, options.keys),
    }
    chosen = {"first": lambda: first_request(report, options.embedder)} if options.only == "first" else parts
    for name, part in chosen.items():
        if options.only in (None, name):
            part()
    print(f"missed: {', '.join(report.missed) or 'none'}")
    sys.exit(1 if report.missed else 0)


if __name__ == "__main__":
    main()
