"""What a turn yields. Every face (terminal, JSON, tests) consumes these and nothing else; `docs/events.md` lists them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from ..memory.errors import OfficeHoursError
from ..memory.types import Hit
from .billing.prices import Bill


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The student's message is committed."""

    type: ClassVar[str] = "turn_started"
    session: str
    turn: int
    message: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Recalled:
    """What memory put beside the student's message before the model was called."""

    type: ClassVar[str] = "recalled"
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply."""

    type: ClassVar[str] = "text_delta"
    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins to run."""

    type: ClassVar[str] = "tool_started"
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool has answered.

    Attributes:
        display: For the person; "" where the tool has nothing to show.
        seconds: How long it ran.
    """

    type: ClassVar[str] = "tool_finished"
    id: str
    name: str
    arguments: str
    ok: bool
    output: str
    display: str
    seconds: float


NoticeKind = Literal[
    "masked",
    "waiting",
    "index",
    "embedder",
    "memory",
    "limit",
    "retry",
    "summary",
    "overflow",
    "long_message",
    "stopped",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know that is no part of the answer."""

    type: ClassVar[str] = "notice"
    kind: NoticeKind
    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Compacted:
    """The oldest turns were folded into the summary; nothing was deleted.

    Attributes:
        turns: How many turns were folded.
        before, after: Estimated tokens of the prompt.
        extractive: No model wrote the summary.
    """

    type: ClassVar[str] = "compacted"
    turns: int
    before: int
    after: int
    extractive: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """A source the answer rests on; `n` is its number in the answer, from 1."""

    n: int
    id: str
    source: str
    locator: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The turn is whole and committed."""

    type: ClassVar[str] = "turn_finished"
    session: str
    turn: int
    answer: str
    citations: tuple[Citation, ...]
    bill: Bill


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The turn ended without a whole answer; the student's message and what was said are kept."""

    type: ClassVar[str] = "turn_failed"
    session: str
    turn: int
    error: OfficeHoursError
    partial: str
    bill: Bill


Event = (
    TurnStarted
    | Recalled
    | TextDelta
    | ToolStarted
    | ToolFinished
    | Notice
    | Compacted
    | TurnFinished
    | TurnFailed
)


def to_json(event: Event) -> dict[str, Any]:
    """Give an event as JSON values, `type` first."""
    return {"type": event.type} | {
        field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)
    }


def _plain(value: Any) -> Any:
    match value:
        case OfficeHoursError():
            return {
                "kind": type(value).__name__,
                "en": value.en,
                "ko": value.ko,
                "exit_code": value.exit_code,
            }
        case datetime():
            return value.isoformat()
        case Decimal():
            return float(value)
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case list() | tuple():
            return [_plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value
