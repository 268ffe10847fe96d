"""Finding in recall and archival memory: words and meaning, fused by calibrated scores.

It calls `archival`, `recall`, `index`, `embedding`, `dates` and `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .candidates import Filters
    from .hybrid import Deadline, HybridSearch

__all__ = [
    "Deadline",
    "Filters",
    "HybridSearch",
]

__getattr__ = hand_on(
    __name__,
    {
        "candidates": "Filters",
        "hybrid": "Deadline HybridSearch",
    },
)
