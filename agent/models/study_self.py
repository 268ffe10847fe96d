"""What the student told and asked before: keeping it, answering from it, and small talk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from ...memory.dates import resolve
from ...memory.dates_days import Span
from ...memory.facts import StatedFact, read_fact
from ...memory.josa import josa
from ...persona.lines import Lines
from ...tools.hits import ParsedHit
from ..smalltalk import is_question
from .study_intent import Ask, Intent, read_ask
from .study_lines import called, day_name, days_left, persona_line, phrase
from .study_scene import Scene
from .study_terms import Language, mentions, spellings
from .study_topic import CONTENT, Call, Move

MOST_LISTED = 5
"""Most earlier questions that are listed."""

LOOK_BACK = timedelta(days=14)
"""How far back "last time" is looked for first."""

_VAGUE = re.compile(
    r"지난\s*번|저번|전번|전에|예전|최근|요즘|그동안|지금까지|\b(?:last\s+time|before|earlier|previously|recently|so\s+far)\b",
    re.IGNORECASE,
)


_HOW_FAR = re.compile(r"어디까지|\bwhere\b", re.IGNORECASE)
_JUST_NOW = re.compile(r"아까|방금|조금\s*전|\b(?:just\s+now|earlier(?:\s+today)?|so\s+far)\b", re.IGNORECASE)


# What the student states


def keeping(scene: Scene) -> tuple[Call, ...]:
    """The calls that put what was just stated into the core memory; none for what stands there or does not fit."""
    calls: list[Call] = []
    room = scene.limit - len(scene.core)
    for fact in scene.stated:
        if fact.text in scene.core:
            continue
        old = next((line for line in scene.core.splitlines() if _on(fact, line)), None)
        if old is not None and "core_memory_replace" in scene.tools:
            calls.append(
                ("core_memory_replace", {"label": "student", "old_content": old, "new_content": fact.text})
            )
        elif "core_memory_append" in scene.tools and len(fact.text) < room:
            calls.append(("core_memory_append", {"label": "student", "content": fact.text}))
            room -= len(fact.text) + 1
    return tuple((name, {**arguments, "request_heartbeat": False}) for name, arguments in calls)


def _on(fact: StatedFact, line: str) -> bool:
    kept = read_fact(line, fact.valid_from)
    return kept is not None and kept.subject == fact.subject and kept.text != fact.text


def noted(scene: Scene, lines: Lines) -> str:
    """Say what was taken in: the name, how far the exam is, what to look at together."""
    said = [text for fact in scene.stated if (text := _noted(fact, scene))]
    own = "" if said else persona_line(lines, "noted", scene.language, scene.turn, name=scene.name)
    hard = next((fact.value for fact in scene.stated if fact.kind == "confusion"), "")
    offer = ""
    if hard:
        offer = (
            f"{josa(hard, '을/를')} 함께 볼까요?"
            if scene.language == "ko"
            else f"Shall we look at {hard} together?"
        )
    return " ".join(piece for piece in (*said, own, offer) if piece)


def _noted(fact: StatedFact, scene: Scene) -> str:
    korean = scene.language == "ko"
    match fact.kind:
        case "name":
            return f"반갑습니다, {fact.value} 학생." if korean else f"Nice to meet you, {fact.value}."
        case "exam" | "deadline" if fact.date and scene.today:
            return _dated(fact, fact.date, scene.today, scene.language, changed=fact.change)
        case "understood":
            return (
                f"{josa(fact.value, '을/를')} 이해하셨다니 반갑습니다."
                if korean
                else f"Good to hear that {fact.value} is clear now."
            )
        case "confusion":
            return (
                f"{josa(fact.value, '이/가')} 헷갈리신다는 것을 기억해 두겠습니다."
                if korean
                else f"I'll remember that {fact.value} is not clear yet."
            )
        case _:
            return ""


def _dated(fact: StatedFact, day: date, today: date, language: Language, *, changed: bool = False) -> str:
    thing = (
        fact.value
        if fact.kind == "exam"
        else f"{fact.value} 마감"
        if language == "ko"
        else f"{fact.value} deadline"
    )
    name, left = day_name(day, language), days_left(day, today, language)
    if language == "ko":
        verb = (
            f"{josa(thing, '을/를')} {josa(name, '으로/로')} 고쳐 적었습니다."
            if changed
            else f"{josa(thing, '은/는')} {name}입니다."
        )
        return f"{verb} {left}."
    verb = f"I have changed your {thing} to {name}" if changed else f"Your {thing} is on {name}"
    return f"{verb}: {left}."


# What the student asks about themself

_ASKED_FOR: dict[Intent, tuple[frozenset[str], str, re.Pattern[str]]] = {
    "name": (frozenset({"name"}), "이름 name", re.compile(r"이름|\bname\b", re.IGNORECASE)),
    "exam": (frozenset({"exam"}), "시험 날짜 exam date", re.compile(r"시험|고사|기말|중간|\b(?:exam|test|midterm|final|quiz)\b", re.IGNORECASE)),
    "deadline": (frozenset({"deadline"}), "과제 마감 deadline", re.compile(r"과제|숙제|마감|\b(?:deadline|assignment|homework|due)\b", re.IGNORECASE)),
    "confusion": (frozenset({"confusion"}), "헷갈려요 어려워요 confused", re.compile(r"헷갈|어려|모르|\bconfus|\bstruggl", re.IGNORECASE)),
    "about_me": (frozenset(), "이름 시험 목표 name exam goal", re.compile(r".")),
}  # fmt: skip


def about_student(scene: Scene, ask: Ask) -> Move:
    """Answer what the student asks about themself, from what they stated; search the memory once where it is not known."""
    kinds, query, words = _ASKED_FOR[ask.intent]
    facts = [fact for fact in scene.facts.values() if not kinds or fact.kind in kinds]
    facts = _meant(facts, ask, scene)
    if facts:
        return Move(_told(ask.intent, facts, scene))
    written = [line for line in scene.core.splitlines() if line.strip() and words.search(line)]
    if written:
        head = "이렇게 기억하고 있습니다." if scene.language == "ko" else "This is what I remember:"
        return Move("\n".join([head, *(f"- {line.lstrip('- ')}" for line in written[:6])]))
    if not scene.done("archival_memory_search") and "archival_memory_search" in scene.tools:
        return Move(calls=(("archival_memory_search", {"query": query}),))
    tell = "알려 주시면 기억해 두겠습니다." if scene.language == "ko" else "Tell me and I will remember."
    return Move(f"{phrase('never_said', scene.language)} {tell}")


def _meant(facts: list[StatedFact], ask: Ask, scene: Scene) -> list[StatedFact]:
    """Of several exams the one that is named, else those to come, else the last."""
    if ask.intent not in {"exam", "deadline"} or not facts or scene.today is None:
        return facts
    today = scene.today
    named = [
        fact
        for fact in facts
        if any(mentions(fact.value, term) and not _is_plain(term) for term in ask.terms)
    ]
    chosen = named or facts
    coming = [fact for fact in chosen if fact.date is None or fact.date >= today]
    return sorted(coming or chosen[-1:], key=lambda fact: fact.date or today)


def _is_plain(term: str) -> bool:
    return bool(re.search(r"시험|고사|exam|test|과제|숙제|마감|deadline|assignment", term, re.IGNORECASE))


def _told(intent: Intent, facts: list[StatedFact], scene: Scene) -> str:
    korean = scene.language == "ko"
    cited = [f"[{i}]" for fact in facts if (i := scene.id_of(fact))]
    end = f" {' '.join(dict.fromkeys(cited))}" if cited else ""
    match intent:
        case "name":
            name = facts[-1].value
            return (f"{called(name)} 하셨습니다." if korean else f"Your name is {name}.") + end
        case "exam" | "deadline":
            return " ".join(_when(fact, scene) for fact in facts[:3]) + end
        case "confusion":
            hard = ", ".join(fact.value for fact in facts[-5:])
            if korean:
                return f"{josa(hard, '이/가')} 헷갈린다고 하셨습니다.{end} 함께 다시 볼까요?"
            return f"You said that this confused you: {hard}.{end} Shall we go over it?"
        case _:
            head = "이렇게 기억하고 있습니다." if korean else "This is what you have told me:"
            return "\n".join([head, *(f"- {fact.text}" for fact in facts)]) + end


def _when(fact: StatedFact, scene: Scene) -> str:
    if fact.date is None or scene.today is None:
        return fact.text
    return _dated(fact, fact.date, scene.today, scene.language)


def forgetting(scene: Scene, ask: Ask) -> Move:
    """Say how what is remembered is deleted, with the ids of what seems to be meant: it is not the model's to delete."""
    if not scene.done("archival_memory_search") and "archival_memory_search" in scene.tools:
        return Move(calls=(("archival_memory_search", {"query": ask.text}),))
    kinds = {
        kind for named, _, words in _ASKED_FOR.values() if named and words.search(ask.text) for kind in named
    }
    facts = [hit for hit in scene.known.values() if hit.kind == "fact"]
    meant = [
        hit for hit in facts if _kind_of(hit) in kinds or any(mentions(hit.text, term) for term in ask.terms)
    ]
    lines = [f"- {hit.text} [{hit.id}]" for hit in meant[:MOST_LISTED]]
    return Move(
        "\n".join([phrase("forget", scene.language), *(lines or [phrase("forget_what", scene.language)])])
    )


