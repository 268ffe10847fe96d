"""Acronyms and the words they are made of, as texts write them: "LoRA (Low-Rank Adaptation)", "Low-Rank Adaptation (LoRA)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_BEFORE = re.compile(
    r"(?<![A-Za-z])(?P<short>[A-Za-z][A-Za-z0-9-]{1,9})\s?\((?P<long>[A-Za-z][A-Za-z0-9 ,/-]{5,80}?)\)"
)
_AFTER = re.compile(
    r"(?P<long>(?:[A-Za-z][\w/-]*\s){1,6}[A-Za-z][\w/-]*)\s\((?P<short>[A-Z][A-Za-z0-9]{1,9})\)"
)
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]*[A-Z][A-Za-z]*[A-Z])(?P<short>[A-Za-z][A-Za-z0-9]{1,9})(?![A-Za-z0-9])"
)
_GAP = re.compile(r"[\s,/-]+")


def spelled_out_in(text: str) -> Iterator[tuple[str, str]]:
    """Give each acronym that stands beside the words it is made of, with those words."""
    for found in (*_BEFORE.finditer(text), *_AFTER.finditer(text)):
        if (long := _full_name(found["short"], found["long"].strip())) is not None:
            yield found["short"], long


def full_names(texts: Iterable[str]) -> dict[str, str]:
    """Give the acronyms that texts spell out, with their full names; of several the last one."""
    return {short: long for text in texts for short, long in spelled_out_in(text)}


def acronyms_named(text: str) -> tuple[str, ...]:
    """Give the words of a text that are written as acronyms are, with two capitals, each once: LoRA, GAN."""
    return tuple(dict.fromkeys(found["short"].removesuffix("s") for found in _NAMED.finditer(text)))


def _full_name(short: str, long: str) -> str | None:
    """Give the last words of `long` that an acronym is made of, or None where it is of none.

    Their beginnings spell it (LoRA, Low-Rank Adaptation), or its capitals are initials of some of them, in order, that of
    the last word among them (DoRA, Weight-Decomposed Low-Rank Adaptation).
    """
    letters = re.sub(r"[^A-Za-z]", "", short).casefold()
    capitals = [c.casefold() for c in short if c.isupper()]
    if len(capitals) < 2:
        return None
    words = long.split()
    ends = [(left, _parts(left)) for left in (" ".join(words[n:]) for n in range(len(words)))]
    ends = [(left, parts) for left, parts in ends if len(parts) > 1]
    spelled = next((left for left, parts in ends if _spells(parts, letters)), None)
    return spelled or next((left for left, parts in reversed(ends) if _has_initials(parts, capitals)), None)


def _parts(text: str) -> list[str]:
    return [part.casefold() for part in _GAP.split(text) if part]


def _has_initials(words: Sequence[str], capitals: Sequence[str]) -> bool:
    initials = iter(word[0] for word in words)
    return all(letter in initials for letter in capitals) and words[-1][0] == capitals[-1]


def _spells(words: Sequence[str], letters: str) -> bool:
    """Whether letters are made of beginnings of all these words, in their order."""
    if not words:
        return not letters
    word, rest = words[0], words[1:]
    most = next((n for n in range(min(len(word), len(letters)), 0, -1) if letters.startswith(word[:n])), 0)
    return any(_spells(rest, letters[n:]) for n in range(most, 0, -1))
