"""A plan as a calendar file (RFC 5545), one event a day, in the student's own zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from ...memory.dates import zone_of
from ...memory.dates.naming import Language
from .plan import Plan
from .plan_text import say_item
from .policy import Exam

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

    whole = Calendar()
    whole.add("prodid", "-//Office Hours//officehours plan//EN")
    whole.add("version", "2.0")
    here = zone_of(zone)
    for day, items in plan.days.items():
        minutes = sum(item.minutes for item in items)
        begins = max(datetime.combine(day, at, here), now.astimezone(here).replace(second=0, microsecond=0))
        event = Event()
        event.add("uid", f"{day.isoformat()}-study@officehours")
        event.add("dtstamp", now)
        event.add("dtstart", begins)
        event.add("dtend", begins + timedelta(minutes=minutes))
        event.add("summary", _TITLE[language].format(minutes=minutes))
        event.add("description", "\n".join(say_item(item, language) for item in items))
        whole.add_component(event)
    if exam:
        event = Event()
        event.add("uid", f"{exam.day.isoformat()}-{exam.id}@officehours")
        event.add("dtstamp", now)
        event.add("dtstart", exam.day)
        event.add("summary", exam.name)
        whole.add_component(event)
    whole.add_missing_timezones()
    return whole.to_ical()
