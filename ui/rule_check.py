"""`officehours persona check`: which of a professor's rules the answers of a conversation break, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..agent.greeting import find_persona
from ..agent.reply_rules import JudgedReply, judge_log
from ..agent.settings import load
from ..memory.errors import NotFound
from ..memory.recall import BrokenRule, Session, Sessions
from ..memory.types import message_id
from ..persona.modes import Mode, mode_of
from ..persona.spec import Persona
from .sessions import open_sessions
from .terminal.columns import columns
from .terminal.say import echo, localized, many, prefs, print_json


@dataclass(frozen=True, slots=True)
class Judged:
    """A conversation with what its answers break.

    Attributes:
        kept: What was recorded while it was held, by turn.
    """

    session: Session
    persona: Persona
    replies: Sequence[JudgedReply]
    kept: Mapping[int, Sequence[BrokenRule]]

    def mended(self, turn_id: int) -> list[str]:
        """The rules for which the model was asked once more in a turn."""
        return [rule.check for rule in self.kept.get(turn_id, ()) if rule.mended]

    def counts(self) -> dict[str, dict[str, int]]:
        """How often each rule was broken, how often of those a hard one, and how often the model was asked again."""
        broken = [b for reply in self.replies for b in reply.broken]
        all_, hard = (
            Counter(b.violation.check for b in broken),
            Counter(b.violation.check for b in broken if b.hard),
        )
        mended = Counter(check for reply in self.replies for check in self.mended(reply.turn_id))
        return {
            check: {"broken": all_[check], "hard": hard[check], "mended": mended[check]}
            for check in sorted(all_ | mended)
        }


def check(session: str | None, student: str | None, wanted: str | None, *, as_json: bool) -> None:
    """Print what each answer of a conversation breaks.

    Args:
        session: Its id; the latest by default.
        wanted: Whose rules, an id or a file; those of the conversation's professor by default.

    Raises:
        NotFound: There is no such conversation, or none at all.
        PersonaError: The professor's file cannot be used.
    """
    with open_sessions(student) as talks:
        found = talks.sessions.get(session) if session else talks.sessions.latest()
        if found is None:
            raise NotFound("No conversations yet.", "아직 대화가 없습니다.")
        persona = find_persona(load(), wanted or found.persona or None)
        replies = list(
            judge_log(persona, talks.sessions.log(found), _modes(talks.sessions, found, persona).at)
        )
        judged = Judged(found, persona, replies, talks.sessions.broken_rules(found))
    if as_json:
        print_json(_document(judged))
        return
    for line in _lines(judged):
        echo(line)


@dataclass(frozen=True, slots=True)
class _Modes:
    """In which mode a conversation was when."""

    opened: Sequence[tuple[datetime, str]]
    otherwise: Mode | None

    def at(self, time: datetime) -> Mode | None:
        before = [mode for opened, mode in self.opened if opened <= time]
        return mode_of(before[-1]) if before else self.otherwise


def _modes(sessions: Sessions, session: Session, persona: Persona) -> _Modes:
    return _Modes(sessions.modes(session), persona.mode)


def _document(judged: Judged) -> dict[str, Any]:
    return {
        "session": judged.session.public_id,
        "persona": judged.persona.id,
        "answers": len(judged.replies),
        "replies": [
            {
                "turn": f"t{reply.turn_id}",
                "message": message_id(reply.message_id),
                "broken": [
                    {"check": b.violation.check, "hard": b.hard, "text": b.violation.say(prefs.language)}
                    for b in reply.broken
                ],
                "mended": judged.mended(reply.turn_id),
            }
            for reply in judged.replies
        ],
        "counts": judged.counts(),
    }


def _lines(judged: Judged) -> Iterator[str]:
    wrong = sum(bool(reply.broken) for reply in judged.replies)
    name = judged.persona.name(prefs.language)
    yield localized(
        f"{judged.session.public_id} · {name} · {many(len(judged.replies), 'answer')}, {wrong} of them with a broken rule",
        f"{judged.session.public_id} · {name} · 답 {len(judged.replies)}개 가운데 원칙에 어긋난 답 {wrong}개",
    )
    rows: list[tuple[str, str, str, str]] = []
    for reply in judged.replies:
        place = (f"t{reply.turn_id}", message_id(reply.message_id))
        rows += [
            (*place, check, localized("asked once more", "다시 물음"))
            for check in judged.mended(reply.turn_id)
        ]
        rows += [
            (*place, b.violation.check, b.violation.say(prefs.language) + (" (!)" if b.hard else ""))
            for b in reply.broken
        ]
    yield from columns(rows)
    if counts := judged.counts():
        yield ""
        titles = (
            localized("rule", "규칙"),
            localized("broken", "어긋남"),
            localized("hard (!)", "엄격 (!)"),
            localized("asked once more", "다시 물음"),
        )
        figures = [(check, *(str(count) for count in by.values())) for check, by in counts.items()]
        yield from columns([titles, *figures], right={1, 2, 3})
