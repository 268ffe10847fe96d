from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from officehours.agent.tutor.ics import calendar
from officehours.agent.tutor.plan import Need, make_plan
from officehours.agent.tutor.policy import Exam

EXAM = Exam("통계, 기말; 시험", date(2026, 11, 5), "a2")


@pytest.mark.parametrize(
    ("zone", "utc_hours"),
    [
        ("Asia/Seoul", [10, 10, 10, 10, 10]),
        ("America/New_York", [23, 0, 0, 0, 0]),  # the clocks go back on 1 November 2026
        ("+09:00", [10, 10, 10, 10, 10]),
    ],
)
def test_sessions_are_in_the_evening_of_the_students_zone(zone: str, utc_hours: list[int]):
    now = datetime(2026, 10, 31, 3, 0, tzinfo=UTC if zone == "+09:00" else ZoneInfo(zone))
    plan = make_plan([Need(f"토픽 {n}", 30) for n in range(5)], date(2026, 10, 31), EXAM.day, 60)
    read = Calendar.from_ical(calendar(plan, EXAM, now=now, zone=zone, language="ko"))

    *days, exam = read.events
    times = [(event.start, event.end) for event in days]
    for (start, end), day, hour in zip(times, plan.days, utc_hours, strict=True):
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        assert (start.date(), start.astimezone(UTC).hour) == (day, hour)
        assert end - start <= timedelta(minutes=60)
    assert (exam.start, str(exam["summary"])) == (EXAM.day, EXAM.name)
    assert len({str(event["uid"]) for event in read.events}) == len(read.events)
