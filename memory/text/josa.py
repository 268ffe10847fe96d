"""Korean particles that agree with the word in front of them."""

from __future__ import annotations

import re

from .normalize import HANGUL

_PARTICLE = re.compile(rf"(?<={HANGUL.pattern})(?:은|는|이|가|을|를|의)$")

_DIGITS_WITH_FINAL = "013678"
_LETTERS_WITH_FINAL = "lmnLMNR"


def ends_closed(word: str) -> bool:
    """Whether a word, as it is read aloud, ends in a consonant: 역전파 no, 고유값 yes, RNN yes, ReLU no."""
    last = next((c for c in reversed(word.strip()) if c.isalnum()), "")
    if HANGUL.match(last):
        return (ord(last) - 0xAC00) % 28 != 0
    return last in _DIGITS_WITH_FINAL if last.isdigit() else bool(last) and last in _LETTERS_WITH_FINAL


def josa(word: str, pair: str) -> str:
    """Put the fitting one of a pair behind a word: `josa("고유값", "을/를")` is "고유값을".

    `pair` names the form after a consonant first. After ㄹ, "으로/로" takes the second.
    """
    closed, opened = pair.split("/")
    last = word.strip()[-1:]
    rieul = HANGUL.match(last) is not None and (ord(last) - 0xAC00) % 28 == 8
    return word + (closed if ends_closed(word) and not (rieul and pair == "으로/로") else opened)


def strip_particle(word: str) -> str:
    """Give a Hangul word without the particle at its end: 숙제는 is 숙제. A noun may end like one: 나이 becomes 나."""
    return _PARTICLE.sub("", word)
