"""Running a tool's function to its value, whatever kind of function it is.

A plain function gives its value. A generator yields lines of progress and returns its value; an async generator, which
cannot return one, yields it after them. A coroutine runs in the process's one event loop (`async_loop.py`).
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import aclosing, closing
from threading import Event, Thread
from typing import Any, Literal, cast

from ...memory.errors import ToolError
from ...memory.text import clean
from ..base import Tool
from ..text import first_line
from . import async_loop

LONGEST_LINE = 200
"""Characters of a line of progress."""

MOST_LINES = 1_000
"""Lines of progress that one call shows; what it says after them is dropped."""

_log = logging.getLogger(__name__)

_Ended = tuple[object, BaseException | None]


Fault = Literal["raised", "output", "late"]
"""It raised what is neither `ToolRetry` nor `ToolError`, gave neither text nor JSON, or no answer in time."""


class ToolFault(ToolError):
    """A tool ended in none of its three ways.

    Attributes:
        fault: How.
    """

    def __init__(self, fault: Fault, en: str, ko: str, *, ours: bool = False) -> None:
        super().__init__(en, ko, ours=ours)
        self.fault: Fault = fault


def run_here(tool: Tool, arguments: Mapping[str, Any], progress: Callable[[str], None]) -> object:
    """Call in this thread and wait as long as it takes."""
    return _Run(tool, progress).value(arguments)


def run_within(tool: Tool, arguments: Mapping[str, Any], progress: Callable[[str], None]) -> object:
    """Call in a thread and wait no longer than the tool's limit.

    A thread cannot be ended from outside: one that is late runs on unheeded, and its value is dropped; a generator ends
    at its next line, and a coroutine is cancelled. Whatever ends a tool is its own: no Ctrl-C reaches it, and its
    `sys.exit()` is not the program's.

    Raises:
        ToolError: It is late, or would have ended the program.
    """
    run, box = _Run(tool, progress), list[_Ended]()

    def work() -> None:
        try:
            box.append((run.value(arguments), None))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            box.append((None, error))

    thread = Thread(target=work, name=f"tool {tool.name}", daemon=True)
    thread.start()
    try:
        thread.join(tool.timeout)
    finally:
        ended = box[0] if box else None
        if ended is None:
            run.give_up()
    if ended is None:
        raise _late(tool)
    value, error = ended
    if isinstance(error, Exception):
        raise error
    if error is not None:
        _log.error("the tool %s (%s) ended itself", tool.name, tool.source, exc_info=error)
        raise broken(tool, error) from error
    return value


def broken(tool: Tool, error: BaseException) -> ToolError:
    """Say that a tool failed in a way that its author did not foresee."""
    what = f"{type(error).__name__}: {error}"
    return ToolFault("raised", f"{tool.name} failed: {what}", f"도구 {tool.name}에서 오류가 났습니다: {what}")


class _Run:
    """One call of a tool."""

    def __init__(self, tool: Tool, progress: Callable[[str], None]) -> None:
        self._tool, self._progress, self._over = tool, progress, Event()
        self._future: Future[_Ended] | None = None

    def value(self, arguments: Mapping[str, Any]) -> object:
        """Call the function and follow what it gives to its end."""
        given = self._tool.function(**arguments)
        if isinstance(given, Generator):
            return self._drained(cast("Generator[object, None, object]", given))
        if inspect.isasyncgen(given):
            given = self._drained_async(cast("AsyncGenerator[object]", given))
        return self._awaited(cast("Awaitable[object]", given)) if inspect.isawaitable(given) else given

    def give_up(self) -> None:
        """Take nothing more in, and cancel what can be cancelled."""
        self._over.set()
        if self._future is not None:
            self._future.cancel()
            async_loop.leave_if_stuck()

    def _awaited(self, awaitable: Awaitable[object]) -> object:
        self._future = async_loop.submit(_caught(awaitable))
        if self._over.is_set():
            self._future.cancel()
        value, error = self._future.result()
        if error is not None:
            raise error
        return value

    def _drained(self, lines: Generator[object, None, object]) -> object:
        with closing(lines):
            while True:
                try:
                    line = next(lines)
                except StopIteration as end:
                    return end.value
                if self._over.is_set():
                    return None
                if not isinstance(line, str):
                    raise _misused(self._tool, line)
                self._progress(line)

    async def _drained_async(self, lines: AsyncGenerator[object]) -> object:
        results: list[object] = []
        async with aclosing(lines):
            async for line in lines:
                if results:
                    raise _misused(self._tool, line)
                if isinstance(line, str):
                    self._progress(line)
                else:
                    results.append(line)
        if not results:
            raise _misused(self._tool, "")
        return results[0]


async def _caught(awaitable: Awaitable[object]) -> _Ended:
    """Await, and hand over as a value what would end the loop's thread if it were raised in it."""
    try:
        return await awaitable, None
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - raised by whoever waits
        return None, error


def shown_line(text: str) -> str:
    """A line of progress as a person may be shown it."""
    return first_line(clean(text), LONGEST_LINE)


def _misused(tool: Tool, line: object) -> ToolError:
    what = "nothing more" if line == "" else f"a {type(line).__name__}"
    return ToolFault(
        "output",
        f"{tool.name} yielded {what} where its result was due: a generator yields text and returns its result, an async "
        "generator yields text and then, last, a ToolResult.",
        f"도구 {tool.name}: 제너레이터는 글을 yield하고 결과를 return해야 하며, 비동기 제너레이터는 글을 yield한 뒤 마지막에 "
        "ToolResult를 yield해야 합니다.",
    )


def _late(tool: Tool) -> ToolError:
    goes_on = tool.effect != "read"
    return ToolFault(
        "late",
        f"{tool.name} gave no answer within {tool.timeout:g} seconds."
        + (" What it does may still happen." if goes_on else ""),
        f"도구 {tool.name}이(가) {tool.timeout:g}초 안에 답하지 않았습니다."
        + (" 하려던 일은 뒤늦게 끝날 수 있습니다." if goes_on else ""),
        ours=True,
    )
