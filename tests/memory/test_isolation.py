from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.core import CoreMemory
from officehours.memory.erasure.plan import find_holders, plan_for
from officehours.memory.erasure.removal import Removal
from officehours.memory.errors import NotFound, OfficeHoursError
from officehours.memory.learner.goals import StudyGoals
from officehours.memory.learner.misconceptions import Misconceptions
from officehours.memory.learner.promises import Promises
from officehours.memory.learner.questions import OpenQuestions
from officehours.memory.recall import RecallMemory, Sessions
from officehours.memory.store import Database
from officehours.memory.types import Message

IDS = range(1, 12)


class NoSearch:
    def search(self, *_query, **_filters):
        return []


class Memories:
    """Everything one student can call; each text of theirs carries their mark, never their neighbour's."""

    def __init__(self, db: Database, mark: str, clock) -> None:
        self.db, self.mark = db, mark
        student = self.student = students.find_or_create(db, mark, language="en", zone="UTC", now=clock())
        self.sessions = Sessions(db, student.id, clock)
        self.core = CoreMemory(db, student.id, clock)
        self.archival = ArchivalMemory(db, student.id, clock, NoSearch())
        self.recall = RecallMemory(db, student.id, clock, NoSearch())
        self.questions = OpenQuestions(db, student.id, clock)
        self.hard = Misconceptions(db, student.id, clock)
        self.goals = StudyGoals(db, student.id, clock)
        self.promises = Promises(db, student.id, clock)

    def say(self, text: str) -> None:
        self.sessions.begin_turn(self.sessions.latest() or self.sessions.create("kim"), text, "UTC")

    def reply(self, session: int, text: str) -> None:
        at = self.sessions.get(session)
        if left := self.sessions.unanswered(at):
            self.sessions.append(at, left[0], Message("assistant", text))
            self.sessions.finish_turn(left[0], "done")

    def forget(self, identity: str) -> None:
        """What `Eraser.forget` commits, without the search of the files."""
        with self.db.begin() as connection:
            plan = plan_for(connection, self.student.id, identity)
            removal = Removal(connection, self.student.id, find_holders(connection, self.student.id, plan))
            removal.carry_out(plan)
            removal.finish()

    def do(self, what: str, number: int) -> None:
        STEPS[what](self, number, f"{self.mark} {what} {number}")

    def everything(self) -> list[str]:
        """Collect all that the public calls give, asked for by every id there may be."""
        seen = [block.value for label in self.core.blocks() for block in self.core.history(label)]
        seen += [kept.text for kept in self.archival.list(superseded=True)]
        seen += [question.text for question in self.questions.open_questions()]
        seen += [text for item in self.hard.all() for text in (item.topic, *(e.words for e in item.events))]
        seen += [promise.text for promise in self.promises.open()]
        seen += [topic for goal in self.goals.active() for topic in goal.topics]
        for session in self.sessions.list():
            seen += [m.message.content for m in self.sessions.log(session, include_undone=True)]
        for number in IDS:
            for call in (
                lambda n: [self.recall.get(n).text],
                lambda n: [near.message.content for near in self.recall.around(n, 9)],
                lambda n: [kept.text for kept in self.archival.history(n)],
                lambda n: [m.message.content for m in self.sessions.log(self.sessions.get(n))],
            ):
                try:
                    seen += call(number)
                except NotFound:
                    continue
        return seen


STEPS: dict[str, Callable[[Memories, int, str], object]] = {
    "say": lambda m, _, text: m.say(text),
    "reply": lambda m, number, text: m.reply(number, text),
    "undo": lambda m, number, _: m.sessions.undo(m.sessions.get(number)),
    "fork": lambda m, number, _: m.sessions.fork(m.sessions.get(number)),
    "forget conversation": lambda m, number, _: m.forget(f"s{number}"),
    "note": lambda m, number, text: m.archival.insert(text, message_id=number),
    "fact": lambda m, _, text: m.archival.insert(text, kind="fact", subject="the same for both"),
    "update": lambda m, number, text: m.archival.update(number, text),
    "forget": lambda m, number, _: m.archival.forget(number),
    "forget message": lambda m, number, _: m.forget(f"m{number}"),
    "forget with its words": lambda m, number, _: m.forget(f"a{number}"),
    "core": lambda m, _, text: m.core.append("student", text),
    "ask": lambda m, number, text: m.questions.ask(number, text),
    "find hard": lambda m, number, text: m.hard.record("seen", text, number, text),
    "promise": lambda m, number, text: m.promises.make(text, number),
    "keep": lambda m, number, _: m.promises.close(number, "kept"),
    "aim at": lambda m, _, text: m.goals.set("exam:the same for both", 40, [text]),
}
"""What a student can do; the number is an id that may be anybody's."""


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(sorted(STEPS)), st.sampled_from(IDS)), max_size=40
    )
)
@settings(max_examples=settings.default.max_examples // 4)
def test_nothing_of_one_student_is_ever_reached_by_another(tmp_path_factory, clock, steps):
    path: Path = tmp_path_factory.mktemp("homes") / "s.db"
    with Database.open(path) as db:
        both = {mark: Memories(db, mark, clock) for mark in "AB"}
        for mark, what, number in steps:
            clock.forward(seconds=1)
            neighbour = both["B" if mark == "A" else "A"]
            before = neighbour.everything()
            with suppress(OfficeHoursError):
                both[mark].do(what, number)
            assert neighbour.everything() == before
            assert all(text.startswith(mark) for text in both[mark].everything())
