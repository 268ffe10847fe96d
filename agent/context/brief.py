"""The welcome-back brief: what the stored rows say about last time, without any model call.

One text for the student, in their language and behind the professor's own greeting, and a shorter one for the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast

from ...memory.archival import ArchivalRecord
from ...memory.archival.stale import outdated
from ...memory.dates import countdown, describe_gap
from ...memory.facts import StatedFact, label_in
from ...memory.learner.questions import OpenQuestion, OpenQuestions
from ...memory.recall import Session, Sessions
from ...memory.store import Database
from ...memory.types import StoredMessage, is_untrusted, message_id
from ...tools.text import clip, estimate_tokens
from ..settings import local_time
from .smalltalk import is_question, small_talk

MODEL_TOKENS = 120
"""About the most that the model's text may take; what does not fit is left out from the end."""

RETURN = timedelta(hours=6)
"""After a shorter silence the student is not told when they last spoke."""

LOOKED_AT = 40
"""How many of the last messages are looked at."""

_QUOTED = 44
_Language = Literal["ko", "en"]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is said when a student comes back; both texts are empty where nothing was said before.

    Attributes:
        for_student: A few lines, in the student's language.
        for_model: English, with the ids of the messages it speaks of.
    """

    for_student: str = ""
    for_model: str = ""


@dataclass(frozen=True, slots=True)
class LastTime:
    """What a brief is made from.

    Attributes:
        messages: The end of the last conversation, oldest first.
        questions: The ledger's open questions, oldest first.
        facts: What the student stated and what holds now.
        old_news: Messages that state what was superseded since.
    """

    messages: Sequence[StoredMessage] = ()
    questions: Sequence[OpenQuestion] = ()
    facts: Sequence[StatedFact] = field(default_factory=tuple[StatedFact, ...])
    old_news: frozenset[int] = frozenset()


def without_old_news(last: LastTime, db: Database, student_id: int) -> LastTime:
    """Note which messages state what was superseded since: the brief does not repeat them."""
    spoken = {m.id: m.message.content for m in last.messages if m.message.role == "user"}
    return replace(last, old_news=outdated(db, student_id, spoken))


def last_time(
    sessions: Sessions,
    questions: OpenQuestions,
    kept: Iterable[ArchivalRecord],
    session: Session | None = None,
) -> LastTime:
    """Put together what a brief is made from.

    Args:
        kept: The facts that hold.
        session: The conversation that goes on; a new one looks back at the one before it.
    """
    spoken = [s for s in sessions.list() if s.origin == "chat" and s.last_seq > 0]
    last = next((s for s in spoken if session is not None and s.id == session.id), None)
    last = last or (spoken[0] if spoken else None)
    messages = sessions.log(last, max(1, last.last_seq - LOOKED_AT)) if last else []
    return LastTime(messages, questions.open_questions(), current_facts(kept))


def current_facts(kept: Iterable[ArchivalRecord]) -> tuple[StatedFact, ...]:
    """Give what the student stated as it holds now, oldest first."""
    return tuple(
        item.fact for item in kept if item.fact and item.valid_to is None and item.trust == "student"
    )


def make_brief(last: LastTime, *, now: datetime, zone: str, language: str) -> Brief:
    """Write both texts.

    Args:
        now: When the student comes back, aware; `zone` is where.
        language: The student's, "ko" or "en".
    """
    spoken = [
        m for m in last.messages if m.message.role in {"user", "assistant"} and m.message.content.strip()
    ]
    if not spoken:
        return Brief()
    here = local_time(now, zone)
    said: _Language = "ko" if language == "ko" else "en"
    stopped, waiting = _where_it_stopped(spoken, last.questions, last.old_news)
    exams = upcoming(last.facts, here.date())
    hard = confusions(last.facts)
    for_student = _KoreanLines(here) if said == "ko" else _EnglishLines(here)
    lines = [
        for_student.gap(local_time(spoken[-1].time, zone), stopped, now - spoken[-1].time >= RETURN),
        for_student.waiting(waiting),
        *(for_student.exam(exam) for exam in exams[:2]),
        for_student.hard(hard),
    ]
    return Brief(
        "\n".join(line for line in lines if line), _for_model(spoken[-1], stopped, waiting, exams, hard, here)
    )


def upcoming(facts: Iterable[StatedFact], today: date) -> list[StatedFact]:
    """Give the exams that are still to come, the nearest first."""
    exams = [fact for fact in facts if fact.kind == "exam" and fact.day and not fact.last_day]
    return sorted((fact for fact in exams if _day(fact) >= today), key=_day)


def _day(fact: StatedFact) -> date:
    return cast("date", fact.day)


def confusions(facts: Iterable[StatedFact], most: int = 3) -> list[str]:
    """Give what confuses the student, the last stated first."""
    hard = [fact.value for fact in facts if fact.kind == "confusion" and fact.polarity != "understood"]
    return hard[::-1][:most]


def _where_it_stopped(
    spoken: Sequence[StoredMessage], questions: Sequence[OpenQuestion], old_news: frozenset[int]
) -> tuple[StoredMessage | None, list[tuple[int, str]]]:
    """The last real question, and what was left unanswered: the last message first, then the ledger's newest."""
    said = [
        m for m in spoken if m.message.role == "user" and m.id not in old_news and not is_untrusted(m.trust)
    ]
    asked = [m for m in said if small_talk(m.message.content) is None]
    real = [m for m in asked if is_question(m.message.content)]
    stopped = real[-1] if real else (asked[-1] if asked else None)
    waiting = [(q.message_id, q.text) for q in reversed(questions)]
    if spoken[-1].message.role == "user" and asked and asked[-1].id == spoken[-1].id:
        waiting.insert(0, (asked[-1].id, asked[-1].message.content))
    return stopped, list(dict(waiting).items())[:2]


