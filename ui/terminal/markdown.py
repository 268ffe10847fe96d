"""Markdown on a terminal: Rich, with emphasis that works beside Hangul and formulas left as they are written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from ...memory.text import clean

_FORMULA = re.compile(
    r"\$\$(?:[^$]|\\\$)+?\$\$|\$(?=\S)(?:\\.|[^$\\\n])+?(?<=\S)\$(?!\d)|\\\((?s:.)+?\\\)|\\\[(?s:.)+?\\\]"
)


def rendered(text: str) -> str:
    """Give finished Markdown as it looks on this terminal, without empty lines around it."""
    console = Console(highlight=False)
    with console.capture() as captured:
        console.print(Rendered(clean(text)))
    lines = captured.get().split("\n")
    return "\n".join(_without_empty_ends(lines))


def _without_empty_ends(lines: list[str]) -> list[str]:
    filled = [at for at, line in enumerate(lines) if Text.from_ansi(line).plain.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


class Rendered(Markdown):
    """Rich's Markdown, read by our parser."""

    def __init__(self, markup: str) -> None:
        super().__init__("", hyperlinks=False)
        self.markup = markup
        self.parsed = parser().parse(markup)


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """The parser: CommonMark with tables, emphasis that minds CJK neighbours, formulas kept verbatim."""
    made = MarkdownIt().enable(["table", "strikethrough"])
    made.inline.ruler.at("emphasis", _emphasis)
    made.inline.ruler.before("escape", "formula", _formula)
    return made


def _formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    can_open, can_close = flanks(
        state.src[state.pos - 1] if state.pos > 0 else " ",
        state.src[end] if end < state.posMax else " ",
        marker,
    )
    for _ in range(end - state.pos):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(ord(marker), end - state.pos, len(state.tokens) - 1, -1, can_open, can_close)
        )
    state.pos = end
    return True


def flanks(before: str, after: str, marker: str) -> tuple[bool, bool]:
    """Tell whether a run of markers between two characters may open and may close emphasis.

    CommonMark's rule (0.31, section 6.2) takes a CJK letter beside the run for a space where the other side is
    punctuation: Korean sets no space between `**고유값(eigenvalue)**` and its particle.
    """
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    mark_before, mark_after = _punctuation(before), _punctuation(after)
    left = not space_after and (not mark_after or space_before or mark_before or _cjk(before))
    right = not space_before and (not mark_before or space_after or mark_after or _cjk(after))
    if marker == "*":
        return left, right
    return left and (not right or mark_before), right and (not left or mark_after)


def _punctuation(character: str) -> bool:
    return isPunctChar(character) or unicodedata.category(character)[0] == "S"


def _cjk(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" and character.isalpha()
