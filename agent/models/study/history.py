"""What was said in earlier talk: by its time, complete, from the record of all conversations; or on a topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from ....memory.dates import Span, day_name, resolve
from ....memory.text import mentions, phrases_of
from ....memory.types import ShownHit, StoredMessage
from ...settings import local_time
from ...turn_view import TurnView
from .course import Reply
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
    past = view.past
    lower = view.said.casefold()
    named = phrases_of(view.said, framing())
    midnight = datetime.combine(view.now.date(), time.min, view.now.tzinfo)
    span = None if any(word in lower for word in _VAGUE) else resolve(view.said, view.now)
    if span is None and named and not any(word in lower for word in (*_FIRST, *_HERE, *_WHERE, *_VAGUE)):
        return _on_topic(view)
    if span is None and any(word in lower for word in _HERE):
        return _told(view, _lesson(past(midnight, None), intents, view), _LAST)
    if span is not None:
        start, end = (datetime.combine(day, time.min, view.now.tzinfo) for day in (span.start, span.end))
        said = [m for m in past(start, end) if m.id != view.asked_id]
        if said:
            return _told(view, _lesson(said, intents, view), _LAST)
        return Reply(_nothing(view, span, past(None, midnight), intents))
    before = [m for m in past(None, None) if m.id != view.asked_id]
    if any(word in lower for word in _FIRST) and before:
        first = [m for m in past(None, before[0].time + timedelta(days=1)) if _day(m) == _day(before[0])]
        return _told(view, _lesson(first, intents, view), slice(0, 3))
    earlier = _last_talk(view, before, midnight)
    if not earlier:
        return Reply(phrase("first_time", view.language))
    return _told(
        view, _lesson(earlier, intents, view), slice(-3, None) if any(w in lower for w in _WHERE) else _LAST
    )


_LAST = slice(-MOST_LISTED, None)


def _last_talk(view: TurnView, before: Sequence[StoredMessage], midnight: datetime) -> list[StoredMessage]:
    """The last session before this one, else the last day before today on which something was said."""
    other = [m for m in before if m.session_id != view.session]
    if other:
        return [m for m in other if m.session_id == other[-1].session_id and _day(m) == _day(other[-1])]
    days = [m for m in before if m.time < midnight]
    return [m for m in days if _day(m) == _day(days[-1])] if days else list(before)


def _lesson(said: Sequence[StoredMessage], intents: Intents, view: TurnView) -> list[StoredMessage]:
    """What belongs to the lesson; all of it where nothing does."""
    said = [m for m in said if m.id != view.asked_id]
    return [m for m in said if intents.glance(m.message.content).intent not in SMALL] or list(said)


def _told(view: TurnView, said: Sequence[StoredMessage], which: slice) -> Reply:
    language, today = view.language, view.now.date()
    if not said:
        return Reply(phrase("first_time", language))
    by_day: dict[str, list[str]] = {}
    for m in said[which]:
        by_day.setdefault(day_name(_day(m), language, today), []).append(f"- {_short(m.message.content)}")
    return Reply(
        "\n".join(
            line for day, lines in by_day.items() for line in (phrase("asked_on", language, day=day), *lines)
        )
    )


def _nothing(view: TurnView, span: Span, before: Sequence[StoredMessage], intents: Intents) -> str:
    """Say that nothing was said in a time, and when something was."""
    language, today = view.language, view.now.date()
    first, last = span.start, span.end - timedelta(days=1)
    days = day_name(first, language, today) + (
        "" if first == last else f" – {day_name(last, language, today)}"
    )
    none = phrase("nothing_on", language, day=days)
    earlier = _last_talk(view, [m for m in before if m.id != view.asked_id], view.now)
    if not earlier:
        return none
    lines = [f"- {_short(m.message.content)}" for m in _lesson(earlier, intents, view)[-3:]]
    return "\n".join(
        [f"{none} {phrase('last_talk', language, day=day_name(_day(earlier[-1]), language, today))}", *lines]
    )


def _on_topic(view: TurnView) -> Reply:
    """Quote what was said on a topic in earlier talk, by either side."""
    named = phrases_of(view.said, framing())
    if view.can("conversation_search"):
        return Reply(calls=(("conversation_search", {"query": " ".join(word for p in named for word in p)}),))
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
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"
