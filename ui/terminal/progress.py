"""A line that counts while something long is done; only where someone can watch it."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

from ...memory.types import Progress
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
        sys.stderr.write(f"\r{label} {done:,}/{total:,} ({share} %)\x1b[K")
        sys.stderr.flush()

    sys.stderr.write(f"{label}…")  # what is heavy loads before the first count
    sys.stderr.flush()
    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
