"""A thread that is started once, by whoever comes first, and ended by whoever comes last."""

from __future__ import annotations

import threading
from collections.abc import Callable


class BackgroundThread:
    """Runs one function beside the conversation; it does not keep Python from ending.

    Args:
        run: What is done; it has to see by itself when it is no longer wanted.
        name: The thread's.
    """

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._run, self._name = run, name
        self._starting = threading.Lock()  # a thread that is being started can be neither started nor joined
        self._thread: threading.Thread | None = None
        self._ended = False

    def start(self) -> bool:
        """Begin, and tell whether this call did; again, or after `end`, does nothing."""
        with self._starting:
            if self._ended or self._thread is not None:
                return False
            thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            thread.start()
            self._thread = thread
            return True

    def end(self, timeout: float | None = None) -> None:
        """Start no more, and wait at most so many seconds for what runs; the thread itself does not wait for itself."""
        with self._starting:
            self._ended = True
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
