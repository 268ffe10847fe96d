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
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ..memory.text import HANGUL
from .exchange import Exchange, Violation
from .prose import prose_sentences

_MARKS = re.compile(r"[^\w\s']+|_")
_CLAUSE_END = re.compile(r"[,!.?…:;—–]|\s-\s")
_SHORTENED = (("'re ", " are "), ("'s ", " is "), ("'ve ", " have "), ("n't ", " not "))
_CALLED = re.compile(r"^[가-힣]{2,4}\s*(?:학생|님|씨)$|^[A-Z][a-z]+$")


def no_empty_praise(exchange: Exchange) -> list[Violation]:
    """No sentence begins by praising nothing in particular: "Great question!", "훌륭해요!"."""
    praise = _phrases()["praise"]
    return [
        Violation(
            "no_empty_praise", f"praise of nothing in particular: {clause}", f"내용 없는 칭찬: {clause}"
        )
        for sentence in prose_sentences(exchange.answer)
        if (clause := _first_clause(sentence)) and _is_praise(clause, praise)
    ]


def no_ability_labels(exchange: Exchange) -> list[Violation]:
    """No word on what the student is: smart, a natural, no maths person; what they did may be praised."""
    return [
        Violation(
            "no_ability_labels",
            "the student is labelled; say what they did instead",
            "학생의 능력을 단정하는 말이 있습니다. 무엇을 했는지 말해야 합니다",
        )
        for sentence in prose_sentences(exchange.answer)
        if _says(sentence, _phrases()["labels"])
    ]


def no_learning_styles(exchange: Exchange) -> list[Violation]:
    """The student is no visual, auditory or kinesthetic learner."""
    return [
        Violation("no_learning_styles", "a learning style is ascribed", "근거 없는 학습 유형을 말합니다")
        for sentence in prose_sentences(exchange.answer)
        if _says(sentence, _phrases()["styles"])
    ]


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, list[str]]]:
    text = (files("officehours.persona") / "phrases.toml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = tomllib.loads(text)
    return loaded


def _plain(text: str) -> str:
    """Give a text in lower case, without punctuation and contractions."""
    text = " " + text.casefold().replace("’", "'") + " "
    for short, long in _SHORTENED:
        text = text.replace(short, long)
    return " ".join(_MARKS.sub(" ", text).split())


def _without_fillers(text: str, fillers: Collection[str]) -> str:
    words = f" {text} "
    for filler in fillers:
        words = words.replace(f" {filler} ", " ")
    return words.strip()


def _first_clause(sentence: str) -> str:
    """Give the first clause that is no word of address or exclamation."""
    fillers = _phrases()["praise"]["fillers"]
    clauses = (clause.strip(" *_\"'“”") for clause in _CLAUSE_END.split(sentence))
    says = (c for c in clauses if not _CALLED.match(c) and _without_fillers(_plain(c), fillers))
    return next(says, "")


def _is_praise(clause: str, praise: dict[str, list[str]]) -> bool:
    said = _without_fillers(_plain(clause), praise["fillers"])
    if not HANGUL.search(said):
        return said in praise["english"]
    joined = "".join(said.split())
    return joined in praise["korean_whole"] or any(
        joined == stem + ending
        for stem in praise["korean"]
        if joined.startswith(stem)
        for ending in praise["korean_endings"]
    )


def _says(sentence: str, phrases: dict[str, list[str]]) -> bool:
    plain = _plain(sentence)
    if any(_held(phrases["spared"], plain)):
        return False
    said = _without_fillers(plain, phrases["fillers"])
    return any(_held(phrases["anywhere"], said)) or any(
        _opens(said, phrase) for phrase in phrases.get("opening", ())
    )


def _held(phrases: Sequence[str], said: str) -> Iterator[bool]:
    """Whether each phrase is in a text: English as whole words, Korean as the beginning of one, however it is spaced."""
    joined, spaced = "".join(said.split()), f" {said} "
    for phrase in phrases:
        yield phrase in joined if HANGUL.match(phrase) else f" {phrase} " in spaced


def _opens(said: str, phrase: str) -> bool:
    return (
        "".join(said.split()).startswith(phrase)
        if HANGUL.match(phrase)
        else f"{said} ".startswith(f"{phrase} ")
    )
