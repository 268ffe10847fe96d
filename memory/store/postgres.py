"""A connection to PostgreSQL that does not wait for ever for a server that hangs.

The driver has no limit on an answer, and a fixed one would cut off long work. So after a silence another connection is
tried: where that one is answered, the server is at work (or waits for a lock, which has a limit of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import lru_cache
from time import monotonic
from typing import Any

from sqlalchemy import Engine, event

SILENCE_SECONDS = 10.0
"""How long a server may be silent before it is looked after."""

CONNECT_SECONDS = 5
"""How long a connection may take to be made."""

KEEPALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A network that swallows everything is noticed by TCP itself, in about 30 s."""


def watch(engine: Engine) -> None:
    """Let an engine's connections notice a server that hangs; they then fail as if it had gone."""

    def connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
        return _watched().connect(*arguments, **options)

    event.listen(engine, "do_connect", connect)


def watched(waiting: Generator[Any, Any, Any], look_after: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Pass a driver's waiting through, calling `look_after` after each silence."""
    heard = monotonic()
    ready: Any = None
    while True:
        try:
            state = waiting.send(ready)
        except StopIteration as done:
            return done.value
        ready = yield state
        if ready:
            heard = monotonic()
        elif monotonic() - heard > SILENCE_SECONDS:
            look_after()
            heard = monotonic()


@lru_cache(maxsize=1)
def _watched() -> Any:
    import psycopg

    class Watched(psycopg.Connection[Any]):
        def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            return super().wait(watched(gen, self._look_after), *arguments, **options)

        def _look_after(self) -> None:
            info = self.info.dsn
            try:
                password = self.info.password
                psycopg.connect(info, password=password, connect_timeout=CONNECT_SECONDS).close()
            except psycopg.Error as error:
                self.close()
                raise psycopg.OperationalError("the server has stopped answering") from error

    return Watched
