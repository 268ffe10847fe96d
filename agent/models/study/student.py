"""What the student tells, and asks to be told again: kept in their own words, with the day; only names, exams, deadlines,
goals and what is hard are known as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ....memory.archival import ArchivalRecord
from ....memory.dates import day_name, days_left
from ....memory.facts import StatedFact
from ....memory.facts.clauses import corrects
from ....memory.text import josa, mentions, phrases_of
from ...settings import local_time
from ...turn_view import Language, TurnView
from .course import SEARCH, Reply
from .intent import Embed, framing
from .phrases import phrase
from .sections import sections

INSERT = "archival_memory_insert"
CONFUSION = "confusion"
"""The subject under which the words are kept with which a student says that something is hard."""

LONGEST = 300
"""Letters of a statement that are kept as a note; what is longer stays in the record of the talk."""

MOST_LISTED = 12

LEAST = 0.84
"""The likeness (e5, two questions) from which a statement may answer a question: unrelated ones have about 0.8."""

CLOSE, CLOSE_CHANGE = 0.025, 0.05
"""Statements whose likeness is less than the best's by no more than this answer it as well; the second where one
says that something changed since."""


def tell(view: TurnView, intent: str) -> Reply:
    """Keep what a turn tells, if the rules did not, and say what was kept; nothing is claimed that is not so."""
    head = _acknowledged(view, intent)
    if head:
        return Reply(head)
    if INSERT not in view.tools or len(view.said) > LONGEST:
        return Reply(phrase("not_noted", view.language))
    done = view.done(INSERT)
    if not done:
        subject = {"subject": CONFUSION} if intent == "confused" else {}
        return Reply(calls=((INSERT, {"content": view.said, "kind": "fact", "quote": view.said, **subject}),))
    if "a" not in done[-1].text or not any(word in done[-1].text for word in ("Stored", "Known")):
        return Reply(phrase("not_noted", view.language))
    words = phrase("noted", view.language, words=view.said)
    if intent != "confused":
        return Reply(words)
    return Reply(f"{phrase('confused', view.language)} {_offer(view)}")


def _acknowledged(view: TurnView, intent: str) -> str:
    """Say what the rules have kept of this message; "" where they kept nothing."""
    language, today = view.language, view.now.date()
    said: dict[str, None] = {}
    for fact in view.stated:
        match fact.kind:
            case "name" | "nickname":
                said[phrase("called", language, name=_called(fact.value, language))] = None
            case "exam" | "deadline" if fact.day:
                said[dated(fact, fact.day, today, language)] = None
            case "confusion" if fact.polarity == "understood":
                said[phrase("understood", language)] = None
            case "confusion":
                said[f"{phrase('confused', language)} {_offer(view)}"] = None
            case _:
                said[phrase("noted", language, words=fact.quote)] = None
    if not said and intent == "understood":
        return phrase("understood", language)
    return " ".join(said)


def _offer(view: TurnView) -> str:
    return phrase("look_together", view.language) if view.course else ""


def _called(name: str, language: Language) -> str:
    return josa(name, "이라고/라고") if language == "ko" else name


def dated(fact: StatedFact, day: date, today: date, language: Language) -> str:
    """Say when something is and how far off that is."""
    name, left = day_name(day, language, today), days_left(day, today, language)
    if language == "ko":
        return f"{josa(fact.value, '은/는')} {name}입니다. {left}."
    return f"Your {fact.value} is on {name}: {left}."


def own_fact(view: TurnView, embed: Embed | None) -> Reply:
    """Answer what the student asks about themself: from values where they are meant, else in their own words."""
    named = phrases_of(view.said, framing())
    lower = view.said.casefold()
    if any(word in lower for word in ("이름", "name", "불러", "call me")) and view.name:
        return Reply(phrase("name", view.language, name=_called(view.name, view.language)))
    if not named and any(
        word in lower for word in ("나에 대해", "저에 대해", "about me", "know me", "아는 거", "아는 것")
    ):
        return everything(view)
    if view.can(SEARCH):
        return Reply(calls=((SEARCH, {"query": view.said[:300], "kind": "student"}),))
    found = _closest(view, embed)
    return _listed("you_said", found, view) if found else Reply(phrase("never_said", view.language))


def own_dates(view: TurnView) -> str:
    """Say when the student's exam or deadline is, where a turn asks for the day of one; "" where it does not."""
    lower, today = view.said.casefold(), view.now.date()
    if not _asks_for_a_day(lower) or view.stated:
        return ""
    events = _events(view)
    named = [f for f in events if any(_named_in(lower, word) for word in f.value.casefold().split())]
    foreign = [
        p
        for p in phrases_of(view.said, framing())
        if not any(mentions(f"{f.value} {f.quote}", p) for f in named)
    ]
    if not named or foreign:
        return ""
    return "\n".join(dated(fact, fact.day, today, view.language) for fact in named if fact.day)


def _named_in(lower: str, word: str) -> bool:
    return mentions(lower, (word,)) if word.isascii() else word in lower or word[:2] in lower


def _asks_for_a_day(lower: str) -> bool:
    return any(
        word in lower
        for word in (
            "언제",
            "며칠",
            "몇 일",
            "몇일",
            "날짜",
            "남았",
            "when",
            "date",
            "day",
            "due",
            "how long",
            "how many",
            "week",
        )
    )


def _events(view: TurnView) -> list[StatedFact]:
    """Exams and deadlines with a day, those to come first, the next one first."""
    today = view.now.date()
    dated_facts = [
        f
        for f in view.facts
        if f.kind in {"exam", "deadline", "goal"} and f.day and f.polarity != "cancelled"
    ]
    return sorted(dated_facts, key=lambda f: (f.day is None or f.day < today, f.day))


