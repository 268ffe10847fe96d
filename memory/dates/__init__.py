"""Which days and times a text means, Korean and English, and how far they are from now.

It calls nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .calendar import Span
    from .detect import asks_when, has_time_words
    from .find import countdown, days_meant, describe_gap, find_dates, resolve
    from .naming import day_name, days_left
    from .shift import shift_in
    from .zones import zone_of

__all__ = [
    "Span",
    "asks_when",
    "countdown",
    "day_name",
    "days_left",
    "days_meant",
    "describe_gap",
    "find_dates",
    "has_time_words",
    "resolve",
    "shift_in",
    "zone_of",
]

__getattr__ = hand_on(
    __name__,
    {
        "calendar": "Span",
        "detect": "asks_when has_time_words",
        "find": "countdown days_meant describe_gap find_dates resolve",
        "naming": "day_name days_left",
        "shift": "shift_in",
        "zones": "zone_of",
    },
)
