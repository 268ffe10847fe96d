"""Characters by which a text steers a terminal, turns its own direction or hides words, and what finds them."""

from __future__ import annotations

import itertools
import unicodedata

HOSTILE = {
    "clear the screen": "\x1b[2J\x1b[H",
    "move up and write over": "\x1b[1A\x1b[2K",
    "colour": "\x1b[8mhidden\x1b[0m",
    "window title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil.example/\x1b\\here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "device control": "\x1bP$qm\x1b\\",
    "reset": "\x1bc",
    "application program": "\x1b_G;\x1b\\",
    "8-bit control sequence": "\x9b2J",
    "8-bit operating system command": "\x9d0;owned\x9c",
    "8-bit device control": "\x90$qm\x9c",
    "8-bit next line": "\x85",
    "bell, backspace, delete": "\x07\x08\x7f",
    "carriage return": "safe\rowned",
    "vertical tab and form feed": "\x0b\x0c",
    "shift out": "\x0e\x0f",
    "NUL": "\x00",
    "right-to-left override": "\u202egpj.exe\u202c",
    "isolates": "\u2066\u2067\u2068x\u2069",
    "direction marks": "\u200e\u200f\u061c",
    "no width": "pa\u200bss\u2060wo\ufeffrd\u200c\u00ad",
    "a joiner between letters": "pass\u200dword",
    "tag characters": "".join(chr(0xE0000 + ord(c)) for c in "obey"),
    "variation selectors": "x" + "".join(chr(0xFE00 + n) for n in (4, 15, 15, 3)) + "\U000e0110\U000e0120",
    "fillers": "\u3164\u115f\u1160\uffa0\u180e",
    "line separators": "one\u2028two\u2029three",
    "half a character": "\ud800\udc80",
    "no characters": "\ufffe\uffff",
}
EVERYTHING = " ".join(HOSTILE.values())
JOINER, SELECTORS = "\u200d", "\ufe0e\ufe0f"


def unfit(text: str) -> list[str]:
    """Give what a text holds that no screen, store or model should see, by its code."""
    found = [
        f"U+{ord(c):04X}"
        for c in text
        if (unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} and c not in "\n\t")
        or (unicodedata.category(c) == "Cf" and c != JOINER and not _arabic_sign(c))
        or c in "\u034f\u115f\u1160\u3164\uffa0\ufffe\uffff"
        or 0xFE00 <= ord(c) <= 0xFE0D
        or 0xE0100 <= ord(c) <= 0xE01EF
    ]
    pairs = itertools.pairwise(text)
    return found + [
        "a joiner or selector that hides"
        for one, next_one in pairs
        if (one in SELECTORS and next_one in SELECTORS) or (next_one == JOINER and one.isalnum())
    ]


def _arabic_sign(c: str) -> bool:
    """Format characters that are seen: number signs before Arabic, Syriac and Kaithi, and hieroglyphs' layout."""
    return (
        "\u0600" <= c <= "\u0605"
        or c in "\u06dd\u070f\u0890\u0891\u08e2"
        or "\U000110bd" <= c <= "\U0001343f"
    )
