"""Whether an acronym is given its full name when it first comes up in a conversation."""

from __future__ import annotations

import re

from .exchange import Exchange, Violation
from .prose import CODE, FORMULA, URL, without

_ACRONYM = re.compile(
    r"(?<![A-Za-z0-9_./-])(?:[A-Z][A-Za-z]{0,5}[A-Z][A-Za-z]?|[A-Z]{2,7})(?![A-Za-z0-9_./])"
)
_AFTER = re.compile(r"s?\s*(?:\(|란|은|는|이란|,|:|=|—|-)?\s*[(“\"]?([A-Za-z][A-Za-z\s\-/&,]+)")
_BEFORE = re.compile(r"([A-Za-z][A-Za-z\s\-/&]+?)\s*[(\[]\s*$")
_LONGEST = 120
"""Characters in which a full name stands before or after its short form."""
# Known to every student by the short form alone.
_EVERYDAY = frozenset(
    {
        "AI",
        "API",
        "CPU",
        "GPU",
        "GB",
        "ID",
        "IT",
        "KB",
        "MB",
        "OK",
        "OS",
        "PC",
        "PDF",
        "UK",
        "URL",
        "USA",
        "TV",
    }
)


def acronym_spelled_out(exchange: Exchange, *, known: list[str] | None = None) -> list[Violation]:
    """Every acronym stands once in the conversation with its full name, on either side of it: DoRA(Weight-Decomposed …).

    Args:
        exchange: What was said.
        known: Acronyms that need no explanation, beside the everyday ones.
    """
    text = without(exchange.answer, CODE, FORMULA, URL)
    spared = _EVERYDAY | set(known or ())
    shorts = dict.fromkeys(short.removesuffix("s") for short in _ACRONYM.findall(text))
    return [
        Violation("acronym_spelled_out", f"{short} is not spelled out", f"{short}의 본말이 없습니다")
        for short in shorts
        if short not in spared and not any(_spelled_out(short, said) for said in (text, *exchange.earlier))
    ]


def _spelled_out(short: str, text: str) -> bool:
    """Whether a text has the full name beside the short form somewhere; only there is it looked at."""
    return any(
        _abbreviates(short, long)
        for found in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(short)}", text)
        for long in _beside(text, found.start(), found.end())
    )


def _beside(text: str, start: int, end: int) -> list[str]:
    """Give what stands before an opening bracket that the short form is in, and what follows it."""
    after = _AFTER.match(text, end, end + _LONGEST)
    before = _BEFORE.search(text[max(0, start - _LONGEST) : start])
    return [found[1] for found in (after, before) if found]


def _abbreviates(short: str, long: str) -> bool:
    """Whether the capitals of the short form are initials of the long one, in order, and its letters all occur."""
    words = re.findall(r"[A-Za-z]+", long)
    initials = "".join(word[0] for word in words).lower()
    capitals = "".join(letter for letter in short if letter.isupper()).lower()
    joined = "".join(words).lower()
    # RNN: "Recurrent Neural Network"; ReLU: "Rectified Linear Unit"; LSTM: "long short-term memory".
    return (
        len(words) > 1
        and _in_order(short.lower(), joined)
        and (_in_order(capitals, initials) or _in_order(initials[:2], capitals))
    )


def _in_order(needle: str, hay: str) -> bool:
    rest = iter(hay)
    return bool(needle) and all(letter in rest for letter in needle)
