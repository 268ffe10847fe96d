"""Texts too large for the window: a tool's result or a student's message. Kept whole in the store, shown in part."""

from __future__ import annotations

from collections.abc import Callable


def show_head_and_tail(text: str, limit: int, count: Callable[[str], int], where: str) -> str:
    """Show the first two thirds and the last third of what `limit` tokens hold, and how to read the rest.

    Args:
        where: The id that `read_more` takes.
    """
    if count(text) <= limit:
        return text
    per_token = len(text) / max(1, count(text))
    head, tail = int(limit * per_token * 0.66), int(limit * per_token * 0.33)
    left_out = count(text[head : len(text) - tail])
    note = (
        f'\n[… about {left_out} tokens left out; the whole is {where}: read_more(id="{where}", page=…) …]\n'
    )
    return text[:head] + note + (text[len(text) - tail :] if tail else "")


def pieces(text: str, limit: int, count: Callable[[str], int]) -> list[str]:
    """Cut a text into pieces of at most `limit` tokens, at paragraph or line ends where there are any."""
    per_token = len(text) / max(1, count(text))
    size = max(1, int(limit * per_token * 0.9))
    parts: list[str] = []
    start = 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            for mark in ("\n\n", "\n", ". ", " "):
                cut = text.rfind(mark, start + size // 2, end)
                if cut > 0:
                    end = cut + len(mark)
                    break
        parts.append(text[start:end])
        start = end
    return parts
