"""Cutting course material into passages that can be quoted alone: by heading, a page at most, torn only where it must.

Markdown is read as CommonMark with tables, by markdown-it; plain text is a document without headings.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, zip_longest
from typing import TYPE_CHECKING

from ..text import normalize, sentences

if TYPE_CHECKING:
    from markdown_it.token import Token

ROOM = 1_200
"""The most characters in a passage, without its headings."""

LONGEST_HEADING = 200
"""Characters; a longer one is a paragraph that somebody marked as a heading."""

_Way = tuple[Callable[[str], Iterable[str]], str]
"""How a text is cut, and what is put between the pieces again."""

_BY_SENTENCE: Sequence[_Way] = ((sentences, " "), (str.split, " "))
_BY_LINE: Sequence[_Way] = ((lambda text: text.split("\n"), "\n"), *_BY_SENTENCE)

_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_MARKS = re.compile(r"[*_`~]+|!?\[([^\]]*)\]\([^)]*\)")
_NO_SLUG = re.compile(r"[^\w\s-]")
# Lines of YAML, and nothing else, a key before all others: prose or a heading between two rules is no front matter.
_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?=(?>(?:#.*\n|[ \t]*\n)*)[\w\"'.][\w\"' .-]*:)"
    r"(?:(?>[\w\"'.][\w\"' .-]*:.*|#.*|[ \t].*|-.*|[\]}].*|)\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
_HTML_HEADING = re.compile(
    r"^[ ]{0,3}<h([1-6])(?:\s[^>]*)?>(.{0,600}?)</h\1\s*>[ \t]*$", re.DOTALL | re.IGNORECASE | re.MULTILINE
)
_TAG = re.compile(r"</?[A-Za-z][^>]*>")


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
class _Block:
    """A paragraph, list, table or piece of code.

    Attributes:
        text: As written.
        ways: How it is cut where it is too long, the best first.
        frame: The first and last line of a fence, the head of a table: each piece of it has them.
        inside: What stands in the frame.
        is_code: It stands apart, as if there were blank lines around it.
    """

    text: str
    ways: Sequence[_Way] = _BY_SENTENCE
    frame: tuple[str, str] = ("", "")
    inside: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading with its level, and as it is written."""

    level: int
    text: str
    written: str


@dataclass(slots=True)
class _Section:
    """The blocks under a heading; those with no blank line between them make one group, which is cut last."""

    headings: tuple[str, ...]
    written: str = ""
    groups: list[list[_Block]] = field(default_factory=list[list[_Block]])


def cut(text: str, name: str) -> list[Passage]:
    """Cut a document into passages.

    Args:
        text: Markdown or plain text.
        name: Stands for the title where the document has none.
    """
    text = _FRONT_MATTER.sub("", normalize(text))
    sections = _without_bare_headings(list(_sections(text)))
    tops = {section.headings[0] for section in sections if section.headings}
    # One heading above all others is the title: every passage is under it, so it does not tell them apart.
    title = tops.pop() if len(tops) == 1 else ""
    found: list[Passage] = []
    taken: dict[str, int] = {}
    for section in sections:
        path = section.headings
        below = path[1:] if title and path else path
        heading = " > ".join(path if title or not path else [name, *path]) or name
        place = "/".join(map(slug, below)) or slug(title or name)
        found.extend(Passage(_free(place, taken), heading, body) for body in _packed(section.groups))
    return found


def slug(heading: str) -> str:
    """Make a heading fit for a link: "활성화 함수: ReLU란?" -> "활성화-함수-relu란"."""
    plain = _NO_SLUG.sub("", unicodedata.normalize("NFC", heading).lower())
    return "-".join(plain.split()) or "section"


def _free(place: str, taken: dict[str, int]) -> str:
    """Give a place the next number under which nothing was filed: "a", "a-2", but not the "a-2" of a heading "A 2"."""
    locator = place
    while locator in taken:
        taken[place] += 1
        locator = f"{place}-{taken[place]}"
    taken[locator] = 1
    return locator


def _sections(text: str) -> Iterator[_Section]:
    """Group blocks under their headings; a heading at level n ends all of n and deeper."""
    lines = text.split("\n")
    levels: list[tuple[int, str]] = []
    section = _Section(())
    end = 0
    for tokens in _top_level(text):
        start, after = tokens[0].map or (end, end)
        # The definition of a link leaves no token: what stands between two is a paragraph.
        _add(section, _paragraph(lines[end:start]), touching=False)
        for part in _parts(tokens, lines):
            if isinstance(part, _Heading):
                yield section
                levels = [
                    *((higher, name) for higher, name in levels if higher < part.level),
                    (part.level, part.text),
                ]
                section = _Section(tuple(name for _, name in levels), part.written)
            else:
                _add(section, part, touching=start > 0 and bool(lines[start - 1].strip()))
        end = after
    _add(section, _paragraph(lines[end:]), touching=False)
    yield section


def _without_bare_headings(sections: Sequence[_Section]) -> list[_Section]:
    """Leave out headings that only stand over others. Those with nothing below them are what is written there."""
    found: list[_Section] = []
    bare: _Section | None = None
    for section, following in zip_longest(sections, sections[1:]):
        if section.groups:
            found.append(section)
            bare = None
        elif section.written and not (following and _is_below(following, section)):
            above = section.headings[:-1]
            if bare is None or bare.headings != above:
                bare = _Section(above)
                found.append(bare)
            bare.groups.append([_Block(section.written)])
    return found


def _is_below(section: _Section, other: _Section) -> bool:
    depth = len(other.headings)
    return len(section.headings) > depth and section.headings[:depth] == other.headings


