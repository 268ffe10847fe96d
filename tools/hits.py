"""How hits of memory and text from outside are written for a model. Nothing reads them back: what was shown is data too.

A hit is a line; further lines of its text are indented, so no text can pass for another hit:

    [a12] 2026-11-03 passage 08-lora-and-dora.md#dora · DoRA (Weight-Decomposed Low-Rank Adaptation) …
    [m40] 2026-11-03 14:05 user · 지난 숙제에서 고유값이 헷갈렸어요.

Untrusted text stands between `<untrusted source="…" trust="web">` and `</untrusted>`; the text itself can hold
neither. Dates are the student's own days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..memory.dates import zone_of
from ..memory.text import clean, clean_line
from ..memory.types import Hit, ShownHit, Trust, is_untrusted
from .base import OUTSIDE
from .text import CUT, clip, estimate_tokens

_CLOSE = "</untrusted>"
# What a reader could take for a delimiter: other angle brackets and spaces included.
_LIKE_A_DELIMITER = re.compile(r"[<＜‹〈⟨][<＜‹〈⟨/／\\\s]*(?=untrusted)", re.IGNORECASE)
_LIKE_AN_ID = re.compile(r"(?<!\w)\[([am]\d+)\]")
_LEAST_WORTH_SHOWING = 20.0


def show_hits(hits: Sequence[Hit], zone: str, budget_tokens: float | None = None) -> tuple[ShownHit, ...]:
    """Write hits, as many as the budget holds, the best first.

    Args:
        hits: In the order in which they are to stand.
        zone: The student's IANA zone, for the dates.
        budget_tokens: About the most the whole may take. A hit gets at most half of what is left unless it is the
            last; texts are cut, then hits left out.
    """
    shown: list[ShownHit] = []
    left = budget_tokens
    for index, hit in enumerate(hits):
        if left is None:
            shown.append(show_hit(hit, zone))
            continue
        if left < _LEAST_WORTH_SHOWING:
            break
        last = index == len(hits) - 1
        shown.append(show_hit(hit, zone, left if last else max(left / 2, _LEAST_WORTH_SHOWING)))
        left -= estimate_tokens(shown[-1].rendered)
    return tuple(shown)


def hit_lines(shown: Sequence[ShownHit], of: int) -> str:
    """Give shown hits one under the other, and how many `of` so many there are besides; "" for none."""
    lines = [hit.rendered for hit in shown]
    return "\n".join([*lines, *([f"({of - len(shown)} more)"] if of > len(shown) else [])])


def show_hit(hit: Hit, zone: str, budget_tokens: float | None = None) -> ShownHit:
    """Write one hit; its text is cut to what the budget leaves beside the head."""
    local = hit.time.astimezone(zone_of(zone))
    if hit.kind == "message":
        head = f"[{hit.id}] {local:%Y-%m-%d %H:%M} {hit.role}"
    else:
        # What was written down beside words of others says whose it is; a passage names its source, delimiters say it.
        told = hit.kind == "passage" or hit.trust in OUTSIDE
        whose = f" ({hit.trust})" if is_untrusted(hit.trust) and not told else ""
        head = f"[{hit.id}] {local:%Y-%m-%d} {hit.kind}{whose}"
    if place := place_of(hit):
        head = f"{head} {place}"
    whole = text = clean(hit.text).strip()
    if budget_tokens is not None:
        text = clip(text, max(budget_tokens - estimate_tokens(head), _LEAST_WORTH_SHOWING / 2))
    written = wrap_untrusted(text, hit.origin or hit.id, hit.trust) if hit.trust in OUTSIDE else text
    return ShownHit(
        id=hit.id,
        kind=hit.kind,
        role=hit.role,
        trust=hit.trust,
        time=hit.time,
        text=text if text == whole else text.removesuffix(CUT),
        rendered=f"{head} · {_indented(written)}",
        relevance=hit.relevance,
        cut=text != whole,
        name=hit.name,
        origin=hit.origin,
        locator=hit.locator,
    )


def wrap_untrusted(text: str, source: str, trust: Trust = "web") -> str:
    """Put untrusted text between delimiters that say whose it is and that it cannot close.

    Invisible characters are taken out; whatever resembles a delimiter loses its bracket, and what resembles a
    memory's id (`[a12]`) its square ones, so that it is taken neither for a find nor for a source.
    """
    return (
        f'<untrusted source="{_attribute(source)}" trust="{trust}">\n{defused(clean(text).strip())}\n{_CLOSE}'
    )


def defused(text: str) -> str:
    """Give words of others so that nothing in them passes for a delimiter, a find or a source."""
    return _LIKE_AN_ID.sub(r"(\1)", _LIKE_A_DELIMITER.sub("", text))


def place_of(hit: Hit | ShownHit) -> str:
    """Say where a hit is from: file and heading, a URL, or a speaker's name; "" if nowhere."""
    if hit.kind == "message":
        return _one_line(hit.name or "")
    origin = hit.origin or ""
    name = origin if "://" in origin else origin.replace("\\", "/").rpartition("/")[2]
    return _one_line(f"{name}#{hit.locator}" if name and hit.locator else name or hit.locator or "")


def _one_line(text: str) -> str:
    return clean_line(text).replace("·", "-")


def _attribute(text: str) -> str:
    return _one_line(text).replace('"', "%22").replace("<", "%3C").replace(">", "%3E")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
