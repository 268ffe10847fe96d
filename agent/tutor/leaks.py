"""Whether a reply gives a locked answer away: by the stored answer in any notation, not by what such replies sound like.

Measured elsewhere on 1,160 numeric items: a check that knows the answer finds 93 % of reveals with 4 % false alarms, a
list of phrases without it none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ...memory.text import HANGUL, sentences
from ...tools.word_problems.spelling import english_numbers, korean_numbers
from .grading import AnswerKey
from .grading.choices import marks_in
from .grading.compare import compare
from .grading.expressions import Expression, Unreadable, is_notation
from .grading.grader import is_words
from .grading.plain import plain, squashed
from .grading.reading import BETWEEN, Answer, Group, Quantity, Relation, read, top_level_parts
from .grading.words import mentions, tokens

COPIED_FROM: Final = 6
"""Letters and signs from which an answer in a text is no chance."""

SHORT: Final = 8
"""Words up to which a sentence that has the answer can hardly be about anything else."""

_TOKEN: Final = re.compile(
    r"\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+|[가-힣ㄱ-ㅣ]+|[^\W\d_가-힣]+(?:_\w+)?(?:\([^\W\d_]\))?|<=|>=|!=|\S"
)
_CAPITAL: Final = re.compile(r"\b[A-Z]\b")
_COMMA: Final = re.compile(r"[,;]")
_LISTS: Final = frozenset({",", "{}", "∪"})
_EMPHASIS: Final = re.compile(r"(?<![\w)])\*\*(?=\S)([^*]+?)(?<=\S)\*\*(?![\w(])")
_LABEL: Final = re.compile(
    r"^\s*\d{1,2}[.)](?=\s)|\b(?:step|section|chapter|part|page|example|exercise|problem|question|hint)\s+\d[\d.]*"
    r"|\d+\s*(?:단계|번째|장|절|쪽|페이지|가지|번\s*(?:문제|힌트))|(?:문제|힌트|예제|단계|그림)\s*\d+(?!\d*\s*번)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNS: Final = frozenset("+-*/^=()[]{}<>|,%±∪√") | {"<=", ">=", "!="}


@dataclass(frozen=True, slots=True)
class _Said:
    """A piece of mathematics in a text; `result` says that it stands behind an equals sign."""

    answer: Answer
    text: str
    result: bool = False


def reveals(key: AnswerKey, text: str, told: str = "") -> bool:
    """Whether a text says the answer.

    Args:
        key: With its question, whose own numbers and words are no reveal.
        told: What the student was shown already: hints. It is no reveal either.
    """
    text = _own_words(text, key.question)
    if not text.strip():
        return False
    if key.choices:
        return _reveals_choice(key, text)
    return any(_reveals(answer, key, text, told) for answer in key.answers)


def _reveals(answer: str, key: AnswerKey, text: str, told: str) -> bool:
    if _copies(answer, text) and not _copies(answer, f"{key.question}\n{told}"):
        return True
    if is_words(answer, key.answer_type):
        if mentions(told, answer):
            return False
        asked = mentions(key.question, answer)
        return any(
            mentions(part, answer)
            and (not asked or len(tokens(part)) <= SHORT or set(_CAPITAL.findall(part)) == {answer})
            for part in _sentences(text)
        )
    with suppress(Unreadable):
        wanted = _wanted(read(answer))
        if isinstance(wanted, Group) and wanted.form in _LISTS:
            items = map(_wanted, wanted.items)
            every = all(_reveals_value(answer, item, key.question, text, told) for item in items)
            return every or _reveals_value(answer, wanted, key.question, text, told)
        return _reveals_value(answer, wanted, key.question, text, told)
    return False


def _copies(answer: str, text: str) -> int:
    """How often a text has an answer letter by letter; short ones, and numbers, may be parts of others."""
    wanted = squashed(answer)
    long_enough = len(wanted) >= COPIED_FROM and any(map(str.isalpha, wanted))
    return squashed(text).count(wanted) if long_enough else 0


def _reveals_value(answer: str, wanted: Answer, question: str, text: str, told: str) -> bool:
    names = _names(wanted)
    if any(_is(wanted, said) for said in _mathematics(told, names)):
        return False
    asked = list(_mathematics(question, names))
    written = {said.text for said in asked}
    # Of the question's own pieces those are no reveal that are only equal to the key (x^2-6x+8), the key itself is
    # one where nothing else of the question stands beside it.
    asked_as = {said.text for said in asked if _is(wanted, said)}
    own = asked_as if not names else asked_as & {plain(answer).replace(" ", "")}
    for part in _sentences(text):
        found = list(_mathematics(_in_digits(part), names))
        hits = [
            said for said in found if _is(wanted, said) and (said.text in own or said.text not in written)
        ]
        if not hits:
            continue
        others = [s for s in found if s.text in written and not any(s.text in hit.text for hit in hits)]
        if not own or not others or any(hit.result for hit in hits):
            return True
    return False


def _is(wanted: Answer, said: _Said) -> bool:
    """Whether a piece of mathematics is the answer as somebody would write it, not a step that is equal to it."""
    given = said.answer
    if isinstance(wanted, Expression) and isinstance(given, Expression):
        return _as_final(wanted, given) and compare(wanted, given) == 1
    if isinstance(wanted, Relation | Group) and not isinstance(given, Relation | Group):
        return False
    return compare(wanted, given) == 1


def _wanted(key: Answer) -> Answer:
    """What is looked for: of `x = 3` and 16 m the number."""
    match key:
        case Relation(signs=("=",), sides=(_, side)) if key.name and side:
            return _wanted(side)
        case Quantity(number=number):
            return number
        case _:
            return key


def _names(answer: Answer) -> frozenset[str]:
    """The variables of an answer; x and y are never words."""
    match answer:
        case Expression(names=names):
            return names
        case Quantity(number=number):
            return number.names
        case Relation(sides=sides):
            return frozenset(name for side in sides if side for name in _names(side))
        case Group(items=items):
            return frozenset(name for item in items for name in _names(item))


_FINAL: Final = (ast.Div, ast.Pow)


def _as_final(wanted: Expression, given: Expression) -> bool:
    """Whether an expression is a result of the key's kind: 2+1 is none for 3, nor x*x - 6*x + 8 for (x-4)(x-2)."""
    mine, theirs = _operators(wanted), _operators(given)
    if not wanted.names:
        power_of_ten = re.search(r"\*\(?10\*\*", given.text) is not None
        return all(isinstance(o, (*_FINAL, *map(type, mine))) or power_of_ten for o in theirs)
    return _is_sum(wanted.tree) == _is_sum(given.tree) and len(theirs) <= len(mine) + 2