def _kind_of(hit: ParsedHit) -> str:
    fact = read_fact(hit.text, datetime(hit.date.year, hit.date.month, hit.date.day, tzinfo=UTC))
    return fact.kind if fact else ""


# What was said before


def last_time(scene: Scene, ask: Ask) -> Move:
    """List the real questions of the day that is meant: the last one, or the one that is named."""
    span = _span(scene, ask)
    searches = scene.done("conversation_search")
    today = _in_view(scene, today=True) if _JUST_NOW.search(ask.text) else []
    if today:
        return _listed(scene, _different(_real(today))[-MOST_LISTED:])
    if "conversation_search" in scene.tools and not searches:
        return _search(ask, span, scene.today - LOOK_BACK if scene.today and span is None else None)
    asked = _asked_before(scene, span)
    if not asked and span is None and len(searches) == 1 and "conversation_search" in scene.tools:
        return _search(ask, None, None)
    if not asked:
        return _listed(scene, _different(_real(_in_view(scene, today=True)))[-MOST_LISTED:])
    day = max(when for when, _, _ in asked) if span is None else None
    found = _different([entry for entry in asked if day is None or entry[0] == day])
    chosen = found[-2:] if _HOW_FAR.search(ask.text) else found[:MOST_LISTED]
    return _listed(scene, chosen)


