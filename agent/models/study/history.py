"""What was said in earlier talk: by its time, complete, from the record of all conversations; or on a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from ....memory.dates import Span, day_name, resolve
from ....memory.types import StoredMessage
from ...context.brief import short
from ...model import TurnView
from ...settings import local_time
from .course import Reply, joined
from .intent import cues, named_in, read, says, speaks_of
from .phrases import day_in, listed, say
from .student import MOST_LISTED


def own_history(view: TurnView) -> Reply:
    """List what the student asked and told in the time that is meant: the days that are named, else the last talk."""
    span = None if says(view.said, "last_time") else resolve(view.said, view.now)
    if span is not None:
        return Reply(_in_span(view, span))
    if says(view.said, "just_now"):
        return Reply(_told(view, _lesson(_said(view, start=view.now.date()))))
    before = _said(view)
    if says(view.said, "at_first"):
        return Reply(_told(view, _lesson([m for m in before if _day(m) == _day(before[0])])[:3]))
    if named_in(view.said) and not says(view.said, "left_off"):
        return _on_topic(view)
    last = _lesson(_last_talk(view, before))
    return Reply(_told(view, last[-3:] if says(view.said, "left_off") else last))


def _in_span(view: TurnView, span: Span) -> str:
    """List what was said in a time; where nothing was, say so, and when something was."""
    if said := _said(view, span.start, span.end):
        return _told(view, _lesson(said))
    days = dict.fromkeys((span.start, span.end - timedelta(days=1)))
    head = say(view, "nothing_on", day=" – ".join(day_in(view, day) for day in days))
    last = _lesson(_last_talk(view, _said(view, end=view.now.date())))[-3:]
    if last:
        head += f" {say(view, 'last_talk', day=day_in(view, _day(last[-1])))}"
    return listed(head, (_line(m.message.content) for m in last))


def _said(view: TurnView, start: date | None = None, end: date | None = None) -> list[StoredMessage]:
    """What the student said from one day until before another, but for this turn."""
    first, last = (day and datetime.combine(day, time.min, view.now.tzinfo) for day in (start, end))
    return [m for m in view.past(first, last, "user") if m.id != view.asked_id]


def _last_talk(view: TurnView, before: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """The last session before this one, else the last day before today on which something was said."""
    other = [m for m in before if m.session_id != view.session]
    other = other or [m for m in before if _day(m) < view.now.date()]
    return [m for m in other if (m.session_id, _day(m)) == (other[-1].session_id, _day(other[-1]))] or before


def _lesson(said: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """What belongs to the lesson; all of it where nothing does."""
    return [m for m in said if read(m.message.content).intent not in cues()["off_lesson"]] or said


def _told(view: TurnView, said: Sequence[StoredMessage]) -> str:
    """List what was said, the last of it, day by day."""
    days: list[str] = []
    for day, then in groupby(said[-MOST_LISTED:], _day):
        head = say(view, "asked_on", day=day_in(view, day))
        days.append(listed(head, (_line(m.message.content) for m in then)))
    return "\n".join(days) or say(view, "first_time")


def _on_topic(view: TurnView) -> Reply:
    """Quote what was said on a topic in earlier talk, by either side."""
    named = named_in(view.said)
    if view.can("conversation_search"):
        return Reply(calls=(("conversation_search", {"query": joined(named)}),))
    hits = [hit for hit in view.hits() if hit.kind == "message" and speaks_of(hit.text, named)][:4]
    lines: list[str] = []
    for hit in sorted(hits, key=lambda hit: hit.time):
        day = day_name(hit.time.astimezone(view.now.tzinfo), view.language)
        who = say(view, "student" if hit.role == "user" else "professor")
        lines.append(f"{day}, {who}: “{_line(hit.text)}” [{hit.id}]")
    return Reply(listed(say(view, "talked_of"), lines, say(view, "not_talked_of")))


def _day(m: StoredMessage) -> date:
    return local_time(m.time, m.zone).date()


def _line(text: str) -> str:
    return short(re.sub(r"\[[am]\d+\]", "", text), 160)
