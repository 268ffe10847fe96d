"""Professors for tests of the agent: a real store and real memories in a home of their own, a scripted model."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chat_server import ChatServer
from officehours.agent.assemble import open_tutor
from officehours.agent.events import Event, TextDelta, TurnFailed, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.model import ModelProfile, Request
from officehours.agent.models.chat_completions.client import OpenAIModel, Retry
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.settings import Clock, Limits, Settings
from officehours.memory.types import Message, StoredMessage, ToolCall
from officehours.tools.base import Tool

START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PROFILE = ModelProfile("scripted", "scripted", local=True)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


def settings_for(home: Path, clock: MovableClock | None = None, **values: Any) -> Settings:
    values = {"embedder": "hashing", "language": "en", "zone": "Asia/Seoul"} | values
    if clock is None:
        return Settings(home=home, **values)

    class Clocked(Settings):
        def clock(self) -> Clock:
            return clock

    return Clocked(home=home, **values)


def tutor(
    home: Path,
    model: Any,
    *,
    session: str = "latest",
    persona: str | None = None,
    clock: MovableClock | None = None,
    tools: Sequence[Tool | Callable[..., object]] = (),
    deps: object = None,
    **values: Any,
) -> Agent:
    """Open a professor in a home; opened again it is a new process as far as memory goes."""
    return open_tutor(
        settings_for(home, clock, **values),
        model=model,
        session=session,
        persona=persona,
        tools=tools,
        deps=deps,
    )


def scripted(script: Any, *, window: int = 128_000, **options: Any) -> ScriptedModel:
    profile = replace(PROFILE, window=window, max_output=min(4_096, window // 4))
    return ScriptedModel(script, profile=options.pop("profile", profile), **options)


def say(agent: Agent, text: str, **options: Any) -> list[Any]:
    return list(agent.turn(text, **options))


def answer(events: Iterable[Event]) -> str:
    """The answer of a turn that went well."""
    last = [event for event in events if isinstance(event, TurnFinished | TurnFailed)][-1]
    assert isinstance(last, TurnFinished), last
    return last.answer


def streamed(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def log_of(agent: Agent) -> list[StoredMessage]:
    state = agent.state
    return state.memories.sessions.log(state.conversation.session)


def spoken(agent: Agent, role: str = "user") -> list[str]:
    return [m.message.content for m in log_of(agent) if m.message.role == role]


def limits(**values: Any) -> Limits:
    return Limits(**values)


def assert_valid(messages: Iterable[Message]) -> None:
    """What strict servers insist on: one system message, roles in turn, every call followed by its result."""
    rest = list(messages)
    assert rest[0].role == "system"
    assert rest[1].role == "user"
    waiting: list[str] = []
    before = "system"
    for message in rest[1:]:
        if message.role == "tool":
            assert message.tool_call_id == waiting.pop(0)
            before = "tool"
            continue
        assert not waiting, f"a call without its result before {message}"
        assert message.role != before, f"two {before} messages in a row"
        assert message.role in ("user", "assistant")
        waiting = [call.id for call in message.tool_calls]
        before = message.role
    assert not waiting


def extends(later: Request, earlier: Request) -> bool:
    return later.tools == earlier.tools and later.messages[: len(earlier.messages)] == earlier.messages


def assert_valid_json(body: dict[str, Any]) -> None:
    """The same for a request as a server received it."""
    assert_valid(
        Message(
            m["role"],
            m.get("content") or "",
            tuple(
                ToolCall(c["id"], c["function"]["name"], c["function"]["arguments"])
                for c in m.get("tool_calls", ())
            ),
            m.get("tool_call_id"),
        )
        for m in body["messages"]
    )


def online(server_url: str, *, window: int = 128_000, tries: int = 2, key: str | None = None) -> OpenAIModel:
    """A model on a loopback server that waits for nothing between attempts."""
    profile = ModelProfile(
        "test-model", "test", window=window, max_output=min(4_096, window // 4), local=True
    )
    retry = Retry(tries=tries, first=0.0)
    return OpenAIModel(
        profile, base_url=server_url, api_key=key, retry=retry, sleep=lambda _: None, jitter=lambda: 0.0
    )


PROGRAM = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from tutors import online, tutor
    with tutor(Path({home!r}), online({url!r}), **{values!r}) as professor:
        for event in professor.turn({text!r}) if {text!r} else professor.resume():
            print(event.type, flush=True)
"""


def start(home: Path, url: str, text: str, **values: Any) -> subprocess.Popen[str]:
    """Begin a turn in another process, which prints the type of each event; without a text, go on with one."""
    program = PROGRAM.format(
        tests=str(Path(__file__).parent), home=str(home), url=url, text=text, values=values
    )
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"the program ended without {line}")


def wait_for_requests(server: ChatServer, number: int) -> None:
    for _ in range(10_000):
        if len(server.requests) >= number:
            return
        server.closing.wait(0.01)
    raise AssertionError("no request came")
