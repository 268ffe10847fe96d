"""A turn for asyncio: the same generator, read in one thread of its own.

The loop stays synchronous; this only hands its events over. The next event is asked for when the one before was taken,
so whoever reads slowly slows the turn down and nothing piles up.
"""

from __future__ import annotations

import asyncio  # noqa: TID251 - the one place where somebody else's event loop is served
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


async def in_a_thread(events: Generator[T], stop: Callable[[], None]) -> AsyncGenerator[T]:
    """Give the events of a turn to an event loop.

    Args:
        events: The turn, not yet begun.
        stop: Ends it early. Called where the reader goes away: cancelled, or done with the events.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "aturn")
    try:
        while (event := await loop.run_in_executor(thread, next, events, None)) is not None:
            yield event
    finally:
        stop()
        # Behind what the thread is still at: what was said is kept before the caller goes on.
        ended = loop.run_in_executor(thread, events.close)
        thread.shutdown(wait=False)
        await asyncio.shield(ended)
