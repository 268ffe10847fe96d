"""What a text names, and whether another speaks of it: by its letters, its stems, and how it sounds.

There is no list of course words: a word that is spelled otherwise than in the course, or written by its sound, is held
against the words of the course.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from .normalize import HANGUL
from .terms import SUFFIXES, nouns, stem

Phrase = tuple[str, ...]
"""Words that stand together and name one thing."""

ALIKE, ALIKE_IN_SOUND = 0.84, 0.78
"""How alike two words must be in their letters, and in their sounds between scripts, to be taken for one."""

_PARTICLES = frozenset("가는란의와랑")
_TOKEN = re.compile(r"[^\W_]+")
_SOUNDS = str.maketrans(dict(zip("bvfdgcqlzj", "ppptkkkrss", strict=True)))
_INITIALS = "kknttrmppss-sssktph"
_VOWELS = (
    "a", "e", "ya", "ye", "o", "e", "yo", "ye", "o", "wa", "we", "we", "yo", "u", "wo", "we", "wi", "yu", "u", "i", "i",
)  # fmt: skip
_FINALS = "-kkknnntrrmrrrprmppttnttktp-"


def content_words(text: str) -> list[str]:
    """Give the words of a text that name things, as they are written, in order.

    Korean nouns without their particles, those written together as one ("강화학습이" gives "강화학습"); of words in
    other scripts those that are no stop words.
    """
    found: list[str] = []
    run, end, alone = "", -1, True
    for form, tag, start in nouns(text):
        joins = start == end and not (form.isascii() or run.isascii())
        if run and not joins and not alone:
            found.append(run)
        alone = tag in SUFFIXES if not joins else alone
        run, end = (run if joins else "") + form, start + len(form)
    if run and not alone:
        found.append(run)
    return found


def phrases_of(text: str, framing: Collection[str]) -> list[Phrase]:
    """Give what a question names: its content words, those that stand together as one phrase.

    Args:
        framing: Words that questions on anything have ("차이", "explain"): they name nothing.
    """
    lower = " ".join(text.casefold().replace("-", " ").replace("'", "").replace("’", "").split())
    found: list[Phrase] = []
    last = ""
    for word in content_words(text):
        plain = word.casefold()
        alike = last and bool(HANGUL.search(last)) == bool(HANGUL.search(plain))
        at = lower.find(f"{last} {plain}".replace("-", " ").replace("'", "")) if alike else -1
        frames = (
            plain in framing or plain.removesuffix("s") in framing or (len(plain) == 1 and plain.isascii())
        )
        # "베이즈 정리가 뭐예요" names a theorem, "베이즈 정리해 줘" asks for a summary.
        if frames and not (at >= 0 and lower[at + len(last) + 1 + len(plain) :][:1] in _PARTICLES):
            last = ""
            continue
        if at >= 0:
            found[-1] = (*found[-1], word)
        else:
            found.append((word,))
        last = plain
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def _tokens(text: str) -> frozenset[str]:
    words = _TOKEN.findall(text.casefold())
    return frozenset(words) | {stem(word) for word in words if word.isascii()}


def is_name(word: str) -> bool:
    """Whether a word names one thing only: an acronym, or written with a capital inside."""
    return any(map(str.isupper, word[1:]))


@lru_cache(maxsize=1024)
def _wholes(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w-]+", text.casefold()))


@lru_cache(maxsize=1024)
def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def mentions(text: str, phrase: Phrase) -> bool:
    """Whether a text has all words of a phrase; GPT is not in MemGPT, 강화학습 is in 강화 학습."""
    return all(_has(text, word) for word in phrase)


def _has(text: str, word: str) -> bool:
    if HANGUL.search(word):
        return _squeezed(word) in _squeezed(text)
    if is_name(word):  # RNNs are meant by RNN as well
        return not _wholes(_spaced(text)).isdisjoint({word.casefold(), word.removesuffix("s").casefold()})
    pieces = _TOKEN.findall(word.casefold())
    known = _tokens(_spaced(text))
    return bool(pieces) and (
        all(piece in known or stem(piece) in known for piece in pieces) or "".join(pieces) in known
    )


@lru_cache(maxsize=1024)
def _spaced(text: str) -> str:
    """A text in which Korean particles do not stick to words of other scripts: "RNN은" holds the word RNN."""
    return re.sub(r"(?<=[A-Za-z0-9])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z0-9])", " ", text)


def is_all(text: str, phrase: Phrase) -> bool:
    """Whether a text names no more than a phrase does."""
    return mentions(text, phrase) and len(content_words(text)) == len(phrase)


def respelled(phrase: Phrase, vocabulary: Iterable[str]) -> Phrase | None:
    """Give a phrase in words of the course where each is one of them or is spelled, or sounds, almost like one."""
    known = {word.casefold(): word for word in vocabulary if len(word) > 1}
    found = [
        _nearest(word, known.values()) if is_name(word) or word.casefold() not in known else word
        for word in phrase
    ]
    return tuple(word for word in found if word) if all(found) else None


def as_written(phrase: Phrase, texts: Iterable[str]) -> str:
    """Write a phrase as texts do: the words of a course are kept as stems."""
    words = sorted({word for text in texts for word in re.findall(r"[A-Za-z-]+", text)}, key=len)
    stems = (word.casefold() for word in phrase)
    return " ".join(next((w for w in words if w.casefold().startswith(stem)), stem) for stem in stems)


def _nearest(word: str, vocabulary: Iterable[str]) -> str | None:
    if is_name(word) or len(word) < (2 if HANGUL.search(word) else 4):
        return None
    scored = ((likeness(word, other), other) for other in vocabulary)
    best, other = max(scored, default=(0.0, ""))
    between = HANGUL.search(word) and not HANGUL.search(other)
    return other if best >= (ALIKE_IN_SOUND if between else ALIKE) else None


def sounds_in(text: str, phrase: Phrase) -> bool:
    """Whether a text in the other script has words that sound like those of a phrase."""
    words = content_words(text)
    return all(any(likeness(word, other) >= ALIKE_IN_SOUND for other in words) for word in phrase)


@lru_cache(maxsize=8192)
def likeness(one: str, other: str) -> float:
    """How alike two words are, 0 to 1: by their letters within a script, by their consonants between two."""
    if bool(HANGUL.search(one)) == bool(HANGUL.search(other)):
        a, b = (unicodedata.normalize("NFD", word.casefold()) for word in (one, other))
        if abs(len(a) - len(b)) > 2 or a[0] != b[0]:
            return 0.0
        return SequenceMatcher(None, a, b, autojunk=False).ratio()
    korean, foreign = (one, other) if HANGUL.search(one) else (other, one)
    a, b = spoken(korean), spoken(foreign)
    if not a or not b or (a[0] in "aeiou") != (b[0] in "aeiou"):
        return 0.0
    hangul, latin = _bones(a), _bones(b)
    short = min(len(hangul), len(latin)) < 3
    vowels = _heard_vowels(korean) - sum(map(foreign.casefold().count, "aeiouy"))
    if a != b and (short or hangul[0] != latin[0] or len(hangul) > len(latin) or vowels > 0):
        return 0.0  # a word that is written by its sound loses consonants ("transformer"), it gains neither those nor vowels
    consonants, sounds = (
        SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in ((hangul, latin), (a, b))
    )
    return 0.7 * consonants + 0.3 * sounds


def spoken(word: str) -> str:
    """Give a word as it sounds, in letters that both languages tell apart: 렐루 and ReLU are "reru"."""
    letters = "".join(map(_spelled, word.casefold().replace("tion", "sion").replace("x", "ks"))).translate(
        _SOUNDS
    )
    once = (letter for at, letter in enumerate(letters) if at == 0 or letter != letters[at - 1])
    return "".join(letter for letter in once if letter.isalpha())


def _bones(sounds: str) -> str:
    return "".join(letter for letter in sounds if letter not in "aeiouyhw")


def _heard_vowels(word: str) -> int:
    """Count the vowels of a word in Hangul that a foreign word must have too: not those that Hangul takes to write a lone
    consonant (ㅡ, and the end of 배치), nor the second half of one sound (데이터, 드롭아웃)."""
    codes = [ord(letter) - 0xAC00 for letter in word if "가" <= letter <= "힣"]
    vowels = [(code // 588, code // 28 % 21) for code in codes]
    glides = sum(initial == 11 and vowel in {13, 20} for initial, vowel in vowels[1:])
    soft_end = bool(vowels) and vowels[-1][0] in {9, 12, 14} and vowels[-1][1] == 20
    return sum(vowel != 18 for _, vowel in vowels) - glides - soft_end


def _spelled(letter: str) -> str:
    """Spell a syllable of Hangul in Latin letters."""
    code = ord(letter) - 0xAC00
    if not 0 <= code < 11172:
        return letter
    return _INITIALS[code // 588] + _VOWELS[code // 28 % 21] + _FINALS[code % 28]
