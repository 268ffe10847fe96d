"""What of a reply is prose, and its sentences: code, formulas, quoted lines, citations and links are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ..memory.text import sentences

CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
CITED = re.compile(r"\[\s*([am]\d+(?:\s*[,;]\s*[am]\d+)*)\s*\]")
URL = re.compile(r"https?://[^\s)\]>]+")
_QUOTE = re.compile(r"“[^”]{0,300}”|‘[^’]{0,300}’|\"[^\"\n]{0,300}\"|「[^」]{0,300}」|(?m:^\s*>.*$)")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s+")
_NO_PROSE = re.compile(r"\s*(?:#|\||!\[)")
_EMPHASIS_END = re.compile(r"(?<=[.!?…\"'”’)\]])[*_]+(?=\s|$)")
_ENDED = re.compile(r"[.!?？…][\"'”’)\]]*$")
_ASKS = re.compile(r"[?？][\"'”’)\]]*$")
_TAIL = re.compile(r"[\s\"'”’)*_]+$")


def without(text: str, *patterns: re.Pattern[str]) -> str:
    """Give a text with a space in the place of each match."""
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def prose(text: str) -> str:
    """Give what a reply says in its own words."""
    return without(text, CODE, FORMULA, _QUOTE, CITED, URL)


@lru_cache(maxsize=2)  # several checks look at the same reply
def prose_sentences(text: str) -> tuple[str, ...]:
    """Give the sentences of a reply's prose; headings, tables and list items without a full stop are none."""
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[str]:
    for line in prose(text).splitlines():
        if _NO_PROSE.match(line):
            continue
        item = _LIST_ITEM.match(line)
        body = line[item.end() :] if item else line
        for piece in sentences(_EMPHASIS_END.sub("", body)):
            ended = bool(_ENDED.search(piece))
            if ended or (item is None and len(piece.split()) >= 3 and not piece.endswith(":")):
                yield piece


def ends_with_question(text: str) -> bool:
    """Whether the prose of a reply ends with a question mark."""
    return _TAIL.sub("", prose(text).strip()).endswith(("?", "？"))


def questions_at_end(text: str) -> int:
    """Count the questions that a reply's prose ends with, one after the other."""
    count = 0
    for sentence in reversed(prose_sentences(text)):
        if not _ASKS.search(_TAIL.sub("", sentence)):
            break
        count += 1
    return count
