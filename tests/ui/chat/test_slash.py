from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from officehours.memory.text import HANGUL
from officehours.ui.chat.slash import Slash
from officehours.ui.terminal.say import prefs


def test_help_is_in_the_language_that_is_spoken_now(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prefs, "known", "ko")
    chat: Any = SimpleNamespace()
    slash = Slash(chat)
    monkeypatch.setattr(prefs, "known", "en")
    slash.run("/help")
    assert not HANGUL.search(capsys.readouterr().out)
