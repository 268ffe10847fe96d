"""What a turn yields. Every face (terminal, JSON, tests) consumes these and nothing else; `docs/events.md` lists them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from ..memory.errors import OfficeHoursError
from ..memory.text import sentences
from ..memory.types import Hit
from .model import AttemptFailed


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
class TextRetracted:
    """The text of the reply so far is taken back; the answer begins after this.

    Attributes:
        reason: It was a thought of the model's, or broke a hard rule of the professor's.
    """

    type: ClassVar[str] = "text_retracted"
    reason: Literal["thought", "rule"] = "thought"


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins to run."""

    type: ClassVar[str] = "tool_started"
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A tool that runs says how far it is; `text` is one line for the person, and no model reads it."""

    type: ClassVar[str] = "tool_progress"
    id: str
    name: str
    text: str


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


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A call waits for the student's yes; `Agent.approve(id, yes=...)` answers, now or later.

    Attributes:
        effect: What it does: "read", "write" or "outside".
        why: "policy" where all calls of the tool ask, "untrusted" where words in view that are neither the student's
            nor the program's may have ordered it.
    """

    type: ClassVar[str] = "approval_requested"
    id: str
    name: str
    arguments: str
    effect: str
    why: str


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
    "mode",
    "unbacked",
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
class Bill:
    """What a turn cost: tokens, requests, dollars, won and time. Bills add up exactly.

    Attributes:
        requests: Model calls.
        usd, krw: None as soon as one call's price is unknown.
        local: Every call ran on this machine.
        estimated: The server sent no token counts for some call; those are ours.
        seconds: Wall-clock time of the turn; `overhead_ms` is our own part of it, waiting for the model left out.
    """

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = field(default_factory=Decimal)
    krw: Decimal | None = field(default_factory=Decimal)
    local: bool = True
    estimated: bool = False
    seconds: float = 0.0
    overhead_ms: float = 0.0

    def __add__(self, other: Bill) -> Bill:
        return Bill(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            None if self.usd is None or other.usd is None else self.usd + other.usd,
            None if self.krw is None or other.krw is None else self.krw + other.krw,
            self.local and other.local,
            self.estimated or other.estimated,
            self.seconds + other.seconds,
            self.overhead_ms + other.overhead_ms,
        )

    def line(self, language: str) -> str:
        """Write the bill in one line; "" where nothing was charged and nobody counted."""
        if self.local and self.estimated:
            return ""
        ko = language == "ko"
        about = "≈" if self.estimated else ""
        cached = f" ({'캐시' if ko else 'cached'} {self.cached_tokens:,})" if self.cached_tokens else ""
        parts = [
            f"{'요청' if ko else 'requests'} {self.requests}",
            f"{'입력' if ko else 'in'} {about}{self.input_tokens:,}{cached}",
            f"{'출력' if ko else 'out'} {about}{self.output_tokens:,}",
            *self._money(ko=ko),
            f"{self.seconds:.1f}{'초' if ko else ' s'}",
        ]
        return " · ".join(parts)

    def _money(self, *, ko: bool) -> list[str]:
        if self.usd is None or self.krw is None:
            return ["가격 정보 없음" if ko else "price unknown"]
        if self.local:
            return ["로컬, 비용 0" if ko else "local, no cost"]
        return [f"${_short(self.usd)}", f"{_short(self.krw)}원" if ko else f"₩{_short(self.krw)}"]


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


@dataclass(frozen=True, slots=True)
class TurnWaiting:
    """The turn stays open: calls wait for an answer, and `Agent.resume` goes on with it then, in any process.

    Attributes:
        approvals: The calls that wait, in their order.
        partial: What was said before it stopped.
    """

    type: ClassVar[str] = "turn_waiting"
    session: str
    turn: int
    approvals: tuple[ApprovalRequested, ...]
    partial: str
    bill: Bill


Event = (
    TurnStarted
    | Recalled
    | TextDelta
    | TextRetracted
    | ToolStarted
    | ToolProgress
    | ToolFinished
    | ApprovalRequested
    | Notice
    | Compacted
    | TurnFinished
    | TurnFailed
    | TurnWaiting
)


WAITED = Notice(
    "waiting",
    "Another window was in the middle of a turn of this conversation; I waited for it.",
    "다른 창에서 이 대화의 답변이 진행 중이어서 끝나기를 기다렸습니다.",
)


def secrets_masked(kinds: Sequence[str]) -> Notice:
    """Say that secrets were masked in the student's message."""
    from ..memory.text.secrets import named

    return Notice(
        "masked",
        f"I masked what looks like a secret ({named(kinds, 'en')}) before writing it down; it is stored nowhere.",
        f"비밀 정보로 보이는 부분({named(kinds, 'ko')})은 가린 뒤에 기록했습니다. 원래 값은 어디에도 저장되지 않습니다.",
    )


def trying_again(failed: AttemptFailed) -> Notice:
    """Say that the server is in trouble and that it is waited for the next attempt."""
    seconds = max(1, round(failed.wait or 0))
    # The first sentence says what happened; the others, what a person could do where it stayed at that.
    en, ko = (sentences(text)[0] for text in (failed.error.en, failed.error.ko))
    return Notice("retry", f"{en} I try again in {seconds} s.", f"{ko} {seconds}초 뒤에 다시 시도합니다.")


def to_json(event: Event) -> dict[str, Any]:
    """Give an event as JSON values, `type` first."""
    return {"type": event.type} | {
        field.name: plain(getattr(event, field.name)) for field in dataclasses.fields(event)
    }


def plain(value: Any) -> Any:
    """Give a value as JSON's: money as numbers, days and times in ISO 8601, an error as `docs/cli.md` says."""
    match value:
        case OfficeHoursError():
            return {
                "kind": type(value).__name__,
                "en": value.en,
                "ko": value.ko,
                "exit_code": value.exit_code,
            }
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case list() | tuple():
            return [plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value


def _short(amount: Decimal) -> str:
    """Two digits behind the point, or the first two that are not zero."""
    if amount == 0 or amount >= 1:
        return f"{amount:,.2f}"
    return f"{amount:.{max(2, 1 - amount.adjusted())}f}"
