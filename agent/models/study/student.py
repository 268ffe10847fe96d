"""What the student asks about themself: answered from what they stated, as it is now or as it was on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from ....memory.facts import Kind, StatedFact, render_fact
from ....memory.text import josa
from .history import MOST_LISTED, named_days
from .intent import Intent, ParsedQuestion
from .noted import dated, thing_of
from .phrases import called, day_name, phrase
from .request import TurnView
from .terms import mentions
from .topic import Reply

_ASKED_FOR: dict[Intent, tuple[frozenset[str], str, re.Pattern[str]]] = {
    "name": (frozenset({"name", "nickname"}), "이름 name", re.compile(r"이름|\bname\b", re.IGNORECASE)),
    "exam": (frozenset({"exam"}), "시험 날짜 exam date", re.compile(r"시험|고사|기말|중간|\b(?:exam|test|midterm|final|quiz)\b", re.IGNORECASE)),
    "deadline": (frozenset({"deadline"}), "과제 마감 deadline", re.compile(r"과제|숙제|마감|\b(?:deadline|assignment|homework|due)\b", re.IGNORECASE)),
    "confusion": (frozenset({"confusion"}), "헷갈려요 어려워요 confused", re.compile(r"헷갈|어려|모르|\bconfus|\bstruggl", re.IGNORECASE)),
    "about_me": (frozenset(), "이름 시험 목표 name exam goal", re.compile(r".")),
}  # fmt: skip


_NAMED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("major", re.compile(r"전공|학과|\bmajor", re.IGNORECASE)),
    ("year", re.compile(r"학년|\byear", re.IGNORECASE)),
    ("goal", re.compile(r"목표|\bgoal", re.IGNORECASE)),
    ("course", re.compile(r"수업|강의|\bcourse", re.IGNORECASE)),
)
"""What one thing a question on oneself may be about."""


def about_student(view: TurnView, ask: ParsedQuestion) -> Reply:
    """Answer what the student asks about themself, from what they stated; search the memory once where it is not known."""
    kinds, query, words = _ASKED_FOR[ask.intent]
    named = frozenset(kind for kind, name in _NAMED if ask.intent == "about_me" and name.search(ask.text))
    kinds, words = (
        (named, re.compile("|".join(name.pattern for kind, name in _NAMED if kind in named), re.IGNORECASE))
        if named
        else (kinds, words)
    )
    past = _past_day(view, ask)
    if past is not None and (then := _as_of(view, ask, past)):
        return then
    facts = _meant(_of_kinds(view.facts, kinds, ask), ask, view)
    if facts:
        return Reply(_told(ask.intent, facts, view))
    written = [line for line in view.core.splitlines() if line.strip() and words.search(line)]
    if written:
        head = "이렇게 기억하고 있습니다." if view.language == "ko" else "This is what I remember:"
        return Reply("\n".join([head, *(f"- {line.lstrip('- ')}" for line in written[:6])]))
    if not view.done("archival_memory_search") and "archival_memory_search" in view.tools:
        return Reply(calls=(("archival_memory_search", {"query": query}),))
    tell = "알려 주시면 기억해 두겠습니다." if view.language == "ko" else "Tell me and I will remember."
    return Reply(f"{phrase('never_said', view.language)} {tell}")


def _meant(
    facts: list[StatedFact], ask: ParsedQuestion, view: TurnView, *, ever: bool = False
) -> list[StatedFact]:
    """Of several exams the one that is named, else those to come, else the last; `ever` all of them."""
    if ask.intent not in {"exam", "deadline"} or not facts or view.today is None:
        return facts
    today = view.today
    named = [
        fact
        for fact in facts
        if any(mentions(fact.value, term) and not _is_plain(term) for term in ask.terms)
    ]
    chosen = named or facts
    if ever:
        return chosen
    coming = [fact for fact in chosen if fact.day is None or fact.day >= today]
    return sorted(coming or chosen[-1:], key=lambda fact: fact.day or today)


def _of_kinds(facts: Iterable[StatedFact], kinds: frozenset[str], ask: ParsedQuestion) -> list[StatedFact]:
    """The facts that a question may mean; what is clear by now confuses nobody."""
    still = [fact for fact in facts if ask.intent != "confusion" or fact.polarity != "understood"]
    return [fact for fact in still if not kinds or fact.kind in kinds]


def _past_day(view: TurnView, ask: ParsedQuestion) -> date | None:
    """The last of the days gone by that a turn names, None where it names none."""
    span = named_days(view, ask)
    if span is None or view.today is None or span.end > view.today:
        return None
    return span.end - timedelta(days=1)


def _as_of(view: TurnView, ask: ParsedQuestion, day: date) -> Reply | None:
    """Say what held on a day, and what holds now where that is something else; None without a tool to look it up."""
    kinds, query, _ = _ASKED_FOR[ask.intent]
    now = _of_kinds(view.facts, kinds, ask)
    if not any(result.arguments.get("as_of") for result in view.done("archival_memory_search")):
        words = " ".join(view.sentence(fact) for fact in now[-3:]) or query
        call = ("archival_memory_search", {"query": words, "as_of": day.isoformat()})
        return Reply(calls=(call,)) if "archival_memory_search" in view.tools else None
    held = {(fact.subject, fact.day): (fact, i) for fact, i in view.facts_on(day)}
    then = _of_kinds((fact for fact, _ in held.values()), kinds, ask)
    meant = _meant(then, ask, view, ever=True)
    if meant:
        said = (_then(*held[fact.subject, fact.day], day, view) for fact in meant[:MOST_LISTED])
        return Reply("\n".join(said))
    if not now:
        return None
    not_yet = phrase("not_said_by_then", view.language).format(day=day_name(day, view.language))
    return Reply(f"{not_yet} {_told(ask.intent, _meant(now, ask, view), view)}")


def _then(fact: StatedFact, i: str, day: date, view: TurnView) -> str:
    korean, when = view.language == "ko", day_name(day, view.language)
    now = next((other for other in reversed(view.facts) if other.subject == fact.subject), None)
    changed = now is not None and (now.value, now.day, now.polarity) != (fact.value, fact.day, fact.polarity)
    if fact.day is None or fact.last_day is not None:
        text = render_fact(fact, view.language)
        return (
            f"{when}에는 이렇게 알고 있었습니다: {text} [{i}]"
            if korean
            else f"On {when} I knew: {text} [{i}]"
        )
    thing, said = thing_of(fact, view.language), day_name(fact.day, view.language)
    if korean:
        then = f"{when}에는 {josa(thing, '이/가')} {said}이라고 하셨습니다. [{i}]"
    else:
        then = f"On {when} you said that your {thing} was on {said}. [{i}]"
    if not changed or now is None:
        return then
    return f"{then} {'지금은 바뀌었습니다.' if korean else 'That has changed since.'} {_when(now, view)}"


def _is_plain(term: str) -> bool:
    return bool(re.search(r"시험|고사|exam|test|과제|숙제|마감|deadline|assignment", term, re.IGNORECASE))


def _told(intent: Intent, facts: list[StatedFact], view: TurnView) -> str:
    korean = view.language == "ko"
    cited = [f"[{i}]" for fact in facts if (i := view.id_of(fact))]
    end = f" {' '.join(dict.fromkeys(cited))}" if cited else ""
    match intent:
        case "name":
            name = facts[-1].value
            return (f"{called(name)} 하셨습니다." if korean else f"Your name is {name}.") + end
        case "exam" | "deadline":
            return " ".join(_when(fact, view) for fact in facts[:3]) + end
        case "confusion":
            hard = ", ".join(fact.value for fact in facts[-5:])
            if korean:
                return f"{josa(hard, '이/가')} 헷갈린다고 하셨습니다.{end} 함께 다시 볼까요?"
            return f"You said that this confused you: {hard}.{end} Shall we go over it?"
        case _:
            head = "이렇게 기억하고 있습니다." if korean else "This is what you have told me:"
            lines = (
                f"- {_to_you(render_fact(fact, view.language))}{f' [{i}]' if (i := view.id_of(fact)) else ''}"
                for fact in facts
            )
            return "\n".join([head, *lines])


_OF_THE_STUDENT = (
    ("The student's ", "Your "),
    ("The student is ", "You are "),
    ("The student takes ", "You take "),
    ("The student goes by ", "You go by "),
    ("The student now understands ", "You now understand "),
)


def _to_you(text: str) -> str:
    """A sentence on the student, said to them."""
    for third, second in _OF_THE_STUDENT:
        text = second + text.removeprefix(third) if text.startswith(third) else text
    return text


def _when(fact: StatedFact, view: TurnView) -> str:
    if fact.day is None or fact.last_day is not None or view.today is None:
        return render_fact(fact, view.language)
    return dated(fact, fact.day, view.today, view.language)


def forgetting(view: TurnView, ask: ParsedQuestion) -> Reply:
    """Say how what is remembered is deleted, with the ids of what seems to be meant: it is not the model's to delete."""
    if not view.done("archival_memory_search") and "archival_memory_search" in view.tools:
        return Reply(calls=(("archival_memory_search", {"query": ask.text}),))
    kinds = {
        kind for named, _, words in _ASKED_FOR.values() if named and words.search(ask.text) for kind in named
    }
    facts = [hit for hit in view.known.values() if hit.kind == "fact"]
    kind_of = {item.id: item.fact.kind for item in view.kept if item.fact}
    meant = [
        hit
        for hit in facts
        if kind_of.get(hit.id) in kinds or any(mentions(hit.text, term) for term in ask.terms)
    ]
    lines = [f"- {hit.text} [{hit.id}]" for hit in meant[:MOST_LISTED]]
    return Reply(
        "\n".join([phrase("forget", view.language), *(lines or [phrase("forget_what", view.language)])])
    )
