"""Facts, notes and passages put away on purpose; the new supersedes the old, and each says on what it rests.

It calls `facts`, `recall`, `index` and `store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .consolidation import Consolidation
    from .memory import ArchivalMemory
    from .provenance import why, why_found
    from .records import ArchivalRecord, InsertResult

__all__ = [
    "ArchivalMemory",
    "ArchivalRecord",
    "Consolidation",
    "InsertResult",
    "why",
    "why_found",
]

__getattr__ = hand_on(
    __name__,
    {
        "consolidation": "Consolidation",
        "memory": "ArchivalMemory",
        "provenance": "why why_found",
        "records": "ArchivalRecord InsertResult",
    },
)
