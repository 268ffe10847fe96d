"""A long conversation with a scripted professor, and what each request and turn of it showed.

Every figure is of the program and not of a model. Tokens are the estimate of `tools/text.py` (o200k) unless another
count is named. A prefix is what a provider's cache sees: tools, then messages.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from officehours.agent import assemble
from officehours.agent.context.budget import PER_MESSAGE, estimate_message, estimate_tools
from officehours.agent.context.prompt import specs_to_json
from officehours.agent.events import Compacted, Notice, TurnFailed
from officehours.agent.loop import Agent
from officehours.agent.model import Chunk, ModelProfile, Request
from officehours.agent.models.testing.scripted import Reply, ScriptedCall, ScriptedModel
from officehours.agent.settings import Settings
from officehours.memory.text import HANGUL
from officehours.tools.text import estimate_tokens
from officehours.tools.web import Found, web_tools

Count = Callable[[str], float]

FORGOTTEN = Request(())
"""Stands for a request that was looked at: a long run is to measure the program's memory, not the script's."""

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

PAGE = json.dumps(
    {f"{topic} {n}": n * 7919 % 1009 for topic in TOPICS for n in range(200)}, ensure_ascii=False
)


@dataclass(slots=True)
class Figures:
    """What a run of turns showed.

    Attributes:
        count: Counts a text's tokens; `counted` is what it gives for all requests together.
        prompts: Estimated tokens of each request; `repeated` of them stood at the beginning of the request before.
        beside: Tokens of finds beside each message.
        folds: In which turns (from 0) the oldest turns were folded.
        seconds: Processor time of each turn in its own thread, the scripted model's left out.
        behind: Processor time of the process's other threads meanwhile: embedding and indexing.
        yard: Processor time of the same small piece of work after each turn: how fast the machine was just then.
    """

    count: Count = estimate_tokens
    counted: float = 0.0
    prompts: list[int] = field(default_factory=list[int])
    repeated: int = 0
    context_note: list[float] = field(default_factory=list[float])
    folds: list[int] = field(default_factory=list[int])
    least_verbatim: int | None = None
    seconds: list[float] = field(default_factory=list[float])
    behind: list[float] = field(default_factory=list[float])
    yard: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])

    @property
    def turns(self) -> int:
        """How many turns were held."""
        return len(self.seconds)

    @property
    def share(self) -> float:
        """Share of all prompt tokens that repeat the previous request's prefix."""
        return self.repeated / max(1, sum(self.prompts))


def size_of(request: Request, count: Callable[[str], float]) -> float:
    """Count a request: its tools as they are sent, and its messages, each with its frame."""
    tools = json.dumps(specs_to_json(request.tools), ensure_ascii=False)
    calls = [call for message in request.messages for call in message.tool_calls]
    frames = PER_MESSAGE * (len(request.messages) + len(calls))
    said = sum(count(message.content) for message in request.messages)
    return count(tools) + said + frames + sum(count(call.name) + count(call.arguments) for call in calls)


class Watch:
    """Holds each request against the one before it."""

    def __init__(self, figures: Figures) -> None:
        self._figures, self._before = figures, None

    def see(self, request: Request) -> None:
        """Take in a request of the conversation; those for summaries are passed by."""
        if not request.tools:
            return
        self._figures.counted += size_of(request, self._figures.count)
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


class Professor(ScriptedModel):
    """The scripted model of a run; `seconds` is the processor time that it took itself."""

    def __init__(self, figures: Figures, window: int, *, speaks_and_writes: bool = False) -> None:
        reply = script(figures, speaks_and_writes=speaks_and_writes)
        super().__init__(reply, profile=profile(window), piece=200)
        self.seconds = 0.0

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the next reply of the script."""
        if self.requests:
            self.requests[-1] = FORGOTTEN
        chunks = super().stream(request)
        while True:
            began = time.thread_time()
            chunk = next(chunks, None)
            self.seconds += time.thread_time() - began
            if chunk is None:
                return
            yield chunk


def script(figures: Figures, *, speaks_and_writes: bool) -> Callable[[Request], Reply]:
    """The professor of the mixed script: reads what is asked from the message, calls what belongs to it, answers."""
    watch = Watch(figures)

    def reply(request: Request) -> Reply:
        watch.see(request)
        last = request.messages[-1]
        if not request.tools:
            return "\n".join(line[:90] for line in last.content.splitlines() if line.startswith("[m"))[:900]
        topic = next((t for t in TOPICS if t in last.content), "this")
        asked = next(m.content for m in reversed(request.messages) if m.role == "user").splitlines()[0]
        said = ANSWER[bool(HANGUL.search(asked))].format(topic=topic) * 2
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
            # In the student's own words, as the rules ask: others wait for a yes while a web page is in view.
            line = {"label": "progress", "content": f"#core {number} {topic}"}
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


def run(agent: Agent, model: Professor, figures: Figures, texts: Iterator[str]) -> None:
    """Speak every text and note what each turn cost."""
    for text in texts:
        process, thread, other = time.process_time(), time.thread_time(), model.seconds
        for event in agent.turn(text):
            match event:
                case Compacted():
                    figures.folds.append(figures.turns)
                case TurnFailed(error=error):
                    figures.failures.append(error.en)
                case Notice(kind="overflow" | "stopped", en=en):
                    figures.failures.append(en)
                case _:
                    pass
        took = time.thread_time() - thread
        figures.behind.append(time.process_time() - process - took)
        figures.seconds.append(took - (model.seconds - other))
        # The quickest of three: what still goes on behind the turn disturbs a millisecond more than it does the turn.
        figures.yard.append(min(yardstick() for _ in range(3)))
        asked = [m for m in agent.state.conversation.log if m.message.role == "user"][-1]
        memory = asked.context_note.partition("<memory>")[2].partition("</memory>")[0]
        figures.context_note.append(estimate_tokens(memory))


def yardstick() -> float:
    """Give the processor time of reading a page of JSON and sorting its words."""
    began = time.thread_time()
    words = json.loads(PAGE)
    sorted(words, key=words.get)
    return time.thread_time() - began


def talk(
    turns: int,
    window: int,
    embedder: str,
    *,
    mixed: bool,
    speaks_and_writes: bool = False,
    count: Count = estimate_tokens,
) -> Figures:
    """One session from the first turn to the last."""
    figures = Figures(count)
    model = Professor(figures, window, speaks_and_writes=speaks_and_writes)
    with tempfile.TemporaryDirectory() as folder, stub_web(), hire(Path(folder), model, embedder) as agent:  # pyright: ignore[reportGeneralTypeIssues]
        run(agent, model, figures, spoken(turns, mixed=mixed))
    return figures
