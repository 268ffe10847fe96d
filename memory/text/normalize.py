"""What a text is before anything else is done with it: clean, in one language, in sentences."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Language = Literal["ko", "en", "ja", "zh", "other"]


HANGUL = re.compile("[가-힣]")


_LATIN = re.compile("[A-Za-z]")


_SCRIPTS: dict[Language, re.Pattern[str]] = {
    "ko": HANGUL,
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
}


_LETTER = re.compile(r"[^\W\d_]")


_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


# What moves the cursor, turns the direction of writing, or stands there unseen: no reader means it, and a terminal, a
# search and a model each read it in a way of their own.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # C0, DEL, C1
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # marks, embeddings, overrides and isolates of direction
    "|[\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u2060-\u2065\u206a-\u206f\u3164\uffa0]"  # no width
    "|[\ufeff\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|[\ufe00-\ufe0d]"
)


_JOINERS = re.compile("[\u200d\ufe0e\ufe0f]+")


_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")


_HALF = re.compile("[\ud800-\udfff]")


# A sentence ends at a full stop and its like, with the brackets that close after it, before a space; a line ends
# one too.
_END = re.compile(r"([.!?…。！？][\"'”’)\]]*)\s+")


_NO_END = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|dr|mr|mrs|ms|prof|vs|etc|e\.g|i\.e|cf|fig|eq)\.$|^\d{1,2}\.$", re.IGNORECASE
)


def clean(text: str) -> str:
    """Give text fit to be kept and to be shown: line ends as \\n, no controls but \\n and \\t, nothing unseen, no half characters.

    This is the one filter, at the store's door and at the terminal's.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _JOINERS.sub(_within_emoji, _UNFIT.sub("", _LINE_ENDS.sub("\n", text)))
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _within_emoji(run: re.Match[str]) -> str:
    """Keep of joiners and selectors what draws an emoji; letters joined by nothing, and data in selectors, go."""
    text, (start, end) = run.string, run.span()
    selector = next((c for c in run[0] if c != "\u200d"), "")
    joined = (
        "\u200d" in run[0] and _EMOJI.match(text, start - 1 if start else end) and _EMOJI.match(text, end)
    )
    return selector + ("\u200d" if joined else "")


def clean_line(text: str) -> str:
    """Give clean text in one line: a name with line ends in it could pass for what the program says."""
    return " ".join(clean(text).split())


def normalize(text: str) -> str:
    """Give clean text, composed (NFC)."""
    return unicodedata.normalize("NFC", clean(text))


def language(text: str) -> Language:
    """Tell what a text is written in, by its letters. Korean full of English terms is still Korean."""
    letters = len(_LETTER.findall(text))
    if not letters:
        return "other"
    for name, script in _SCRIPTS.items():
        if len(script.findall(text)) * 6 >= letters:
            return name
    return "en" if len(_LATIN.findall(text)) * 2 >= letters else "other"


def sentences(text: str) -> list[str]:
    """Split a text into sentences; a line ends one, an abbreviation or a list's number does not."""
    found: list[str] = []
    joined = False
    for piece in filter(None, map(str.strip, _END.sub(r"\1\n", text).split("\n"))):
        if joined:
            found[-1] += " " + piece
        else:
            found.append(piece)
        joined = _NO_END.search(found[-1]) is not None
    return found
