"""What the student tells, and asks to be told again: kept in their own words, with the day; only names, exams, deadlines,
goals and what is hard are known as values."""

from __future__ import annotations

from collections.abc import Sequence

from ....memory.archival import ArchivalRecord
from ....memory.dates import day_name, days_left
from ....memory.facts import StatedFact
from ....memory.facts.clauses import corrects
from ....memory.text import HANGUL, josa, mentions, phrases_of
from ...model import Language, TurnView
from ...settings import local_time
from .course import SEARCH, Call, Reply
from .intent import Embed, framing
from .phrases import phrase
from .sections import sections

INSERT, CORE = "archival_memory_insert", "core_memory_append"
SUBJECTS = {"confused": "confusion", "understood": "understood"}
"""The subjects under which the words are kept with which a student says that something is hard, or no longer so."""

_KINDS = {
    "exam": ("시험", "고사", "exam", "test"),
    "deadline": ("과제", "숙제", "마감", "deadline", "assignment", "due"),
}
_ME = ("나에 대해", "저에 대해", "나에 관해", "저에 관해", "아는 거", "아는 것", "about me", "know me")
_DAY = (
    "언제",
    "며칠",
    "몇일",
    "몇 일",
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

LONGEST = 300
"""Letters of a statement that are kept as a note; what is longer stays in the record of the talk."""

MOST_LISTED = 12

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
        said = " ".join(dict.fromkeys(_acknowledged(fact, view) for fact in view.stated))
        values = " ".join(f"{fact.value} {fact.day or ''}" for fact in view.stated)
        more = any(not mentions(values, p) for p in phrases_of(view.said, framing()))
        note = ((INSERT, {"content": view.said, "quote": view.said, "request_heartbeat": False}),)
        keep = _keeping(view) if view.can(CORE) else ()
        return Reply(said, (*keep, *(note if more and view.can(INSERT) else ())))
    if intent == "rename":
        return Reply(phrase("clear_name", view.language))
    if view.can(INSERT) and len(view.said) <= LONGEST:
        kept = {"content": view.said, "kind": "fact", "quote": view.said}
        subject = {"subject": SUBJECTS[intent]} if intent in SUBJECTS else {}
        return Reply(calls=((INSERT, kept | subject),))
    stored = any(word in result.text for result in view.done(INSERT) for word in ("Stored", "Known"))
    if not stored:
        return Reply(phrase("not_noted", view.language))
    return Reply(_on_confusion(intent, view, view.said) or phrase("noted", view.language, words=view.said))


def _keeping(view: TurnView) -> tuple[Call, ...]:
    """Write what has to be in view always into the core memory, as it is kept; what took another's place stands there."""
    ended_by = {item.superseded_by for item in view.kept}
    new = [item for item in view.kept if item.message_id == view.asked_id and item.id not in ended_by]
    lines = [item.text for item in new if item.fact and item.fact.kind != "confusion"]
    return tuple((CORE, {"label": "student", "content": line, "request_heartbeat": False}) for line in lines)


def _acknowledged(fact: StatedFact, view: TurnView) -> str:
    """Say what the rules have kept."""
    if fact.kind in {"name", "nickname"}:
        return phrase("called", view.language, name=_called(fact.value, view.language))
    if fact.kind == "confusion":
        return _on_confusion("understood" if fact.polarity == "understood" else "confused", view, fact.value)
    return dated(fact, view) if fact.day else phrase("noted", view.language, words=fact.quote)


def _on_confusion(intent: str, view: TurnView, topic: str) -> str:
    if intent not in SUBJECTS:
        return ""
    offer = phrase("look_together", view.language) if view.course and intent == "confused" else ""
    return f"{phrase(intent, view.language, topic=topic)} {offer}".strip()


def _called(name: str, language: Language) -> str:
    return josa(name, "이라고/라고") if language == "ko" else name


def dated(fact: StatedFact, view: TurnView) -> str:
    """Say when something is and how far off that is."""
    assert fact.day is not None
    today = view.now.date()
    day, left = day_name(fact.day, view.language, today), days_left(fact.day, today, view.language)
    due = {"ko": " 마감", "en": " deadline"}[view.language] if fact.kind == "deadline" else ""
    thing = f"{fact.value}{due}"
    thing = josa(thing, "은/는") if view.language == "ko" else thing
    return phrase("dated", view.language, thing=thing, day=day, left=left)


def own_fact(view: TurnView, embed: Embed | None) -> Reply:
    """Answer what the student asks about themself: from values where they are meant, else in their own words."""
    lower = view.said.casefold()
    if view.name and any(word in lower for word in ("이름", "name", "불러", "call me")):
        return Reply(phrase("name", view.language, name=_called(view.name, view.language)))
    if any(word in lower for word in _ME) and not phrases_of(view.said, framing()):
        return _listed("known", [item for item in view.kept if item.valid_to is None][-MOST_LISTED:], view)
    if view.can(SEARCH):
        return Reply(calls=((SEARCH, {"query": view.said[:300], "kind": "student"}),))
    surely, found = _closest(view, embed)
    return _listed("you_said" if surely else "nearest_said", found, view)


def own_dates(view: TurnView) -> str:
    """Say when the student's exam or deadline is, where a turn asks for the day of one; "" where it does not."""
    lower = view.said.casefold()
    if view.stated or not any(word in lower for word in _DAY):
        return ""
    events = _events(view)
    counts = [sum(_named_in(lower, word) for word in f.value.casefold().split()) for f in events]
    named = [f for f, count in zip(events, counts, strict=True) if count and count == max(counts)]
    named = named or [f for f in events if any(word in lower for word in _KINDS.get(f.kind, ()))]
    known = "\n".join(f"{fact.value} {fact.quote}" for fact in named)
    foreign = any(not mentions(known, p) for p in phrases_of(view.said, framing()))
    return "" if foreign else "\n".join(dated(fact, view) for fact in named)


def dates_just_told(view: TurnView) -> str:
    """Say when that is of which the student spoke last, where a turn asks for a day and names nothing."""
    last = view.earlier[-1].asked if view.earlier else ""
    asks = any(word in view.said.casefold() for word in _DAY) and not phrases_of(view.said, framing())
    told = [fact for fact in _events(view) if fact.quote and fact.quote in last]
    return "\n".join(dated(fact, view) for fact in told) if asks and not view.stated else ""


def _named_in(lower: str, word: str) -> bool:
    return mentions(lower, (word,)) if word.isascii() else word[:2] in lower


def _events(view: TurnView) -> list[StatedFact]:
    """What has a day and is not called off: what is to come first, the next one first."""
    today = view.now.date()
    found = [
        (fact.day < today, fact.day, fact) for fact in view.facts if fact.day and fact.polarity != "cancelled"
    ]
    return [fact for _, _, fact in sorted(found, key=lambda event: event[:2])]


def _closest(view: TurnView, embed: Embed | None) -> tuple[bool, list[ArchivalRecord]]:
    """Whether statements surely answer a question, and which, the newest last: by meaning, else by the words they share."""
    by_id = {item.id: item for item in view.kept if item.valid_to is None}
    ids = [hit.id for hit in view.hits()] + list(by_id)[-MOST_LISTED:]
    found = [by_id[i] for i in dict.fromkeys(ids) if i in by_id]
    if embed is None:
        named = phrases_of(view.said, framing())
        shared = [sum(mentions(_words_of(item), p) for p in named) for item in found]
        near = [float(count > 0 and count == max(shared)) for count in shared]
    else:
        vectors = embed([view.said, *map(_words_of, found)])
        korean = bool(HANGUL.search(view.said))
        between = [BETWEEN * (bool(HANGUL.search(_words_of(item))) != korean) for item in found]
        near = [float(likeness) for likeness in vectors[1:] @ vectors[0] + between]
    best = max(near, default=0.0)
    if best < LEAST:
        return False, []
    newest = max(item.time for item, likeness in zip(found, near, strict=True) if likeness == best)

    def answers(item: ArchivalRecord, likeness: float) -> bool:
        changed = item.time > newest and corrects(_words_of(item))
        return likeness >= best - (CLOSE_CHANGE if changed else CLOSE)

    chosen = [item for item, likeness in zip(found, near, strict=True) if answers(item, likeness)]
    named = phrases_of(view.said, framing())
    surely = best >= SURE or any(mentions(_words_of(item), p) for item in chosen for p in named)
    return surely, sorted(chosen, key=lambda item: item.time)[-4:]


def _words_of(item: ArchivalRecord) -> str:
    return item.quote or item.text


def _listed(head: str, items: Sequence[ArchivalRecord], view: TurnView) -> Reply:
    """List statements with the days they were made on, of an exam the day it is on."""
    lines: dict[str, None] = {}
    for item in items:
        day = day_name(local_time(item.time, item.zone).date(), view.language, view.now.date())
        said = f"{day}: “{' '.join(_words_of(item).split())}”"
        lines[f"- {dated(item.fact, view) if item.fact and item.fact.day else said}"] = None
    return Reply(
        "\n".join([phrase(head, view.language), *lines]) if lines else phrase("never_said", view.language)
    )


def confusions(view: TurnView) -> list[str]:
    """What the student still finds hard: the topics that are known, and the words they said it with, oldest first."""
    held = [item for item in view.kept if item.valid_to is None]
    over = "\n".join(_words_of(item) for item in held if item.subject == SUBJECTS["understood"])
    facts = [
        (item.fact, item)
        for item in held
        if (item.fact and item.fact.kind == "confusion")
        or (not item.fact and item.subject == SUBJECTS["confused"])
    ]
    return [
        fact.value if fact else f"“{_words_of(item)}”"
        for fact, item in facts
        if not (fact and fact.polarity == "understood")
        and not any(mentions(over, p) for p in phrases_of(fact.value if fact else _words_of(item), framing()))
    ]


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
    days = (q.asked_at.astimezone(view.now.tzinfo).date() for q in view.questions)
    named = (day_name(day, view.language, view.now.date()) for day in days)
    lines = [f"- {day}: {q.text}" for day, q in zip(named, view.questions, strict=True)]
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
    cited = [view.known[i] for exchange in view.earlier for i in exchange.cited if i in view.known]
    seen = {section.file for section in sections(cited)}
    left = [file for file in dict.fromkeys(file for file, _ in view.course) if file not in seen]
    hard, asked = confusions(view)[-4:], [question.text.strip() for question in view.questions[-3:]]
    days = (exams[0].day - today).days - 1 if exams and exams[0].day else 0
    notes = ", ".join(f"`{file}`" for file in left[:2]) + (" …" if len(left) > 2 else "")
    steps = {
        "plan_confusion": {"topics": ", ".join(hard)} if hard else None,
        "plan_questions": {"questions": ", ".join(asked)} if asked else None,
        "plan_notes": {"notes": notes} if left else None,
        "plan_days": {"count": -(-len(left) // days)} if days > 0 and left else None,
        "plan_no_exam": None if exams else {},
        "plan_quiz": {} if view.course else None,
    }
    lines = [dated(exam, view) for exam in exams[:2]]
    lines += [phrase(name, language, **values) for name, values in steps.items() if values is not None]
    return Reply("\n".join([phrase("plan", language), *(f"- {line}" for line in lines)]))