def _listed(scene: Scene, chosen: list[tuple[date, str, str]]) -> Move:
    if not chosen:
        return Move(phrase("no_last_time", scene.language))
    dates = {when for when, _, _ in chosen}
    lines = [
        f"- {'' if len(dates) == 1 else day_name(when, scene.language) + ': '}{text}{f' [{i}]' if i else ''}"
        for when, text, i in chosen
    ]
    only = (
        day_name(next(iter(dates)), scene.language)
        if dates == dates - {scene.today} and len(dates) == 1
        else ""
    )
    head = phrase("last_time", scene.language)
    if only:
        head = f"{only}에 {head}" if scene.language == "ko" else f"On {only} you asked:"
    return Move("\n".join([head, *lines]))


def _span(scene: Scene, ask: Ask) -> Span | None:
    """The days a turn names; "last time" names none."""
    if scene.now is None or _VAGUE.search(ask.text):
        return None
    return resolve(ask.text, scene.now)


def _search(ask: Ask, span: Span | None, back: date | None) -> Move:
    arguments: dict[str, object] = {"query": ask.text, "role": "user", "limit": 20}
    if span is not None:
        arguments |= {
            "start_date": span.start.isoformat(),
            "end_date": (span.end - timedelta(days=1)).isoformat(),
        }
    elif back is not None:
        arguments["start_date"] = back.isoformat()
    return Move(calls=(("conversation_search", arguments),))


