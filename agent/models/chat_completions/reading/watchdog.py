"""Ends the reading of an answer at a time, also where the server is silent: a read that waits sees no clock."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import httpx2

ERROR_BYTES = 256_000
"""Bytes, packed or not, of an answer that is no reply."""

ERROR_SECONDS = 10.0
"""How long such an answer may take once it has begun."""


class Watchdog:
    """Breaks one connection off when its time is up.

    Attributes:
        bit: The time was up.
    """

    def __init__(self, response: httpx2.Response) -> None:
        stream = response.extensions.get("network_stream")
        self._socket = stream.get_extra_info("socket") if stream is not None else None
        self._timer: threading.Timer | None = None
        self._ends = float("inf")
        self._lock = threading.Lock()
        self._bit = False

    @property
    def bit(self) -> bool:
        """Whether the time is up."""
        return self._bit or monotonic() >= self._ends

    def bite_in(self, seconds: float) -> None:
        """Break the connection off in so many seconds, unless that is to happen sooner already."""
        ends = monotonic() + max(0.0, seconds)
        if ends >= self._ends:
            return
        self.rest()
        self._ends = ends
        self._timer = threading.Timer(max(0.0, seconds), self._bite)
        self._timer.daemon = True
        self._timer.start()

    def rest(self) -> None:
        """Do nothing any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._ends = None, float("inf")

    def _bite(self) -> None:
        with self._lock:
            if (
                self._timer is None
            ):  # the answer ended in the last moment, and others may have the connection now
                return
            self._bit = True
        # Shut down, not closed: closing a socket does not wake the thread that reads from it. The plain socket's way,
        # because that of an encrypted one would pull its state from under the reader.
        if isinstance(self._socket, socket.socket):
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def bound(response: httpx2.Response, most: int = ERROR_BYTES) -> None:
    """Have no more of an answer read than `most` bytes, and for no longer than `ERROR_SECONDS`."""
    import httpx2

    inner = response.stream
    watchdog = Watchdog(response)

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            left = most
            watchdog.bite_in(ERROR_SECONDS)
            for chunk in cast("httpx2.SyncByteStream", inner):
                yield chunk[:left]
                left -= len(chunk)
                if left <= 0 or watchdog.bit:
                    return

        def close(self) -> None:
            watchdog.rest()
            cast("httpx2.SyncByteStream", inner).close()

    response.stream = Bounded()
