"""What a text says, for searching: clean text, its terms, its sentences, the parts that are embedded, its language.

A term carries a mark in front that keeps the ways of reading apart: the stem of an English word has none, `k:` is
a Korean content morpheme, `b:` two neighbouring characters of Hangul, Han or Kana, `=` something that must match
exactly (a decimal, an identifier, a key), `@` a word of the speaker's name.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from ..lazy import load_whole
from .normalize import HANGUL, sentences

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token


MAX_PARTS = 8
"""The most vectors a text may have: long answers must not fill the index."""

LONGEST_TERM = 80
"""Characters; a pasted blob is one term too."""

STOP_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        """a about all also am an and any are as at be been being but by can could d did do does doing done for from
        had has have having he her hers him his how i if in into is it its just ll m may me might mine my no nor not
        of on or our ours please re s shall she should so some t than that the their theirs them then there these
        they this those to too us ve very was we were what when where which who whom whose why will with would you
        your yours""",
    )
)
"""English words that say nothing about a subject."""

KOREAN_STOP_WORDS = frozenset(
    re.findall(
        "[가-힣]+",
        "하 되 있 없 이 것 거 수 때 말 그 저 같 보 주 알 모르 싶 대하 위하 뭐 어떻 어떠하 그렇 이렇 저렇 이러하 그러하",
    )
)
"""Stems of Korean words of the same kind."""

_CJK = "가-힣\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_CJK_RUN = re.compile("[가-힣]{2,}|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")

# A word of any script written with spaces, with the marks that may stand inside one: don't, follow-up,
# snake_case, 3.14, numpy.linalg, a@b.kr, C++.
_CHARACTER = rf"(?:(?![{_CJK}])[^\W_])"
_WORD = re.compile(rf"{_CHARACTER}+(?:['’._\-/:@#+]+{_CHARACTER}+)*(?:\+\+|#)?")
_MARK = re.compile(r"['’._\-/:@#+]+")
_BLOB = re.compile(rf"[^\s가-힣]{{{LONGEST_TERM + 1},}}")
_CONTRACTION = re.compile(r"(?:n['’]t|['’](?:s|m|re|ve|ll|d))$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL = re.compile(r"\d+(?:\.\d+)+")
_KEY_LENGTH = 16

_CONTENT_TAGS = frozenset({"NNG", "NNP", "NR", "XR", "VV", "VA"})


def terms(text: str) -> Counter[str]:
    """Count a text's terms. Korean text waits until the analyser is loaded: a second or two, once a process."""
    found = terms_by_letters(text)
    if HANGUL.search(text):
        found.update("k:" + morpheme for morpheme in _morphemes(text))
    for term in [term for term in found if len(term) > LONGEST_TERM]:
        found[_abridged(term)] = found.pop(term)
    return found


def terms_by_letters(text: str) -> Counter[str]:
    """Count those of a text's terms that need no analyser."""
    found = Counter[str]()
    for word in _WORD.findall(_THOUSANDS.sub("", text)):
        found.update(_word_terms(word))
    for run in _CJK_RUN.findall(text):
        found.update("b:" + first + second for first, second in pairwise(run))
    return found


def summary(told: Sequence[str], most: int) -> str:
    """Choose the sentences that share most words with the others, and the first, in their order."""
    counts = [terms(sentence) for sentence in told]
    everywhere = Counter(term for count in counts for term in count)
    worth = [sum(everywhere[t] - 1 for t in count) / (len(count) + 3) for count in counts]
    best = sorted(range(1, len(told)), key=lambda at: -worth[at])[: max(0, most - 1)]
    return " ".join(told[at] for at in sorted({0, *best}))


def speaker_terms(name: str) -> list[str]:
    """Give the terms under which a speaker's messages are filed: one for each word of the name."""
    return ["@" + word.lower() for word in _NAME_WORD.findall(name)]


def possible_names(text: str) -> list[str]:
    """Give the words of a text that may name a speaker: capitalised, or the beginning of a Hangul word.

    Which of them are speakers, `speaker_terms` of the messages there are will tell.
    """
    found: dict[str, None] = {}
    for word in _NAME_WORD.findall(text):
        if HANGUL.match(word):
            found.update((word[:length], None) for length in range(2, min(len(word), 5) + 1))
        elif word[0].isupper():
            found[word] = None
    return list(found)


