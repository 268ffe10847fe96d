"""What a context without end costs: tokens, requests, summaries, time over a long life.

    python -m officehours.bench context [--turns 200] [--long 1000] [--embedder hashing] [--only NAME]

A scripted model plays the professor, so every figure is of this house and not of a model. Tokens are the estimate of
`tools/text.py` (o200k). A prefix is what a provider's cache sees: tools, then messages.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from officehours.agent import assemble
from officehours.agent.budget import estimate_message, estimate_tools
from officehours.agent.events import Compacted, Notice, TurnFailed
from officehours.agent.loop import Agent
from officehours.agent.model import ModelProfile, Request
from officehours.agent.models.scripted import Reply, ScriptedCall, ScriptedModel
from officehours.agent.settings import Settings
from officehours.memory.messages import ToolCall
from officehours.tools.base import ToolContext
from officehours.tools.text import estimate_tokens
from officehours.tools.web import Found, web_tools

TOPICS = [
    "gradient descent",
    "역전파",
    "eigenvalues",
    "어텐션",
    "dropout",
    "LoRA",
    "고유벡터",
    "softmax",
    "배치 정규화",
    "beam search",
    "토큰화",
    "positional encoding",
    "강화학습",
    "RLHF",
    "quantization",
    "과적합",
    "embeddings",
    "벡터 검색",
    "state-space models",
    "프롬프트",
]
SAID = (
    "{topic} 쪽이 아직 헷갈리는데 예시를 하나 들어 설명해 주실 수 있나요?",
    "Could you say once more how {topic} works, with a small example this time?",
    "지난주에 배운 {topic} 내용을 시험 범위와 연결해서 정리해 주세요.",
    "I read about {topic} on the bus and one step made no sense to me at all.",
)
ANSWER = (
    "{topic}: the point is what happens to the numbers at each step. Take three values, change one, follow the rest. ",
    "{topic}의 핵심은 한 단계에서 다음 단계로 값이 어떻게 바뀌는지입니다. 값 세 개로 직접 계산해 보고 같은 것을 코드로 확인해 봅시다. ",
)
KINDS = ("chat", "chat", "core", "chat", "recall", "chat", "insert", "chat", "web", "quiz")


@dataclass(slots=True)
class Figures:
    """What a run of turns showed."""

    prompts: list[int] = field(default_factory=list[int])
    repeated: int = 0
    beside: list[float] = field(default_factory=list[float])
    summaries: int = 0
    least_verbatim: int | None = None
    seconds: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])
    turns: int = 0

    @property
    def share(self) -> float:
        """Share of all prompt tokens that repeat the previous request's prefix."""
        return self.repeated / max(1, sum(self.prompts))


class Watch:
    """Holds each request against the one before it."""

    def __init__(self, figures: Figures) -> None:
        self._figures, self._before = figures, None

    def see(self, request: Request) -> None:
        """Take in a request of the conversation; those for summaries are passed by."""
        if not request.tools:
            return
        sizes = [estimate_tools(request.tools), *map(estimate_message, request.messages)]
        self._figures.prompts.append(round(sum(sizes)))
        if self._before is not None and self._before.tools == request.tools:
            same = sizes[0]
            for size, old, new in zip(sizes[1:], self._before.messages, request.messages, strict=False):
                if old != new:
                    break
                same += size
            self._figures.repeated += round(same)
        self._before = request
        if request.messages[1].content.startswith("<earlier>"):
            spoken = sum(message.role == "user" for message in request.messages)
            least = self._figures.least_verbatim
            self._figures.least_verbatim = spoken - 1 if least is None else min(least, spoken - 1)


def script(figures: Figures, *, speaks_and_writes: bool) -> Callable[[Request], Reply]:
    """The professor of the mixed script: reads what is asked from the message, calls what belongs to it, answers."""
    watch = Watch(figures)

    def reply(request: Request) -> Reply:
        watch.see(request)
        last = request.messages[-1]
        if not request.tools:
            return "\n".join(line[:90] for line in last.content.splitlines() if line.startswith("[m"))[:900]
        topic = next((t for t in TOPICS if t in last.content), "this")
        said = ANSWER[len(topic) % 2].format(topic=topic) * 2
        if last.role != "user":
            return said
        call = wanted(last.content, topic)
        writes = call is not None and call.name in ("core_memory_append", "archival_memory_insert")
        if call is None:
            return said
        return [said, call] if writes and speaks_and_writes else call

    return reply


