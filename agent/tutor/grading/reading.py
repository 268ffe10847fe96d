"""What an answer is, read from its text: an expression, a quantity, a relation, or several of them together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ....memory.text import HANGUL
from ....tools.calculator.notation import in_signs
from ....tools.word_problems.spelling import in_digits
from .expressions import Expression, Unreadable, is_notation, names_in, parse
from .plain import plain
from .units import UNITS
from .words import is_slip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit."""

    number: Expression
    unit: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Sides with a sign between each two: `x = 3`, `-4 < x <= 0`; a side may be missing (`> 0.3`)."""

    signs: tuple[str, ...]
    sides: tuple[Expression | Quantity | None, ...]
    name: str = ""
    """What is on its left where that is a name alone, `x` or `f(x)`."""


@dataclass(frozen=True, slots=True)
class Group:
    """Several answers; `form` is "," for a list, "∪" for a union, else the brackets around them."""

    form: str
    items: tuple[Answer, ...]


Answer = Expression | Quantity | Relation | Group

_WORD: Final = re.compile(r"[가-힣ㄱ-ㅣ]+|[^\W\d_가-힣ㄱ-ㅣ]+(?:_[A-Za-z0-9]+)?(?:'[a-z]+|'+)?")
_SIGN: Final = re.compile(r"<=|>=|!=|==?|<|>|≈")
_FILLERS: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "it",
        "its",
        "it's",
        "so",
        "as",
        "at",
        "to",
        "in",
        "be",
        "was",
        "are",
        "that",
        "this",
        "then",
        "thus",
        "hence",
        "of",
        "for",
        "by",
        "i'm",
        "i'd",
        "im",
        "we",
        "he",
        "me",
        "my",
        "no.",
    ]
)
_NEGATIONS: Final = frozenset(
    ["not", "never", "neither", "nor", "isn't", "don't", "doesn't", "wasn't", "cannot", "can't"]
)
_KOREAN_NEGATIONS: Final = ("아니", "아닌", "아닙", "않", "없")
_TAGS: Final = ("isn't", "wasn't", "아니", "아닌", "아닐")
"""With a question mark they say what the answer is: "3 아닌가요?", "isn't it 3?"."""

_ASKED: Final = ("아닌가", "아닐까")
_HALF: Final = re.compile(r"(?<![가-힣])절반")
_NAMED: Final = re.compile(r"(?:[^\W\d_](?:_\w+|')?|[^\W\d_]\s*\(\s*[^\W\d_]\s*\))$")
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}
BETWEEN: Final = re.compile(r"(?<=[)\]}])\s*(?:U|u|&|or|and|∪)\s*(?=[(\[{])")


def read(text: str) -> Answer:
    """Read an answer key.

    Raises:
        Unreadable: It is no mathematics.
    """
    return _structure(_tidied(_signed(plain(text))))


def _signed(text: str) -> str:
    """Write operations with their signs, and ten to a power as behind a times sign: 2 x 10^31."""
    return re.sub(r"(?<=\d)\s*x\s*(?=10\s*\^)", "*", in_signs(text).replace("**", "^"))


def read_response(text: str, key: str) -> Iterator[Answer]:
    """Read the mathematics in what a student wrote, in the ways in which it can be read, the likeliest first.

    Args:
        key: The answer key: its letters tell variables from words.
    """
    names, written = names_in(plain(key)), _signed(plain(text))
    seen: list[Answer] = []
    try:
        bare = _tidied(_without_words(written, names, plain(key)))
        candidates = [bare, re.sub(r",(?=\d{3})", ", ", bare)]  # 1,234 may be two numbers
        if not re.search(r"\d", bare):  # 삼이요, three, 서른여섯, sixteen meters, 절반
            worded = in_digits(_HALF.sub("(1/2)", written))
            candidates.append(_tidied(_without_words(worded, names, plain(key))))
    except Unreadable:
        return
    for candidate in candidates:
        with suppress(Unreadable):
            answer = _structure(candidate)
            if answer not in seen:
                seen.append(answer)
                yield answer
    if not seen:  # a chain of equations whose beginning cannot be read
        with suppress(Unreadable):
            yield _structure(bare.rpartition("=")[2])


def _without_words(text: str, names: frozenset[str], key: str) -> str:
    """Leave out what is said around the mathematics.

    Raises:
        Unreadable: The words say what the answer is not.
    """

    asks = text.rstrip().endswith("?")

    def kept(found: re.Match[str]) -> str:
        word, after = found[0], text[found.end() :]
        lower = word.casefold()
        if lower in _NEGATIONS or (HANGUL.match(word) and any(part in word for part in _KOREAN_NEGATIONS)):
            if any(part in lower for part in _TAGS) and (asks or word.startswith(_ASKED)):
                return " "
            raise Unreadable
        if HANGUL.match(word):
            unit = next((word[:n] for n in range(len(word), 0, -1) if word[:n] in UNITS), "")
            return f" {unit} " if unit and text[: found.start()].rstrip()[-1:].isdigit() else " "
        if word in UNITS or lower in {"and", "or", "u"} or (len(word) > 1 and word in key):
            return word
        if lower in _FILLERS and word not in names:
            return " "
        if len(word) == 1:
            return " " if word == "I" and re.match(r" [a-z]{2,}", after) else word
        if is_notation(word.partition("_")[0], names):
            return word
        return next(
            (f" {wanted} " for wanted in _WORD.findall(key) if len(wanted) > 4 and is_slip(wanted, word)), " "
        )

    return _WORD.sub(kept, text)


def _tidied(text: str) -> str:
    text = BETWEEN.sub(" ∪ ", re.sub(r"^[\s.…]+(?!\d)", "", text).strip(" ,:;?!=~\"'`*").rstrip(" .,:;?!"))
    text = (
        re.sub(r"(?<=\d) (?=\d{3}(?: \d{3})*(?!\S))", "", text) if re.fullmatch(r"[-\d .]+", text) else text
    )
    opened, closed = (sum(map(text.count, signs)) for signs in ("([{", ")]}"))
    while closed > opened and text.endswith((")", "]", "}")):
        text, closed = text[:-1], closed - 1
    return " ".join(text.split())


def _structure(text: str) -> Answer:
    text = text.strip().rstrip(".,;").strip()
    if len(parts := top_level_parts(text, re.compile(r"∪"))) > 1:
        return Group("∪", tuple(map(_structure, parts)))
    text = _without_thousands(text)
    if len(parts := top_level_parts(text, re.compile(r"[,;&~]|\band\b|\bor\b"))) > 1:
        return Group(",", tuple(map(_structure, parts)))
    if "±" in text:
        return Group(",", (_structure(text.replace("±", "+")), _structure(text.replace("±", "-"))))
    if re.search(r"\d\s+[-+]?\.?\d", text) and not re.search(r"\d\s+\d+\s*/\s*\d", text):
        return Group(",", tuple(map(_structure, re.split(r"(?<=\d)\s+(?=[-+]?\.?\d)", text))))
    if signs := _top_level(text, _SIGN):
        return _relation(text, signs)
    if text[:1] in _BRACKETS and _closes_at_end(text):
        rows = top_level_parts(text[1:-1], re.compile(r";"))
        items = (
            [f"[{row}]" for row in rows] if len(rows) > 1 else top_level_parts(text[1:-1], re.compile(r","))
        )
        if len(items) > 1 or text[0] == "{":
            return Group(text[0] + text[-1], tuple(map(_structure, items)))
        if text[0] == "[":
            return _structure(text[1:-1])
    return _quantity(text)


def _quantity(text: str) -> Expression | Quantity:
    unit = re.search(r"([^\W\d_]+)\s*$", text)
    if unit and unit[1] in UNITS and (len(unit[1]) > 1 or text[: unit.start()].endswith(" ")):
        number = parse(text[: unit.start()])
        if not number.names:
            return Quantity(number, unit[1])
    return parse(text)


def _relation(text: str, signs: list[re.Match[str]]) -> Relation:
    edges = [0, *(edge for sign in signs for edge in sign.span()), len(text)]
    sides = [text[edges[n] : edges[n + 1]].strip() for n in range(0, len(edges), 2)]
    name = re.sub(r"\s", "", sides[0]) if _NAMED.match(sides[0]) else ""
    marks = ({"==": "=", "≈": "="}.get(sign[0], sign[0]) for sign in signs)
    return Relation(tuple(marks), tuple(_quantity(side) if side else None for side in sides), name)


def _without_thousands(text: str) -> str:
    """Drop the commas of 1,024, not those of (1, 024) or gcd(12,345)."""
    plainly = not re.search(r"[([{]", text)
    return re.sub(r"\b(\d{1,3})((?:,\d{3})+)\b", lambda n: n[0].replace(",", ""), text) if plainly else text


def _top_level(text: str, sign: re.Pattern[str]) -> list[re.Match[str]]:
    depth, depths = 0, list[int]()
    for letter in text:
        depth -= letter in ")]}"
        depths.append(depth)
        depth += letter in "([{"
    return [found for found in sign.finditer(text) if depths[found.start()] == 0]


def top_level_parts(text: str, sign: re.Pattern[str]) -> list[str]:
    """Give what stands between signs that are in no brackets."""
    parts, at = list[str](), 0
    for found in _top_level(text, sign):
        parts.append(text[at : found.start()].strip())
        at = found.end()
    return [part for part in (*parts, text[at:].strip()) if part]


def _closes_at_end(text: str) -> bool:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return at == len(text) - 1
    return False
