"""Looking over an installation: what works, what does not, and how to mend it.

It calls `runtime` and `models`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...memory.lazy import hand_on

if TYPE_CHECKING:
    from .check import Check
    from .examine import examine_all

__all__ = ["Check", "examine_all"]

__getattr__ = hand_on(__name__, {"check": "Check", "examine": "examine_all"})
