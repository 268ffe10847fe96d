"""Small pure functions on text that tools share."""

from __future__ import annotations

import re
from collections.abc import Collection

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_OTHER_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
CUT = " …"
MOST_MEASURED = 8_192
_measured: dict[tuple[int, int], float] = {}


def first_line(text: str, width: int = 100) -> str:
    """Give the first line that says something, cut to `width` characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def estimate_tokens(text: str) -> float:
    """Estimate o200k tokens, before any calibration.

    0.86 for a Hangul syllable and 0.25 for any other character that is no space: within 4 % on average for Korean
    and English. Other scripts written without spaces count 0.9 a character.
    """
    # What is in view is measured again and again. Only numbers are held: a text that is forgotten must be gone.
    key = (hash(text), len(text))
    known = _measured.get(key)
    if known is None:
        if len(_measured) >= MOST_MEASURED:
            _measured.clear()
        known = _measured[key] = _estimate(text)
    return known


def _estimate(text: str) -> float:
    hangul = len(_HANGUL.findall(text))
    wide = len(_OTHER_WIDE.findall(text))
    return 0.86 * hangul + 0.9 * wide + 0.25 * (len("".join(text.split())) - hangul - wide)


def clip(text: str, tokens: float) -> str:
    """Cut text to about that many tokens, at a space where one is near, and mark the cut with "…"."""
    if estimate_tokens(text) <= tokens:
        return text
    spent = 0.0
    for end, character in enumerate(text):
        spent += _cost(character)
        if spent > tokens:
            space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
            return text[: space if space > end * 0.7 else end].rstrip() + CUT
    return text


def _cost(character: str) -> float:
    if _HANGUL.match(character):
        return 0.86
    if _OTHER_WIDE.match(character):
        return 0.9
    return 0.0 if character.isspace() else 0.25


LONGEST_QUOTE = 1_800
"""Letters of prose that are quoted at most; lists and tables are never cut."""

_FENCE = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)


def quote(text: str) -> str:
    """Quote a text: prose as a block quotation, code, tables and formulas as they are."""
    blocks: list[list[str]] = []
    inside, before = False, None
    for line in clipped(text).strip().splitlines():
        fence = line.startswith("```") or line.strip() == "$$"
        bare = inside or fence or line.startswith("|")
        inside = inside != fence
        if bare != before:
            blocks.append([])
        before = bare
        blocks[-1].append(line if bare else f"> {line}".rstrip())
    return "\n\n".join("\n".join(block).strip("\n").removesuffix("\n>") for block in blocks if block != [">"])


def clipped(text: str) -> str:
    """Cut prose that is too long at the end of a paragraph."""
    if (
        len(text) <= LONGEST_QUOTE
        or _FENCE.search(text)
        or "\n|" in text
        or "\n- " in text
        or "\n1. " in text
    ):
        return text
    end = max(text.rfind(mark, 0, LONGEST_QUOTE) for mark in ("\n\n", ". "))
    return text[: end + 1 if end > 0 else LONGEST_QUOTE].rstrip() + " …"


def paragraph_with(text: str, words: Collection[str]) -> str:
    """Give a text from the paragraph on that one of some words introduces; "" where none does."""
    paragraphs = text.split("\n\n")
    for at, paragraph in enumerate(paragraphs):
        if any(word in paragraph[:60].casefold() for word in words):
            return "\n\n".join(paragraphs[at:])
    return ""


def without_code(text: str) -> str:
    """Give a text without its code and tables."""
    return "\n".join(line for line in _FENCE.sub("", text).splitlines() if not line.startswith("|")).strip()
