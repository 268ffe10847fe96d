"""What the student tells, and asks to be told again: kept in their own words, with the day; only names, exams, deadlines,
goals and what is hard are known as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....memory.archival import ArchivalRecord
from ....memory.dates import days_left, minutes_in
from ....memory.facts import StatedFact
from ....memory.facts.clauses import corrects
from ....memory.text import HANGUL, josa, mentions
from ...model import TurnView
from ...settings import local_time
from .course import SEARCH, Call, Reply
from .intent import Embed, named_in, says, speaks_of
from .phrases import day_in, listed, paragraphs, say

INSERT, CORE, DISMISS = "archival_memory_insert", "core_memory_append", "dismiss_question"
NOTE, PLAN = "note_confusion", "study_plan"
HARD = ("confused", "understood")

LONGEST = 300
"""Letters of a statement that are kept as a note; what is longer stays in the record of the talk."""

MOST_LISTED = 12
"""Most lines that are listed of what was said: of more the last."""

LEAST, SURE = 0.84, 0.885
"""The likeness (e5) from which a statement may answer a question, and from which it does: of 14 things that had not been
told the nearest had 0.82 to 0.88, of 13 that had 0.85 to 0.95."""

BETWEEN = 0.03
"""By how much less alike (e5) a question and its answer are where they are in two languages."""

CLOSE, CLOSE_CHANGE = 0.025, 0.05
"""Statements whose likeness is less than the best's by no more than this answer it as well; the second where one
says that something changed since."""


def tell(view: TurnView, intent: str) -> Reply:
    """Keep what a turn tells, if the rules did not, and say what was kept; nothing is claimed that is not so."""
    if view.stated:
        said = dict.fromkeys(_acknowledged(view, fact) for fact in view.stated)
        return Reply(" ".join(said), tuple(_keeping(view)))
    if intent == "rename":
        return Reply(say(view, "clear_name"))
    if done := view.done(NOTE):
        kept = "Noted" in done[-1].text
        return Reply(_noted(view, intent, view.said) if kept else say(view, "not_noted"))
    if view.can(NOTE) and len(view.said) <= LONGEST and (topic := _hard_topic(view, intent)):
        note = {"topic": topic, "quote": view.said, "understood": intent == "understood"}
        return Reply(calls=((NOTE, note),))
    if view.can(INSERT) and len(view.said) <= LONGEST:
        return Reply(calls=((INSERT, {"content": view.said, "kind": "fact", "quote": view.said}),))
    stored = any(word in result.text for result in view.done(INSERT) for word in ("Stored", "Known"))
    return Reply(_noted(view, intent, view.said) if stored else say(view, "not_noted"))


def _hard_topic(view: TurnView, intent: str) -> str:
    """What a turn says to be hard, by the words that name it; what it says to be clear, of that which was hard."""
    named = named_in(view.said)
    if intent == "understood":
        meant = [item.topic for item in view.hard if item.open and speaks_of(item.topic, named)]
        return meant[-1] if meant else ""
    return ", ".join(" ".join(phrase) for phrase in named) if intent == "confused" else ""


def _keeping(view: TurnView) -> Iterable[Call]:
    """Write what has to be in view always into the core memory, as it is kept, and words that say more as a note."""
    ended_by = {item.superseded_by for item in view.kept}
    for item in view.kept if view.can(CORE) else ():
        new = item.message_id == view.asked_id and item.id not in ended_by
        if new and item.fact:
            yield CORE, {"label": "student", "content": item.text, "request_heartbeat": False}
    values = " ".join(f"{fact.value} {fact.day or ''}" for fact in view.stated)
    if view.can(INSERT) and not all(mentions(values, p) for p in named_in(view.said)):
        yield INSERT, {"content": view.said, "quote": view.said, "request_heartbeat": False}


def _acknowledged(view: TurnView, fact: StatedFact) -> str:
    """Say what the rules have kept."""
    if fact.kind in {"name", "nickname"}:
        return say(view, "called", name=_called(view, fact.value))
    if fact.kind == "confusion":
        return _noted(view, "understood" if fact.polarity == "understood" else "confused", fact.value)
    return dated(view, fact) if fact.day else _noted(view, "statement", fact.quote)


def _noted(view: TurnView, intent: str, words: str) -> str:
    """Say that words were kept; offer to look at what is hard."""
    offer = say(view, "look_together") if view.course and intent == "confused" else ""
    return f"{say(view, intent if intent in HARD else 'noted', words=words)} {offer}".strip()


def _called(view: TurnView, name: str) -> str:
    return josa(name, "이라고/라고") if view.language == "ko" else name


def dated(view: TurnView, fact: StatedFact) -> str:
    """Say when something is and how far off that is."""
    assert fact.day is not None
    thing = say(view, "deadline", thing=fact.value) if fact.kind == "deadline" else fact.value
    thing = josa(thing, "은/는") if view.language == "ko" else thing
    left = days_left(fact.day, view.now.date(), view.language)
    return say(view, "dated", thing=thing, day=day_in(view, fact.day), left=left)


def own_fact(view: TurnView, embed: Embed | None) -> Reply:
    """Answer what the student asks about themself: from values where they are meant, else in their own words."""
    if view.name and says(view.said, "own_name"):
        return Reply(say(view, "name", name=_called(view, view.name)))
    if says(view.said, "about_me") and not named_in(view.said):
        return _told(view, "known", view.held[-MOST_LISTED:])
    if view.can(SEARCH):
        return Reply(calls=((SEARCH, {"query": view.said[:300], "kind": "student"}),))
    surely, found = _closest(view, embed)
    return _told(view, "you_said" if surely else "nearest_said", found)


def own_dates(view: TurnView) -> str:
    """Say when the student's exam or deadline is, where a turn asks for the day of one; "" where it does not."""
    if view.stated or not says(view.said, "which_day"):
        return ""
    lower, events = view.said.casefold(), _events(view)
    most = max((_count_named(lower, event) for event in events), default=0)
    meant = [event for event in events if most and _count_named(lower, event) == most]
    meant = meant or [e for e in events if e.kind in {"exam", "deadline"} and says(lower, e.kind)]
    known = "\n".join(f"{event.value} {event.quote}" for event in meant)
    foreign = not all(mentions(known, p) for p in named_in(view.said))
    return "" if foreign else "\n".join(dated(view, event) for event in meant)


