"""One turn while it runs, and the reply that is being heard in it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ..memory.errors import EmptyReply, ProviderError
from ..memory.recall import BrokenRule, Turn
from ..memory.types import Hit, Message, StoredMessage, ToolCall
from ..tools.base import GOES_ON
from ..tools.registry import Registry, wants_heartbeat
from ..tools.text import estimate_tokens
from .billing.limits import LimitTracker
from .context.budget import TokenMeter
from .events import Bill, Event, TextRetracted
from .events import TextDelta as Shown
from .model import AttemptFailed, CallBroken, CallReady, Chunk, Finished, Retracted, TextDelta, Usage
from .tool_execution import ASKED, ToolCallResult

if TYPE_CHECKING:
    from .tutor.lock import ReplyCheck

T = TypeVar("T")

PREFACE_TOKENS = 30
"""A shorter text beside a write that does not say whether to go on is a preface ("one moment, I'll note that")."""


@dataclass(slots=True)
class TurnRun:
    """What one turn has done so far.

    Attributes:
        turn: The turn's row.
        asked: The student's message, with what stands beside it.
        limits: Its use, held against the limits.
        last: The message before it; None for the first of a conversation.
        deep: The question is to be taken apart and each part looked into; `sub_questions` are the parts.
        hits: What recall put beside it.
        facts: Ids of what the message states about the student.
        cost: What its model calls cost so far.
        said: What the professor has said, one entry a reply.
        broken: Which of the professor's rules the answer breaks; None until one was judged. `mended` are those of a
            reply that was taken back.
        unanswered: The professor said that it could not answer: the question stays open.
        failed: Ids of the tool calls that did not succeed.
        outside: A stranger's words have come in during the turn.
        waited: Seconds spent waiting for the model, for tools and for whoever consumes the events.
    """

    turn: Turn
    asked: StoredMessage
    limits: LimitTracker
    last: StoredMessage | None = None
    deep: bool = False
    sub_questions: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    facts: frozenset[str] = frozenset()
    cost: Bill = field(default_factory=Bill)
    said: list[str] = field(default_factory=list[str])
    broken: list[BrokenRule] | None = None
    mended: list[BrokenRule] = field(default_factory=list["BrokenRule"])
    unanswered: bool = False
    failed: set[str] = field(default_factory=set[str])
    outside: bool = False
    started: float = field(default_factory=monotonic)
    waited: float = 0.0

    @property
    def text(self) -> str:
        """Everything the professor has said in this turn."""
        return "\n\n".join(self.said)

    @property
    def bill(self) -> Bill:
        """What the turn has cost so far, with its time and our own part of it."""
        seconds = monotonic() - self.started
        ours = seconds - self.waited - self.limits.paused
        return replace(self.cost, seconds=seconds, overhead_ms=1000 * max(0.0, ours))

    @property
    def judged(self) -> list[BrokenRule] | None:
        """Every rule that a reply of the turn broke, None where no answer was judged."""
        return None if self.broken is None else [*self.mended, *self.broken]

    def add(self, bill: Bill) -> None:
        """Take in what a model call of this turn cost."""
        self.cost = self.cost + bill
        self.limits.tokens += bill.input_tokens + bill.output_tokens
        self.limits.usd += bill.usd or 0

    def wait(self, for_what: Callable[[], T]) -> T:
        """Do something whose time is not ours, such as waiting for the model's next chunk."""
        began = monotonic()
        try:
            return for_what()
        finally:
            self.waited += monotonic() - began


@dataclass(slots=True)
class Reply:
    """What has been heard of one reply so far.

    Attributes:
        prompt: Our estimate of the request, in tokens; it held `shown` messages besides the system prompt.
        saved: It is committed.
        objection: Why an earlier reply in its place was not used; the request that it answers ends with that.
    """

    text: str = ""
    calls: list[ToolCall | CallBroken] = field(default_factory=list["ToolCall | CallBroken"])
    usage: Usage | None = None
    reason: str = ""
    extras: str = ""
    started: float = field(default_factory=monotonic)
    first: float | None = None
    seconds: float = 0.0
    prompt: float = 0.0
    shown: int = 0
    saved: bool = False
    objection: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing and asks for nothing."""
        return not self.text.strip() and not self.calls

    def hear(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        self.seconds = max(0.0, monotonic() - self.started)
        if isinstance(chunk, AttemptFailed):
            self.started = monotonic() + (chunk.wait or 0.0)
            return
        if self.first is None:
            self.first = self.seconds
        match chunk:
            case TextDelta(text):
                self.text += text
            case Retracted():
                self.text = ""
            case CallReady(call):
                self.calls.append(call)
            case CallBroken():
                self.calls.append(chunk)
            case Finished(reason, usage, extras):
                self.reason, self.usage, self.extras = reason, usage, extras

    def discard(self, objection: str = "") -> None:
        """Forget what was heard; another reply is heard in its place."""
        self.text, self.calls, self.usage, self.reason, self.extras = "", [], None, "", ""
        self.started, self.first, self.objection = monotonic(), None, objection

    def take(self, other: Reply) -> None:
        """Be what was heard of another reply."""
        for each in fields(other):
            setattr(self, each.name, getattr(other, each.name))

    def message(self) -> Message:
        """The reply as the log keeps it; broken arguments are stored as an empty object, so that servers accept it."""
        calls = tuple(
            ToolCall(c.call.id, c.call.name, "{}") if isinstance(c, CallBroken) else c for c in self.calls
        )
        return Message("assistant", self.text, calls, extras=self.extras)

    def used(self, meter: TokenMeter) -> Usage:
        """What it used: by the provider's own count, on which the meter is calibrated, else by ours."""
        if self.usage is not None and not self.usage.estimated:
            meter.learn(self.prompt, self.usage.input_tokens)
            return self.usage
        calls = sum(meter.text(call.arguments) for call in self.message().tool_calls)
        return Usage(meter.count(self.prompt), 0, meter.text(self.text) + calls, 0, estimated=True)


