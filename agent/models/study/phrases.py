"""What the study model says around its quotations: plain, short, in both languages; the sentences are data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from shlex import quote

from ....memory.dates import day_name
from ....persona.lines import PLAIN, Lines, choose
from ...model import Language, TurnView

_SAMPLE = Path("examples", "ai-basics")


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, Mapping[Language, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def phrase(name: str, language: Language, /, **values: object) -> str:
    """Give one of the sentences, its braces filled in."""
    text = _phrases()[name][language]
    return text.format(**values) if values else text


def say(view: TurnView, name: str, /, **values: object) -> str:
    """Give one of the sentences in the student's language."""
    return phrase(name, view.language, **values)


def said_before(name: str, language: Language, replies: Iterable[str]) -> bool:
    """Whether a sentence stands in one of the earlier replies: what is said once need not be said again."""
    return any(phrase(name, language) in reply for reply in replies)


def paragraphs(*parts: str) -> str:
    """Put an empty line between what there is of some parts."""
    return "\n\n".join(filter(None, parts))


def listed(head: str, items: Iterable[str], none: str = "") -> str:
    """List items below a sentence; where there are none, another may be given instead."""
    lines = [f"- {item}" for item in items]
    return "\n".join([head if lines or not none else none, *lines])


def day_in(view: TurnView, day: date) -> str:
    """Name a day to the student, with its year where that is not this one."""
    return day_name(day, view.language, view.now)


def persona_line(lines: Lines, occasion: str, language: Language, turn: int, **values: str) -> str:
    """Give the professor's phrase for an occasion, or a plain one where the professor has none that fits."""
    own = lines.get(occasion, {}).get(language, ())
    return choose(tuple(own), turn, values) or choose(PLAIN[occasion][language], turn, values)


def no_notes(language: Language) -> str:
    """Say that there is no course yet and how one is read in: the sample course by name, where its folder is found."""
    command = f"`officehours ingest {'폴더' if language == 'ko' else 'FOLDER'}`"
    places = (_SAMPLE, Path(__file__).parents[3] / _SAMPLE)
    if sample := next((place for place in places if place.is_dir()), None):
        own = f"`officehours ingest {quote(sample.as_posix())}`"
        command = phrase("sample", language, command=own, folder=command)
    return phrase("no_notes", language, command=command)
