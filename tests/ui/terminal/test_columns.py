from __future__ import annotations

import io
import sys
import unicodedata

import pytest

from officehours.ui.terminal.columns import cells, columns, fitted
from officehours.ui.terminal.say import say


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("a가ㄱ", 5),
        (unicodedata.normalize("NFD", "한é"), 3),
        ("👩‍👩‍👧‍👦", 2),
        ("❤️👍🏽🇰🇷", 6),
        ("·…→“α", 5),
        ("", 0),
    ],
)
def test_a_text_takes_the_cells_that_a_terminal_gives_it(text: str, width: int) -> None:
    assert cells(text) == width


def test_what_is_too_long_is_cut_between_characters_and_marked() -> None:
    assert fitted("한국어 글입니다", None) == "한국어 글입니다"
    assert fitted("한국어 글입니다", 15) == "한국어 글입니다"
    assert fitted("한국어 글입니다", 8) == "한국어…"
    assert fitted("가👩‍👩‍👧‍👦나", 4) == "가…"


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
