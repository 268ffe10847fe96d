"""Two sides of a card that stand in course material as such: definitions, questions with their answers, glossaries.

No model reads here, so only what the text itself sets against each other is taken: a marked term, a question and its
key, a row of a table with two columns, a sentence that says what its own heading is. Formats are read by their signs;
what prose means is left to the student and to a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ..text import sentences

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST_TERM = 60
"""Characters of a term: beyond that it is a sentence."""

LONGEST_BACK = 600
"""Characters of a definition or an answer: beyond that it is a text to read."""

SHORTEST_BACK = 4
"""Characters of a definition; the answer to a question may be one digit."""

_MARKS = re.compile(r"\*\*|__(?=\S)|(?<=\S)__|!?\[([^\]]*)\]\([^)]*\)")
_TERM = re.compile(
    r"\s*(?:\*\*|__)(?P<term>[^*\n]{1,80}?)(?P<colon>\s*[:：])?(?:\*\*|__)(?P<rest>.*)", re.DOTALL
)
_AFTER = re.compile(
    r"\s*(?P<gloss>\([^)]{1,80}\))?\s*"
    r"(?:[:：=–—]\s*|-\s+|(?P<verb>(?:이란|란|은|는)\s|\b(?:is|are|means|refers\s+to|denotes)\s))(?P<back>\S.*)",
    re.DOTALL,
)
_ENTRY = re.compile(r"\s*(?P<term>[^:：–—\n]{1,60}?)\s*(?:[:：–—]|\s-\s)\s*(?P<back>\S.*)", re.DOTALL)
# fmt: off
_LABELS = frozenset({
    "주의", "참고", "예", "예시", "예제", "팁", "중요", "요약", "정의", "정리", "증명", "문제", "정답", "답", "힌트", "질문", "풀이",
    "과제", "코드", "결론", "출처", "목표", "비고", "note", "warning", "example", "examples", "tip", "important",
    "summary", "definition", "theorem", "lemma", "proof", "problem", "answer", "hint", "question",
    "solution", "exercise", "code", "conclusion", "source", "goal", "caution", "remark", "todo",
    "deadline",
})
# fmt: on
"""Bold words that head a paragraph and are no terms of the course."""

_ANSWER = re.compile(
    r"\s*>?\s*(?:\*\*)?(?:정답|답변|답|Answer|A)\s*(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*(?P<text>.*)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\s*(?:[-*]\s+)?(?:\d+[.)]\s*)?(?:\*\*)?(?:(?:질문|문제|Question|Q)\s*\d*\s*[:：.]|\d+[.)])\s*(?:\*\*)?",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\?|？|[.。!]$|[요까오라]$")

_GLOSSARY = re.compile(r"용어|약어|글로사리|glossary|terminology|terms\b|abbreviations", re.IGNORECASE)
_DEFINES = re.compile(r"정의|definitions?\b|이란\b|란\s*\?|what\s+is", re.IGNORECASE)

_KOREAN_SUBJECT = re.compile(
    r"(?P<term>[^\s(,.][^(,.\n]{0,40}?)\s?(?P<gloss>\([^)]{1,60}\))?(?P<particle>이란|란|은|는)\s(?P<rest>.+)",
    re.DOTALL,
)
_KOREAN_DEFINITION = re.compile(
    r"(?:이다|입니다|이에요|예요|말한다|말합니다|뜻한다|뜻합니다|의미한다|의미합니다|가리킨다|가리킵니다)[.。]?$"
)
_ENGLISH_SUBJECT = re.compile(
    r"(?:(?:an?|the)\s+)?(?P<term>[A-Za-z][\w+./ -]{0,40}?)\s?(?P<gloss>\([^)]{1,60}\))?,?\s(?:is|are)\s(?:an?|the|one|any)\s",
    re.IGNORECASE,
)
_IN_ENGLISH = re.compile(r"\s*In English:\s*", re.IGNORECASE)

_ACRONYM = re.compile(r"(?P<short>[A-Za-z][A-Za-z0-9-]{1,9})\s?\((?P<long>[A-Za-z][A-Za-z0-9 ,/-]{5,80}?)\)")
_ACRONYM_AFTER = re.compile(
    r"(?P<long>(?:[A-Za-z][\w/-]*\s){1,6}[A-Za-z][\w/-]*)\s\((?P<short>[A-Z][A-Za-z0-9]{1,9})\)"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of a card, as they stand in a text; `asked` where the text itself asks the one for the other."""

    front: str
    back: str
    asked: bool = False


