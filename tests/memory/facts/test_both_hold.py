"""Two statements that both hold, told one after the other to the real store: none is ever lost to a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from officehours.agent.learner.statements import save_statements, stated_in
from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.tools.base import Tool, ToolContext
from officehours.tools.memory import memory_tools

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ZONE = "Asia/Seoul"
PAIRS = [
    [part.strip() for part in line.split("|")]
    for line in Path(__file__).with_name("both_hold.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), embedder="hashing", zone=ZONE, now=NOW)


@pytest.fixture
def runtime(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """Give the memory of a student of their own in the one store."""
    pair = request.node.callspec.params["pair"]
    with open_runtime(replace(settings, language=pair[0]), f"student{PAIRS.index(pair)}") as opened:
        yield opened


def tell(runtime: Runtime, subject: str, text: str) -> None:
    """Say something; a model keeps the sentence under a subject of its own choice, and the rules read it."""
    memories = runtime.memories
    session = memories.sessions.latest() or memories.sessions.create("kim-yongdam")
    turn, asked = memories.sessions.begin_turn(session, text, ZONE)
    stated = stated_in(asked)
    save_statements(
        asked, stated, memories.archival, memories.core, memories.misconceptions, memories.student.language
    )
    tools: dict[str, Tool] = {
        tool.name: tool for tool in memory_tools(memories.core, memories.archival, memories.recall)
    }
    context = ToolContext(
        language=memories.student.language, now=runtime.clock(), zone=ZONE, text=text, message_id=asked.id
    )
    arguments = {"content": text, "kind": "fact", "subject": subject, "quote": text}
    tools["archival_memory_insert"].function(**arguments, context=context)
    memories.sessions.finish_turn(turn, "done")


def test_there_are_thirty_pairs_in_each_language() -> None:
    assert [sum(pair[0] == language for pair in PAIRS) for language in ("ko", "en")] == [30, 30]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[2]} / {pair[3]}")
def test_of_two_statements_that_both_hold_neither_ends_the_other(runtime: Runtime, pair: list[str]) -> None:
    _, subject, one, other = pair
    tell(runtime, subject, one)
    first = [kept.id for kept in runtime.memories.archival.list()]
    tell(runtime, subject, other)
    held = runtime.memories.archival.list()
    assert {one, other} <= {kept.text for kept in held}
    assert [kept.id for kept in held][: len(first)] == first
