"""Texts too large for the window: a tool's result or a student's message. Kept whole in the store, shown in part."""

from __future__ import annotations

from functools import lru_cache

from ..tools.text import estimate_tokens


@lru_cache(maxsize=256)
def head_and_tail(text: str, limit: int, where: str) -> str:
    """Show the first two thirds and the last third of what `limit` tokens hold, and how to read the rest.

    The estimate is the uncalibrated one, so that the same text is shown in the same bytes for ever.

    Args:
        where: The id that `read_more` takes.
    """
    tokens = estimate_tokens(text)
    if tokens <= limit:
        return text
    per_token = len(text) / tokens
    head, tail = int(limit * per_token * 0.66), int(limit * per_token * 0.33)
    left_out = round(tokens - limit)
    note = f'\n[… about {left_out} tokens left out; the whole is {where}: read_more(id="{where}") …]\n'
    return text[:head] + note + text[len(text) - tail :]


def pieces(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of about `limit` tokens, at paragraph, line or sentence ends where there are any."""
    size = max(1, int(limit * len(text) / max(1.0, estimate_tokens(text)) * 0.9))
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