def _operators(expression: Expression) -> list[ast.operator]:
    return [node.op for node in ast.walk(expression.tree) if isinstance(node, ast.BinOp)]


def _is_sum(tree: ast.expr) -> bool:
    return isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub)


# Choices


def _reveals_choice(key: AnswerKey, text: str) -> bool:
    """A reply that speaks of the key more than of every other choice, or leaves some of the others out, tells it."""
    right = [n for n, choice in enumerate(key.choices) if choice in key.answers]
    counts = [_times(choice, n, key, text) for n, choice in enumerate(key.choices)]
    mine = max((counts[n] for n in right), default=0)
    others = [count for n, count in enumerate(counts) if n not in right]
    return mine > 0 and (not others or min(others) == 0 or mine > max(others))


def _times(choice: str, place: int, key: AnswerKey, text: str) -> int:
    """How often a choice is spoken of, by its mark or by its text."""
    named = set(_CAPITAL.findall(key.question))  # "are A and B independent" speaks of no choices
    marked = marks_in(text, named).count(place)
    if is_words(choice):
        rest = text
        for longer in key.choices:  # "parallel" is not meant in "not parallel"
            if longer != choice and choice.casefold() in longer.casefold():
                rest = re.sub(re.escape(longer), " ", rest, flags=re.IGNORECASE)
        return marked + sum(mentions(part, choice) for part in _sentences(rest))
    with suppress(Unreadable):
        wanted = _wanted(read(choice))
        if isinstance(wanted, Group) and wanted.form in _LISTS:
            every = all(_reveals_value(choice, _wanted(item), "", text, "") for item in wanted.items)
            return marked + max(every, _copies(choice, text))
        names = _names(wanted)
        asked = {said.text for said in _mathematics(key.question, names)}
        spoken = 0
        for part in _sentences(text):
            found = list(_mathematics(part, names))
            hits = [said for said in found if _is(wanted, said)]
            spoken += len(hits) if hits == found else sum(said.text not in asked for said in hits)
        return marked + max(spoken, _copies(choice, text))
    return marked + _copies(choice, text)


