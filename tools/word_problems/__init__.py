"""The calculation that a turn asks for in words of either language.

It calls the calculator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...memory.lazy import hand_on

if TYPE_CHECKING:
    from .reader import expression_in

__all__ = ["expression_in"]

__getattr__ = hand_on(__name__, {"reader": "expression_in"})
