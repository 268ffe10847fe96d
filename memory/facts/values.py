"""A fact as values: what kind it is, what it is about, its value, its day, and the words it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ..dates import Span, Unit

Kind = Literal[
    "name", "nickname", "exam", "deadline", "goal", "confusion", "school", "year", "major", "course"
]
"""What rules read; the last four are of older stores, in which rules read them too."""

Polarity = Literal["holds", "about", "cancelled", "understood"]
"""How it is stated: so, with a day that is only about right, as called off, or as a confusion that is over."""

Shift = tuple[int, Unit]
"""So many days, weeks or months later; earlier where the number is negative."""


@dataclass(frozen=True, slots=True)
class StatedFact:
    """One thing a student stated about themself.

    Attributes:
        subject: What it is about, as a key: "name", "exam:midterm:ai", "confusion:고유값".
        value: The words that matter: the name, which exam, what confuses.
        quote: The sentence as the student wrote it.
        valid_from: When it was said; `zone` is where, and whose day `day` is.
        day: The day of an exam, a deadline or a goal; `last_day` where only a range was said.
        change: It corrects an earlier statement in so many words ("바뀌었어요", "moved to").
        shift: By how much the day moves that was known; None once `settle` has found that day.
    """

    kind: Kind
    subject: str
    value: str
    quote: str
    valid_from: datetime
    zone: str
    day: date | None = None
    last_day: date | None = None
    polarity: Polarity = "holds"
    change: bool = False
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule read in a clause.

    Attributes:
        value: The words that matter: the name, what confuses, which exam.
        when: The days of an exam, a deadline or a goal.
        shift: By how much its day moves.
    """

    kind: Kind
    value: str
    when: Span | None = None
    polarity: Polarity = "holds"
    shift: Shift | None = None
