from __future__ import annotations

import io
import sys

from officehours.ui.terminal.columns import cells, columns
from officehours.ui.terminal.say import say


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_hangul_syllable_takes_two_cells() -> None:
    assert cells("a가") == 3


def test_columns_line_up_in_every_script() -> None:
    made = list(columns([("요청", "3", "끝"), ("ab", "12", "")], right={1}))
    assert made == ["요청   3  끝", "ab    12"]


def test_what_is_too_long_for_the_terminal_is_broken_between_words(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    say("짧은 줄\n  메시지는 저장되어 있습니다. 다시 해 주세요.")
    assert screen.getvalue() == "짧은 줄\n  메시지는 저장되어\n  있습니다. 다시 해\n  주세요.\n"


def test_nothing_is_broken_in_a_pipe(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    say("메시지는 저장되어 있습니다. 다시 해 주세요.")
    assert pipe.getvalue() == "메시지는 저장되어 있습니다. 다시 해 주세요.\n"
