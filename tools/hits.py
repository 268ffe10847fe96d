"""How finds of memory and untrusted text are written for a model, and read back.

A find is a line; further lines of its text are indented, so no text can pass for another find:

    [a12] 2026-11-03 passage 08-lora-and-dora.md#dora · DoRA (Weight-Decomposed Low-Rank Adaptation) …
    [m40] 2026-11-03 14:05 user · 지난 숙제에서 고유값이 헷갈렸어요.

Untrusted text stands between `<untrusted source="…" trust="web">` and `</untrusted>`; the text itself can hold
neither. Dates are the student's own days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..memory.types import Hit, Trust
from .base import UNTRUSTED
from .text import clean, clip, estimate_tokens

_HEAD = re.compile(
    r"\[(?P<id>[am]\d+)\] (?P<date>\d{4}-\d\d-\d\d)(?: (?P<time>\d\d:\d\d))? (?P<kind>\S+)(?: (?P<place>.+?))? · "
    r"(?P<text>.*)$"
)
_OPEN = re.compile(r'<untrusted source="(?P<source>[^"]*)" trust="(?P<trust>\w+)">$')
_CLOSE = "</untrusted>"
# What a reader could take for a delimiter: other angle brackets and spaces included.
_LIKE_A_DELIMITER = re.compile(r"[<＜‹〈⟨][<＜‹〈⟨/／\\\s]*(?=untrusted)", re.IGNORECASE)
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
_LIKE_AN_ID = re.compile(r"(?<!\w)\[([am]\d+)\]")
_LEAST_WORTH_SHOWING = 20.0


@dataclass(frozen=True, slots=True)
class ParsedHit:
    """A find as it was written.

    Attributes:
        id: `m12` or `a7`.
        time: "14:05" for messages, else "".
        kind: Who said it ("user", "assistant") or the archival kind ("passage", "fact", "note").
        place: File and heading, a URL, or a speaker's name; "" if none.
        untrusted: It stood between the delimiters.
        cut: The text goes on in the store; `read_more` shows it.
    """

    id: str
    date: date
    time: str
    kind: str
    place: str
    text: str
    untrusted: bool
    cut: bool


def format_hits(hits: Sequence[Hit], zone: str, budget_tokens: float | None = None) -> str:
    """Write finds, best first, one under the other; "" for none.

    Args:
        hits: In the order in which they are to stand.
        zone: The student's IANA zone, for the dates.
        budget_tokens: About the most the whole may take. A find gets at most half of what is left unless it is
            the last; texts are cut, then finds left out and counted in a last line.
    """
    lines: list[str] = []
    left = budget_tokens
    for index, hit in enumerate(hits):
        if left is None:
            lines.append(format_hit(hit, zone))
            continue
        last = index == len(hits) - 1
        if left < _LEAST_WORTH_SHOWING:
            lines.append(f"({len(hits) - index} more)")
            break
        line = format_hit(hit, zone, left if last else max(left / 2, _LEAST_WORTH_SHOWING))
        left -= estimate_tokens(line)
        lines.append(line)
    return "\n".join(lines)


def format_hit(hit: Hit, zone: str, budget_tokens: float | None = None) -> str:
    """Write one find; its text is cut to what the budget leaves beside the head."""
    local = hit.time.astimezone(ZoneInfo(zone))
    if hit.kind == "message":
        head = f"[{hit.id}] {local:%Y-%m-%d %H:%M} {hit.role}"
    else:
        head = f"[{hit.id}] {local:%Y-%m-%d} {hit.kind}"
    if place := _place(hit):
        head = f"{head} {place}"
    text = clean(hit.text)
    if budget_tokens is not None:
        text = clip(text, max(budget_tokens - estimate_tokens(head), _LEAST_WORTH_SHOWING / 2))
    if hit.trust in UNTRUSTED:
        text = wrap_untrusted(text, hit.origin or hit.id, hit.trust)
    return f"{head} · {_indented(text)}"


def parse_hits(text: str) -> list[ParsedHit]:
    """Read finds out of a text that may hold other lines, such as the answer of a memory tool.

    What stands in untrusted text that is not itself a find is passed over.
    """
    return [_parsed(block) for block in _blocks(text.splitlines())]


def wrap_untrusted(text: str, source: str, trust: Trust = "web") -> str:
    """Put untrusted text between delimiters that say whose it is and that it cannot close.

    Invisible characters are taken out; whatever resembles a delimiter loses its bracket, and what resembles a
    memory's id (`[a12]`) its square ones, so that it is taken neither for a find nor for a source.
    """
    inner = _LIKE_AN_ID.sub(r"(\1)", _LIKE_A_DELIMITER.sub("", _INVISIBLE.sub("", clean(text))))
    return f'<untrusted source="{_attribute(source)}" trust="{trust}">\n{inner}\n{_CLOSE}'


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    outside = True
    for line in lines:
        if outside and line.startswith("  ") and block:
            block.append(line[2:])
            continue
        if block:
            yield block
            block = []
        if line == _CLOSE:
            outside = True
        elif _OPEN.match(line):
            outside = False
        elif outside and _HEAD.match(line):
            block = [line]
    if block:
        yield block


def _parsed(block: list[str]) -> ParsedHit:
    head = _HEAD.match(block[0])
    assert head is not None
    body = [head["text"], *block[1:]]
    untrusted = bool(_OPEN.match(body[0])) and body[-1] == _CLOSE
    text = "\n".join(body[1:-1] if untrusted else body)
    return ParsedHit(
        id=head["id"],
        date=datetime.strptime(head["date"], "%Y-%m-%d").date(),  # noqa: DTZ007 - a day has no zone
        time=head["time"] or "",
        kind=head["kind"],
        place=head["place"] or "",
        text=text.removesuffix(" …"),
        untrusted=untrusted,
        cut=text.endswith(" …"),
    )


def _place(hit: Hit) -> str:
    if hit.kind == "message":
        return _one_line(hit.name or "")
    origin = hit.origin or ""
    name = origin if "://" in origin else origin.replace("\\", "/").rpartition("/")[2]
    return _one_line(f"{name}#{hit.locator}" if name and hit.locator else name or hit.locator or "")


def _one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", clean(text)).replace("·", "-").split())


def _attribute(text: str) -> str:
    return _one_line(text).replace('"', "%22").replace("<", "%3C").replace(">", "%3E")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
