"""Memory that the chat's process gives back to the system."""

from __future__ import annotations

import ctypes
import platform

ARENA_MAX, TRIM_THRESHOLD = -8, -1
"""Names of glibc's `mallopt`, as malloc.h numbers them."""

FREE_AT_MOST = 128 * 1024
"""Bytes that may stay free at the heap's end."""


def give_back() -> None:
    """Keep one heap for all threads and return what is free; to be called before the threads that load things start.

    glibc gives each thread a heap of its own. The threads that load the embedder, the index and the morpheme analyser
    end with theirs half empty: 25 MB together. Only a program of its own may decide this, so the library does not.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(ARENA_MAX, 1)
    libc.mallopt(TRIM_THRESHOLD, FREE_AT_MOST)
