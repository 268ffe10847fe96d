"""Which days and times a text means, Korean and English, and how far they are from now.

It calls nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .calendar import Span, Unit, step
    from .detect import asks_when, has_time_words, minutes_in
    from .find import countdown, days_meant, describe_gap, find_dates, resolve
    from .lengths import Length, find_lengths
    from .naming import day_name, days_left
    from .zones import find_zone, zone_of

__all__ = [
    "Length",
    "Span",
    "Unit",
    "asks_when",
    "countdown",
    "day_name",
    "days_left",
    "days_meant",
    "describe_gap",
    "find_dates",
    "find_lengths",
    "find_zone",
    "has_time_words",
    "minutes_in",
    "resolve",
    "step",
    "zone_of",
]

__getattr__ = hand_on(
    __name__,
    {
        "calendar": "Span Unit step",
        "detect": "asks_when has_time_words minutes_in",
        "find": "countdown days_meant describe_gap find_dates resolve",
        "lengths": "Length find_lengths",
        "naming": "day_name days_left",
        "zones": "find_zone zone_of",
    },
)
