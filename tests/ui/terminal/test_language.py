from __future__ import annotations

import pytest

from officehours.ui.terminal.language import script, tool_line


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("안녕하세요", "ko"),
        ("ReLU에 대해서 알려줘", "ko"),
        ("ReLU가 뭐예요?", "ko"),
        ("What is ReLU?", "en"),
        ("How do I say 안녕 in an English sentence like this one?", "en"),
    ],
)
def test_the_letters_say_which_language_it_is(text: str, language: str) -> None:
    assert script(text) == language


def test_without_letters_the_terminal_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert script("1+1?") == "ko"


def test_tools_that_are_not_ours_are_named() -> None:
    assert "double" in tool_line("double", "ko")
