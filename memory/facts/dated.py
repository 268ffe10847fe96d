"""What a clause states of an exam or a deadline: which it is, and its day, that it is moved or off.

Nothing of the clause may be left over: whose it is, which it is, the day, and one of a few ways of saying that it is so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .clauses import Clause
from .values import Found, Kind


@dataclass(frozen=True, slots=True)
class Frames:
    """How a language says when something is.

    Attributes:
        what: The pattern of what is dated, by kind, with a group `what`.
        said: Whole clauses, masked, with NP where that stands. Groups: `off` where it is off, `later` or `earlier`
            where it is moved by a length.
    """

    what: Mapping[Kind, str]
    said: tuple[str, ...]

    def compiled(self) -> list[tuple[Kind, re.Pattern[str]]]:
        """Give the patterns by kind."""
        return [
            (kind, re.compile(frame.replace("NP", what), re.IGNORECASE))
            for kind, what in self.what.items()
            for frame in self.said
        ]


def read(patterns: list[tuple[Kind, re.Pattern[str]]], text: str, clause: Clause) -> Iterator[Found]:
    """Give what the first frame that fits says.

    Args:
        text: The clause, masked and without what stands around the statement.
    """
    _, days, lengths = clause.masked
    for kind, pattern in patterns:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        said = {name for name, words in found.groupdict().items() if words}
        what = " ".join(found["what"].split())
        if "off" in said:
            yield Found(kind, what, polarity="cancelled")
        elif said & {"later", "earlier"}:
            length = lengths[-1]
            yield Found(kind, what, shift=(length.count if "later" in said else -length.count, length.unit))
        else:
            yield Found(kind, what, days[0 if "first" in said else -1])
        return
