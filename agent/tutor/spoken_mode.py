"""Whether a student's words choose a way of being taught: by the examples they are most like (`modes.toml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...persona.modes import Mode, mode_of
from .likeness import nearest

ALIKE: Final = 0.66
"""The likeness from which an example speaks for a message: a mode lasts, so it takes more than a resemblance."""

LONGEST: Final = 80
"""Characters of a message that may do nothing but choose a mode."""

EXAMPLES: Final = Path(__file__).with_name("modes.toml")


def spoken_mode(text: str) -> Mode | None:
    """Give the mode that a message chooses from now on; None for all that is a request for this once, or anything else."""
    if len(text) > LONGEST:
        return None
    kind, likeness = nearest(text, EXAMPLES)
    return mode_of(kind) if likeness >= ALIKE else None
