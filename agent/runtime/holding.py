"""Values that are made once a process for all who want them: the first opens one, the last who lets go closes it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Entry:
    """One value, or the place for it while it is made; `gate` is held while it is made and closed."""

    key: Hashable
    close: Callable[[Any], None]
    gate: threading.Lock = field(default_factory=threading.Lock)
    holders: int = 0
    value: Any = None


class Holding(Generic[T]):
    """One holder's part in a value; a context manager that gives the value."""

    def __init__(self, holdings: Holdings, entry: _Entry) -> None:
        self._holdings = holdings
        self._entry: _Entry | None = entry
        self._process = os.getpid()

    def __enter__(self) -> T:
        assert self._entry is not None
        return cast("T", self._entry.value)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it; again, or in a process that was forked off meanwhile, does nothing."""
        entry, self._entry = self._entry, None
        if entry is not None and os.getpid() == self._process:
            self._holdings.let_go(entry)


class Holdings:
    """What a process holds, by what identifies it. Safe for several threads.

    A process that is forked off holds nothing: what its parent has open is neither used nor closed there.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}
        self._inherited: list[object] = []
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def hold(
        self,
        key: Hashable,
        make: Callable[[], T],
        close: Callable[[T], None],
        fits: Callable[[T], bool] = lambda _: True,
    ) -> Holding[T]:
        """Hold the value of a key, made now if nobody holds one.

        Args:
            key: What identifies it.
            make: Makes it; what it raises goes to the caller, and nothing is held.
            close: Closes it, in the thread of the last who lets go.
            fits: Whether one that others hold will do. They keep it where it does not, and who comes now gets another.
        """
        entry = self._join(key, close)
        try:
            with entry.gate:
                if entry.value is None:
                    entry.value = make()
                    return Holding(self, entry)
                if fits(entry.value):
                    return Holding(self, entry)
        except BaseException:
            self.let_go(entry)
            raise
        self._forget(entry)
        self.let_go(entry)
        return self.hold(key, make, close, fits)

    def values(self, kind: type[T]) -> list[T]:
        """Give the values of a kind that are held now."""
        return [entry.value for entry in list(self._entries.values()) if isinstance(entry.value, kind)]

    def let_go(self, entry: _Entry) -> None:
        """Take one holder off a value, and close it behind the last; who wants it meanwhile waits, and makes a new one."""
        with entry.gate:
            with self._mutex:
                entry.holders -= 1
                last = not entry.holders
            try:
                if last and entry.value is not None:
                    value, entry.value = entry.value, None
                    entry.close(value)
            finally:
                with self._mutex:
                    if not entry.holders and self._entries.get(entry.key) is entry:
                        del self._entries[entry.key]

    def _join(self, key: Hashable, close: Callable[[Any], None]) -> _Entry:
        with self._mutex:
            entry = self._entries.setdefault(key, _Entry(key, close))
            entry.holders += 1
            return entry

    def _forget(self, entry: _Entry) -> None:
        with self._mutex:
            if self._entries.get(entry.key) is entry:
                del self._entries[entry.key]

    def _begin_anew(self) -> None:
        # Kept, not freed: what ends with its last reference would end the parent's too.
        self._inherited.append(self._entries)
        self._mutex, self._entries = threading.Lock(), {}
