"""What was said in earlier talk: by its time, complete, from the record of all conversations; or on a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from ....memory.dates import Span, day_name, resolve
from ....memory.text import mentions, phrases_of
from ....memory.types import ShownHit, StoredMessage
from ...model import TurnView
from ...settings import local_time
from .course import Reply, joined
from .intent import Intents, framing
from .phrases import phrase

MOST_LISTED = 12
"""Most lines that are listed of a stretch of time: of more the last."""

SMALL = frozenset({
    "greeting", "thanks", "goodbye", "feeling", "chitchat", "insult", "identity", "ability", "secret", "own_history",
    "own_fact", "own_confusion", "open_question", "confirm", "more", "next_question", "hint", "give_up", "end_quiz", "clock",
})  # fmt: skip
"""What is no matter of the lesson: it is left out of what was talked about."""

_FIRST = ("처음", "first", "맨 앞")
_HERE = ("오늘", "방금", "아까", "today", "just now", "so far", "여태", "지금까지")
_WHERE = ("어디까지", "where did we", "where were we", "left off", "stop")
_VAGUE = ("지난번", "지난 번", "저번", "last time", "마지막")


def own_history(view: TurnView, intents: Intents) -> Reply:
    """List what the student asked and told in the time that is meant: the days that are named, else the last talk."""
    lower, zone = view.said.casefold(), view.now.tzinfo
    vague, here, first, where = (any(w in lower for w in words) for words in (_VAGUE, _HERE, _FIRST, _WHERE))
    span = None if vague else resolve(view.said, view.now)
    if span is None and not (here or first or where) and phrases_of(view.said, framing()):
        return _on_topic(view)
    midnight = datetime.combine(view.now.date(), time.min, zone)
    if span is not None:
        start, end = (datetime.combine(day, time.min, zone) for day in (span.start, span.end))
        said = _before(view, start, end)
        return (
            _told(view, _lesson(said, intents))
            if said
            else _nothing(view, span, _before(view, None, midnight), intents)
        )
    if here:
        return _told(view, _lesson(_before(view, midnight, None), intents))
    before = _before(view, None, None)
    if first:
        return _told(view, _lesson([m for m in before if _day(m) == _day(before[0])], intents)[:3])
    earlier = _lesson(_last_talk(view, before), intents)
    return _told(view, earlier[-3:] if where else earlier)


def _before(view: TurnView, start: datetime | None, end: datetime | None) -> list[StoredMessage]:
    return [m for m in view.past(start, end, "user") if m.id != view.asked_id]


def _last_talk(view: TurnView, before: Sequence[StoredMessage]) -> list[StoredMessage]:
    """The last session before this one, else the last day before today on which something was said."""
    other = [m for m in before if m.session_id != view.session]
    if other:
        return [m for m in other if m.session_id == other[-1].session_id and _day(m) == _day(other[-1])]
    days = [m for m in before if _day(m) < view.now.date()]
    return [m for m in days if _day(m) == _day(days[-1])] if days else list(before)


def _lesson(said: Sequence[StoredMessage], intents: Intents) -> list[StoredMessage]:
    """What belongs to the lesson; all of it where nothing does."""
    return [m for m in said if intents.glance(m.message.content).intent not in SMALL] or list(said)


def _told(view: TurnView, said: Sequence[StoredMessage]) -> Reply:
    """List what was said, the last of it, day by day."""
    if not said:
        return Reply(phrase("first_time", view.language))
    days = dict.fromkeys(map(_day, said[-MOST_LISTED:]))
    lines: list[str] = []
    for day in days:
        lines.append(phrase("asked_on", view.language, day=day_name(day, view.language, view.now.date())))
        lines += [f"- {_short(m.message.content)}" for m in said[-MOST_LISTED:] if _day(m) == day]
    return Reply("\n".join(lines))


def _nothing(view: TurnView, span: Span, before: Sequence[StoredMessage], intents: Intents) -> Reply:
    """Say that nothing was said in a time, and when something was."""
    days = dict.fromkeys((span.start, span.end - timedelta(days=1)))
    named = " – ".join(day_name(day, view.language, view.now.date()) for day in days)
    none = phrase("nothing_on", view.language, day=named)
    earlier = _lesson(_last_talk(view, before), intents)[-3:]
    if not earlier:
        return Reply(none)
    last = day_name(_day(earlier[-1]), view.language, view.now.date())
    lines = [f"- {_short(m.message.content)}" for m in earlier]
    return Reply("\n".join([f"{none} {phrase('last_talk', view.language, day=last)}", *lines]))


def _on_topic(view: TurnView) -> Reply:
    """Quote what was said on a topic in earlier talk, by either side."""
    named = phrases_of(view.said, framing())
    if view.can("conversation_search"):
        return Reply(calls=(("conversation_search", {"query": joined(named)}),))
    hits = [h for h in view.hits() if h.kind == "message" and any(mentions(h.text, p) for p in named)]
    if not hits:
        return Reply(phrase("not_talked_of", view.language))
    lines = [_quoted(hit, view) for hit in sorted(hits[:4], key=lambda hit: hit.time)]
    return Reply("\n".join([phrase("talked_of", view.language), *lines]))


def _quoted(hit: ShownHit, view: TurnView) -> str:
    who = phrase("student" if hit.role == "user" else "professor", view.language)
    day = day_name(hit.time.astimezone(view.now.tzinfo).date(), view.language)
    return f"- {day}, {who}: “{_short(hit.text)}” [{hit.id}]"


def _day(m: StoredMessage) -> date:
    return local_time(m.time, m.zone).date()


def _short(text: str) -> str:
    line = " ".join(re.sub(r"\[[am]\d+\]", "", text).split())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"
