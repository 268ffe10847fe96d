"""Whether words are an attempt at all, by the examples they are most like (`attempts.toml`), not by their wording."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from ..likeness import nearest
from .values import ResponseKind

ALIKE: Final = 0.45
"""The likeness from which an example speaks for a text."""

EXAMPLES: Final = Path(__file__).with_name("attempts.toml")


def kind_of(text: str) -> ResponseKind:
    """Give what a response is, by its words alone; "attempt" where no example is like it."""
    if not any(map(str.isalnum, text)):
        return "empty"
    kind, likeness = nearest(text, EXAMPLES)
    return cast("ResponseKind", kind) if likeness >= ALIKE else "attempt"