def wanted(asked: str, topic: str) -> ScriptedCall | None:
    """The call that a message of the script asks for."""
    text = asked.splitlines()[0]
    match text.partition("#")[2].split():
        case ["core", number]:
            line = {"label": "progress", "content": f"#core {number} {topic} 헷갈림"}
            return ScriptedCall("core_memory_append", line)
        case ["insert", number]:
            return ScriptedCall(
                "archival_memory_insert", {"content": f"{topic}: 예시로 배우면 좋다 #insert {number}"}
            )
        case ["recall", _]:
            return ScriptedCall("conversation_search", {"query": f"{topic} 정리", "limit": 3})
        case ["web", number]:
            return ScriptedCall("web_search", {"query": f"{topic} tutorial {number}"})
        case ["quiz", number]:
            return ScriptedCall("calculate", {"expression": f"{number} * 3 + 1"})
        case _:
            return None


def spoken(turns: int, *, mixed: bool, seed: int = 7) -> Iterator[str]:
    """What the student says, turn by turn."""
    dice = random.Random(seed)
    for turn in range(turns):
        topic = TOPICS[turn % len(TOPICS)]
        text = dice.choice(SAID).format(topic=topic)
        kind = KINDS[turn % len(KINDS)] if mixed else "chat"
        yield text if kind == "chat" else f"{text} #{kind} {turn}"


def stub_web() -> AbstractContextManager[object]:
    """Search results that are the same on every machine."""

    def search(query: str, _region: str) -> list[Found]:
        return [
            Found(f"{query} {n}", f"https://example.org/{n}", f"What {query} means. " * 6) for n in range(4)
        ]

    return patch.object(assemble, "web_tools", lambda: web_tools(search))


def hire(home: Path, model: ScriptedModel, embedder: str) -> Agent:
    """A professor in a home of the benchmark's own."""
    settings = Settings(home=home, embedder=embedder, language="ko", zone="Asia/Seoul")
    return assemble.open_tutor(settings, model=model)


