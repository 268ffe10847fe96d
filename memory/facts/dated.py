"""What a clause states of an exam or a deadline: which it is, and its day, that it is moved or off.

Nothing of the clause may be left over: whose it is, which it is, the day, and one of a few ways of saying that it is so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .clauses import Clause
from .values import Found, Kind


def frames(exam: str, deadline: str, *said: str) -> tuple[re.Pattern[str], ...]:
    """Make the patterns of whole masked clauses from ways of saying, in which NP stands for what is dated.

    Groups: `exam` or `deadline` is its name; `off` stands where it is called off, `later` or `earlier` where it moves by
    a length of time, `first` where the first day that is named holds.
    """
    dated = f"(?:{exam}|{deadline})"
    return tuple(re.compile(frame.replace("NP", dated), re.IGNORECASE) for frame in said)


def read_dated(patterns: Sequence[re.Pattern[str]], text: str, clause: Clause) -> Iterator[Found]:
    """Give what the first pattern that fits says.

    Args:
        text: The clause, masked and without what stands around the statement.
    """
    found = next((match for pattern in patterns if (match := pattern.fullmatch(text))), None)
    if found is None:
        return
    _, days, lengths = clause.masked
    said = {name: words for name, words in found.groupdict().items() if words}
    kind: Kind = "exam" if "exam" in said else "deadline"
    what = " ".join(said[kind].split())
    if "off" in said:
        yield Found(kind, what, polarity="cancelled")
    elif "later" in said or "earlier" in said:
        count = lengths[-1].count if "later" in said else -lengths[-1].count
        yield Found(kind, what, shift=(count, lengths[-1].unit))
    else:
        yield Found(kind, what, days[0 if "first" in said else -1])
