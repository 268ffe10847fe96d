"""What a persona file that can be used might still do better: for its author, from `officehours persona lint`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..memory.text import HANGUL
from .exchange import Exchange
from .lines import OCCASIONS, PLAIN
from .spec import Persona

MOST_SYLLABLES = 300
MOST_CHARACTERS = 1_200
"""A longer body costs every request more than about 250 tokens, for the life of the persona."""

_GREETED = {"ko": "안녕하세요, 교수님", "en": "Hello, professor"}
# A set phrase is no answer: it need not cite, ask back or show code.
_HOLD_FOR_LINES = frozenset(
    {
        *("polite_korean", "language_matches", "max_words", "answers_greeting_briefly"),
        *("no_empty_praise", "no_ability_labels", "no_learning_styles"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth mending, in both languages."""

    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


def lint(persona: Persona, tools: Collection[str] | None = None) -> list[Finding]:
    """Look a persona over.

    Args:
        persona: As it was loaded; a file with an unknown check or field never gets this far.
        tools: Names of the tools there are, to check an allow-list against; None where they are not known.
    """
    return [
        *_about_body(persona),
        *_about_rules(persona),
        *_about_lines(persona),
        *_about_tools(persona, tools or ()),
    ]


def _about_body(persona: Persona) -> Iterator[Finding]:
    for language in persona.languages:
        own = "\n".join(part for part in (persona.body, persona.sections.get(language, "")) if part)
        syllables = len(HANGUL.findall(own))
        if not own:
            yield Finding(f"there is no body for `{language}`", f"`{language}` 본문이 없습니다")
        elif syllables > MOST_SYLLABLES or len(own) > MOST_CHARACTERS:
            yield Finding(
                f"the body for `{language}` has {len(own)} characters ({syllables} of them Hangul); keep to "
                f"{MOST_CHARACTERS} and {MOST_SYLLABLES}, as every request carries it",
                f"`{language}` 본문이 {len(own)}자(한글 {syllables}자)입니다. 요청마다 보내지므로 {MOST_CHARACTERS}자, "
                f"한글 {MOST_SYLLABLES}자 안으로 줄이세요",
            )
    if not persona.voice:
        yield Finding(
            "`voice` is missing: how the professor sounds, in a line",
            "`voice`가 없습니다. 말투를 한 줄로 쓰세요",
        )


def _about_rules(persona: Persona) -> Iterator[Finding]:
    if not any(rule.check for rule in persona.rules):
        yield Finding("no rule is machine-checked", "기계가 검사하는 규칙이 없습니다")


def _about_lines(persona: Persona) -> Iterator[Finding]:
    for occasion in OCCASIONS:
        for language in persona.languages:
            phrases = persona.lines[occasion][language]
            if phrases == PLAIN[occasion][language]:
                yield Finding(
                    f"`lines.{occasion}.{language}` is missing; a plain phrase stands in for it",
                    f"`lines.{occasion}.{language}`이(가) 없어 기본 문구를 씁니다",
                )
            for phrase in phrases:
                yield from _broken_promises(persona, occasion, language, phrase)


def _broken_promises(persona: Persona, occasion: str, language: str, phrase: str) -> Iterator[Finding]:
    said = re.sub(r"\{\w+\}", "OOO", phrase)
    exchange = Exchange(said, _GREETED[language], small_talk=True)
    for violation in (broken.violation for broken in persona.broken(exchange)):
        if violation.check in _HOLD_FOR_LINES:
            yield Finding(
                f"`lines.{occasion}.{language}` breaks `{violation.check}`: {phrase}",
                f"`lines.{occasion}.{language}`이(가) `{violation.check}` 규칙에 어긋납니다: {phrase}",
            )


def _about_tools(persona: Persona, tools: Collection[str]) -> Iterator[Finding]:
    for name in sorted(persona.tools or ()):
        if tools and name not in tools:
            yield Finding(f"there is no tool `{name}`", f"그런 도구는 없습니다: `{name}`")
