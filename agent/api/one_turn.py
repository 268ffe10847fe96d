"""One turn at a time, which any thread may end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident

from ...memory.errors import Stopped, UsageError

PATIENCE = 120.0
"""Seconds for which a turn waits for another thread's turn of the same agent."""

CLOSING = 10.0
"""Seconds for which closing waits for a turn that another thread is reading."""

AGAIN = 0.05
"""Seconds after which a model is told again to break off: it may not have begun to wait when it was told."""


@dataclass(eq=False, slots=True)
class TurnHandle:
    """By which one turn is stopped.

    Attributes:
        stopped: It is to end.
        thread: Where it runs, 0 before it does.
        listening: It waits for the model's next piece.
    """

    stopped: bool = False
    thread: int = 0
    listening: bool = False


class OneTurn:
    """Lets the turns of an agent run one by one, whichever threads they are in.

    Args:
        interrupt: Makes the model break off what it is saying; whoever cannot be interrupted ends at its next piece.

    Attributes:
        ending: The program ends; a thread that begins a turn now ends with it, and has nobody to tell.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self.ending = False
        self._free = threading.Condition()
        self._running: TurnHandle | None = None
        self._closed = False
        self._at_end: Callable[[], None] | None = None

    @contextmanager
    def exclusive(self, turn: TurnHandle) -> Generator[None]:
        """Keep every other turn out until the block ends.

        Raises:
            UsageError: This thread is in a turn already, another's did not end, or the agent is closed.
            Stopped: It was stopped while it waited.
        """
        with self._free:
            if self._running is None or self._running.thread != get_ident():
                self._free.wait_for(lambda: self._running is None or self._closed or turn.stopped, PATIENCE)
            self.check_open()
            if turn.stopped:
                raise stopped()
            if self._running is not None:
                raise _busy()
            self._running, turn.thread = turn, get_ident()
        try:
            yield
        finally:
            with self._free:
                self._running = None
                self._free.notify_all()
                at_end, self._at_end = self._at_end, None
            if at_end is not None:
                at_end()

    @contextmanager
    def listening(self) -> Generator[None]:
        """Wait for the model in the block.

        Raises:
            Stopped: The turn is to end.
        """
        turn = self._running
        assert turn is not None
        turn.listening = True  # before it looks whether to stop: whoever stops it looks whether it listens
        try:
            self.go_on()
            yield
        finally:
            turn.listening = False

    def go_on(self) -> None:
        """Raise `Stopped` where the turn that runs is to end."""
        if self.stopping:
            raise stopped()

    @property
    def stopping(self) -> bool:
        """Whether the turn that runs is to end."""
        return self._running is not None and self._running.stopped

    def stop(self, turn: TurnHandle | None = None) -> None:
        """End a turn, by default the one that runs; returns at once."""
        with self._free:
            turn = turn or self._running
            if turn is None or turn.stopped:
                return
            turn.stopped = True
            self._free.notify_all()
        if turn.listening:
            self._interrupt()
            threading.Thread(target=self._insist, args=(turn,), name="stop", daemon=True).start()

    def _insist(self, turn: TurnHandle) -> None:
        pause = threading.Event()  # never set
        while turn.listening:
            pause.wait(AGAIN)
            if turn.listening:
                self._interrupt()

    def check_open(self) -> None:
        """Raise `UsageError` once the agent is closed."""
        if self._closed and self.ending:
            raise SystemExit
        if self._closed:
            raise UsageError(
                "This professor is closed. Open another with open_tutor.",
                "이 교수님과의 연결은 이미 닫혔습니다. open_tutor로 새로 열어 주세요.",
            )

    def shut(self) -> bool:
        """Let no further turn begin, and stop the one that runs; False where that was done before."""
        with self._free:
            first, self._closed = not self._closed, True
            self._free.notify_all()
        self.stop()
        return first

    def when_over(self, then: Callable[[], None]) -> None:
        """Do something once no turn runs; at the end of this thread's own turn where the call comes from inside it.

        A turn that does not end in `CLOSING` seconds is not waited for any longer.
        """
        with self._free:
            if self._running is not None and self._running.thread == get_ident():
                self._at_end = then
                return
            self._free.wait_for(lambda: self._running is None, CLOSING)
        then()


def stopped() -> Stopped:
    """Say that a reply was stopped."""
    return Stopped(
        "The reply was stopped. What was said so far is kept.",
        "답변을 멈췄습니다. 그때까지 한 말은 저장해 두었습니다.",
    )


def _busy() -> UsageError:
    return UsageError(
        "This professor is in the middle of a turn. Take its events to the end, or close them, before the next.",
        "교수님이 아직 답하는 중입니다. 그 차례의 이벤트를 끝까지 받거나 닫은 뒤에 다음 차례를 시작해 주세요.",
    )
