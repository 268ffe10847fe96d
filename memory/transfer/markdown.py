"""A whole memory as Markdown, for people: what is known, on what it rests, and everything that was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..archival import ArchivalMemory, ArchivalRecord
from ..core import CoreMemory
from ..dates import zone_of
from ..learner.cards import Cards
from ..learner.misconceptions import Misconceptions
from ..learner.questions import OpenQuestions
from ..recall import Sessions
from ..types import StoredMessage, Student, message_id

_SHOWN = {"user", "assistant"}


def as_markdown(
    student: Student,
    core: CoreMemory,
    archival: ArchivalMemory,
    questions: OpenQuestions,
    misconceptions: Misconceptions,
    cards: Cards,
    sessions: Sessions,
) -> Iterator[str]:
    """Give the lines of the document, in the student's language; times are the student's own."""
    write = _Writer(student)
    yield write.say(f"# What the professor remembers of {student.name or student.handle}",
                    f"# 교수가 기억하는 {student.name or student.handle} 학생")  # fmt: skip
    yield from write.blocks(core)
    kept = archival.list(superseded=True)
    yield from write.kept(
        [k for k in kept if k.kind != "passage" and k.valid_to is None], "Facts and notes", "사실과 노트"
    )
    yield from write.kept(
        [k for k in kept if k.kind != "passage" and k.valid_to is not None],
        "What held before",
        "예전에 맞던 것",
    )
    yield from write.passages([k for k in kept if k.kind == "passage"])
    if waiting := questions.open_questions():
        yield from ("", write.say("## Questions without an answer", "## 답을 기다리는 질문"), "")
        yield from (f"- [{message_id(q.message_id)}] {write.day(q.asked_at)}: {q.text}" for q in waiting)
    yield from write.hard(misconceptions)
    yield from write.cards(cards)
    for session in reversed(sessions.list()):
        title = session.title or write.say("Conversation", "대화")
        yield from ("", f"## {title} ({session.public_id})", "")
        for said in sessions.log(session):
            yield from write.said(said)


class _Writer:
    def __init__(self, student: Student) -> None:
        self._korean = student.language == "ko"
        self._zone = zone_of(student.zone)

    def say(self, en: str, ko: str) -> str:
        return ko if self._korean else en

    def day(self, time: datetime) -> str:
        return f"{time.astimezone(self._zone):%Y-%m-%d}"

    def blocks(self, core: CoreMemory) -> Iterator[str]:
        for block in core.blocks().values():
            if block.value:
                yield from ("", f"## {block.label}", "", *(f"{line}  " for line in block.value.split("\n")))

    def kept(self, kept: list[ArchivalRecord], en: str, ko: str) -> Iterator[str]:
        if not kept:
            return
        yield from ("", f"## {self.say(en, ko)}", "")
        for item in kept:
            since = self.day(item.valid_from or item.time)
            until = (
                ""
                if item.valid_to is None
                else f" – {self.day(item.valid_to)}, → {item.superseded_by or '∅'}"
            )
            yield f"- [{item.id}] {since}{until}: {_one_line(item.text)}"
            if item.quote:
                where = "" if item.message_id is None else f" [{message_id(item.message_id)}]"
                yield f"  > {_one_line(item.quote)}{where}"

    def passages(self, kept: list[ArchivalRecord]) -> Iterator[str]:
        if not kept:
            return
        yield from ("", f"## {self.say('Course material', '강의 자료')}")
        for item in kept:
            place = " · ".join(part for part in (item.origin, item.locator) if part)
            yield from ("", f"### [{item.id}] {place}", "", item.text)

    def hard(self, misconceptions: Misconceptions) -> Iterator[str]:
        known = misconceptions.all()
        if known:
            yield from ("", f"## {self.say('What was hard', '어려워한 것')}", "")
        for item in known:
            yield f"- {item.topic}: {item.state}"
            for event in item.events:
                where = "" if event.message_id is None else f" [{message_id(event.message_id)}]"
                yield f"  - {event.day}, {event.kind}: {_one_line(event.words)}{where}"

    def cards(self, cards: Cards) -> Iterator[str]:
        kept = cards.all()
        if kept:
            yield from ("", f"## {self.say('Review cards', '복습 카드')}", "")
        for card in kept:
            due = self.say("suspended", "쉬는 중") if card.suspended else self.day(card.schedule.due)
            yield f"- [{card.name}] {_one_line(card.front)} → {_one_line(card.back)} ({due})"

    def said(self, stored: StoredMessage) -> Iterator[str]:
        message = stored.message
        if message.role not in _SHOWN or not message.content.strip():
            return
        student, professor = self.say("Student", "학생"), self.say("Professor", "교수")
        who = message.name or (student if message.role == "user" else professor)
        here = stored.time.astimezone(self._zone)
        yield from (f"**{who}** · {here:%Y-%m-%d %H:%M} · {message_id(stored.id)}", "", message.content, "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
