"""What makes an item findable: its words (postings) and its vectors (Chroma, or exactly from the database).

It calls `embedding`, `store` and `text`. Everything here is derived: it can be thrown away and made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .base import Neighbour, ScopeReport, VectorIndex
    from .embed_worker import EmbedThread, EmbedWorker
    from .pending import count_pending, embed_everything, embed_pending
    from .student_index import StudentIndex
    from .writer import forget_items, index_text, lock_student

__all__ = [
    "EmbedThread",
    "EmbedWorker",
    "Neighbour",
    "ScopeReport",
    "StudentIndex",
    "VectorIndex",
    "count_pending",
    "embed_everything",
    "embed_pending",
    "forget_items",
    "index_text",
    "lock_student",
]

__getattr__ = hand_on(
    __name__,
    {
        "base": "Neighbour ScopeReport VectorIndex",
        "embed_worker": "EmbedThread EmbedWorker",
        "pending": "count_pending embed_everything embed_pending",
        "student_index": "StudentIndex",
        "writer": "forget_items index_text lock_student",
    },
)
