"""The values that travel through the program: messages, what memory finds, what a student is.

All are frozen. A `Message` is a pure value, exactly what a model is sent; identity, time and place belong to
`StoredMessage`, which the log hands out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]
"""Who speaks, in Chat Completions' words."""

Scope = Literal["recall", "archival"]
"""The two searchable memories: everything said, and what was put away on purpose."""

Trust = Literal["student", "model", "course", "imported", "web"]
"""Where words come from. What rests on several has the trust of the least trusted of them."""

TRUSTS: tuple[Trust, ...] = ("student", "model", "course", "imported", "web")
"""From the most trusted to the least."""

MessageState = Literal["whole", "partial", "cancelled"]
"""Whether a reply was heard to its end, was cut off, or a tool was stopped before it gave a result."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call a model asked for; `arguments` is JSON text, kept as it will be sent again."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a model sees it.

    Attributes:
        extras: What a reply brought besides its text and calls, and from whom, as JSON text: its model may want it back.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    extras: str = ""


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit as a model was shown it, beside a message or in a tool's result.

    Attributes:
        id: `m12` or `a7`.
        kind: "message", or the archival kind; `role` is who said it.
        text: As much of it as was shown; `cut` says that the store holds more.
        rendered: The lines in which it was written, as they stand in what was sent.
        relevance: How likely it was worth showing, 0 to 1; 0 where it was asked for by its id.
        origin, locator: Where in a source text: file and heading.
    """

    id: str
    kind: str
    role: str
    trust: Trust
    time: datetime
    text: str
    rendered: str
    relevance: float = 0.0
    cut: bool = False
    name: str | None = None
    origin: str | None = None
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in the log.

    Attributes:
        id: Row id, unique over all students; shown to people and models as `m12`.
        session_id: Its session; `seq` counts messages in it from 1 without gaps.
        turn_id: The turn it belongs to; None for imported messages.
        context_note: What went in beside a user's message (time, hits, warnings), sent again verbatim with it.
        time: When it was said, aware, in UTC; `zone` is the speaker's own zone (IANA name or "+09:00").
        external_id: The id it had where it was imported from.
        trust: Whose words it holds: the least trusted of what they came from.
        hits: What memory was found to hold, in the note beside it or, of a tool, in its content.
    """

    id: int
    session_id: int
    seq: int
    turn_id: int | None
    message: Message
    time: datetime
    zone: str
    state: MessageState = "whole"
    context_note: str = ""
    external_id: str | None = None
    trust: Trust = "model"
    hits: tuple[ShownHit, ...] = ()

    @property
    def lowest_trust(self) -> Trust:
        """The least trusted words that a model reads in it, those beside it included."""
        shown: list[Trust] = [hit.trust for hit in self.hits]
        return least_trusted(self.trust, *shown)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing a memory search found.

    Attributes:
        id: `m12` (recall) or `a7` (archival).
        score: The rank score; comparable only within one search.
        relevance: Calibrated to 0..1 across searches: how likely this is worth showing unasked.
        role: Who said it (messages) or "source".
        kind: "message", the archival kind ("fact", "note", "passage"), or "acronym": what `name` stands for, as the
            text that `id` names spells it out.
        source: Which memory it is from. `origin` and `locator` say where in a source text: file and heading.
        signals: What each ranking signal contributed to `score`; the answer to "why".
    """

    id: str
    external_id: str | None
    source: Scope
    score: float
    relevance: float
    time: datetime
    role: str
    text: str
    name: str | None = None
    kind: str = "message"
    trust: Trust = "student"
    origin: str | None = None
    locator: str | None = None
    signals: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Student:
    """Whose memory this is.

    Attributes:
        id: Row id. Every memory object is constructed with it.
        handle: What the command line calls the student; unique.
        name: What the professor calls them; "" until known.
        language: "ko" or "en".
        zone: IANA zone name for local times.
        collection: The opaque name of the student's collection in the vector index.
        trust: Of all that is kept: "imported" where the whole memory came from a file.
    """

    id: int
    handle: str
    name: str
    language: str
    zone: str
    collection: str
    trust: Trust = "student"


def message_id(row: int) -> str:
    """Show a message's row id: 12 -> "m12"."""
    return f"m{row}"


def archival_id(row: int) -> str:
    """Show an archival row id: 7 -> "a7"."""
    return f"a{row}"


def least_trusted(*trusts: Trust) -> Trust:
    """Give the least trusted of several; "student" of none."""
    least: Trust = "student"
    return max((least, *trusts), key=TRUSTS.index)


def is_untrusted(trust: Trust) -> bool:
    """Whether words are neither the student's own nor the program's: course files, imports, the web, what rests on them."""
    return trust not in {"student", "model"}


Progress = Callable[[int, int], None]
"""Takes how much is done and how much there is."""
