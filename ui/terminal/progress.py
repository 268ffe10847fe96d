"""A line that counts while something long is done; only where someone can watch it."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

from ...memory.types import Progress
from .door import draw
from .say import localized


@contextmanager
def counting(en: str, ko: str) -> Generator[Progress | None]:
    """Give what a long job tells its progress to, or None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    label = localized(en, ko)

    def show(done: int, total: int) -> None:
        share = 100 * done // total if total else 100
        draw(sys.stderr, f"\r{label} {done:,}/{total:,} ({share} %)\x1b[K")

    draw(sys.stderr, f"{label}…")  # what is heavy loads before the first count
    try:
        yield show
    finally:
        draw(sys.stderr, "\r\x1b[K")
