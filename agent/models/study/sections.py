"""The sections of the course as the study model reads and quotes them: what each is about, what for, and its words.

A passage is a section of a note under its headings (`memory/transfer/splitter.py`). What it is for is told by them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from ....memory.text import HANGUL, mentions, sentences
from ....memory.text.words import Phrase
from ....memory.types import ShownHit
from ....tools.base import OUTSIDE
from ...context.turn_view import file_name
from ...model import Language

Purpose = str
"""What a section is for, one of those in `sections.toml`; "other" where no word says so."""

_DATA: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {name: tuple(row["words"]) for name, row in _DATA.items()}
NAMES: Final[Mapping[str, Mapping[Language, str]]] = {
    name: {"ko": row["ko"], "en": row["en"]} for name, row in _DATA.items() if "ko" in row
}

_BEFORE: Final = 8
"""Letters that may stand before a thing where a sentence begins with it: "A ", "CoT("."""

_SAYS_WHAT: Final = (" is ", " are ", " means ", "입니다", "이다", "말합니다", "뜻합니다")
_ALSO_CALLED: Final = ("라고 합니다", "라고 부릅니다", "라고도", " called ", "known as")

_KEY = re.compile(r"^>?\s*(?:정답|답|Answer|A)\s*:.*(?:\n(?=\S)(?!\d+\.|Q:).*)*", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\s)[^)]*\)")
_ENGLISH: Final = "In English: "


@dataclass(frozen=True)
class Section:
    """A section of a note; one that the student or a model wrote down has no file.

    Attributes:
        headings: From the outermost inwards.
        relevance: To this turn, 0 to 1, as the search gives it.
    """

    id: str
    file: str
    headings: tuple[str, ...]
    body: str
    relevance: float = 0.0

    @cached_property
    def heading(self) -> str:
        """The headings below the title, or what it is titled where there is no other."""
        return " ".join(self.headings[1:]) or self.titles

    @cached_property
    def purpose(self) -> Purpose:
        """What it is for."""
        return purpose_of(" ".join(self.headings[1:] or self.headings)) or (
            "definition" if len(self.headings) == 1 else "other"
        )

    @cached_property
    def titles(self) -> str:
        """Its headings; below a note's title also what the name of the file says beyond that ("06-svd.md")."""
        titles = " ".join(self.headings)
        stem = self.file.rpartition(".")[0].replace("-", " ").replace("_", " ")
        new = [word for word in stem.split() if word.isalpha() and not mentions(titles, (word,))]
        return " ".join((titles, *new)) if len(self.headings) == 1 else titles

    @cached_property
    def about(self) -> str:
        """All that says what it is about."""
        return f"{self.titles}\n{self.body}"

    @cached_property
    def opening(self) -> str:
        """Where it says what it speaks of: its innermost heading and the beginning of its text."""
        named = self.headings[-1] if len(self.headings) > 1 else self.titles
        return f"{named}\n{self.body[:60]}\n{self.english[:60]}"

    @cached_property
    def english(self) -> str:
        """Its text in English: its own lines for it, else all of a text that holds no Korean; "" where there is none."""
        lines = [line.removeprefix(_ENGLISH) for line in self.body.splitlines() if line.startswith(_ENGLISH)]
        return "\n\n".join(lines) if lines else ("" if HANGUL.search(self.body) else self.body)

    def text(self, language: Language) -> str:
        """Its text for a student, links as words and answer keys left out."""
        own = "\n".join(line for line in self.body.splitlines() if not line.startswith(_ENGLISH))
        text = (self.english if language == "en" and "```" not in own else "") or own
        return _LINK.sub(r"\1", _KEY.sub("", text) if self.purpose == "quiz" else text).strip()

    def names(self, phrase: Phrase) -> bool:
        """Whether its headings or its opening name a thing, or a sentence of it says what it is."""
        return mentions(self.opening, phrase) or mentions(self.heading, phrase) or self.introduces(phrase)

    def introduces(self, phrase: Phrase) -> bool:
        """Whether a sentence that begins with a thing says what it is."""
        end = len(" ".join(phrase)) + _BEFORE
        return any(
            (mentions(sentence[:end], phrase) and any(word in sentence for word in _SAYS_WHAT))
            or (mentions(sentence, phrase) and any(word in sentence for word in _ALSO_CALLED))
            for sentence in sentences(self.body)
        )


def purpose_of(text: str) -> Purpose | None:
    """Tell what a heading introduces, or what a question is after; None where no word says so."""
    lower = f" {text.casefold()} "
    return next((name for name, words in PURPOSES.items() if any(word in lower for word in words)), None)


def sections(hits: Iterable[ShownHit]) -> list[Section]:
    """Give the sections among some hits, in their order; nothing that a stranger wrote."""
    return [_section(hit) for hit in hits if hit.kind == "passage" and hit.trust not in OUTSIDE]


@lru_cache(maxsize=512)
def _section(hit: ShownHit) -> Section:
    path, gap, body = hit.text.partition("\n\n")
    file = file_name(hit.origin or "")
    if not gap or "\n" in path:
        path, body = file, hit.text
    headings = tuple(part.strip() for part in path.split(" > "))
    return Section(hit.id, file, headings, body.strip(), hit.relevance)
