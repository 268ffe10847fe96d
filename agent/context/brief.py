"""The welcome-back brief: what the stored rows say about last time, without any model call.

The same lines for the student, behind the professor's own greeting, and for the model, with the rows they rest on.
Where the talk stopped is what its log says: it is committed with every turn, and nothing is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...memory.archival import ArchivalRecord
from ...memory.archival.stale import outdated
from ...memory.dates import day_name
from ...memory.dates.naming import Language
from ...memory.facts import StatedFact, label_in
from ...memory.learner.misconceptions import Misconception, Misconceptions
from ...memory.learner.promises import Promise
from ...memory.learner.questions import OpenQuestion, OpenQuestions
from ...memory.recall import Session, Sessions
from ...memory.store import Database
from ...memory.types import StoredMessage, is_untrusted, message_id
from ...tools.text import estimate_tokens
from ..settings import local_time
from ..tutor.policy import Action, Exam, Step, say_step, wish_for
from .learner_state import ahead, rows_of
from .smalltalk import is_question, small_talk

TOKENS = 250
"""About the most that the brief may take; what does not fit is left out from the end."""

RETURN = timedelta(hours=6)
"""After a shorter silence the student is not told when they last spoke, nor what to do next."""

LONG = 30
"""Days after which it is said that it has been long."""

LOOKED_AT = 40
"""How many of the last messages are looked at."""

SHOWN = 2
"""Questions, exams and the like that are named of each; of more the number."""

OFFERED: frozenset[Action] = frozenset({"await_answer", "check", "study", "practise", "explain"})
"""The next steps that no other line says already."""

_QUOTED = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a brief, and the rows it rests on."""

    text: str
    ids: tuple[str, ...] = ()

    def with_ids(self) -> str:
        """The line as a model reads it."""
        return f"{self.text} [{', '.join(self.ids)}]" if self.ids else self.text


@dataclass(frozen=True, slots=True)
class Brief:
    """What is said when a student comes back, in their language; nothing where nothing was said before.

    Attributes:
        offer: What a student says who takes up what its last line offers; "" where it offers nothing.
    """

    lines: tuple[Line, ...] = ()
    offer: str = ""

    @property
    def for_student(self) -> str:
        """The lines as the student reads them."""
        return "\n".join(line.text for line in self.lines)

    @property
    def for_model(self) -> str:
        """The same with the ids of the rows."""
        return "\n".join(line.with_ids() for line in self.lines)


@dataclass(frozen=True, slots=True)
class LastTime:
    """What a brief is made from.

    Attributes:
        messages: The end of the last conversation, oldest first.
        questions: The ledger's questions that wait, oldest first.
        kept: The facts that hold.
        hard: Misconceptions that are not resolved, the first seen first.
        old_news: Messages that state what was superseded since.
        due: Cards that are due, the longest due first, and the `minutes` they take.
        promises: What was promised and is open.
        step: What to do next.
    """

    messages: Sequence[StoredMessage] = ()
    questions: Sequence[OpenQuestion] = ()
    kept: Sequence[ArchivalRecord] = ()
    hard: Sequence[Misconception] = ()
    old_news: frozenset[int] = frozenset()
    due: Sequence[str] = ()
    minutes: int = 0
    promises: Sequence[Promise] = ()
    step: Step | None = None

    @property
    def facts(self) -> tuple[StatedFact, ...]:
        """What the student stated as it holds now."""
        return current_facts(self.kept)


def without_old_news(last: LastTime, db: Database, student_id: int) -> LastTime:
    """Note which messages state what was superseded since: the brief does not repeat them."""
    spoken = {m.id: m.message.content for m in last.messages if m.message.role == "user"}
    return replace(last, old_news=outdated(db, student_id, spoken))