def short(text: str, letters: int = _QUOTED) -> str:
    """Give a message in one line of at most `letters` characters."""
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _KoreanLines:
    here: datetime

    def gap(self, then: datetime, stopped: StoredMessage | None, away: bool) -> str:
        where = f"‘{short(stopped.message.content)}’까지 이야기했습니다." if stopped else ""
        if not away:
            return f"조금 전에 {where}" if where else ""
        days = (self.here.date() - then.date()).days
        when = {0: "오늘 아까", 1: "어제"}.get(days) or f"{days}일 전({then.month}월 {then.day}일)"
        was = "였" if when.endswith(("제", "까")) else "이었"
        return f"지난번은 {when}{was}고, {where}" if where else f"지난번은 {when}{was}습니다."

    def waiting(self, questions: Sequence[tuple[int, str]]) -> str:
        quoted = ", ".join(f"‘{short(text)}’" for _, text in questions)
        return f"아직 답을 드리지 못한 질문: {quoted}" if quoted else ""

    def exam(self, fact: StatedFact) -> str:
        day = _day(fact)
        left = (day - self.here.date()).days
        when = {0: "오늘입니다", 1: "내일입니다"}.get(
            left
        ) or f"{left}일 남았습니다({day.month}월 {day.day}일)"
        exam = label_in(fact.value, "ko")
        return f"{exam}: {when}." if left < 2 else f"{exam}까지 {when}."

    def hard(self, topics: Sequence[str]) -> str:
        return f"헷갈린다고 하신 것: {', '.join(topics)}" if topics else ""


@dataclass(frozen=True, slots=True)
class _EnglishLines:
    here: datetime

    def gap(self, then: datetime, stopped: StoredMessage | None, away: bool) -> str:
        where = f"“{short(stopped.message.content)}”" if stopped else ""
        if not away:
            return f"We had just got to {where}." if where else ""
        days = (self.here.date() - then.date()).days
        name = f"{then:%B} {then.day}"
        when = {0: "earlier today", 1: "yesterday"}.get(days) or f"{days} days ago ({name})"
        return f"We last talked {when} and stopped at {where}." if where else f"We last talked {when}."

    def waiting(self, questions: Sequence[tuple[int, str]]) -> str:
        quoted = ", ".join(f"“{short(text)}”" for _, text in questions)
        return f"Still without an answer: {quoted}" if quoted else ""

    def exam(self, fact: StatedFact) -> str:
        day = _day(fact)
        left = (day - self.here.date()).days
        when = {0: "is today", 1: "is tomorrow"}.get(left) or f"is in {left} days ({day:%B} {day.day})"
        return f"Your {label_in(fact.value, 'en')} {when}."

    def hard(self, topics: Sequence[str]) -> str:
        return f"You said these confuse you: {', '.join(topics)}" if topics else ""


def _for_model(
    last: StoredMessage,
    stopped: StoredMessage | None,
    waiting: Sequence[tuple[int, str]],
    exams: Sequence[StatedFact],
    hard: Sequence[str],
    here: datetime,
) -> str:
    parts = [
        f"Last talk {last.time.astimezone(here.tzinfo):%Y-%m-%d} ({describe_gap(last.time, here, 'en')})."
    ]
    if stopped:
        parts.append(f"Stopped at [{message_id(stopped.id)}] {short(stopped.message.content)}")
    parts += [f"Exam: {fact.value} {countdown(_day(fact), here, 'en')}." for fact in exams[:2]]
    parts += [f"Unanswered: [{message_id(row)}] {short(text)}" for row, text in waiting]
    if hard:
        parts.append(f"Confused about: {', '.join(hard)}.")
    text = ""
    for part in parts:
        longer = f"{text}\n{part}" if text else part
        if estimate_tokens(longer) > MODEL_TOKENS:
            break
        text = longer
    return text or clip(parts[0], MODEL_TOKENS)
