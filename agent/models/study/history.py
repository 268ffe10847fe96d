"""What was asked and said in earlier talk: listed and quoted from the record."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ....memory.dates import Span, resolve
from ...context.smalltalk import is_question
from .intent import ParsedQuestion, parse_question
from .phrases import day_name, phrase
from .request import SeenHit, TurnView
from .terms import Language, mentions, spellings
from .topic import CONTENT, Reply

MOST_LISTED = 5
"""Most earlier questions that are listed."""

LOOK_BACK = timedelta(days=14)
"""How far back "last time" is looked for first."""

_VAGUE = re.compile(
    r"지난\s*번|저번|전번|전에|예전|최근|요즘|그동안|지금까지|\b(?:last\s+time|before|earlier|previously|recently|so\s+far)\b",
    re.IGNORECASE,
)


_HOW_FAR = re.compile(r"어디까지|\bwhere\b", re.IGNORECASE)
_JUST_NOW = re.compile(
    r"아까|방금|조금\s*전|지금까지|여태|오늘\s*(?:배운|한|본|공부|물어|이야기|얘기|나눈)|\btoday\b|\b(?:just\s+now|earlier(?:\s+today)?|so\s+far)\b",
    re.IGNORECASE,
)


def last_time(view: TurnView, ask: ParsedQuestion) -> Reply:
    """List the real questions of the day that is meant: the last one, or the one that is named."""
    span = named_days(view, ask)
    searches = view.done("conversation_search")
    today = _in_view(view, today=True) if _JUST_NOW.search(ask.text) else []
    if today:
        return _listed(view, _different(_real(today))[-MOST_LISTED:])
    if "conversation_search" in view.tools and not searches:
        return _search(ask, span, view.today - LOOK_BACK if view.today and span is None else None)
    asked = _asked_before(view, span)
    if not asked and span is None and len(searches) == 1 and "conversation_search" in view.tools:
        return _search(ask, None, None)
    if not asked:
        return _listed(view, _different(_real(_in_view(view, today=True)))[-MOST_LISTED:])
    day = max(when for when, _, _ in asked) if span is None else None
    found = _different([entry for entry in asked if day is None or entry[0] == day])
    chosen = found[-2:] if _HOW_FAR.search(ask.text) else found[:MOST_LISTED]
    return _listed(view, chosen)


def _listed(view: TurnView, chosen: list[tuple[date, str, str]]) -> Reply:
    if not chosen:
        return Reply(phrase("no_last_time", view.language))
    dates = {when for when, _, _ in chosen}
    lines = [
        f"- {'' if len(dates) == 1 else day_name(when, view.language) + ': '}{text}{f' [{i}]' if i else ''}"
        for when, text, i in chosen
    ]
    only = (
        day_name(next(iter(dates)), view.language)
        if dates == dates - {view.today} and len(dates) == 1
        else ""
    )
    head = phrase("last_time", view.language)
    if only:
        head = f"{only}에 {head}" if view.language == "ko" else f"On {only} you asked:"
    return Reply("\n".join([head, *lines]))


def named_days(view: TurnView, ask: ParsedQuestion) -> Span | None:
    """Give the days a turn names; "last time" names none."""
    if view.now is None or _VAGUE.search(ask.text):
        return None
    return resolve(ask.text, view.now)


def _search(ask: ParsedQuestion, span: Span | None, back: date | None) -> Reply:
    arguments: dict[str, object] = {"query": ask.text, "role": "user", "limit": 20}
    if span is not None:
        arguments |= {
            "start_date": span.start.isoformat(),
            "end_date": (span.end - timedelta(days=1)).isoformat(),
        }
    elif back is not None:
        arguments["start_date"] = back.isoformat()
    return Reply(calls=(("conversation_search", arguments),))


def _asked_before(view: TurnView, span: Span | None) -> list[tuple[date, str, str]]:
    """Earlier questions as (day, words, id), oldest first: from the search, and from earlier days in view."""
    entries = [
        (hit.date, f"{hit.date} {hit.time} {int(hit.id[1:]):9}", hit.text, hit.id)
        for result in view.done("conversation_search")
        for hit in (view.known.get(shown.id, shown) for shown in result.hits)
        if hit.kind == "user"
    ]
    seen = {text for _, _, text, _ in entries}
    entries += [entry for entry in _in_view(view, today=False) if entry[2] not in seen]
    return [entry for entry in _real(entries) if span is None or span.start <= entry[0] < span.end]


def _in_view(view: TurnView, *, today: bool) -> list[tuple[date, str, str, str]]:
    """What the student said in the turns in view, of today or of the days before, as (day, order, words, id)."""
    return [
        (exchange.when.date(), f"{exchange.when:%Y-%m-%d %H:%M} {place:9}", exchange.asked, "")
        for place, exchange in enumerate(view.earlier)
        if exchange.when and view.today and (exchange.when.date() == view.today) == today
    ]


def _real(entries: list[tuple[date, str, str, str]]) -> list[tuple[date, str, str]]:
    """Those that ask something about the subject, in order."""
    return [
        (day, " ".join(text.split()), i)
        for day, _, text, i in sorted(entries, key=lambda entry: entry[1])
        if is_question(text) and parse_question(text).intent in CONTENT
    ]


def _different(asked: list[tuple[date, str, str]]) -> list[tuple[date, str, str]]:
    """One question a topic, the first; questions that only make sense after another are left out where others are."""
    chosen: dict[frozenset[str], tuple[date, str, str]] = {}
    for entry in asked:
        terms = parse_question(entry[1]).terms
        if terms:
            chosen.setdefault(spellings(terms[0]), entry)
    return list(chosen.values()) or asked


def said_before(view: TurnView, ask: ParsedQuestion) -> Reply:
    """Quote what was said about a topic in earlier talk, by either side."""
    span = named_days(view, ask)
    if not view.done("conversation_search") and "conversation_search" in view.tools:
        arguments: dict[str, object] = {"query": " ".join(ask.terms)}
        if span is not None:
            arguments |= {
                "start_date": span.start.isoformat(),
                "end_date": (span.end - timedelta(days=1)).isoformat(),
            }
        return Reply(calls=(("conversation_search", arguments),))
    hits = [
        hit
        for hit in view.hits()
        if hit.kind in {"user", "assistant"} and any(mentions(hit.text, term) for term in ask.terms)
    ]
    if not hits:
        return Reply(phrase("not_said_before", view.language), answered=False)
    ordered = sorted(hits[:4], key=lambda hit: (hit.date, hit.time))
    lines = [
        f"- {day_name(hit.date, view.language)}, {_who(hit, view.language)}: “{_short(hit.text)}” [{hit.id}]"
        for hit in ordered
    ]
    return Reply("\n".join([phrase("said_before", view.language), *lines]))


def _who(hit: SeenHit, language: Language) -> str:
    if language == "ko":
        return "학생" if hit.kind == "user" else "교수"
    return "you" if hit.kind == "user" else "professor"


def _short(text: str) -> str:
    line = " ".join(re.sub(r"\[[am]\d+\]|^>\s?", "", text, flags=re.MULTILINE).split())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"
