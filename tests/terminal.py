"""A real pseudo-terminal with `officehours` in it: keys go in, what the screen would show comes out."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from pathlib import Path
from types import TracebackType

from program import environment, nursery

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78])")

CTRL_C, CTRL_D, BACKSPACE, ENTER, UP = "\x03", "\x04", "\x7f", "\r", "\x1b[A"
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"


class Terminal:
    """One program at one terminal; everything is waited for, nothing is slept."""

    def __init__(self, home: Path, *arguments: str, **env: str) -> None:
        self._fd, terminal = pty.openpty()
        ours = environment(home, TERM="xterm-256color", PROMPT_TOOLKIT_NO_CPR="1", **env)
        self.pid = nursery().start([*arguments], ours, [os.ttyname(terminal)])
        os.close(terminal)
        self.seen = ""
        self._at = 0
        self._raw, self._all = b"", b""
        self._code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._code is None:
            self.kill()
        os.close(self._fd)

    @property
    def screen(self) -> str:
        """Everything that came, with every byte by which a screen is steered."""
        return self._all.decode(errors="replace")

    def kill(self) -> None:
        """End the program as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self._code = nursery().wait(self.pid)

    def expect(self, text: str, seconds: float = 60) -> None:
        """Wait until a text stands on the screen after what was waited for before."""
        deadline = time.monotonic() + seconds
        while (place := self.seen.find(text, self._at)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not appear; the screen: {self.seen[self._at :]!r}"
            assert self._read(left), f"the program ended before {text!r}: {self.seen[self._at :]!r}"
        self._at = place + len(text)

    def shows(self, text: str, seconds: float) -> bool:
        """Whether a text comes within so many seconds; for what may need another key."""
        deadline = time.monotonic() + seconds
        while text not in self.seen[self._at :] and time.monotonic() < deadline:
            if not self._read(deadline - time.monotonic()):
                break
        return text in self.seen[self._at :]

    def prompt(self) -> None:
        """Wait for the prompt to take keys: bracketed paste is switched on by whoever reads keys."""
        deadline = time.monotonic() + 60
        while b"\x1b[?2004h" not in self._raw:
            assert self._read(deadline - time.monotonic()), f"no prompt: {self.seen!r}"
        self._raw = self._raw.partition(b"\x1b[?2004h")[2]

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._fd, keys.encode())

    def ends(self, seconds: float = 60) -> int:
        """Wait for the program to end and give its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            assert time.monotonic() < deadline, f"still running: {self.seen!r}"
        self._code = nursery().wait(self.pid)
        return self._code

    def _read(self, seconds: float) -> bool:
        """Take in what comes within so many seconds; False at the end of the program."""
        if not select.select([self._fd], [], [], max(0.0, seconds))[0]:
            return True
        try:
            piece = os.read(self._fd, 65_536)
        except OSError:
            return False
        self._raw += piece
        self._all += piece
        self.seen = ESCAPES.sub("", self._all.decode(errors="replace")).replace("\r", "")
        return bool(piece)
