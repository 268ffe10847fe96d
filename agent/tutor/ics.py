"""A plan as a calendar file (RFC 5545), one event a day, in the student's own zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ...memory.dates import zone_of
from ...memory.dates.naming import Language
from .plan import Plan
from .plan_text import say_item
from .policy import Exam

if TYPE_CHECKING:
    from icalendar import Component

AT: Final = time(19, 0)
"""When a day's session begins, where the student names no time."""

_TITLE: Final[dict[Language, str]] = {"ko": "공부 {minutes}분", "en": "Study, {minutes} min"}


def calendar(
    plan: Plan, exam: Exam | None, *, now: datetime, zone: str, language: Language, at: time = AT
) -> bytes:
    """Give the calendar file; the same plan has the same event ids, so that reading it in again replaces nothing twice.

    Args:
        now: Aware; today's session is not put before it.
        zone: IANA name, or an offset like "+09:00".
    """
    from icalendar import Calendar, Event

    whole, here = Calendar(), zone_of(zone)
    _put(whole, {"prodid": "-//Office Hours//officehours plan//EN", "version": "2.0"})
    for day, items in plan.days.items():
        minutes = sum(item.minutes for item in items)
        begins = max(datetime.combine(day, at, here), now.astimezone(here).replace(second=0, microsecond=0))
        if not isinstance(here, ZoneInfo):  # a calendar knows no zone by its offset alone
            begins = begins.astimezone(UTC)
        event = {
            "uid": f"{day.isoformat()}-study@officehours",
            "dtstamp": now.astimezone(UTC),
            "dtstart": begins,
            "dtend": begins + timedelta(minutes=minutes),
            "summary": _TITLE[language].format(minutes=minutes),
            "description": "\n".join(say_item(item, language) for item in items),
        }
        whole.add_component(_put(Event(), event))
    if exam:
        uid = f"{exam.day.isoformat()}-{exam.id}@officehours"
        event = {"uid": uid, "dtstamp": now.astimezone(UTC), "dtstart": exam.day, "summary": exam.name}
        whole.add_component(_put(Event(), event))
    whole.add_missing_timezones()
    return whole.to_ical()


def _put(component: Component, values: Mapping[str, object]) -> Component:
    for name, value in values.items():
        component.add(name, value)  # pyright: ignore[reportUnknownMemberType]
    return component
