"""Taking forgotten words out of the copies that a memory leaves behind.

A hit stands beside later messages and in tools' results, a summary repeats it, a core block holds it, a model writes
it into a call's arguments. Lines that hold the words, or that name a forgotten id as their source, go as a whole;
in what somebody said only the words themselves go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

GONE = "[…]"
"""Stands where words were."""

_NAMED = re.compile(r"\[([amk]\d+)\]")


@dataclass(frozen=True, slots=True)
class RedactionSet:
    """What has to go from every copy.

    Attributes:
        words: Pieces of the forgotten texts, longest first.
        ids: The ids they had, `a7` or `m12`.
    """

    words: Sequence[str] = ()
    ids: frozenset[str] = field(default_factory=frozenset[str])

    def holds(self, text: str) -> bool:
        """Whether a text holds any of the words."""
        return any(word in text for word in self.words)

    def names(self, text: str) -> bool:
        """Whether a text names one of the ids, as `[a7]`."""
        return bool(self.ids) and not self.ids.isdisjoint(_NAMED.findall(text))


def without_lines(text: str, erased: RedactionSet) -> str:
    """Drop the lines that hold forgotten words or name a forgotten id (core blocks, briefs, summaries)."""
    kept = [line for line in text.split("\n") if not erased.holds(line) and not erased.names(line)]
    return "\n".join(kept)


def without_hits(
    text: str, hits: Sequence[Mapping[str, Any]], erased: RedactionSet
) -> tuple[str, list[dict[str, Any]] | None]:
    """Drop forgotten hits from a note or a tool's result and from the data that goes with it.

    Every line that holds the words goes too, from both alike: another hit may repeat them.

    Args:
        hits: As they are stored; see `recall.rows.hits_to_json`.
    """
    kept: list[dict[str, Any]] = []
    for hit in hits:
        if hit["id"] in erased.ids:
            text = text.replace(f"{hit['rendered']}\n", "").replace(hit["rendered"], "")
        else:
            clean = {name: _blanked(hit[name], erased) for name in ("text", "rendered")}
            kept.append({**hit, **clean})
    return _blanked(text, erased), kept or None


def _blanked(text: str, erased: RedactionSet) -> str:
    return "\n".join(GONE if erased.holds(line) else line for line in text.split("\n"))


def without_words(text: str, words: Iterable[str]) -> str:
    """Put `[…]` in the place of the words, once where several stand side by side."""
    spans = sorted(span for word in words for span in _places(text, word))
    kept: list[str] = []
    at = 0
    for start, stop in spans:
        if not kept or text[at:start].strip(" .,!?~…\n"):
            kept += (text[at:start], GONE)
        at = max(at, stop)
    return "".join(kept) + text[at:]


def without_arguments(calls: Sequence[Sequence[str]], erased: RedactionSet) -> list[list[str]]:
    """Clean the arguments of stored tool calls; what is no JSON and holds the words becomes an empty object."""
    return [[identity, name, _arguments(arguments, erased)] for identity, name, arguments in calls]


def _arguments(text: str, erased: RedactionSet) -> str:
    try:
        values: object = json.loads(text)
    except ValueError:
        return "{}" if erased.holds(text) else text
    cleaned = _cleaned(values, erased)
    return text if cleaned == values else json.dumps(cleaned, ensure_ascii=False)


def _cleaned(value: object, erased: RedactionSet) -> object:
    match value:
        case str():
            return without_words(value, erased.words)
        case list():
            return [_cleaned(entry, erased) for entry in cast("list[Any]", value)]
        case dict():
            entries = cast("Mapping[str, Any]", value).items()
            return {key: _cleaned(entry, erased) for key, entry in entries}
        case _:
            return value


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + 1)