def last_time(
    sessions: Sessions,
    questions: OpenQuestions,
    misconceptions: Misconceptions,
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
    return LastTime(messages, questions.open_questions(), tuple(kept), misconceptions.open())


def current_facts(kept: Iterable[ArchivalRecord]) -> tuple[StatedFact, ...]:
    """Give what the student stated as it holds now, oldest first."""
    return tuple(
        item.fact for item in kept if item.fact and item.valid_to is None and item.trust == "student"
    )


def make_brief(last: LastTime, *, now: datetime, zone: str, language: str) -> Brief:
    """Write it.

    Args:
        now: When the student comes back, aware; `zone` is where.
        language: The student's, "ko" or "en".
    """
    spoken = [
        m for m in last.messages if m.message.role in {"user", "assistant"} and m.message.content.strip()
    ]
    if not spoken:
        return Brief()
    here, said = local_time(now, zone), _spoken(language)
    words = _Korean(here) if said == "ko" else _English(here)
    stopped = where_it_stopped(spoken, last.old_news)
    waiting = _without_answer(spoken, last.questions)
    exams = ahead(last.kept, here.date())
    away = now - spoken[-1].time >= RETURN
    hard = [item for item in reversed(last.hard) if item.state != "claimed"]
    claimed = [item for item in reversed(last.hard) if item.state == "claimed"]
    offer = last.step if away and last.step and last.step.id and last.step.action in OFFERED else None
    lines = [
        Line(words.gap(local_time(spoken[-1].time, zone), stopped, away), _ids([stopped] if stopped else [])),
        Line(
            words.waiting([text for _, text in waiting[:SHOWN]], len(waiting)),
            tuple(message_id(row) for row, _ in waiting[:SHOWN]),
        ),
        *(Line(words.exam(exam), (exam.id,)) for exam in exams[:SHOWN]),
        Line(words.hard([item.topic for item in hard[:3]]), rows_of(*hard[:3])),
        Line(words.claimed([item.topic for item in claimed[:3]]), rows_of(*claimed[:3])),
        Line(words.promised([promise.text for promise in last.promises[:SHOWN]]), _names(last.promises)),
        Line(words.reviews(len(last.due), last.minutes), tuple(last.due[:SHOWN])),
        *([Line(say_step(replace(offer, what=short(offer.what)), said), (offer.id,))] if offer else []),
    ]
    told = tuple(_within(line for line in lines if line.text))
    return Brief(told, wish_for(offer, said) if offer and told[-1:] == (lines[-1],) else "")


def short(text: str, letters: int = _QUOTED) -> str:
    """Give a message in one line of at most `letters` characters."""
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def where_it_stopped(
    log: Iterable[StoredMessage], old_news: frozenset[int] = frozenset()
) -> StoredMessage | None:
    """Give the last real question of a talk, else the last thing that was said in it.

    Args:
        old_news: Messages that state what was superseded since: they are passed over.
    """
    asked = [m for m in log if _is_asked(m) and m.id not in old_news]
    real = [m for m in asked if is_question(m.message.content)]
    return real[-1] if real else (asked[-1] if asked else None)


def _is_asked(said: StoredMessage) -> bool:
    own = said.message.role == "user" and not is_untrusted(said.trust)
    return own and small_talk(said.message.content) is None


def _without_answer(
    spoken: Sequence[StoredMessage], questions: Sequence[OpenQuestion]
) -> list[tuple[int, str]]:
    """What was left unanswered: the last message first, then the ledger's newest."""
    waiting = [(q.message_id, q.text) for q in reversed(questions)]
    if _is_asked(spoken[-1]):
        waiting.insert(0, (spoken[-1].id, spoken[-1].message.content))
    return list(dict(waiting).items())


def _spoken(language: str) -> Language:
    return "ko" if language == "ko" else "en"


def _within(lines: Iterable[Line]) -> Iterator[Line]:
    """Leave out from the end what does not fit; the first line always does, its quotation is short."""
    spent = 0.0
    for line in lines:
        spent += estimate_tokens(f"{line.with_ids()}\n")
        if spent > TOKENS:
            return
        yield line


def _names(promises: Sequence[Promise]) -> tuple[str, ...]:
    return tuple(promise.name for promise in promises[:SHOWN])


def _ids(messages: Iterable[StoredMessage]) -> tuple[str, ...]:
    return tuple(message_id(stored.id) for stored in messages)


@dataclass(frozen=True, slots=True)
class _Korean:
    here: datetime

    def gap(self, then: datetime, stopped: StoredMessage | None, away: bool) -> str:
        where = f"‘{short(stopped.message.content)}’까지 이야기했습니다." if stopped else ""
        if not away:
            return f"조금 전에 {where}" if where else ""
        days = (self.here.date() - then.date()).days
        ago = f"{days}일" if days < LONG else f"약 {round(days / 30.44)}개월"
        when = {0: "오늘 아까", 1: "어제"}.get(days) or f"{ago} 전({day_name(then.date(), 'ko', self.here)})"
        was = "였" if when.endswith(("제", "까")) else "이었"
        long = "오랜만에 오셨습니다. " if days >= LONG else ""
        return long + (f"지난번은 {when}{was}고, {where}" if where else f"지난번은 {when}{was}습니다.")

    def waiting(self, questions: Sequence[str], count: int) -> str:
        quoted = ", ".join(f"‘{short(text)}’" for text in questions)
        more = f" 외 {count - len(questions)}개" if count > len(questions) else ""
        return f"아직 답을 드리지 못한 질문: {quoted}{more}" if quoted else ""

    def exam(self, exam: Exam) -> str:
        left = (exam.day - self.here.date()).days
        when = {0: "오늘입니다", 1: "내일입니다"}.get(
            left
        ) or f"{left}일 남았습니다({day_name(exam.day, 'ko', self.here)})"
        name = f"목표 ‘{short(exam.name)}’" if exam.is_goal else label_in(exam.name, "ko")
        return f"{name}: {when}." if left < 2 else f"{name}까지 {when}."

    def hard(self, topics: Sequence[str]) -> str:
        return f"헷갈린다고 하신 것: {', '.join(topics)}" if topics else ""

    def claimed(self, topics: Sequence[str]) -> str:
        return f"알겠다고 하셨고 아직 확인하지 않은 것: {', '.join(topics)}" if topics else ""

    def promised(self, texts: Sequence[str]) -> str:
        return f"약속드린 것: {', '.join(short(text) for text in texts)}" if texts else ""

    def reviews(self, due: int, minutes: int) -> str:
        return f"복습할 카드: {due}장({minutes}분쯤), `officehours review`" if due else ""


@dataclass(frozen=True, slots=True)
class _English:
    here: datetime

    def gap(self, then: datetime, stopped: StoredMessage | None, away: bool) -> str:
        where = f"“{short(stopped.message.content)}”" if stopped else ""
        if not away:
            return f"We had just got to {where}." if where else ""
        days = (self.here.date() - then.date()).days
        months = round(days / 30.44)
        ago = f"{days} days" if days < LONG else "a month" if months == 1 else f"{months} months"
        name = day_name(then.date(), "en", self.here)
        when = {0: "earlier today", 1: "yesterday"}.get(days) or f"{ago} ago ({name})"
        long = "It has been a while. " if days >= LONG else ""
        return long + (
            f"We last talked {when} and stopped at {where}." if where else f"We last talked {when}."
        )

    def waiting(self, questions: Sequence[str], count: int) -> str:
        quoted = ", ".join(f"“{short(text)}”" for text in questions)
        more = f" and {count - len(questions)} more" if count > len(questions) else ""
        return f"Still without an answer: {quoted}{more}" if quoted else ""

    def exam(self, exam: Exam) -> str:
        left = (exam.day - self.here.date()).days
        when = {0: "is today", 1: "is tomorrow"}.get(
            left
        ) or f"is in {left} days ({day_name(exam.day, 'en', self.here)})"
        name = f"goal “{short(exam.name)}”" if exam.is_goal else label_in(exam.name, "en")
        return f"Your {name} {when}."

    def hard(self, topics: Sequence[str]) -> str:
        return f"You said these confuse you: {', '.join(topics)}" if topics else ""

    def claimed(self, topics: Sequence[str]) -> str:
        return f"You said these are clear now, not checked yet: {', '.join(topics)}" if topics else ""

    def promised(self, texts: Sequence[str]) -> str:
        return f"Promised for this time: {', '.join(short(text) for text in texts)}" if texts else ""

    def reviews(self, due: int, minutes: int) -> str:
        cards = "1 card" if due == 1 else f"{due} cards"
        return f"Due for review: {cards} (about {minutes} min), `officehours review`" if due else ""
