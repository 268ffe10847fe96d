from __future__ import annotations

from officehours.ui.terminal.language import tool_line


def test_tools_that_are_not_ours_are_named() -> None:
    assert "double" in tool_line("double", "ko")