Listen = Callable[[Reply], Iterator[Event]]


def listen_held(
    listen: Listen, reply: Reply, checks: Sequence[ReplyCheck], drop: Callable[[Reply], None]
) -> Iterator[Event]:
    """Hear a reply whole, and show it only if no check has an objection to it.

    What nobody is to see is in no event, and not in the log either, whatever ends the turn.

    Args:
        listen: Hears one reply.
        reply: Takes in what is said.
        checks: Look at it, in order.
        drop: Records what a reply cost that is not used.
    """
    for last in (False, True):
        try:
            for event in listen(reply):
                if not isinstance(event, Shown | TextRetracted):
                    yield event
        except BaseException:
            if _objection(checks, reply):
                reply.discard()
            raise
        found = _objection(checks, reply)
        if found is None:
            break
        check, objection = found
        if last:
            reply.text, reply.calls, reply.extras, reply.reason = check.instead(), [], "", "stop"
        else:
            drop(reply)
            reply.discard(objection)
    if reply.text:
        yield Shown(reply.text)


def listen_again(
    listen: Listen, reply: Reply, objection: str, drop: Callable[[Reply], None]
) -> Generator[Event, None, bool]:
    """Take a reply back that was shown and hear another in its place; give whether there is one.

    Where nothing comes of it the first stands: a rule that was broken must not cost the student the answer.

    Args:
        listen: Hears one reply.
        reply: What was heard; then the reply that is kept.
        objection: What the model is told of the first.
        drop: Records what a reply cost that is not used.
    """
    first = replace(reply, calls=list(reply.calls))
    reply.discard(objection)
    yield TextRetracted("rule")
    try:
        yield from listen(reply)
    except (ProviderError, EmptyReply):
        if reply.text:
            yield TextRetracted("rule")
        reply.take(first)
        yield Shown(first.text)
        return False
    except BaseException:
        drop(first)
        raise
    drop(first)
    return True


def _objection(checks: Sequence[ReplyCheck], reply: Reply) -> tuple[ReplyCheck, str] | None:
    said = _whole(reply)
    return next(((check, why) for check in checks if (why := check.objection(said))), None)


def _whole(reply: Reply) -> str:
    """Everything that a reply would bring to the person, the log or memory."""
    calls = (c.call.arguments if isinstance(c, CallBroken) else c.arguments for c in reply.calls)
    return "\n".join([reply.text, *calls])


def may_end_turn(reply: Reply, registry: Registry) -> bool:
    """Whether a reply may be the whole answer: text, and no calls but of tools that write.

    The write tools carry MemGPT's `request_heartbeat`: true goes on, false ends. Where the model leaves it out, a
    short text counts as a preface and the turn goes on.
    """
    if not reply.text.strip():
        return False
    calls = [c.call if isinstance(c, CallBroken) else c for c in reply.calls]
    for call in calls:
        tool = registry.get(call.name)
        if tool is None or tool.effect != "write" or wants_heartbeat(call):
            return False
    said = all("request_heartbeat" in call.arguments for call in calls)
    return said or estimate_tokens(reply.text) >= PREFACE_TOKENS


def ends_turn(reply: Reply, done: Sequence[ToolCallResult], registry: Registry) -> bool:
    """Whether a reply with calls was already the whole answer: it may be, and every write succeeded.

    A quiz's question that a call brought is still to be asked.
    """
    written = all(entry.outcome.ok and not {ASKED, GOES_ON} & entry.outcome.extras.keys() for entry in done)
    return bool(done) and written and may_end_turn(reply, registry)
