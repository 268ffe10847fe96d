"""Who comes in, and what they are greeted with: read from the store alone, before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..memory import students
from ..memory.archival.records import facts_of
from ..memory.facts import called
from ..memory.learner.goals import StudyGoals
from ..memory.learner.misconceptions import Misconceptions
from ..memory.learner.promises import Promises
from ..memory.learner.questions import OpenQuestions
from ..memory.recall import Session, Sessions
from ..memory.store import Database
from ..memory.types import Student
from ..persona import registry as personas
from ..persona.spec import Persona
from .context.brief import RETURN, Brief, LastTime, last_time, make_brief, without_old_news
from .context.learner_state import without_ended
from .learner.rows import Learner
from .settings import DEFAULT_STUDENT, Clock, Settings, local_time, system_zone

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
        zone = settings.zone or system_zone(when=clock())
        last = _last_time(db, student.id, clock, zone, session)
    brief = make_brief(last, now=clock(), zone=zone, language=student.language)
    persona = find_persona(settings, persona_id or (session.persona if session else None))
    return Arrival(student, called(last.facts) or student.name, persona, brief.for_student)


def brief_for(runtime: Runtime, session: Session | None = None) -> Brief:
    """Make the brief for a student who comes back now.

    Args:
        session: The conversation that goes on; a new one looks back at the one before it.
    """
    return _brief(runtime, _last_time(runtime.db, runtime.student.id, runtime.clock, runtime.zone, session))


def welcome_back(runtime: Runtime, session: Session | None = None) -> str:
    """Give the student's text where they come back after a silence of `RETURN`, else "": for a pipe."""
    last = _last_time(runtime.db, runtime.student.id, runtime.clock, runtime.zone, session)
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


def _last_time(db: Database, student_id: int, clock: Clock, zone: str, session: Session | None) -> LastTime:
    mine, now = (db, student_id, clock), local_time(clock(), zone)
    kept = without_ended(facts_of(db, student_id), StudyGoals(*mine).all())
    last = last_time(Sessions(*mine), OpenQuestions(*mine), Misconceptions(*mine), kept, session)
    if not last.messages:
        return last
    learner = Learner(*mine)
    plan, _ = learner.plan(now.date())
    state = learner.state(now, plan)
    return replace(
        without_old_news(last, db, student_id),
        due=learner.due,
        minutes=state.minutes,
        promises=Promises(*mine).open(),
        step=learner.step_after(state, now),
    )


def _brief(runtime: Runtime, last: LastTime) -> Brief:
    return make_brief(last, now=runtime.clock(), zone=runtime.zone, language=runtime.student.language)