def parts(text: str, before: str = "") -> list[str]:
    """Give what is embedded of a text: every two neighbouring sentences, in at most `MAX_PARTS` windows.

    Two sentences hold what one leaves open ("I bought it. It was 20 dollars."). A long text gets longer windows
    instead of more. Where what was said just `before` ends in a question, the answer's beginning is read with it.
    """
    found = sentences(text)
    if not found:
        return []
    windows = _windows(found, MAX_PARTS - 1)
    asked = sentences(before)[-1:] if before.rstrip().endswith(("?", "？")) else []
    return [" ".join([*asked, *found[:2]]), *windows] if asked else windows


def load_korean() -> None:
    """Load the analyser of Korean now, so that the first Korean message need not wait for it."""
    _kiwi()


def _abridged(term: str) -> str:
    """Give a fingerprint of a term that is too long for a database's index: it can still be found exactly."""
    digest = hashlib.sha256(term.encode()).hexdigest()[:32]
    return f"={digest}"


def _word_terms(word: str) -> list[str]:
    word = _CONTRACTION.sub("", word)
    if _DECIMAL.fullmatch(word):
        return ["=" + word]
    plain = [stem for piece in _MARK.split(word) for stem in _stems(piece)]
    if not _is_exact(word):
        return plain
    exact = "=" + word.lower()
    is_key = len(word) >= _KEY_LENGTH and any(c.isdigit() for c in word) and "/" not in word
    return [exact] if is_key else [exact, *plain]


def _is_exact(word: str) -> bool:
    """Whether a word is to be found by its exact spelling too: an identifier, a version, a path, a key."""
    marked = not word.isalnum() and (any(c in "_@+#:/." for c in word) or any(c.isdigit() for c in word))
    return marked or (len(word) >= _KEY_LENGTH and any(c.isdigit() for c in word))


def _stems(piece: str) -> list[str]:
    humps = _HUMP.split(piece)
    words = [piece, *humps] if min(map(len, humps)) > 2 and len(humps) > 1 else [piece]
    return [stem(word) for word in map(str.lower, words) if word and word not in STOP_WORDS]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Give the stem of an English word in lower case (Snowball)."""
    return _stemmer().stemWord(word)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    stemmer: Any = snowballstemmer.stemmer("english")  # pyright: ignore[reportUnknownMemberType]
    return stemmer


def _morphemes(text: str) -> list[str]:
    # A pasted blob holds nothing Korean, and takes the analyser the square of its length: minutes for 100,000 letters.
    found = cast("list[Token]", _kiwi().tokenize(_BLOB.sub(" ", text)))
    return [
        token.form
        for token in found
        if token.tag.split("-")[0] in _CONTENT_TAGS and token.form not in KOREAN_STOP_WORDS
    ]


SUFFIXES = frozenset({"XSN", "NNB"})
_NOUNS = frozenset({"NNG", "NNP", "XR", "XPN"}) | SUFFIXES


def nouns(text: str) -> list[tuple[str, str, int]]:
    """Give the Korean nouns of a text and its words in other scripts, stop words left out: (form, tag, place), in order."""
    found = [
        (word[0], "SL", word.start())
        for word in _WORD.finditer(text)
        if _CONTRACTION.sub("", word[0]).lower() not in STOP_WORDS and not word[0].isdigit()
    ]
    if HANGUL.search(text):
        tokens = cast("list[Token]", _kiwi().tokenize(_BLOB.sub(" ", text)))
        found += [
            (text[token.start : token.end], token.tag, token.start)
            for token in tokens
            if token.tag in _NOUNS and token.form not in KOREAN_STOP_WORDS
        ]
    return sorted(found, key=lambda noun: noun[2])


_loading = threading.Lock()


def _kiwi() -> Kiwi:
    with _loading:
        return _load_kiwi()


@lru_cache(maxsize=1)
def _load_kiwi() -> Kiwi:
    # Its allocator reads these when it is loaded; without them it keeps 45 MB that the loading needed for a moment.
    for name in ("PURGE_DELAY", "EAGER_COMMIT", "ARENA_EAGER_COMMIT"):
        os.environ.setdefault(f"MIMALLOC_{name}", "0")
    load_whole("kiwipiepy")
    from kiwipiepy import Kiwi

    # The dictionaries of names take half of the loading and 80 MB; KorQuAD R@1 is 0.930 without them, 0.929 with those of
    # one word and 0.931 with those of several, because pairs of syllables find such names too.
    analyser = Kiwi(num_workers=1, load_default_dict=False, load_multi_dict=False)
    analyser.tokenize("준비")  # the first call builds what the loading left for later
    return analyser


def _windows(found: Sequence[str], most: int) -> list[str]:
    """Join neighbouring sentences, each window beginning with the sentence the last one ended with."""
    stride = max(1, -(-(len(found) - 1) // most))
    return [" ".join(found[at : at + stride + 1]) for at in range(0, max(1, len(found) - 1), stride)]