def profile(window: int) -> ModelProfile:
    """A local model with such a window."""
    return ModelProfile("scripted", "scripted", window=window, max_output=min(4_096, window // 4), local=True)


def run(agent: Agent, figures: Figures, texts: Iterator[str]) -> None:
    """Speak every text and note what each turn cost."""
    for text in texts:
        began = time.process_time()
        for event in agent.turn(text):
            match event:
                case Compacted():
                    figures.summaries += 1
                case TurnFailed(error=error):
                    figures.failures.append(error.en)
                case Notice(kind="overflow" | "stopped", en=en):
                    figures.failures.append(en)
                case _:
                    pass
        figures.seconds.append(time.process_time() - began)
        figures.turns += 1
        asked = [m for m in agent.desk.conversation.log if m.message.role == "user"][-1]
        memory = asked.beside.partition("<memory>")[2].partition("</memory>")[0]
        figures.beside.append(estimate_tokens(memory))


def talk(turns: int, window: int, embedder: str, *, mixed: bool, speaks_and_writes: bool = False) -> Figures:
    """One session from the first turn to the last."""
    figures = Figures()
    model = ScriptedModel(
        script(figures, speaks_and_writes=speaks_and_writes), profile=profile(window), piece=200
    )
    with tempfile.TemporaryDirectory() as folder, stub_web(), hire(Path(folder), model, embedder) as agent:  # pyright: ignore[reportGeneralTypeIssues]
        run(agent, figures, spoken(turns, mixed=mixed))
    return figures


def economy(turns: int, embedder: str) -> None:
    """Prefix, requests, tokens beside, a session of 30 turns."""
    mixed = talk(turns, 128_000, embedder, mixed=True)
    plain = talk(turns, 128_000, embedder, mixed=False)
    both = talk(turns, 128_000, embedder, mixed=True, speaks_and_writes=True)
    short = talk(30, 128_000, embedder, mixed=True)
    needless = sum(kind in ("recall", "web", "quiz") for kind in KINDS) / len(KINDS)
    print(f"first request: {mixed.prompts[0]} tokens (at most 1500)")
    print(f"prefix repeated, {turns} turns: mixed {mixed.share:.3f} (0.95), plain {plain.share:.3f} (0.98)")
    print(
        f"requests a turn: call, then speak {len(mixed.prompts) / turns:.2f} (1.6); speak and write "
        f"{len(both.prompts) / turns - needless:.2f} (1.0) beside the calls that need a result"
    )
    print(
        f"tokens of finds beside a turn: {statistics.mean(mixed.beside):.1f} on average (40), {max(mixed.beside):.0f} most"
    )
    print(f"30 mixed turns: {sum(short.prompts):,} prompt tokens (200,000)")
    for figures in (mixed, plain, both, short):
        report_failures(figures)


def small_windows(embedder: str) -> None:
    """220 turns where little fits."""
    for window, most, keep in ((8_192, 11, 6), (4_096, None, 2)):
        figures = talk(220, window, embedder, mixed=True)
        target = f" (at most {most})" if most else ""
        print(
            f"220 turns at {window}: {figures.summaries} summaries{target}, at least {figures.least_verbatim} exchanges "
            f"verbatim ({keep}), largest prompt {max(figures.prompts)}"
        )
        report_failures(figures)


def long_life(turns: int, embedder: str) -> None:
    """A thousand turns in 8k: time, memory, and what was said at the beginning."""
    figures = Figures()
    facts = {1: ("금고", "4821"), turns // 4: ("locker", "7390"), turns // 2: ("사물함", "1558")}
    model = ScriptedModel(script(figures, speaks_and_writes=False), profile=profile(8_192), piece=200)

    def texts() -> Iterator[str]:
        for number, text in enumerate(spoken(turns, mixed=True), 1):
            if number in facts:
                what, code = facts[number]
                yield (
                    f"참고로 제 {what} code is {code}, 잊지 마세요."
                    if number != turns // 4
                    else f"My {what} code is {code}."
                )
            else:
                yield text

    with tempfile.TemporaryDirectory() as folder, stub_web(), hire(Path(folder), model, embedder) as agent:  # pyright: ignore[reportGeneralTypeIssues]
        rest = texts()
        run(agent, figures, (next(rest) for _ in range(turns // 2)))
        half = resident()
        run(agent, figures, rest)
        end = resident()
        found = {
            what: any(code in hit.text for hit in agent.desk.memories.recall.search(f"{what} code", 5))
            for what, code in facts.values()
        }
    warm = figures.seconds[10:110]
    last = figures.seconds[-100:]
    ratio = statistics.median(last) / statistics.median(warm)
    print(f"{turns} turns at 8192: largest prompt {max(figures.prompts)}, {figures.summaries} summaries")
    print(
        f"process time of a turn: first 100 {1000 * statistics.median(warm):.1f} ms, last 100 "
        f"{1000 * statistics.median(last):.1f} ms: {ratio:.2f} x (at most 1.2)"
    )
    print(f"memory of the process: {half:.0f} MB at half, {end:.0f} MB at the end")
    print("facts of the first half found at the end:", json.dumps(found, ensure_ascii=False))
    report_failures(figures)


def nested_keys(embedder: str, size: int = 10_000, seed: int = 11) -> None:
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
            archival, registry = agent.desk.memories.archival, agent.desk.registry
            with agent.desk.db.begin():
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
    print(f"nested keys, {size} entries, depth 0 to 4: {right} of {total} look-ups exact")


def resident() -> float:
    """Memory of this process in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def report_failures(figures: Figures) -> None:
    """Say what went wrong, if anything did."""
    if figures.failures:
        print(f"  {len(figures.failures)} turns went wrong: {figures.failures[0]}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--long", type=int, default=1_000)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--embedder", default="hashing")
    parser.add_argument("--only", choices=["economy", "small", "long", "keys"])
    options = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "economy": lambda: economy(options.turns, options.embedder),
        "small": lambda: small_windows(options.embedder),
        "long": lambda: long_life(options.long, options.embedder),
        "keys": lambda: nested_keys(options.embedder, options.keys),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            part()


if __name__ == "__main__":
    main()
