"""The vector index in Chroma: a folder that one process holds, or a server that all share.

It calls `embedding` and `store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import hand_on

if TYPE_CHECKING:
    from .base import Chroma
    from .folder import ChromaFolder
    from .server import ChromaServer

__all__ = [
    "Chroma",
    "ChromaFolder",
    "ChromaServer",
]

__getattr__ = hand_on(
    __name__,
    {
        "base": "Chroma",
        "folder": "ChromaFolder",
        "server": "ChromaServer",
    },
)
