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


_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")


HALF = re.compile("[\ud800-\udfff]")


# A sentence ends at a full stop and its like, with the brackets that close after it, before a space; a line ends
# one too.
_END = re.compile(r"([.!?…。！？][\"'”’)\]]*)\s+")


_NO_END = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|dr|mr|mrs|ms|prof|vs|etc|e\.g|i\.e|cf|fig|eq)\.$|^\d{1,2}\.$", re.IGNORECASE
)


def normalize(text: str) -> str:
    """Give text fit to be kept: NFC, line ends as \\n, no half characters, no control characters but \\n and \\t."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = HALF.sub("\N{REPLACEMENT CHARACTER}", _UNFIT.sub("", text))
    return unicodedata.normalize("NFC", text)


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
