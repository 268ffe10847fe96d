"""Texts to vectors: the embedders, which one a store uses, and how far each is to be trusted in a language.

It calls `store` and `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .base import PACKAGED, Embedder, Vectors, WarningSink
    from .bilingual import packaged_embedder
    from .calibration import Calibration
    from .hashing import HashingEmbedder
    from .open import open_embedder
    from .store_embedder import StoreEmbedder, active_embedder, choose_embedder

__all__ = [
    "PACKAGED",
    "Calibration",
    "Embedder",
    "HashingEmbedder",
    "StoreEmbedder",
    "Vectors",
    "WarningSink",
    "active_embedder",
    "choose_embedder",
    "open_embedder",
    "packaged_embedder",
]

__getattr__ = hand_on(
    __name__,
    {
        "base": "Embedder PACKAGED Vectors WarningSink",
        "bilingual": "packaged_embedder",
        "calibration": "Calibration",
        "hashing": "HashingEmbedder",
        "open": "open_embedder",
        "store_embedder": "StoreEmbedder active_embedder choose_embedder",
    },
)
