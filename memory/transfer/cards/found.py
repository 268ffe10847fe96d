"""What a file of cards held, and what of it could not be taken along."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...learner.values import NewCard


@dataclass(slots=True)
class FoundCards:
    """Cards in the order of the file.

    Attributes:
        cloze: How many are gaps in a text; they become a question with a gap.
        media: How many had pictures or sound, which are named in their place and not taken along.
        reviewed: How many have a history of reviews, which is not taken along: they begin anew.
        unfit: Why others were passed over, in English and Korean, by where they stand.
    """

    cards: list[NewCard] = field(default_factory=list[NewCard])
    cloze: int = 0
    media: int = 0
    reviewed: int = 0
    unfit: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