def pairs_in(headings: str, body: str) -> list[Pair]:
    """Give the pairs of a passage, each front once, in their order.

    Args:
        headings: The title and the headings it stands under, "LoRA와 DoRA > DoRA".
        body: Markdown.
    """
    tokens = _tokens(body)
    blocks = list(_blocks(tokens))
    found: dict[str, Pair] = {}
    for asked, sides in (
        (True, _questions([text for text, _ in blocks])),
        (False, _statements(headings, tokens, blocks)),
    ):
        for front, back in sides:
            pair = Pair(_plain(front), _plain(back), asked)
            if (1 if asked else SHORTEST_BACK) <= len(pair.back) <= LONGEST_BACK and _says_something(pair):
                found.setdefault(pair.front.casefold(), pair)
    return list(found.values())


def _statements(
    headings: str, tokens: Sequence[Token], blocks: Sequence[tuple[str, bool]]
) -> Iterator[tuple[str, str]]:
    """Give what tables, terms, entries of glossaries and definitions set against each other."""
    yield from _tables(tokens)
    glossary = bool(_GLOSSARY.search(headings.rpartition(" > ")[2]))
    for place, (text, listed) in enumerate(blocks):
        if _ANSWER.match(text) or _QUESTION.match(text):
            continue
        if (term := _marked(text)) or (glossary and listed and (term := _entry(text))):
            yield term
        elif not listed and (defined := _defined(headings, text, first=place == 0)):
            yield defined
    for text, _ in blocks:
        yield from _acronyms(text)


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[str, bool]]:
    """Give paragraphs and items of lists as written, and whether one is an item; code and tables are left out."""
    depth = 0
    for token in tokens:
        if token.type == "list_item_open":
            depth += 1
        elif token.type == "list_item_close":
            depth -= 1
        elif token.type == "inline" and token.meta.get("block") == "paragraph":
            yield token.content, depth > 0


def _tokens(body: str) -> Sequence[Token]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    for before, token in pairwise(tokens):
        if token.type == "inline":
            token.meta["block"] = before.type.removesuffix("_open")
    return tokens


# Questions


