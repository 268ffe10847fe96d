"""One student's memory, open, on what all students of the process share: one engine, one embedder, one index.

It calls `models`, `learner`, `tutor` and the whole of memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...memory.lazy import hand_on

if TYPE_CHECKING:
    from .shared import Shared, open_shared
    from .student import Memories, Runtime, open_runtime

__all__ = ["Memories", "Runtime", "Shared", "open_runtime", "open_shared"]

__getattr__ = hand_on(
    __name__,
    {"shared": "Shared open_shared", "student": "Memories Runtime open_runtime"},
)