def everything(view: TurnView) -> Reply:
    """List all that is known of the student."""
    held = [item for item in view.kept if item.valid_to is None and item.text]
    if not held and not view.name:
        return Reply(phrase("never_said", view.language))
    return _listed("known", held[-MOST_LISTED:], view)


def _closest(view: TurnView, embed: Embed | None) -> list[ArchivalRecord]:
    """The statements that answer a question, the newest last: what shares its words, else what is nearest in meaning."""
    by_id = {item.id: item for item in view.kept if item.valid_to is None}
    ids = [hit.id for hit in view.hits()] + list(by_id)[-MOST_LISTED:]
    found = [by_id[i] for i in dict.fromkeys(ids) if i in by_id]
    if embed is None:
        named = phrases_of(view.said, framing())
        shared = [sum(mentions(_words_of(item), p) for p in named) for item in found]
        near = [float(count > 0 and count == max(shared)) for count in shared]
    else:
        vectors = embed([view.said, *map(_words_of, found)])
        near = [float(likeness) for likeness in vectors[1:] @ vectors[0]]
    best = max(near, default=0.0)
    if best < LEAST:
        return []
    newest = max(item.time for item, likeness in zip(found, near, strict=True) if likeness == best)

    def answers(item: ArchivalRecord, likeness: float) -> bool:
        changed = item.time > newest and corrects(_words_of(item))
        return likeness >= best - (CLOSE_CHANGE if changed else CLOSE)

    chosen = [item for item, likeness in zip(found, near, strict=True) if answers(item, likeness)]
    return sorted(chosen, key=lambda item: item.time)[-4:]


def _words_of(item: ArchivalRecord) -> str:
    return item.quote or item.text


def _listed(head: str, items: Sequence[ArchivalRecord], view: TurnView) -> Reply:
    today = view.now.date()
    lines: list[str] = []
    for item in items:
        day = day_name(local_time(item.time, item.zone).date(), view.language, today)
        fact = item.fact
        if fact and fact.day:
            lines.append(f"- {dated(fact, fact.day, today, view.language)}")
        else:
            lines.append(f"- {day}: “{' '.join(_words_of(item).split())}”")
    return Reply("\n".join([phrase(head, view.language), *dict.fromkeys(lines)]))


def confusions(view: TurnView) -> list[str]:
    """What the student still finds hard: the topics that are known, and the words they said it with, oldest first."""
    found: list[str] = []
    for item in view.kept:
        if item.valid_to is not None:
            continue
        if item.fact and item.fact.kind == CONFUSION and item.fact.polarity != "understood":
            found.append(item.fact.value)
        elif not item.fact and item.subject == CONFUSION:
            found.append(f"“{_words_of(item)}”")
    return found


def own_confusion(view: TurnView) -> Reply:
    """List what the student still finds hard."""
    hard = confusions(view)
    if not hard:
        return Reply(phrase("no_confusion", view.language))
    return Reply("\n".join([phrase("confusing", view.language), *(f"- {topic}" for topic in hard)]))


def open_questions(view: TurnView) -> Reply:
    """List the questions that wait for an answer."""
    if not view.questions:
        return Reply(phrase("none_open", view.language))
    today = view.now.date()
    lines = [
        f"- {day_name(local_time(q.asked_at, str(view.now.tzinfo)).date(), view.language, today)}: {q.text}"
        for q in view.questions
    ]
    return Reply("\n".join([phrase("open", view.language), *lines]))


def dismiss(view: TurnView) -> Reply:
    """Take off the list the open question that is named, else the last one."""
    if done := view.done("dismiss_question"):
        return Reply(phrase("dismissed", view.language, words=done[-1].text.partition(": ")[2]))
    if not view.questions or not view.can("dismiss_question"):
        return Reply(phrase("none_open", view.language))
    named = phrases_of(view.said, framing())
    meant = [q for q in view.questions if any(mentions(q.text, p) for p in named)] or list(view.questions)
    return Reply(calls=(("dismiss_question", {"id": f"m{meant[-1].message_id}", "request_heartbeat": True}),))


def plan(view: TurnView) -> Reply:
    """Say what to do next: from exams, what is hard, what is open and what was not looked at yet."""
    language, today = view.language, view.now.date()
    exams = [fact for fact in _events(view) if fact.day and fact.day >= today]
    steps = [
        phrase(
            "plan_exam",
            language,
            exam=f.value,
            day=day_name(f.day, language),
            left=days_left(f.day, today, language),
        )
        for f in exams[:2]
        if f.day
    ]
    if hard := confusions(view):
        steps.append(phrase("plan_confusion", language, topics=", ".join(hard[-4:])))
    if view.questions:
        steps.append(
            phrase(
                "plan_questions", language, questions=", ".join(q.text.strip() for q in view.questions[-3:])
            )
        )
    looked_at = {
        s.file
        for exchange in view.earlier
        for s in sections(view.known[i] for i in exchange.cited if i in view.known)
    }
    left = [file for file in dict.fromkeys(file for file, _ in view.course) if file not in looked_at]
    if left:
        steps.append(
            phrase(
                "plan_notes",
                language,
                notes=", ".join(f"`{file}`" for file in left[:2]) + (" …" if len(left) > 2 else ""),
            )
        )
    days = (exams[0].day - today).days if exams and exams[0].day else 0
    if days > 1 and left:
        steps.append(phrase("plan_days", language, count=-(-len(left) // (days - 1))))
    if not exams:
        steps.append(phrase("plan_no_exam", language))
    if view.course:
        steps.append(phrase("plan_quiz", language))
    return Reply("\n".join([phrase("plan", language), *(f"- {step}" for step in steps)]))