def _questions(blocks: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give each question that is followed by its answer: in the same paragraph, or as the next one."""
    before = ""
    for block in blocks:
        lines, asked = block.split("\n"), [before]
        for number, line in enumerate(lines):
            if (answer := _ANSWER.match(line)) is None:
                asked = [line] if asked == [before] else [*asked, line]
                continue
            asks = " ".join(asked)
            marked = _QUESTION.match(asks)
            question = asks[marked.end() if marked else 0 :].strip()
            if question and _ASKS.search(question):
                yield question, " ".join([answer["text"], *_until_next(lines[number + 1 :])])
            asked = [""]
        before = block if not _ANSWER.match(block) else ""


def _until_next(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if _ANSWER.match(line) or _QUESTION.match(line):
            return
        yield line.lstrip("> ")


# Tables


def _tables(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Give the rows of each table with two columns whose first column names something once."""
    rows: list[list[str]] = []
    for token in tokens:
        match token.type:
            case "table_open":
                rows = []
            case "tr_open":
                rows.append([])
            case "inline" if token.meta.get("block") in {"td", "th"}:
                rows[-1].append(token.content)
            case "table_close":
                yield from _rows(rows)
            case _:
                pass


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    head, *rest = rows
    names = [_plain(row[0]) for row in rest if row]
    if (
        len(head) != 2
        or len(set(names)) < len(names)
        or not all(re.search(r"[^\W\d_]", name) for name in names)
    ):
        return
    asked = _plain(head[1])
    for row in rest:
        yield (f"{row[0]} · {asked}" if asked else row[0]), row[1]


# Terms


def _marked(text: str) -> tuple[str, str] | None:
    """Read "**term**: what it is", "**term** is …", "**용어**란 …"."""
    if (found := _TERM.match(text)) is None:
        return None
    term, rest = found["term"].strip(), found["rest"]
    if (
        len(term) > LONGEST_TERM
        or term.casefold().rstrip(" .:0123456789") in _LABELS
        or not re.search(r"[^\W\d_]", term)
    ):
        return None
    if found["colon"]:
        return (term, rest) if rest.strip() else None
    if (after := _AFTER.match(rest)) is None:
        return None
    front = f"{term} {after['gloss']}" if after["gloss"] else term
    return front, after["back"] if after["verb"] is None else _first_sentence(text)


def _entry(text: str) -> tuple[str, str] | None:
    """Read an entry of a glossary, "term: what it is"."""
    found = _ENTRY.match(text)
    return None if found is None else (found["term"], found["back"])


def _defined(headings: str, text: str, *, first: bool) -> tuple[str, str] | None:
    """Read a sentence that says what the heading above it is."""
    text = _IN_ENGLISH.sub("", text, count=1)
    sentence = _first_sentence(text)
    near = headings.rpartition(" > ")[2]
    if found := _ENGLISH_SUBJECT.match(sentence):
        return (_named(found), sentence) if _is_in(found["term"], headings) else None
    found = _KOREAN_SUBJECT.match(sentence)
    if found is None or len(found["term"].split()) > 4:
        return None
    if _is_in(found["term"], near) and _KOREAN_DEFINITION.search(sentence):
        return _named(found), sentence
    in_definition = first and _DEFINES.search(headings) and _is_in(found["term"], headings)
    return (_named(found), sentence) if in_definition else None


def _named(found: re.Match[str]) -> str:
    return f"{found['term']} {found['gloss']}" if found["gloss"] else found["term"]


def _is_in(term: str, headings: str) -> bool:
    """Whether headings hold a term, in the singular or the plural."""
    words = headings.casefold()
    name = term.strip().casefold()
    return len(name) > 1 and (name in words or name.removesuffix("s") in words)


# Acronyms


def _acronyms(text: str) -> Iterator[tuple[str, str]]:
    """Give each acronym that stands beside the words it is made of; asked in no language, it is one card in both."""
    for found in (*_ACRONYM.finditer(text), *_ACRONYM_AFTER.finditer(text)):
        if (long := _spelled_out(found["short"], found["long"].strip())) is not None:
            yield f"{found['short']} = ?", long


def _spelled_out(short: str, long: str) -> str | None:
    """Give the last words of `long` whose beginnings spell the acronym, or None where none do."""
    letters = re.sub(r"[^A-Za-z]", "", short).casefold()
    if sum(c.isupper() for c in short) < 2:
        return None
    words = long.split()
    for begin in range(len(words)):
        left = " ".join(words[begin:])
        parts = [part.casefold() for part in re.split(r"[\s,/-]+", left) if part]
        if len(parts) > 1 and _spells(parts, letters):
            return left
    return None


def _spells(words: Sequence[str], letters: str) -> bool:
    """Whether letters are made of beginnings of all these words, in their order."""
    if not words:
        return not letters
    word, rest = words[0], words[1:]
    most = next((n for n in range(min(len(word), len(letters)), 0, -1) if letters.startswith(word[:n])), 0)
    return any(_spells(rest, letters[n:]) for n in range(most, 0, -1))


# Text


def _first_sentence(text: str) -> str:
    return next(iter(sentences(" ".join(text.split()))), "")


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(r"\1", text).split())


def _says_something(pair: Pair) -> bool:
    return bool(pair.front) and pair.front.casefold() != pair.back.casefold()
