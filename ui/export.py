"""A conversation as a document: Markdown for people, JSON with all that is kept of it."""

from __future__ import annotations

from typing import Any

from ..agent.settings import local_time
from ..memory.recall import Session, Sessions
from ..memory.types import StoredMessage, message_id


def as_json(sessions: Sessions, session: Session) -> dict[str, Any]:
    """Give everything that is kept of a conversation, undone turns included."""
    return sessions.export(session)


def as_markdown(sessions: Sessions, session: Session, zone: str, language: str) -> str:
    """Give what was said, in order, under the days on which it was said."""
    ko = language == "ko"
    title = session.title or (f"대화 {session.public_id}" if ko else f"Conversation {session.public_id}")
    lines = [f"# {title}", ""]
    day = ""
    for stored in sessions.log(session):
        if stored.message.role not in {"user", "assistant"} or not stored.message.content.strip():
            continue
        here = local_time(stored.time, zone)
        if f"{here:%Y-%m-%d}" != day:
            day = f"{here:%Y-%m-%d}"
            lines += [f"## {day}", ""]
        lines += [f"**{_speaker(stored, ko=ko)}** · {here:%H:%M} · {message_id(stored.id)}", ""]
        lines += [_words(stored, ko=ko), ""]
    return "\n".join(lines)


def _speaker(stored: StoredMessage, *, ko: bool) -> str:
    if stored.message.name:
        return stored.message.name
    if stored.message.role == "user":
        return "학생" if ko else "Student"
    return "교수" if ko else "Professor"


def _words(stored: StoredMessage, *, ko: bool) -> str:
    text = stored.message.content.rstrip()
    if stored.state != "partial":
        return text
    return f"{text} … *({'여기서 끊김' if ko else 'cut off here'})*"
