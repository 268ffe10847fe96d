"""What the student states about themself: put into the core memory, and acknowledged once, as a person would."""

from __future__ import annotations

from datetime import date

from ....memory.facts import Kind, StatedFact, label_in
from ....memory.text import josa
from ....persona.lines import Lines
from .phrases import day_name, days_left, persona_line
from .request import TurnView
from .terms import Language
from .topic import Call


def keeping(view: TurnView) -> tuple[Call, ...]:
    """The calls that put what was just stated into the core memory; none for what stands there or does not fit."""
    calls: list[Call] = []
    room = view.limit - len(view.core)
    for fact in view.stated:
        line = view.sentence(fact)
        if line not in view.core and "core_memory_append" in view.tools and len(line) < room:
            calls.append(("core_memory_append", {"label": "student", "content": line}))
            room -= len(line) + 1
    return tuple((name, {**arguments, "request_heartbeat": False}) for name, arguments in calls)


_ANSWERED: frozenset[Kind] = frozenset({"name", "nickname", "confusion"})
"""What is answered by itself, without a promise to remember it."""


def noted(view: TurnView, lines: Lines) -> str:
    """Say what was taken in, each thing once: who they are, how far the exam is, what to look at together."""
    korean = view.language == "ko"
    said = {fact.kind: fact for fact in view.stated}
    name = next((said[kind].value for kind in ("nickname", "name") if kind in said), "")
    greeting = f"반갑습니다, {name} 학생." if korean else f"Nice to meet you, {name}."
    pieces = [
        greeting if name else "",
        _studies(
            said["major"].value if "major" in said else "",
            said["year"].value if "year" in said else "",
            view,
        ),
        *(_dated_of(fact, view) for fact in view.stated if fact.kind in {"exam", "deadline"}),
        *(_cleared(fact.value, korean=korean) for fact in view.stated if fact.polarity == "understood"),
    ]
    hard = [f.value for f in view.stated if f.kind == "confusion" and f.polarity != "understood"]
    if not any(pieces) and not hard:
        return persona_line(lines, "noted", view.language, view.turn, name=view.name)
    if any(f.kind not in _ANSWERED and not (f.change and f.day) for f in view.stated):
        pieces.append("기억해 두겠습니다." if korean else "I'll remember that.")
    return " ".join(piece for piece in (*pieces, _offered(hard, korean=korean)) if piece)


def _studies(major: str, year: str, view: TurnView) -> str:
    if not major and not year:
        return ""
    if view.language == "ko":
        major += "과" if major.endswith("학") else ""
        return f"{josa(f'{major} {year}'.strip(), '이시군요/시군요')}."
    if not year:
        return f"So your major is {major}."
    who = f"{year.replace(' ', '-')} student" if year.endswith("year") else year
    return f"So you are {'an' if who[0] in 'aeiou' else 'a'} {who}{f' in {major}' if major else ''}."


def _dated_of(fact: StatedFact, view: TurnView) -> str:
    if not fact.day or fact.last_day or not view.today:
        return ""
    return dated(fact, fact.day, view.today, view.language, changed=fact.change)


def _cleared(topic: str, *, korean: bool) -> str:
    return (
        f"{josa(topic, '을/를')} 이해하셨다니 반갑습니다."
        if korean
        else f"Good to hear that {topic} is clear now."
    )


def _offered(hard: list[str], *, korean: bool) -> str:
    """Offer to look at what confuses; what a bare yes then takes up."""
    if not hard:
        return ""
    named = ", ".join(hard)
    if korean:
        return f"{josa(named, '이/가')} 헷갈리시는군요. 함께 볼까요?"
    return f"So {named} is not clear yet. Shall we look at it together?"


def thing_of(fact: StatedFact, language: Language) -> str:
    """What is dated, in the language of the talk: "AI 기말고사", "보고서 마감"."""
    label = label_in(fact.value, language)
    if fact.kind == "exam" or label.casefold().endswith(("발표", "presentation", "마감", "deadline")):
        return label
    return f"{label} 마감" if language == "ko" else f"{label} deadline"


def dated(fact: StatedFact, day: date, today: date, language: Language, *, changed: bool = False) -> str:
    """Say when something is and how far off that is."""
    thing = thing_of(fact, language)
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
