"""A tool of one's own, with what it works with."""

from __future__ import annotations

from dataclasses import dataclass

from officehours import ToolContext, ToolRetry, tool


@dataclass
class Library:
    """What the tool works with: how many copies of each book stand on the shelf."""

    shelf: dict[str, int]


@tool
def copies_left(title: str, context: ToolContext[Library]) -> int:
    """Say how many copies of a book can be borrowed.

    Args:
        title: The book's title.
    """
    if title not in context.deps.shelf:
        raise ToolRetry(f"There are: {', '.join(context.deps.shelf)}", "그런 책이 없습니다.")
    return context.deps.shelf[title]
