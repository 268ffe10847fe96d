"""What the log's rows become: sessions, turns, views and stored messages as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BindParameter, Select, bindparam

from ..index.writer import batched
from ..store import AnyRow, Database
from ..store.schema import messages, sessions, turns, views
from ..types import Hit, Message, ShownHit, StoredMessage, ToolCall, Trust, message_id

ITEMS: BindParameter[int] = bindparam("items", expanding=True)

TurnState = Literal["open", "done", "failed", "interrupted", "undone"]
"""`open` while it runs (or after a crash in it); the others are how it ended."""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation.

    Attributes:
        id: Row id, unique over all students; shown to people as `public_id`, `s7`.
        origin: "chat", or "import" for conversation held elsewhere.
        persona: The professor's id, "" where it was imported.
        mode: How the student chose to be taught in it: "socratic", "direct" or "exam"; "" where they did not.
        last_seq: The number of the last message.
        parent_id: The session it was forked from; it continues that one's messages up to `parent_seq`.
    """

    id: int
    title: str
    persona: str
    origin: str
    created_at: datetime
    last_at: datetime
    last_seq: int
    parent_id: int | None = None
    parent_seq: int | None = None
    mode: str = ""

    @property
    def public_id(self) -> str:
        """The id as people see it: 7 -> "s7"."""
        return f"s{self.id}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: a student's message and everything until the answer.

    Attributes:
        number: Counts a session's turns from 1.
        zone: The student's zone in this turn.
        error: What went wrong, where it failed.
        masked: What kinds of secrets were masked in the student's text when it was written.
    """

    id: int
    session_id: int
    number: int
    state: TurnState
    zone: str
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One of the professor's rules that a reply of a turn broke.

    Attributes:
        check: The check that found it.
        hard: It was worth asking the model again.
        mended: It stood in a reply that was taken back, not in the one that was kept.
    """

    check: str
    hard: bool
    mended: bool


@dataclass(frozen=True, slots=True)
class View:
    """What a model sees before the messages; within a view requests only ever grow.

    Attributes:
        reason: Why it was opened: start, return, compaction, persona, mode, tools, undo, retry or fork.
        tools: The tool schemas in the order they are sent.
        first_seq: The first message that is in view verbatim.
        trust: Of what the system text and the summary rest on.
        pressure: The model was told in this view that the window is nearly full.
        mode: How it was told to teach; "" for nothing.
    """

    id: int
    session_id: int
    reason: str
    system: str
    tools: tuple[Mapping[str, Any], ...]
    brief: str
    summary: str
    first_seq: int
    opened_at: datetime
    trust: Trust = "student"
    pressure: bool = False
    mode: str = ""


SESSION_COLUMNS = (
    sessions.c.id,
    sessions.c.title,
    sessions.c.persona,
    sessions.c.origin,
    sessions.c.created_at,
    sessions.c.last_at,
    sessions.c.last_seq,
    sessions.c.parent_id,
    sessions.c.parent_seq,
    sessions.c.mode,
)
TURN_COLUMNS = (
    turns.c.id,
    turns.c.session_id,
    turns.c.number,
    turns.c.state,
    turns.c.started_at,
    turns.c.finished_at,
    turns.c.error,
)
MESSAGE_COLUMNS = (
    messages.c.id,
    messages.c.session_id,
    messages.c.seq,
    messages.c.turn_id,
    messages.c.role,
    messages.c.name,
    messages.c.content,
    messages.c.tool_calls,
    messages.c.tool_call_id,
    messages.c.time,
    messages.c.zone,
    messages.c.state,
    messages.c.context_note,
    messages.c.external_id,
    messages.c.trust,
    messages.c.hits,
    messages.c.extras,
)
VIEW_COLUMNS = (
    views.c.id,
    views.c.session_id,
    views.c.reason,
    views.c.system,
    views.c.tools,
    views.c.brief,
    views.c.summary,
    views.c.first_seq,
    views.c.opened_at,
    views.c.trust,
    views.c.pressure,
    views.c.mode,
)


