"""What a term is called in the other language, from a list of general academic terms.

Meaning alone does not tell a term of one word from its neighbours across languages: to the packaged embedder, 고유값 is as
near to "norm" as to "eigenvalue". A list as students' dictionaries have it does.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from .normalize import HANGUL
from .terms import terms_by_letters
from .words import Phrase, content_words, mentions

LONGEST = 4
"""Words of the longest name of a term."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """A term that a text has.

    Attributes:
        words: The words by which the text has it, as they are written.
        names: What it is called in the other language; at least one.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def terms(self) -> list[frozenset[str]]:
        """What each of the names is found by."""
        return [frozenset(found) for name in self.names if (found := terms_by_letters(name))]


def translations(text: str) -> list[Translation]:
    """Give the terms of a text that the list knows, each the longest that stands there, in order."""
    words, found, at = content_words(text), list[Translation](), 0
    while at < len(words):
        for end in range(min(at + LONGEST, len(words)), at, -1):
            if names := _names_of(words[at:end]):
                found.append(Translation(tuple(words[at:end]), names))
                at = end
                break
        else:
            at += 1
    return found


def translated(phrase: Phrase, texts: Collection[str]) -> Phrase | None:
    """Give a phrase by the names that texts in the other language have for its terms; None if one of them has none there."""
    terms = translations(" ".join(phrase))
    if sum(len(term.words) for term in terms) < len(phrase):
        return None
    found = [next((name for name in term.names if _stands_in(texts, name)), "") for term in terms]
    return tuple(" ".join(found).split()) if all(found) else None


def _stands_in(texts: Collection[str], name: str) -> bool:
    """Whether a text has a name as one: its words one after the other."""
    if HANGUL.match(name):
        return any(mentions(text, (name,)) for text in texts)
    words = _key(name.split())
    runs = (_key(re.findall(r"[^\W_]+", text)) for text in texts)
    return any(words == run[at : at + len(words)] for run in runs for at in range(len(run)))


def _names_of(words: list[str]) -> tuple[str, ...]:
    known = _terms()
    if not all(HANGUL.match(word) for word in words):
        return known.get(_key(words), ())
    whole = "".join(words)
    if (names := known.get((whole,), ())) or len(words) > 1:
        return names
    # Korean writes compounds in one word: 공분산행렬.
    halves = ((known.get((whole[:at],), ()), known.get((whole[at:],), ())) for at in range(2, len(whole) - 1))
    named = (tuple(f"{a} {b}" for a in one for b in other) for one, other in halves)
    return next(filter(None, named), ())


def _key(words: list[str]) -> Key:
    return tuple(_singular(piece) for word in words for piece in word.replace("-", " ").split())


def _singular(word: str) -> str:
    """Take the plural off an English word; a stem would take more, and "normal" is no normalization."""
    plain = word.casefold().removesuffix("'s").removesuffix("’s")
    return plain if len(plain) < 4 or plain.endswith(("ss", "us", "is")) else plain.removesuffix("s")


@lru_cache(maxsize=1)
def _terms() -> dict[Key, tuple[str, ...]]:
    """Read the list: by Korean names without spaces, and by English ones in the singular."""
    found: dict[Key, tuple[str, ...]] = {}
    listed = files(__package__ or "").joinpath("academic_terms.txt").read_text(encoding="utf-8")
    for line in listed.splitlines():
        korean, equals, english = line.partition(" = ")
        if not equals or line.startswith("#"):
            continue
        names, written = korean.split(", "), english.split(", ")
        plain = tuple(name.strip("()") for name in written)
        for name in names:
            _add(found, (name.replace(" ", ""),), plain)
        for name in written:
            if not name.startswith("("):
                _add(found, _key(content_words(name)), tuple(names))
    return found


def _add(found: dict[Key, tuple[str, ...]], key: Key, names: tuple[str, ...]) -> None:
    found[key] = tuple(dict.fromkeys((*found.get(key, ()), *names)))
