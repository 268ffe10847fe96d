from __future__ import annotations

import asyncio  # noqa: TID251 - what a tool's author writes
import functools
import logging
import threading
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from officehours.memory.errors import ToolError, ToolRetry
from officehours.memory.types import ToolCall
from officehours.tools.base import Effect, Tool, ToolContext, ToolResult, tool
from officehours.tools.calling import async_loop
from officehours.tools.registry import Outcome, Registry


@dataclass
class Told:
    lines: list[str] = field(default_factory=list)

    def run(self, called: Tool) -> Outcome:
        context = ToolContext(progress=self.lines.append)
        return Registry([called]).run(ToolCall("c1", called.name, "{}"), context)


@pytest.fixture
def told() -> Told:
    return Told()


def test_an_async_function_runs_to_its_value(told: Told) -> None:
    @tool
    async def add() -> int:
        """Add."""
        await asyncio.sleep(0)
        return 1 + 2

    assert told.run(add).output == "3"


def test_all_async_functions_share_one_loop(told: Told) -> None:
    @tool
    async def loop() -> str:
        """Say which loop it is."""
        return f"{id(asyncio.get_running_loop())} {threading.current_thread().name}"

    first, second = told.run(loop).output, told.run(loop).output
    assert first == second
    assert first.endswith("async tools")


def test_async_functions_run_side_by_side(told: Told) -> None:
    @tool
    async def meet() -> str:
        """Wait for somebody else."""
        await asyncio.to_thread(both.wait, 30)
        return "met"

    both, found = threading.Barrier(2), list[str]()
    threads = [threading.Thread(target=lambda: found.append(told.run(meet).output)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["met", "met"]


def test_a_late_coroutine_is_cancelled(told: Told) -> None:
    ended = threading.Event()

    @tool(timeout=0.01)
    async def wait() -> str:
        """Wait for ever."""
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    outcome = told.run(wait)
    assert "0.01 seconds" in outcome.output
    assert ended.wait(30)


def test_a_coroutine_that_blocks_the_loop_costs_the_next_one_nothing(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_loop, "_STUCK", 0.01)
    release = threading.Event()

    @tool(timeout=0.01)
    async def block() -> str:
        """Block the loop, as no coroutine may."""
        release.wait()
        return ""

    @tool
    async def quick() -> str:
        """Answer at once."""
        return "here"

    assert not told.run(block).ok
    assert told.run(quick).output == "here"
    release.set()


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), ValueError("no")], ids=repr
)
@pytest.mark.parametrize("effect", ["read", "write", "outside"])
def test_a_coroutine_that_would_end_the_program_has_failed_and_the_loop_goes_on(
    told: Told, error: BaseException, effect: Effect
) -> None:
    @tool(effect=effect)
    async def end() -> str:
        """End all."""
        await asyncio.sleep(0)
        raise error

    @tool
    async def quick() -> str:
        """Answer at once."""
        return "here"

    outcome = told.run(end)
    assert not outcome.ok
    assert f"end failed: {type(error).__name__}" in outcome.output
    assert told.run(quick).output == "here"


def test_a_task_that_nobody_waits_for_ends_no_loop(told: Told) -> None:
    tasks: list[asyncio.Task[None]] = []

    @tool
    async def leave() -> str:
        """Leave a task behind that would end the program."""

        async def end() -> None:
            raise SystemExit(3)

        tasks.append(asyncio.create_task(end()))
        return "left"

    assert told.run(leave).output == "left"
    assert told.run(leave).output == "left"
    assert isinstance(tasks[0].exception(), SystemExit)


def test_what_an_async_tool_tells_the_model_comes_through(told: Told) -> None:
    @tool
    async def refuse() -> str:
        """Refuse."""
        raise ToolRetry("Give a date.", "날짜를 주세요.")

    outcome = told.run(refuse)
    assert (outcome.retry, outcome.output) == (True, "Give a date.")


