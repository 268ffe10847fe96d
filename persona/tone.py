"""How a student is spoken of: no empty praise, no word on what they are, no learning styles.

Praise of the person and of nothing in particular teaches worse than naming what was done (Mueller and Dweck 1998;
Hattie and Timperley 2007), and teaching to a learning style has no evidence for it (Pashler et al. 2008).

What is looked for stands in `phrases.toml`. That catches the common wordings in both languages however they are spaced,
punctuated and reinforced; it does not catch a paraphrase ("a mind like yours"), irony, or what is said over two
sentences. Embedding each sentence and comparing it with examples would catch more, but takes longer than all other
checks together and mistakes praise of a result for praise of a person (docs/adr/0085).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ..memory.text import HANGUL
from .exchange import Exchange, Violation
from .prose import prose_sentences

_MARKS = re.compile(r"[^\w\s']+|_")
_CLAUSE_END = re.compile(r"[,!.?…:;—–]|\s-\s")
_SHORTENED = (("'re ", " are "), ("'s ", " is "), ("'ve ", " have "), ("n't ", " not "))
_CALLED = re.compile(r"^[가-힣]{2,4}\s*(?:학생|님|씨)$|^[A-Z][a-z]+$")


def no_empty_praise(exchange: Exchange) -> list[Violation]:
    """No sentence begins by praising nothing in particular: "Great question!", "훌륭해요!"."""
    praise, _, _ = _read()
    clauses = map(praise.first_clause, prose_sentences(exchange.answer))
    return [
        Violation(
            "no_empty_praise", f"praise of nothing in particular: {clause}", f"내용 없는 칭찬: {clause}"
        )
        for clause in clauses
        if clause and praise.is_all_of(clause)
    ]


def no_ability_labels(exchange: Exchange) -> list[Violation]:
    """No word on what the student is: smart, a natural, no maths person; what they did may be praised."""
    _, labels, _ = _read()
    found = Violation(
        "no_ability_labels",
        "the student is labelled; say what they did instead",
        "학생의 능력을 단정하는 말이 있습니다. 무엇을 했는지 말해야 합니다",
    )
    return [found for sentence in prose_sentences(exchange.answer) if labels.is_in(_plain(sentence))]


def no_learning_styles(exchange: Exchange) -> list[Violation]:
    """The student is no visual, auditory or kinesthetic learner."""
    _, _, styles = _read()
    found = Violation("no_learning_styles", "a learning style is ascribed", "근거 없는 학습 유형을 말합니다")
    return [found for sentence in prose_sentences(exchange.answer) if styles.is_in(_plain(sentence))]


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases to look for: English as whole words, Korean as the beginning of one, however it is spaced."""

    english: re.Pattern[str]
    korean: re.Pattern[str]

    @classmethod
    def of(cls, phrases: Sequence[str]) -> _Phrases:
        hangul = [phrase for phrase in phrases if HANGUL.match(phrase)]
        latin = [phrase for phrase in phrases if phrase not in hangul]
        return cls(_one_of(latin, r"(?<!\S)", r"(?!\S)"), _one_of(hangul))

    def held_in(self, said: str) -> bool:
        return bool(self.english.search(said) or self.korean.search("".join(said.split())))

    def begin(self, said: str) -> bool:
        return bool(self.english.match(said) or self.korean.match("".join(said.split())))


@dataclass(frozen=True, slots=True)
class _Tone:
    """What one check looks for in a sentence whose `fillers` are taken out."""

    anywhere: _Phrases
    opening: _Phrases
    spared: _Phrases
    fillers: re.Pattern[str]

    def is_in(self, sentence: str) -> bool:
        if self.spared.held_in(sentence):
            return False
        said = _without(self.fillers, sentence)
        return self.anywhere.held_in(said) or self.opening.begin(said)


@dataclass(frozen=True, slots=True)
class _Praise:
    """Clauses that are nothing but praise once their `fillers` are taken out."""

    english: frozenset[str]
    korean: re.Pattern[str]
    fillers: re.Pattern[str]

    def is_all_of(self, clause: str) -> bool:
        said = _without(self.fillers, _plain(clause))
        return said in self.english or bool(self.korean.fullmatch("".join(said.split())))

    def first_clause(self, sentence: str) -> str:
        """Give the first clause that is no word of address or exclamation."""
        clauses = (clause.strip(" *_\"'“”") for clause in _CLAUSE_END.split(sentence))
        says = (c for c in clauses if not _CALLED.match(c) and _without(self.fillers, _plain(c)))
        return next(says, "")


@lru_cache(maxsize=1)
def _read() -> tuple[_Praise, _Tone, _Tone]:
    text = (files("officehours.persona") / "phrases.toml").read_text(encoding="utf-8")
    given: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    praise, (labels, styles) = given["praise"], (_tone(given[name]) for name in ("labels", "styles"))
    ends = _one_of(praise["korean_endings"]).pattern
    korean = rf"{_one_of(praise['korean']).pattern}{ends}|{_one_of(praise['korean_whole']).pattern}"
    return (
        _Praise(frozenset(praise["english"]), re.compile(korean), _fillers(praise["fillers"])),
        labels,
        styles,
    )


def _tone(given: Mapping[str, list[str]]) -> _Tone:
    phrases = (_Phrases.of(given.get(name, [])) for name in ("anywhere", "opening", "spared"))
    return _Tone(*phrases, fillers=_fillers(given["fillers"]))


def _fillers(words: Sequence[str]) -> re.Pattern[str]:
    return _one_of(sorted(words, key=len, reverse=True), r"(?<!\S)", r"(?!\S)")


def _one_of(literals: Sequence[str], before: str = "", after: str = "") -> re.Pattern[str]:
    """Give a pattern for any of a few texts, for none of them one that never matches."""
    inner = "|".join(map(re.escape, literals)) or "(?!)"
    return re.compile(f"{before}(?:{inner}){after}")


def _without(fillers: re.Pattern[str], text: str) -> str:
    return " ".join(fillers.sub(" ", text).split())


def _plain(text: str) -> str:
    """Give a text in lower case, without punctuation and contractions."""
    text = " " + text.casefold().replace("’", "'") + " "
    for short, long in _SHORTENED:
        text = text.replace(short, long)
    return " ".join(_MARKS.sub(" ", text).split())
