"""Forgetting for good, with the proof: rows, vectors, copies and files.

It calls everything below `search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .eraser import Eraser
    from .receipt import Receipt

__all__ = [
    "Eraser",
    "Receipt",
]

__getattr__ = hand_on(
    __name__,
    {
        "eraser": "Eraser",
        "receipt": "Receipt",
    },
)
