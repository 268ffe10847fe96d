"""What a reply claims to have done for the student, held against what the tools did.

Found is what is said much as in the examples of `claims.toml`, in a sentence of its own that speaks of this turn: a card
that was made, a note, a change of the plan, a reminder. Anything worded otherwise passes, and so do questions, quotations,
code, and sentences about another time: a false alarm would cost more trust than a claim that is missed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ...memory.text import HANGUL, sentences

BETWEEN: Final = 2
"""Words that may stand between two of an example's."""

POLITE: Final = ("니다", "요", "죠")
"""How the professor ends a sentence: a claim is made with its last word."""

_CODE: Final = re.compile(
    r"```.*?(?:```|\Z)|`[^`]*`|“[^”]*”|‘[^’]*’|\"[^\"]*\"|^\s*>.*$", re.DOTALL | re.MULTILINE
)
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind of thing that may be claimed.

    Attributes:
        tools: Any of these makes it true.
        says: Examples, word by word.
        en, ko: What is said where it is not.
    """

    kind: str
    tools: frozenset[str]
    says: tuple[tuple[str, ...], ...]
    en: str
    ko: str


def unbacked(reply: str, done: Collection[str]) -> list[Claim]:
    """Give what a reply claims and no tool did.

    Args:
        done: The tools that succeeded in the turn.
    """
    open_claims = [claim for claim in _claims() if claim.tools.isdisjoint(done)]
    told = [words for sentence in _told(reply) if (words := _words(sentence)) and not _is_of_others(words)]
    return [claim for claim in open_claims if any(_says(words, claim.says) for words in told)]


def _told(reply: str) -> Iterator[str]:
    """The sentences that state something, without quotations and code."""
    for sentence in sentences(_CODE.sub(" ", reply)):
        if not sentence.rstrip(" )*").endswith(("?", "？", ":")):
            yield sentence


def _is_of_others(words: Sequence[str]) -> bool:
    """Whether a sentence speaks of another time, of what was not done, or of what somebody else did."""
    data = _data()
    ends, own = tuple(data["subject"]["ends"]), data["subject"]["own"]
    named = any(len(word) > 1 and word.endswith(ends) and word not in own for word in words)
    return named or any(_is(word, other) for word in words for other in data["unless"]["words"])


def _says(words: Sequence[str], examples: Sequence[Sequence[str]]) -> bool:
    return any(_holds(words, example, at) for example in examples for at in range(len(words)))


def _holds(words: Sequence[str], example: Sequence[str], at: int) -> bool:
    """Whether an example's words stand from a place on, in their order and not far apart."""
    if not _is(words[at], example[0]):
        return False
    if len(example) == 1:
        return not HANGUL.search(example[0]) or words[at].endswith(POLITE)
    nearby = range(at + 1, min(len(words), at + 2 + BETWEEN))
    return any(_holds(words, example[1:], next_at) for next_at in nearby)


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted) if HANGUL.search(wanted) else word in {wanted, f"{wanted}s"}


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _claims() -> tuple[Claim, ...]:
    kinds = {kind: told for kind, told in _data().items() if "says" in told}
    return tuple(
        Claim(kind, frozenset(d["tools"]), tuple(tuple(e.split()) for e in d["says"]), d["en"], d["ko"])
        for kind, d in kinds.items()
    )