def test_a_generator_shows_its_lines_and_gives_what_it_returns(told: Told) -> None:
    @tool
    def crawl() -> Generator[str, None, dict[str, int]]:
        """Go through pages."""
        yield "page 1"
        yield "page 2"
        return {"pages": 2}

    assert told.run(crawl).output == '{"pages": 2}'
    assert told.lines == ["page 1", "page 2"]


def test_an_async_generator_yields_its_result_last(told: Told) -> None:
    @tool
    async def crawl() -> AsyncIterator[str | ToolResult]:
        """Go through pages."""
        yield "page 1"
        await asyncio.sleep(0)
        yield "page 2"
        yield ToolResult("two pages", "2쪽")

    outcome = told.run(crawl)
    assert (outcome.output, outcome.display) == ("two pages", "2쪽")
    assert told.lines == ["page 1", "page 2"]


def nothing_last() -> Any:
    async def crawl() -> AsyncIterator[Any]:
        """Go through pages."""
        yield "page 1"

    return crawl


def more_after_it() -> Any:
    async def crawl() -> AsyncIterator[Any]:
        """Go through pages."""
        yield ToolResult("one page")
        yield "page 2"

    return crawl


def a_line_that_is_none() -> Any:
    def crawl() -> Generator[Any, None, str]:
        """Go through pages."""
        yield 5
        return "one page"

    return crawl


@pytest.mark.parametrize("made", [nothing_last, more_after_it, a_line_that_is_none])
def test_a_generator_that_is_misused_is_a_failed_tool_that_says_how(told: Told, made: Any) -> None:
    outcome = told.run(tool(made()))
    assert not outcome.ok
    assert outcome.output.startswith("crawl yielded ")
    assert "ToolResult" in outcome.output


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), ValueError("no")], ids=repr)
def test_a_generator_that_would_end_the_program_has_failed(told: Told, error: BaseException) -> None:
    @tool
    def crawl() -> Generator[str, None, str]:
        """Go through pages."""
        yield "page 1"
        raise error

    outcome = told.run(crawl)
    assert outcome.output == f"crawl failed: {type(error).__name__}: {error}".rstrip()
    assert told.lines == ["page 1"]


def test_a_late_generator_ends_at_its_next_line(told: Told) -> None:
    late, ended = threading.Event(), threading.Event()

    @tool(timeout=0.01)
    def crawl() -> Generator[str, None, str]:
        """Go through pages for ever."""
        try:
            yield "page 1"
            late.wait()
            yield "page 2"
            yield "page 3"
        finally:
            ended.set()
        return ""

    assert not told.run(crawl).ok
    late.set()
    assert ended.wait(30)
    assert told.lines == ["page 1"]


def test_a_function_that_only_gives_a_coroutine_is_awaited(told: Told) -> None:
    async def add(number: int) -> int:
        return number + 1

    three = functools.partial(add, 2)

    def hidden() -> object:
        """Add."""
        return three()

    assert told.run(tool(hidden)).output == "3"


def test_our_own_async_tool_needs_no_limit(told: Told) -> None:
    @tool
    async def add() -> int:
        """Add."""
        return 3

    assert told.run(replace(add, source="")).output == "3"


def test_a_tools_logger_has_its_name(caplog: pytest.LogCaptureFixture) -> None:
    @tool
    def note(context: ToolContext) -> str:
        """Note something.

        Args:
            context: The turn.
        """
        context.logger.warning("noted")
        return ""

    with caplog.at_level(logging.WARNING):
        Registry([note]).run(ToolCall("c1", "note", "{}"), ToolContext())
    assert [(record.name, record.message) for record in caplog.records] == [
        ("officehours.tools.note", "noted")
    ]


def test_memory_that_nobody_has_keeps_nothing() -> None:
    memory = ToolContext().memory
    assert memory.search("x") == ()
    with pytest.raises(ToolError):
        memory.insert("x")