def _asked_before(scene: Scene, span: Span | None) -> list[tuple[date, str, str]]:
    """Earlier questions as (day, words, id), oldest first: from the search, and from earlier days in view."""
    entries = [
        (hit.date, f"{hit.date} {hit.time} {int(hit.id[1:]):9}", hit.text, hit.id)
        for result in scene.done("conversation_search")
        for hit in _found(scene, result.text)
    ]
    seen = {text for _, _, text, _ in entries}
    entries += [entry for entry in _in_view(scene, today=False) if entry[2] not in seen]
    return [entry for entry in _real(entries) if span is None or span.start <= entry[0] < span.end]


def _in_view(scene: Scene, *, today: bool) -> list[tuple[date, str, str, str]]:
    """What the student said in the turns in view, of today or of the days before, as (day, order, words, id)."""
    return [
        (exchange.when.date(), f"{exchange.when:%Y-%m-%d %H:%M} {place:9}", exchange.asked, "")
        for place, exchange in enumerate(scene.earlier)
        if exchange.when and scene.today and (exchange.when.date() == scene.today) == today
    ]


def _real(entries: list[tuple[date, str, str, str]]) -> list[tuple[date, str, str]]:
    """Those that ask something about the subject, in order."""
    return [
        (day, " ".join(text.split()), i)
        for day, _, text, i in sorted(entries, key=lambda entry: entry[1])
        if is_question(text) and read_ask(text).intent in CONTENT
    ]


def _found(scene: Scene, text: str) -> Iterable[ParsedHit]:
    return (
        hit
        for i in re.findall(r"^\[(m\d+)\]", text, re.MULTILINE)
        if (hit := scene.known.get(i)) and hit.kind == "user"
    )


def _different(asked: list[tuple[date, str, str]]) -> list[tuple[date, str, str]]:
    """One question a topic, the first; questions that only make sense after another are left out where others are."""
    chosen: dict[frozenset[str], tuple[date, str, str]] = {}
    for entry in asked:
        terms = read_ask(entry[1]).terms
        if terms:
            chosen.setdefault(spellings(terms[0]), entry)
    return list(chosen.values()) or asked


def said_before(scene: Scene, ask: Ask) -> Move:
    """Quote what was said about a topic in earlier talk, by either side."""
    span = _span(scene, ask)
    if not scene.done("conversation_search") and "conversation_search" in scene.tools:
        arguments: dict[str, object] = {"query": " ".join(ask.terms)}
        if span is not None:
            arguments |= {
                "start_date": span.start.isoformat(),
                "end_date": (span.end - timedelta(days=1)).isoformat(),
            }
        return Move(calls=(("conversation_search", arguments),))
    hits = [
        hit
        for hit in scene.finds()
        if hit.kind in {"user", "assistant"} and any(mentions(hit.text, term) for term in ask.terms)
    ]
    if not hits:
        return Move(phrase("not_said_before", scene.language), answered=False)
    ordered = sorted(hits[:4], key=lambda hit: (hit.date, hit.time))
    lines = [
        f"- {day_name(hit.date, scene.language)}, {_who(hit, scene.language)}: “{_short(hit.text)}” [{hit.id}]"
        for hit in ordered
    ]
    return Move("\n".join([phrase("said_before", scene.language), *lines]))


def _who(hit: ParsedHit, language: Language) -> str:
    if language == "ko":
        return "학생" if hit.kind == "user" else "교수"
    return "you" if hit.kind == "user" else "professor"


def _short(text: str) -> str:
    line = " ".join(re.sub(r"\[[am]\d+\]|^>\s?", "", text, flags=re.MULTILINE).split())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"
