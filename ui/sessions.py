"""`officehours sessions`: listing, reading, exporting and deleting conversations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..agent.settings import DEFAULT_STUDENT, Clock, load, local_time, system_zone
from ..memory import students
from ..memory.errors import UsageError
from ..memory.recall import Session, Sessions
from ..memory.recall.log import openings
from ..memory.store import Database
from ..memory.transfer import write_text
from ..memory.types import Student
from .export import as_json, as_markdown
from .terminal.columns import cells, fitted, padded, screen
from .terminal.say import echo, localized, make_sure, many, prefs, print_json, warn

TITLE = 50
"""Characters of a title in a list."""


@dataclass(frozen=True, slots=True)
class StudentSessions:
    """A student's conversations, and what it takes to show them."""

    db: Database
    student: Student
    sessions: Sessions
    zone: str
    clock: Clock

    def lines(self) -> Iterator[str]:
        """Give a line for each conversation that anything was said in, the last spoken in first."""
        titles, room = self.titles(), screen()
        found = [s for s in self.sessions.list() if s.last_seq > 0]
        for session in found:
            when = local_time(session.last_at, self.zone)
            origin = localized(" (imported)", " (가져온 기록)") if session.origin != "chat" else ""
            count = localized(many(session.last_seq, "message"), f"메시지 {session.last_seq}개")
            line = f"{session.public_id:<5} {when:%Y-%m-%d %H:%M}  {padded(count, 12, right=True)}  {titles[session.id]}"
            yield fitted(line, room and room - 2 - cells(origin)) + origin
        if not found:
            yield localized("No conversations yet.", "아직 대화가 없습니다.")

    def titles(self) -> dict[int, str]:
        """Give a name for each conversation: its title, else its first words."""
        first = openings(self.db, self.student.id)
        return {s.id: clipped(s.title or first.get(s.id, "")) for s in self.sessions.list()}


@contextmanager
def open_sessions(handle: str | None) -> Generator[StudentSessions]:
    """Open a student's conversations and nothing else: no index, no embedder.

    Raises:
        NotFound: The student is not known.
    """
    settings = load()
    with Database.open(settings.database) as db:
        student = students.get(db, handle or settings.student or DEFAULT_STUDENT)
        prefs.known = settings.language or student.language
        clock = settings.clock()
        zone = settings.zone or system_zone(when=clock())
        yield StudentSessions(db, student, Sessions(db, student.id, clock), zone, clock)


def show_list(student: str | None, *, as_json_document: bool) -> None:
    """Print every conversation, the last spoken in first."""
    with open_sessions(student) as sessions:
        titles = sessions.titles()
        found = [s for s in sessions.sessions.list() if s.last_seq > 0]
        if as_json_document:
            print_json({"sessions": [_document(s, titles[s.id]) for s in found]})
            return
        for line in sessions.lines():
            echo(line)


def show(identity: str, student: str | None, *, as_json_document: bool) -> None:
    """Print one conversation."""
    with open_sessions(student) as sessions:
        session = sessions.sessions.get(identity)
        if as_json_document:
            print_json(as_json(sessions.sessions, session))
        else:
            echo(as_markdown(sessions.sessions, session, sessions.zone, prefs.language).rstrip())


def export(identity: str, file: Path | None, form: str | None, student: str | None) -> None:
    """Write one conversation to a file, or to stdout."""
    with open_sessions(student) as sessions:
        session = sessions.sessions.get(identity)
        text = exported(sessions.sessions, session, form_of(file, form), sessions.zone, prefs.language)
        if file is None:
            echo(text.rstrip())
            return
        write_text(file, text)
        warn(f"{session.public_id} is in {file}.", f"{session.public_id} 대화를 {file}에 저장했습니다.")


def delete(identity: str, student: str | None, *, yes: bool, as_json_document: bool = False) -> None:
    """Delete a conversation for good, once the person has said so, and prove it."""
    from .memory.forget_export import forgetter, print_receipt
    from .runtime import open_for_command

    with open_sessions(student) as sessions:
        session = sessions.sessions.get(identity)
        title = sessions.titles()[session.id]
    question = localized(
        f"Delete {session.public_id} ({title}) for good? [y/N] ",
        f"{session.public_id} 대화({title})를 완전히 지울까요? [y/N] ",
    )
    make_sure(question, yes=yes)
    with open_for_command(student) as runtime:
        print_receipt(forgetter(runtime).forget(session.public_id), as_json=as_json_document)


def exported(sessions: Sessions, session: Session, form: str, zone: str, language: str) -> str:
    """Give a conversation as the text of a file."""
    import json

    if form == "json":
        return json.dumps(as_json(sessions, session), ensure_ascii=False, indent=2) + "\n"
    return as_markdown(sessions, session, zone, language)


def clipped(text: str, letters: int = TITLE) -> str:
    """Give a text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def form_of(file: Path | None, form: str | None) -> str:
    """Give the form of an export, "md" or "json": the one that is named, else what the file's name says."""
    if form is None:
        return "json" if file is not None and file.suffix.lower() == ".json" else "md"
    if form not in {"md", "json"}:
        raise UsageError("--format is md or json.", "--format은 md나 json입니다.")
    return form


def _document(session: Session, title: str) -> dict[str, Any]:
    return {
        "id": session.public_id,
        "title": title,
        "persona": session.persona,
        "origin": session.origin,
        "created_at": session.created_at.isoformat(),
        "last_at": session.last_at.isoformat(),
        "messages": session.last_seq,
        "forked_from": None if session.parent_id is None else f"s{session.parent_id}",
    }
