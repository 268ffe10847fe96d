"""One turn while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from ..memory.recall.sessions import Turn
from ..memory.types import Hit, StoredMessage, Trust
from .billing.limits import LimitTracker
from .billing.prices import Bill

T = TypeVar("T")


@dataclass(slots=True)
class TurnRun:
    """What one turn has done so far.

    Attributes:
        turn: The turn's row.
        asked: The student's message, with what stands beside it.
        stick: Its use, held against the limits.
        last: The message before it; None for the first of a conversation.
        notes: What else is to stand beside the message.
        hits: What recall put beside it.
        facts: Ids of what the message states about the student.
        bill: What its model calls cost so far.
        said: What the professor has said, one entry a reply.
        unanswered: The professor said that it could not answer: the question stays open.
        trust: The least trusted words that have entered the turn.
        waited: Seconds spent waiting for the model, for tools and for whoever consumes the events.
    """

    turn: Turn
    asked: StoredMessage
    limits: LimitTracker
    last: StoredMessage | None = None
    notes: list[str] = field(default_factory=list[str])
    hits: tuple[Hit, ...] = ()
    facts: frozenset[str] = frozenset()
    bill: Bill = field(default_factory=Bill)
    said: list[str] = field(default_factory=list[str])
    unanswered: bool = False
    trust: Trust = "student"
    started: float = field(default_factory=monotonic)
    waited: float = 0.0

    @property
    def text(self) -> str:
        """Everything the professor has said in this turn."""
        return "\n\n".join(self.said)

    def add(self, bill: Bill) -> None:
        """Take in what a model call of this turn cost."""
        self.bill = self.bill + bill
        self.limits.tokens += bill.input_tokens + bill.output_tokens
        self.limits.usd += bill.usd or 0

    def wait(self, for_what: Callable[[], T]) -> T:
        """Do something whose time is not ours, such as waiting for the model's next chunk."""
        began = monotonic()
        try:
            return for_what()
        finally:
            self.waited += monotonic() - began
