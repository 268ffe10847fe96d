"""Who comes in, and what they are greeted with: read from the store alone, before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..memory import students
from ..memory.archival.records import facts_of
from ..memory.facts import called
from ..memory.learner.cards import Cards
from ..memory.learner.misconceptions import Misconceptions
from ..memory.learner.questions import OpenQuestions
from ..memory.learner.reviews import Reviews
from ..memory.recall import Session, Sessions
from ..memory.store import Database
from ..memory.types import Student
from ..persona import registry as personas
from ..persona.spec import Persona
from .context.brief import RETURN, Brief, LastTime, last_time, make_brief, without_old_news
from .settings import DEFAULT_STUDENT, Settings, system_zone
from .tutor.sitting import minutes_of

if TYPE_CHECKING:
    from .runtime import Runtime  # it brings the embedder and the index along, which no greeting waits for


@dataclass(frozen=True, slots=True)
class Arrival:
    """A student who is known here comes in.

    Attributes:
        called: What the student wants to be called.
        brief: What the stored rows say about last time, in the student's language; "" where nothing was said before.
    """

    student: Student
    called: str
    persona: Persona
    brief: str

    def greeting(self) -> str:
        """The professor's own greeting; somebody who was never here is not said to be back."""
        name = self.called if self.brief else ""
        return self.persona.line("greeting", self.student.language, name=name)


def arrive(settings: Settings, handle: str | None, persona_id: str | None, session_id: str) -> Arrival:
    """Read what a student is greeted with; see `assemble.open_tutor` for the arguments.

    Raises:
        NotFound: There is no such student or conversation.
        PersonaError, StoreError: As their names say.
    """
    with Database.open(settings.database) as db:
        student = students.get(db, handle or settings.student or DEFAULT_STUDENT)
        clock = settings.clock()
        sessions = Sessions(db, student.id, clock)
        session = _session(sessions, session_id)
        questions = OpenQuestions(db, student.id, clock)
        hard = Misconceptions(db, student.id, clock)
        last = last_time(sessions, questions, hard, facts_of(db, student.id), session)
        last = without_old_news(last, db, student.id)
        last = _with_reviews(last, Cards(db, student.id, clock), Reviews(db, student.id, clock))
    zone = settings.zone or system_zone(when=clock())
    brief = make_brief(last, now=clock(), zone=zone, language=student.language)
    persona = find_persona(settings, persona_id or (session.persona if session else None))
    return Arrival(student, called(last.facts) or student.name, persona, brief.for_student)


def brief_for(runtime: Runtime, session: Session | None = None) -> Brief:
    """Make the brief for a student who comes back now.

    Args:
        session: The conversation that goes on; a new one looks back at the one before it.
    """
    return _brief(runtime, _last_time(runtime, session))


def welcome_back(runtime: Runtime, session: Session | None = None) -> str:
    """Give the student's text where they come back after a silence of `RETURN`, else "": for a pipe."""
    last = _last_time(runtime, session)
    if not last.messages or runtime.clock() - last.messages[-1].time < RETURN:
        return ""
    return _brief(runtime, last).for_student


def find_persona(settings: Settings, persona_id: str | None = None) -> Persona:
    """Give a professor by id: the settings' own, else the default one, where none is named."""
    return personas.find(persona_id or settings.persona or personas.DEFAULT, settings.home / "personas")


def _session(sessions: Sessions, session_id: str) -> Session | None:
    match session_id:
        case "new":
            return None
        case "latest":
            return sessions.latest()
        case _:
            return sessions.get(session_id)


def _last_time(runtime: Runtime, session: Session | None) -> LastTime:
    memories = runtime.memories
    kept = memories.archival.list("fact")
    last = last_time(memories.sessions, memories.questions, memories.misconceptions, kept, session)
    last = _with_reviews(last, memories.cards, memories.reviews)
    return without_old_news(last, runtime.db, runtime.student.id)


def _with_reviews(last: LastTime, cards: Cards, reviews: Reviews) -> LastTime:
    due = cards.count_due()
    return replace(last, due=due, minutes=minutes_of(due, reviews.seconds_a_card())) if due else last


def _brief(runtime: Runtime, last: LastTime) -> Brief:
    return make_brief(last, now=runtime.clock(), zone=runtime.zone, language=runtime.student.language)