def dates_just_told(view: TurnView) -> str:
    """Say when that is of which the student spoke last, where a turn asks for a day and names nothing."""
    if view.stated or named_in(view.said) or not says(view.said, "which_day"):
        return ""
    told = [event for event in _events(view) if event.quote and event.quote in view.last.asked]
    return "\n".join(dated(view, event) for event in told)


def _count_named(lower: str, event: StatedFact) -> int:
    """How many words of what has a day a turn has; of a Korean word its beginning will do."""
    words = event.value.casefold().split()
    return sum(mentions(lower, (word,)) if word.isascii() else word[:2] in lower for word in words)


def _events(view: TurnView) -> list[StatedFact]:
    """What has a day and is not called off: what is to come first, the next one first."""
    found = [(f.day < view.now.date(), f.day, f) for f in view.facts if f.day and f.polarity != "cancelled"]
    return [fact for _, _, fact in sorted(found, key=lambda event: event[:2])]


def _closest(view: TurnView, embed: Embed | None) -> tuple[bool, list[ArchivalRecord]]:
    """Whether statements surely answer a question, and which, the newest last: by meaning, else by the words they share."""
    by_id, named = {item.id: item for item in view.held}, named_in(view.said)
    ids = dict.fromkeys([*(hit.id for hit in view.hits()), *list(by_id)[-MOST_LISTED:]])
    found = [by_id[i] for i in ids if i in by_id]
    told = [item.words for item in found]
    if embed is None:
        shared = [sum(mentions(words, p) for p in named) for words in told]
        near = [float(count > 0 and count == max(shared)) for count in shared]
    else:
        question, *statements = embed([view.said, *told])
        korean = bool(HANGUL.search(view.said))
        between = [BETWEEN * (bool(HANGUL.search(words)) != korean) for words in told]
        near = [float(vector @ question) + more for vector, more in zip(statements, between, strict=True)]
    best = max(near, default=0.0)
    if best < LEAST:
        return False, []
    newest = max(item.time for item, likeness in zip(found, near, strict=True) if likeness == best)
    chosen: list[ArchivalRecord] = []
    for item, likeness in zip(found, near, strict=True):
        changed = item.time > newest and corrects(item.words)
        if likeness >= best - (CLOSE_CHANGE if changed else CLOSE):
            chosen.append(item)
    surely = best >= SURE or any(speaks_of(item.words, named) for item in chosen)
    return surely, sorted(chosen, key=lambda item: item.time)[-4:]


def _told(view: TurnView, head: str, items: Sequence[ArchivalRecord]) -> Reply:
    """List statements with the days they were made on, of an exam the day it is on."""
    lines: dict[str, None] = {}
    for item in items:
        said = f"{day_in(view, local_time(item.time, item.zone))}: “{' '.join(item.words.split())}”"
        lines[dated(view, item.fact) if item.fact and item.fact.day else said] = None
    return Reply(listed(say(view, head), lines, say(view, "never_said")))


def own_confusion(view: TurnView) -> Reply:
    """List what the student still finds hard, and what is said to be clear and was not checked yet."""
    still = [item.topic for item in view.hard if item.open and item.state != "claimed"]
    hard = listed(say(view, "confusing"), still, say(view, "no_confusion"))
    claimed = [item.topic for item in view.hard if item.state == "claimed"]
    return Reply(paragraphs(hard, listed(say(view, "claimed"), claimed) if claimed else ""))


def open_questions(view: TurnView) -> Reply:
    """List the questions that wait for an answer."""
    days = (day_in(view, question.asked_at.astimezone(view.now.tzinfo)) for question in view.questions)
    lines = (f"{day}: {question.text}" for day, question in zip(days, view.questions, strict=True))
    return Reply(listed(say(view, "open"), lines, say(view, "none_open")))


def dismiss(view: TurnView) -> Reply:
    """Take off the list the open question that is named, else the last one."""
    if done := view.done(DISMISS):
        return Reply(say(view, "dismissed", words=done[-1].text.partition(": ")[2]))
    if not view.questions or not view.can(DISMISS):
        return Reply(say(view, "none_open"))
    meant = [q for q in view.questions if speaks_of(q.text, named_in(view.said))] or view.questions
    return Reply(calls=((DISMISS, {"id": f"m{meant[-1].message_id}"}),))


def plan(view: TurnView) -> Reply:
    """Give the study plan, with the minutes a day that the turn names."""
    if done := view.done(PLAN):
        aim, *rest = done[-1].text.strip().splitlines()
        days = [line for line in rest if line.startswith("- ")]
        others = [line for line in rest if line not in days]
        first = says(view.said, "what_first")
        return Reply(paragraphs(aim, "\n".join(days[: 1 if first else None]), *others[-1 if first else 0 :]))
    if not view.can(PLAN):
        return Reply(say(view, "no_plan"))
    minutes = minutes_in(view.said)
    return Reply(calls=((PLAN, {"minutes": minutes} if minutes else {}),))
