"""The one event loop of the process, for `async def` tools: it runs in a daemon thread of its own.

Whoever waits for what runs in it is a plain thread, so nothing else here needs to be async.
"""

from __future__ import annotations

import asyncio  # noqa: TID251 - an `async def` tool needs a loop; this file is where it is
import atexit
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_STUCK = 1.0
"""Seconds in which a loop that is not blocked has long answered."""

_lock = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []


def submit(coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
    """Run a coroutine in the loop, which begins with the first; cancelling the future cancels it."""
    with _lock:
        if not _loops:
            _loops.append(_begin())
        return asyncio.run_coroutine_threadsafe(coroutine, _loops[-1])


def leave_if_stuck() -> None:
    """Give the loop up if it is blocked, so that the next coroutine has another: one that blocks cannot be cancelled."""
    with _lock:
        loop = _loops[-1] if _loops else None
    if loop is None:
        return
    answered = threading.Event()
    loop.call_soon_threadsafe(answered.set)
    if not answered.wait(_STUCK):
        with _lock:
            if _loops and _loops[-1] is loop:
                _loops.clear()


def _begin() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name="async tools", daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_STUCK)
        if not thread.is_alive():
            loop.close()

    atexit.register(end)
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run until the loop is stopped: what would end this thread was raised by a task that nobody waits for."""
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            _log.exception("a task in the event loop of the tools would have ended the program")
        else:
            return
