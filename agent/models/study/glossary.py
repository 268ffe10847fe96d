"""Full names of acronyms, as the course itself gives them: LoRA(Low-Rank Adaptation), Retrieval-Augmented Generation (RAG)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .terms import Language

_SHORT = r"[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*"
_LONG = r"[A-Z][A-Za-z]+(?:[ -][A-Za-z]+){1,6}"
_SHORT_FIRST = re.compile(rf"(?<![A-Za-z])(?P<short>{_SHORT})\s?\((?P<long>{_LONG})\)")
_LONG_FIRST = re.compile(rf"(?P<long>{_LONG})\s?\((?P<short>{_SHORT})\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_MOST = 4


def full_names(texts: Iterable[str]) -> dict[str, str]:
    """Collect acronyms with their full names from course texts; the first one wins."""
    names: dict[str, str] = {}
    for text in texts:
        for short, long in _pairs(text):
            names.setdefault(short, long)
    return names


@lru_cache(maxsize=1024)
def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    given = [(match["short"], match["long"]) for match in _SHORT_FIRST.finditer(text)]
    pairs = [(short, long) for short, long in given if _fits(short, re.findall(r"[A-Za-z]+", long))]
    before = ((match["short"], match["long"]) for match in _LONG_FIRST.finditer(text))
    pairs += ((short, fitting) for short, long in before if (fitting := _fitting(short, long)))
    return tuple(pairs)


def _fits(short: str, words: list[str]) -> bool:
    """Whether the capitals of an acronym are initials of some words, in order."""
    initials = iter("".join(word[0] for word in words).lower())
    return len(words) > 1 and all(letter.lower() in initials for letter in short if letter.isupper())


def _fitting(short: str, long: str) -> str:
    """The end of a run of words that an acronym stands for; "" where its initials do not fit."""
    words = re.findall(r"[A-Za-z]+", long)
    for start in range(len(words)):
        if words[start][0].lower() == short[0].lower() and _fits(short, words[start:]):
            return long[long.index(words[start]) :]
    return ""


def names_line(reply: str, before: Iterable[str], names: dict[str, str], language: Language) -> str:
    """Spell out the acronyms that a reply brings up first; "" where there are none to spell out.

    Args:
        before: Earlier replies: what they spelled out is known.
        names: Acronyms with their full names.
    """
    plain = _CODE.sub(" ", reply)
    known = full_names([*before, reply])
    used = [
        short
        for short in names
        if short not in known and re.search(rf"(?<![A-Za-z]){re.escape(short)}(?![A-Za-z])", plain)
    ]
    spelled = ", ".join(f"{short}({names[short]})" for short in used[:_MOST])
    if not spelled:
        return ""
    return f"줄임말: {spelled}" if language == "ko" else f"In full: {spelled}".replace("(", " (")
