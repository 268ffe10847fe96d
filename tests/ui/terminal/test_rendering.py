from __future__ import annotations

import contextlib
import io
import os
import sys

import pytest

from officehours.agent.events import ToolFinished, ToolProgress, ToolStarted
from officehours.ui.terminal.columns import cells
from officehours.ui.terminal.door import Door
from officehours.ui.terminal.rendering import Renderer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


def test_progress_is_one_line_that_the_next_takes_the_place_of(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    with Door(io.FileIO(theirs, "w"), encoding="utf-8") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        Renderer(lambda _text: ()).show(
            [
                ToolStarted("c1", "crawl", "{}"),
                ToolProgress("c1", "crawl", "1쪽을 읽는 중"),
                ToolProgress("c1", "crawl", "a line that is wider than the terminal"),
                ToolFinished("c1", "crawl", "{}", True, "done", "다 읽음", 0.1),
            ]
        )
    shown = b""
    with contextlib.suppress(OSError), os.fdopen(ours, "rb", 0) as screen:  # Linux says so at the end
        while piece := screen.read(1_000):
            shown += piece
    hints = [
        line.removeprefix("\x1b[2m").removesuffix("\x1b[22m") for line in shown.decode().split("\r\x1b[K")
    ]
    assert hints[2].endswith("1쪽을 읽는 중")
    assert hints[3].endswith("wider than…")
    assert cells(hints[3]) <= 40
    assert "다 읽음" in shown.decode()
