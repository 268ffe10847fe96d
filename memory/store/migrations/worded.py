"""Reads out of text what version 0001 kept in it only: hits beside messages and in tools' results, and whose words they are.

Used once, by revision 0002, and for exports of that version. From then on these are columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TRUSTS = ("student", "model", "course", "imported", "web")
"""From the most trusted to the least."""

Known = Mapping[str, Mapping[str, Any]]
"""What the store holds of a hit, by its id: kind, role, trust, time, name, origin, locator."""

_HEAD = re.compile(
    r"\[(?P<id>[am]\d+)\] (?P<date>\d{4}-\d\d-\d\d)(?: (?P<time>\d\d:\d\d))? (?P<kind>\S+)(?: .+?)? · (?P<text>.*)$"
)
_OPEN = re.compile(r'<untrusted source="[^"]*" trust="\w+">$')
_CLOSE = "</untrusted>"
_CUT = " …"
_FROM_OUTSIDE = re.compile(r'^<untrusted source="[^"]*" trust="web">$', re.MULTILINE)


def hits_in(text: str, zone: str, known: Known) -> list[dict[str, Any]]:
    """Give the hits that a note or a tool's result shows, as the column keeps them.

    Args:
        zone: The student's when it was written: the dates in it are local.
    """
    return [_hit(block, zone, known) for block in _blocks(text.split("\n"))]


def ids_in(text: str) -> list[str]:
    """Give the ids of the hits that a text shows."""
    return [head["id"] for line in text.split("\n") if (head := _HEAD.match(line))]


def trust_of_result(text: str, hits: Iterable[Mapping[str, Any]]) -> str:
    """Tell whose words a tool's result holds: a stranger's where they stand between delimiters of their own."""
    return least_trusted("web" if _FROM_OUTSIDE.search(text) else "model", *(hit["trust"] for hit in hits))


def least_trusted(*trusts: str) -> str:
    """Give the least trusted of several."""
    return max(trusts, key=TRUSTS.index)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    outside = True
    for line in lines:
        if outside and line.startswith("  ") and block:
            block.append(line)
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


def _hit(block: Sequence[str], zone: str, known: Known) -> dict[str, Any]:
    head = _HEAD.match(block[0])
    assert head is not None
    body = [head["text"], *(line[2:] for line in block[1:])]
    foreign = bool(_OPEN.match(body[0])) and body[-1] == _CLOSE
    text = "\n".join(body[1:-1] if foreign else body)
    spoken = head["time"] is not None
    hit: dict[str, Any] = {
        "id": head["id"],
        "kind": "message" if spoken else head["kind"],
        "role": head["kind"] if spoken else "source",
        "trust": _TRUST_OF_KIND.get(head["kind"], "model"),
        "time": _time(head["date"], head["time"], zone),
        **known.get(head["id"], {}),
        "text": text.removesuffix(_CUT),
        "rendered": "\n".join(block),
    }
    if foreign:
        hit["trust"] = "web"
    return hit | ({"cut": True} if text.endswith(_CUT) else {})


_TRUST_OF_KIND = {"user": "student", "passage": "course", "fact": "student"}


def _time(day: str, clock: str | None, zone: str) -> str:
    """Give a local time as the column keeps it."""
    local = datetime.fromisoformat(f"{day}T{clock or '00:00'}")
    try:
        if zone[:1] in {"+", "-"}:
            return datetime.fromisoformat(f"{day}T{clock or '00:00'}{zone}").isoformat()
        return local.replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ValueError, ZoneInfoNotFoundError):
        return f"{local.isoformat()}+00:00"
