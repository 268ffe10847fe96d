"""What a professor says when no language model speaks for them: a few set phrases, by occasion and language.

A persona file may bring its own under `lines:`; these plain ones stand in for what it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Lines = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Occasion, language, phrases. Several phrases of one occasion take turns."""

OCCASIONS: Mapping[str, frozenset[str]] = {
    "greeting": frozenset({"name"}),
    "thanks": frozenset({"name"}),
    "farewell": frozenset({"name"}),
    "acknowledgement": frozenset({"name"}),
    "noted": frozenset({"name"}),
    "unknown": frozenset({"topic"}),
    "more": frozenset({"topic"}),
}
"""Every occasion, with the words in braces that its phrases may hold."""

PLAIN: Lines = {
    "greeting": {
        "ko": ("안녕하세요, {name} 학생. 무엇을 함께 볼까요?", "안녕하세요. 무엇을 함께 볼까요?"),
        "en": ("Hello, {name}. What shall we look at?", "Hello. What shall we look at?"),
    },
    "thanks": {"ko": ("천만에요.",), "en": ("You're welcome.",)},
    "farewell": {"ko": ("안녕히 가세요. 다음에 이어서 해요.",), "en": ("Goodbye. We'll go on next time.",)},
    "acknowledgement": {"ko": ("좋습니다.",), "en": ("Good.",)},
    "noted": {"ko": ("기억해 두겠습니다.",), "en": ("I'll remember that.",)},
    "unknown": {
        "ko": ("제가 가진 자료에 없는 내용입니다: {topic}.",),
        "en": ("That is not in the material I have: {topic}.",),
    },
    "more": {
        "ko": ("예시나 코드가 필요하면 말씀하세요.",),
        "en": ("Ask me for an example or for code if you like.",),
    },
}

_WORD = re.compile(r"\{(\w+)\}")


def words_in(phrase: str) -> frozenset[str]:
    """Give the words in braces of a phrase."""
    return frozenset(_WORD.findall(phrase))


def choose(phrases: tuple[str, ...], turn: int, values: Mapping[str, str]) -> str:
    """Fill in one of the phrases: of those whose words are all known, one that uses the most of them.

    Args:
        turn: Makes phrases of equal standing take turns.
        values: What is known; an empty value is not.
    """
    known = {word: value for word, value in values.items() if value}
    usable = [phrase for phrase in phrases if words_in(phrase) <= known.keys()]
    if not usable:
        return ""
    most = max(len(words_in(phrase)) for phrase in usable)
    best = [phrase for phrase in usable if len(words_in(phrase)) == most]
    return _WORD.sub(lambda word: known[word.group(1)], best[turn % len(best)])
