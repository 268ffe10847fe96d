"""A process that dies between any two of its commits, played inside of the test's own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from officehours.memory.store import Database


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


class Kills:
    """Lets a process die before or after one of its commits; the dead write nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.before = self.dead = False
        begin, kills = Database.begin, self

        @contextmanager
        def dying(db: Database, *, durable: bool = True) -> Generator[Connection]:
            if kills.dead:
                raise KilledError
            outermost = getattr(db._local, "writing", None) is None  # pyright: ignore[reportPrivateUsage]
            with begin(db, durable=durable) as connection:
                yield connection
                if outermost and kills.counts() and kills.before:
                    raise KilledError
            if outermost and kills.dead:
                raise KilledError

        monkeypatch.setattr(Database, "begin", dying)

    def after(self, commits: int | None, *, before: bool = False) -> None:
        """Die at a commit from now on, `before` it or after it; None lives."""
        self.left, self.before, self.dead = commits, before, False

    def counts(self) -> bool:
        """Count a commit, and say whether it is the last."""
        if self.left is None:
            return False
        self.left -= 1
        self.dead = self.dead or self.left <= 0
        return self.dead
