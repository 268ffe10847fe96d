"""What a turn shows by its words alone: the cues that it gives (data: `cues.toml`), and what it names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ....memory.text import mentions, phrases_of
from ....memory.text.words import Phrase
from .intent import framing


@lru_cache(maxsize=1)
def cues() -> Mapping[str, Sequence[str]]:
    """All cue words by what they show."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def says(text: str, cue: str) -> bool:
    """Whether one of the words for `cue` stands in a text."""
    lower = text.casefold()
    return any(word in lower for word in cues()[cue])


def named_in(text: str) -> list[Phrase]:
    """What a text names, as phrases."""
    return phrases_of(text, framing())


def speaks_of(text: str, named: Iterable[Phrase]) -> bool:
    """Whether a text mentions one of some things."""
    return any(mentions(text, phrase) for phrase in named)
