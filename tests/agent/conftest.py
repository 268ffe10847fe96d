"""The model server that tests of the agent talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from chat_server import ChatServer

Serve = Callable[..., ChatServer]


@pytest.fixture
def chat_server() -> Iterator[Serve]:
    """Start scripted servers: `chat_server([say("Hello.")])`; they stop when the test ends."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(ChatServer(*args, **options))
