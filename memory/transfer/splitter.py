"""Cutting course material into passages that can be quoted alone: by heading, a page at most, nothing torn apart.

Knows as much Markdown as that needs: headings, fenced code, tables, lists, front matter. Plain text is a document
without headings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..text.normalize import sentences

ROOM = 1_200
"""Characters in a passage; only one code block, table or sentence longer than this makes a longer one."""

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TABLE = re.compile(r"\s*\|.*\|\s*$")
_LIST = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"[*_`~]+|!?\[([^\]]*)\]\([^)]*\)")
_NO_SLUG = re.compile(r"[^\w\s-]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document.

    Attributes:
        locator: Where it is: the slugs of the headings it stands under, and a number where one section gives
            several passages: "lora/rank", "lora/rank-2".
        heading: The document's title and the headings, "LoRA와 DoRA > DoRA".
        body: The text, as written.
    """

    locator: str
    heading: str
    body: str

    @property
    def text(self) -> str:
        """What is kept: the headings in a line of their own, then the body."""
        return f"{self.heading}\n\n{self.body}"


@dataclass(frozen=True, slots=True)
class _Section:
    headings: tuple[str, ...]
    lines: list[str]


def cut(text: str, name: str) -> list[Passage]:
    """Cut a document into passages.

    Args:
        text: Markdown or plain text.
        name: Stands for the title where the document has none.
    """
    lines = _without_front_matter(unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n"))
    sections = list(_sections(lines))
    tops = {section.headings[0] for section in sections if section.headings}
    # One heading above all others is the title: every passage is under it, so it does not tell them apart.
    title = tops.pop() if len(tops) == 1 else ""
    found: list[Passage] = []
    taken: dict[str, int] = {}
    for section in sections:
        path = [heading for heading in section.headings if heading]
        below = path[1:] if title and path else path
        heading = " > ".join(path if title or not path else [name, *path]) or name
        place = "/".join(map(slug, below)) or slug(title or name)
        for body in _packed(_blocks(section.lines)):
            taken[place] = taken.get(place, 0) + 1
            locator = place if taken[place] == 1 else f"{place}-{taken[place]}"
            found.append(Passage(locator, heading, body))
    return found


def slug(heading: str) -> str:
    """Make a heading fit for a link: "활성화 함수: ReLU란?" -> "활성화-함수-relu란"."""
    plain = _NO_SLUG.sub("", unicodedata.normalize("NFC", heading).lower())
    return "-".join(plain.split()) or "section"


def _sections(lines: list[str]) -> Iterator[_Section]:
    """Group lines under their headings; a heading at level n ends all of n and deeper."""
    open_headings: list[tuple[int, str]] = []
    body: list[str] = []
    fence = ""
    for at, line in enumerate(lines):
        fence = _fence_after(line, fence)
        level, heading = (0, "") if fence else _heading(line, lines[at + 1] if at + 1 < len(lines) else "")
        underlined = at > 0 and not fence and _underlines(lines[at - 1], line)
        if underlined:
            continue
        if not level:
            body.append(line)
            continue
        if any(map(str.strip, body)):
            yield _Section(tuple(heading for _, heading in open_headings), body)
        body = []
        open_headings = [*((had, name) for had, name in open_headings if had < level), (level, heading)]
    if any(map(str.strip, body)):
        yield _Section(tuple(heading for _, heading in open_headings), body)


def _heading(line: str, following: str) -> tuple[int, str]:
    if found := _HEADING.match(line):
        return len(found[1]), _plain(found[2])
    if _underlines(line, following):
        return (1 if following.strip().startswith("=") else 2), _plain(line)
    return 0, ""


def _underlines(line: str, following: str) -> bool:
    """Whether `following` makes a heading of `line` (setext); a rule under nothing, a list or a table does not."""
    if len(following.strip()) < 3 or not _UNDERLINE.match(following):
        return False
    return (
        bool(line.strip()) and not _LIST.match(line) and not _TABLE.match(line) and not _HEADING.match(line)
    )


def _fence_after(line: str, fence: str) -> str:
    """Give the fence that is open after a line, "" if none."""
    found = _FENCE.match(line)
    if not fence:
        return found[1] if found else ""
    closes = found is not None and found[1][0] == fence[0] and len(found[1]) >= len(fence)
    return "" if closes and found is not None and line.strip() == found[1] else fence


def _blocks(lines: list[str]) -> Iterator[str]:
    """Give paragraphs, code blocks, tables and lists, each whole."""
    block: list[str] = []
    fence = ""
    for line in lines:
        was_open = bool(fence)
        fence = _fence_after(line, fence)
        starts_fence = bool(fence) and not was_open
        if not was_open and not fence and not line.strip():
            yield from _joined(block)
            block = []
            continue
        if starts_fence:
            yield from _joined(block)
            block = []
        block.append(line)
        if was_open and not fence:
            yield from _joined(block)
            block = []
    yield from _joined(block)


def _joined(block: list[str]) -> Iterator[str]:
    text = "\n".join(block).strip("\n").rstrip()
    if not _FENCE.match(text):
        text = _COMMENT.sub("", text).strip("\n").rstrip()
    if text:
        yield text


def _packed(blocks: Iterator[str]) -> Iterator[str]:
    """Put neighbouring blocks together while there is room."""
    held = ""
    for block in blocks:
        for piece in [block] if len(block) <= ROOM or _is_whole(block) else _split(block):
            if held and len(held) + len(piece) + 2 > ROOM:
                yield held
                held = ""
            held = f"{held}\n\n{piece}" if held else piece
    if held:
        yield held


def _is_whole(block: str) -> bool:
    """Whether a block means nothing in halves."""
    return bool(_FENCE.match(block)) or all(_TABLE.match(line) for line in block.split("\n"))


def _split(block: str) -> Iterator[str]:
    """Split a long paragraph between sentences, and a long list between its lines."""
    held = ""
    for piece in block.split("\n") if _LIST.match(block) else sentences(block):
        gap = "\n" if _LIST.match(block) else " "
        if held and len(held) + len(piece) + 1 > ROOM:
            yield held
            held = ""
        held = f"{held}{gap}{piece}" if held else piece
    if held:
        yield held


def _without_front_matter(lines: list[str]) -> list[str]:
    if not lines or lines[0].lstrip("\ufeff").rstrip() != "---":
        return lines
    for at, line in enumerate(lines[1:], 1):
        if line.rstrip() in {"---", "..."}:
            return lines[at + 1 :]
    return lines


def _plain(heading: str) -> str:
    return _MARKS.sub(lambda found: found[1] or "", heading).strip()