# Mathematics in prose


def _own_words(text: str, question: str) -> str:
    """A reply without marks of emphasis, numbers of list items and steps, and what it repeats of the question."""
    text = _EMPHASIS.sub(r"\1", _LABEL.sub(" ", text))
    for part in _sentences(question):
        if len(part) > SHORT:
            text = text.replace(part, " ")
    return text


def _in_digits(part: str) -> str:
    """A sentence with its numbers in digits ("it is thirty-six"), of a long one only the last word.

    "one", and what has one syllable in Korean, are left as words.
    """
    if any(map(str.isdigit, part)):
        return part
    before, _, words = ("", "", part) if len(tokens(part)) <= SHORT else part.rstrip().rpartition(" ")
    if not part.isascii():
        return f"{before} {korean_numbers(words, single=False)}"
    words = re.sub(r"\bone\b", " ", words.casefold().rstrip(" .!?*"))
    return f"{before} {english_numbers(words)}"


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from sentences(line)


def _mathematics(text: str, names: frozenset[str]) -> Iterator[_Said]:
    """Every piece of mathematics in a text: each run of signs, and what stands between its equals signs."""
    for run in _runs(plain(text), names):
        seen: set[str] = set()
        sides = re.split(r"(?<![<>!])=", run)
        pieces = [(run, False), *((side, n > 0) for n, side in enumerate(sides))]
        parts = (*run.split("∪"), *re.split(r",(?!\d{3}\b)", run), *top_level_parts(run, _COMMA))
        pieces += [(part, False) for part in parts]
        for piece, result in pieces:
            written = piece.strip(" ,")
            balanced = sum(map(written.count, "([{")) == sum(map(written.count, ")]}"))
            if written and balanced and written not in seen and (answer := _read(written)) is not None:
                seen.add(written)
                yield _Said(answer, written.replace(" ", ""), result)


@lru_cache(maxsize=2048)
def _read(piece: str) -> Answer | None:
    try:
        return read(piece)
    except Unreadable:
        return None


def _runs(text: str, names: frozenset[str]) -> Iterator[str]:
    run: list[str] = []
    for token in (*_TOKEN.findall(BETWEEN.sub(" ∪ ", text)), "."):
        if (
            token in _SIGNS
            or token[0].isdigit()
            or (token[0] == "." and len(token) > 1)
            or _is_letter(token, names)
        ):
            run.append(token)
            continue
        yield from _balanced(run)
        run = []


def _is_letter(token: str, names: Sequence[str] | frozenset[str]) -> bool:
    if not token[0].isalpha() or HANGUL.match(token) or token in {"a", "A", "I"} - set(names):
        return False
    return is_notation(token.partition("_")[0].partition("(")[0], frozenset(names) | set("xyfg"))


def _balanced(run: list[str]) -> Iterator[str]:
    """A run of tokens without the signs and brackets at its edges that belong to the sentence."""
    text = re.sub(r"(^|[-+*/^=(\[,<>|] )- (?=[\w.(])", r"\1-", " ".join(run).strip(" ,=*/^+"))
    text = text.lstrip(")]} ").rstrip("([{ -")
    while text and text.count("(") + text.count("[") < text.count(")") + text.count("]") and text[-1] in ")]":
        text = text[:-1].strip()
    if any(c.isalnum() for c in text):
        yield text