def _top_level(text: str) -> Iterator[list[Token]]:
    """Give the tokens of each block of a document, with those inside it."""
    from markdown_it import MarkdownIt

    tokens: list[Token] = []
    # What stands inside a line is not read: only where blocks begin and end matters.
    for token in MarkdownIt("commonmark").enable("table").disable("inline").parse(text):
        tokens.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield tokens
            tokens = []


def _parts(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[_Heading | _Block]:
    """Give the heading or the block that some tokens are; a piece of HTML may be several."""
    start, end = tokens[0].map or (0, 0)
    written = "\n".join(lines[start:end]).strip("\n").rstrip()
    if tokens[0].type == "heading_open":
        text = _heading_text(tokens[1].content)
        # A formula of several lines may hold a lone "=" or "-", which would make a heading of the lines above it.
        if text and tokens[1].content.count("$$") % 2 == 0:
            yield _Heading(int(tokens[0].tag[1:]), text, written)
            return
    if tokens[0].type != "html_block":
        yield _block(tokens, lines)
        return
    done = 0
    for found in _HTML_HEADING.finditer(written):
        text = _heading_text(html.unescape(_TAG.sub("", found[2])))
        if text:
            yield _Block(_shown(written[done : found.start()]), _BY_LINE)
            yield _Heading(int(found[1]), text, found[0])
            done = found.end()
    yield _Block(_shown(written[done:]), _BY_LINE)


def _heading_text(written: str) -> str:
    """Give the text of a heading, "" for what is too long to be one."""
    if len(written) > LONGEST_HEADING:
        return ""
    return " ".join(_MARKS.sub(lambda found: found[1] or "", written).split())


def _block(tokens: Sequence[Token], lines: Sequence[str]) -> _Block:
    first = tokens[0]
    start, end = first.map or (0, 0)
    written = "\n".join(lines[start:end]).strip("\n").rstrip()
    match first.type:
        case "paragraph_open":
            return _paragraph(lines[start:end])
        case "fence":
            return _Block(
                written, _BY_LINE, (lines[start], first.markup), first.content.rstrip(), is_code=True
            )
        case "code_block":
            return _Block(written, _BY_LINE)
        case "table_open":
            head, rows = lines[start : start + 2], lines[start + 2 : end]
            return _Block(_shown(written), _BY_LINE, ("\n".join(head), ""), _shown("\n".join(rows)))
        case "bullet_list_open" | "ordered_list_open":
            items = [token.map for token in tokens if token.type == "list_item_open" and token.level == 1]
            return _Block(_shown(written), (_by_item(lines, [m[0] for m in items if m], end), *_BY_LINE))
        case _:
            return _Block(_shown(written), _BY_LINE)


def _paragraph(lines: Sequence[str]) -> _Block:
    return _Block(_shown("\n".join(lines)))


def _by_item(lines: Sequence[str], starts: Sequence[int], end: int) -> _Way:
    """Cut a list between its items; a blank line between them stays."""
    items = ["\n".join(lines[a:b]) for a, b in pairwise([*starts, end])]
    loose = any(item.endswith("\n") for item in items[:-1])
    return (lambda _: map(_shown, items)), "\n\n" if loose else "\n"


def _shown(text: str) -> str:
    return _COMMENT.sub("", text).strip("\n").rstrip()


def _add(section: _Section, block: _Block, *, touching: bool) -> None:
    if not block.text:
        return
    before = section.groups[-1] if section.groups else []
    if touching and before and not (block.is_code or before[-1].is_code):
        before.append(block)
    else:
        section.groups.append([block])


def _packed(groups: Iterable[Sequence[_Block]]) -> Iterator[str]:
    """Give a section's passages: neighbouring groups together while there is room."""
    return _joined(chain.from_iterable(map(_of_group, groups)), "\n\n", ROOM)


def _of_group(group: Sequence[_Block]) -> Iterable[str]:
    whole = "\n".join(block.text for block in group)
    if len(whole) <= ROOM:
        return [whole]
    return _joined(chain.from_iterable(map(_of_block, group)), "\n", ROOM)


def _of_block(block: _Block) -> Iterator[str]:
    opening, closing = block.frame
    room = ROOM - len(opening) - len(closing) - 2
    if len(block.text) <= ROOM or not opening or room < ROOM // 2:
        yield from _pieces(block.text, block.ways, ROOM)
        return
    for piece in _pieces(block.inside, block.ways, room):
        yield "\n".join(filter(None, (opening, piece, closing)))


def _pieces(text: str, ways: Sequence[_Way], limit: int) -> Iterable[str]:
    """Cut a text into pieces of at most `limit` characters, in the first of the ways that does, else anywhere."""
    if len(text) <= limit:
        return [text]
    if not ways:
        return _cut_anywhere(text, limit)
    (cut_up, gap), *finer = ways
    return _joined(chain.from_iterable(_pieces(part, finer, limit) for part in cut_up(text)), gap, limit)


def _cut_anywhere(text: str, limit: int) -> Iterator[str]:
    """Cut between characters as people see them, unless one alone is longer than the limit."""
    from wcwidth import grapheme_boundary_before

    at = 0
    while len(text) - at > limit:
        length = grapheme_boundary_before(text[at : at + limit + 1], limit + 1) or limit
        yield text[at : at + length]
        at += length
    yield text[at:]


def _joined(pieces: Iterable[str], gap: str, limit: int) -> Iterator[str]:
    """Join neighbouring pieces while there is room."""
    held = ""
    for piece in pieces:
        if held and len(held) + len(gap) + len(piece) > limit:
            yield held
            held = ""
        held = f"{held}{gap}{piece}" if held else piece
    if held:
        yield held