def session_of(row: AnyRow) -> Session:
    """Read a row of `SESSION_COLUMNS`."""
    return Session(*row)


def turn_of(row: AnyRow, zone: str) -> Turn:
    """Read a row of `TURN_COLUMNS`."""
    return Turn(
        row.id, row.session_id, row.number, row.state, zone, row.started_at, row.finished_at, row.error
    )


def view_of(row: AnyRow) -> View:
    """Read a row of `VIEW_COLUMNS`."""
    tools: Sequence[Mapping[str, Any]] = row.tools
    return View(
        row.id,
        row.session_id,
        row.reason,
        row.system,
        tuple(tools),
        row.brief,
        row.summary,
        row.first_seq,
        row.opened_at,
        row.trust,
        row.pressure,
        row.mode,
    )


def broken_rules_of(stored: Iterable[Mapping[str, Any]]) -> tuple[BrokenRule, ...]:
    """Read what a turn keeps of the rules its replies broke."""
    return tuple(
        BrokenRule(str(rule.get("check", "")), bool(rule.get("hard")), bool(rule.get("mended")))
        for rule in stored
    )


def message_of(row: AnyRow) -> StoredMessage:
    """Read a row of `MESSAGE_COLUMNS`."""
    calls: Sequence[Sequence[str]] = row.tool_calls or ()
    return StoredMessage(
        id=row.id,
        session_id=row.session_id,
        seq=row.seq,
        turn_id=row.turn_id,
        message=Message(
            row.role,
            row.content,
            tuple(ToolCall(*call) for call in calls),
            row.tool_call_id,
            row.name,
            row.extras or "",
        ),
        time=row.time,
        zone=row.zone,
        state=row.state,
        context_note=row.context_note,
        external_id=row.external_id,
        trust=row.trust,
        hits=hits_from_json(row.hits),
    )


def said_hit(row: AnyRow) -> Hit:
    """Read a message's row as a hit that nothing has ranked yet."""
    return Hit(
        id=message_id(row.id),
        external_id=row.external_id,
        source="recall",
        score=0.0,
        relevance=0.0,
        time=row.time,
        role=row.role,
        text=row.content,
        name=row.name,
        trust=row.trust,
    )


def calls_to_json(calls: Sequence[ToolCall]) -> list[list[str]] | None:
    """Give tool calls as they are stored: `[[id, name, arguments], …]`, None where there are none."""
    return [[call.id, call.name, call.arguments] for call in calls] or None


def hits_to_json(hits: Sequence[ShownHit]) -> list[dict[str, Any]] | None:
    """Give shown hits as they are stored, None where there are none; what is not set is left out."""
    return [
        {name: value for name, value in asdict(hit).items() if value not in (None, False)}
        | {"time": hit.time.isoformat()}
        for hit in hits
    ] or None


def hits_from_json(stored: Sequence[Mapping[str, Any]] | None) -> tuple[ShownHit, ...]:
    """Read what `hits_to_json` gave."""
    return tuple(_shown(dict(hit)) for hit in stored or ())


def _shown(hit: dict[str, Any]) -> ShownHit:
    time = datetime.fromisoformat(hit.pop("time"))
    return ShownHit(time=time, **hit)


def texts_of(
    db: Database, statement: Select[int, str], student_id: int, id_prefix: str, ids: Iterable[str]
) -> dict[str, str]:
    """Give texts by their public ids, in few statements however many are asked for.

    Args:
        statement: Gives (row id, text) of a `student` for `items`.
        id_prefix: Of the ids that are meant: "m" or "a".
    """
    rows = (int(public[1:]) for public in ids if public.startswith(id_prefix))
    found: dict[str, str] = {}
    with db.read() as connection:
        for batch in batched(rows):
            read = connection.execute(statement, {"student": student_id, "items": batch})
            found |= {f"{id_prefix}{item}": text for item, text in read}
    return found
