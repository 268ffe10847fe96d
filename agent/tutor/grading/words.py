"""Answers in words: the same words in either language, with slips of spelling but not with another meaning."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from ....memory.text import HANGUL, content_words
from ....memory.text.translations import translations
from .plain import plain

SLIP_FROM: Final = 4
"""Letters from which one may be wrong, missing, too many or exchanged with its neighbour."""

_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*|[가-힣]+|[^\W\d_가-힣]+(?:'[a-z]+)?[+-]?(?![A-Za-z0-9])|[^\W\d_가-힣]+|[^\s\w]"
)
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
"""Between words, where a space may stand as well; between single letters it is a minus."""

_MARKS: Final = frozenset(".,;:!?\"'`~*_(){}$…")


@lru_cache(maxsize=2048)
def tokens(text: str) -> tuple[str, ...]:
    """Give the words, numbers and signs of an answer, in small letters, without punctuation and articles."""
    found = _TOKEN.findall(_HYPHEN.sub(" ", plain(text).casefold()))
    return tuple(t for t in found if t not in _MARKS and t not in {"the", "a", "an"}) or tuple(found)


def matches(key: str, given: str, *, slips: bool = True) -> bool:
    """Whether what a student wrote says the key and nothing else.

    Args:
        slips: Forgive one wrong letter in a word.
    """
    said, wordings = tokens(given), _wordings(key)
    if HANGUL.match(given) and "".join(said) in map("".join, wordings):  # 표준 편차, 표준편차
        return True
    return any(_says(said, wanted, slips) for wanted in wordings)


def mentions(text: str, key: str) -> bool:
    """Whether the words of a key stand in a text, spelt as they are, in either language.

    A word of one letter at the beginning is an interjection: "네, 좋아요".
    """
    said = tokens(text)
    places = [(_found_at(said, wanted, slips=False), wanted) for wanted in _wordings(key)]
    return any(
        place is not None and (place > 0 or len(said[0]) > 1 or mere_filler(said[len(wanted) :]))
        for place, wanted in places
    )


def mere_filler(said: Sequence[str]) -> bool:
    """Whether words say nothing of an answer."""
    return all(
        word in _MARKS or word == "=" or any(_same(filler, word, slips=False) for filler in _fillers())
        for word in said
    )


@lru_cache(maxsize=1)
def word_lists() -> dict[str, Any]:
    """The lists of `words.toml`."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=512)
def _wordings(key: str) -> list[tuple[str, ...]]:
    """A key, and whatever says the same in either language."""
    own = tokens(key)
    groups = [[tokens(same) for same in group] for group in word_lists()["same"]]
    same = [same for group in groups if own in group for same in group]
    return list(dict.fromkeys((own, *same, *map(tokens, in_other_language(key)))))


def in_other_language(text: str) -> list[str]:
    """Give what a text is called in the other language, where it is a term or is made of terms and nothing else."""
    found = translations(text)
    if not found or sum(len(term.words) for term in found) < len(content_words(text)):
        return []
    return [" ".join(names) for names in product(*(term.names for term in found))]


def _says(said: Sequence[str], wanted: Sequence[str], slips: bool) -> bool:
    place = _found_at(said, wanted, slips=slips)
    if place is not None:
        return mere_filler([*said[:place], *said[place + len(wanted) :]])
    parts, others = _parts(wanted), _parts(said)  # in another order: "60 pounds of a, 30 pounds of b"
    return len(parts) > 1 and sorted(parts) == sorted(others)


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    lists = word_lists()
    return frozenset([*lists["fillers"], *lists["korean_fillers"], *lists["korean_endings"]])


def _parts(words: Sequence[str]) -> list[str]:
    """What stands between numbers: each number with the words behind it."""
    parts: list[str] = []
    for word in words:
        if word[0].isdigit() and not (parts and parts[-1].endswith(" of")):
            parts.append(word)
        elif parts:
            parts[-1] += f" {word}"
        else:
            return []
    return [part.removesuffix(" and") for part in parts]


def _found_at(said: Sequence[str], wanted: Sequence[str], *, slips: bool) -> int | None:
    for place in range(len(said) - len(wanted) + 1):
        if all(_same(a, b, slips) for a, b in zip(wanted, said[place:], strict=False)):
            return place
    return None


def _same(wanted: str, said: str, slips: bool) -> bool:
    if wanted == said:
        return True
    if (
        HANGUL.match(wanted)
        and said.startswith(wanted)
        and said[len(wanted) :] in word_lists()["korean_endings"]
    ):
        return True
    if not slips or wanted[0].isdigit() or said[0].isdigit():
        return False
    if len(wanted) < (2 if HANGUL.match(wanted) else SLIP_FROM) or _opposite(wanted, said):
        return False
    return is_slip(wanted, said)


def _opposite(one: str, other: str) -> bool:
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return longer.endswith(shorter) and longer[: len(longer) - len(shorter)] in word_lists()["opposites"]


def is_slip(wanted: str, said: str) -> bool:
    """Whether one letter was exchanged, left out, doubled or mistyped; a wrong first letter makes another word."""
    if sorted(wanted) == sorted(said):
        differ = [n for n, (a, b) in enumerate(zip(wanted, said, strict=True)) if a != b]
        return len(differ) == 2 and differ[1] == differ[0] + 1
    if wanted[0] != said[0] or abs(len(wanted) - len(said)) > 1 or HANGUL.match(wanted):
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(wanted, said, strict=False)) if a != b), min(len(wanted), len(said))
    )
    left_out = wanted[start + 1 :] == said[start:]
    too_many = wanted[start:] == said[start + 1 :]
    mistyped = wanted[start + 1 :] == said[start + 1 :]
    return left_out or too_many or mistyped
