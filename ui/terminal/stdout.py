"""Stdout belongs to the answer: what the program says as its result goes out here, and nothing else does."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from .door import Door

_kept: list[TextIO] = []


def stdout() -> TextIO:
    """Give the stream on which the answer goes out."""
    return _kept[0] if _kept else sys.stdout


def keep_stdout() -> None:
    """Send to stderr what anybody else prints from now on: students' tools, libraries, programs that these start.

    At a terminal nothing changes: there both are the screen.
    """
    if _kept or sys.__stderr__ is None or sys.stdout.isatty():
        return
    sys.stdout.flush()
    place = sys.stdout.fileno()
    _kept.append(Door(open(os.dup(place), "wb"), encoding=sys.stdout.encoding, errors="replace"))  # noqa: SIM115, PTH123
    os.dup2(sys.stderr.fileno(), place)
    sys.stdout = sys.stderr
