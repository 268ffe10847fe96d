"""Running the tool calls of one reply: reads side by side, all others one by one.

Results are appended in call order. What a memory tool writes and its result commit in one transaction, so that after a
crash a call either has both or neither. Nobody else's code runs in a transaction: it may take as long as it likes, and
what it does cannot be taken back. Its result is committed after it; where a crash came between, the call is not made
again by itself. So no effect is ever applied twice.

What waits for the student's yes is written down before anybody is asked (`memory/recall/approvals.py`), so that the answer
may come later, from another process, and after a crash (docs/adr/0032).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from ..memory.archival import InsertResult
from ..memory.recall import ApprovalState, TurnApprovals
from ..memory.store import Database
from ..memory.types import ToolCall
from ..tools.base import Tool, ToolContext
from ..tools.calling.running import MOST_LINES, shown_line
from ..tools.policy import Why
from ..tools.registry import Outcome, Registry, is_limited
from .billing.limits import LimitTracker
from .events import ApprovalRequested, Event, ToolFinished, ToolProgress, ToolStarted
from .model import CallBroken

Approve = Callable[[ToolCall, Tool], bool | None]
"""Asks whether a call that waits may run; None where it cannot be said now (`ApprovalRequested`)."""

AT_ONCE = 4
"""Most read-only calls that run side by side."""

WEB = frozenset({"web_search", "read_page"})
"""The tools that "search: never" switches off."""

ASKED = "asked"
"""Among the extras of a result: it asks the question of a quiz."""

INTERRUPTED = "[interrupted before it gave a result; what it does outside of memory may have happened]"


@dataclass(frozen=True, slots=True)
class ToolCallResult:
    """A call and how it ended."""

    call: ToolCall
    outcome: Outcome
    seconds: float


Heard = SimpleQueue[ToolProgress | ToolCallResult | BaseException]
"""What a call in another thread says while it runs, and then how it ended."""


class ApprovalPending(Exception):
    """Calls wait for an answer that nobody gives now; those before the first of them have their results.

    Attributes:
        approvals: What waits, in order.
    """

    def __init__(self, approvals: Sequence[ApprovalRequested]) -> None:
        super().__init__()
        self.approvals = tuple(approvals)


def refuse(_call: ToolCall, _tool: Tool) -> bool:
    """The approval of a face that can neither ask anybody nor wait: no."""
    return False


def not_now(_call: ToolCall, _tool: Tool) -> None:
    """The approval of a face that answers events, or later."""


class ToolExecutor:
    """Runs calls for an agent.

    Args:
        db: The database; its transaction holds a write and its result row together.
        registry: The tools.
        approve: Asked before a call that must wait for the student.

    Attributes:
        offline: The web is off limits; its tools say so instead of running, so that the schemas stay the same.
        obeys_text: Whether the model that speaks could be made to call a tool by what it reads; no call of one that
            cannot waits for the student.
    """

    def __init__(
        self,
        db: Database,
        registry: Registry,
        approve: Approve = not_now,
    ) -> None:
        self._db, self._registry, self.approve = db, registry, approve
        self.offline = False
        self.obeys_text = True

    def run(
        self,
        calls: Sequence[ToolCall | CallBroken],
        kept: TurnApprovals,
        context: Callable[[], ToolContext],
        limits: LimitTracker,
        save: Callable[[ToolCall, Outcome], None],
        *,
        resumed: bool = False,
    ) -> Iterator[Event | ToolCallResult]:
        """Run `calls`, yielding what happens and, in call order, how each ended.

        Args:
            calls: In the order in which the model gave them.
            kept: How it stands with those that the student is to allow.
            context: Made anew for each call, because a result may lower the trust of what is in view.
            limits: Counts the calls against the turn's limits.
            save: Stores a result row; called inside the transaction of a memory tool's write.
            resumed: They may have been begun before a crash. What then may have happened is not done again.

        Raises:
            ApprovalPending: One waits for an answer; neither it nor any after it has been run.
            LimitReached: The model goes round in circles. Every call of `calls` has its result row even then.
        """
        reads = self._read_ahead(calls, context)
        for place, entry in enumerate(calls):
            call = entry.call if isinstance(entry, CallBroken) else entry
            if place in reads:
                yield ToolStarted(call.id, call.name, call.arguments)
                done = yield from _followed(reads[place])
                save(call, done.outcome)
            else:
                here = context()
                state = kept.state(call.id) if resumed else None
                # What stands behind a call that was not begun was not begun either.
                resumed = resumed and state in {None, "begun"}
                why = self._waits(entry, here)
                instead = self._not_to_be_run(entry, here.language, state, resumed=resumed)
                if instead is None and state == "refused":
                    instead = _refused(call.name, why or "policy", here.language)
                elif instead is None and why and state != "approved":
                    if (yield from self._ask(calls[place:], why, kept, here, limits)):
                        here = context()
                    else:
                        instead = _refused(call.name, why, here.language)
                yield ToolStarted(call.id, call.name, call.arguments)
                asked = kept if why or state else None
                done = yield from self._run_alone(call, instead, here, save, asked)
            yield ToolFinished(
                call.id,
                call.name,
                call.arguments,
                done.outcome.ok,
                done.outcome.output,
                done.outcome.display,
                done.seconds,
            )
            yield done
        for entry in calls:
            limits.before_call(entry.call if isinstance(entry, CallBroken) else entry)

    def requested(self, call: ToolCall, why: str) -> ApprovalRequested:
        """Give the event that asks about a call; a tool that is not there any more could do anything."""
        effect = self._effect(call) or "outside"
        return ApprovalRequested(call.id, call.name, call.arguments, effect, why)

    def _ask(
        self,
        calls: Sequence[ToolCall | CallBroken],
        why: Why,
        kept: TurnApprovals,
        context: ToolContext,
        limits: LimitTracker,
    ) -> Generator[Event, None, bool]:
        """Ask whether the first of `calls` may run; the others that wait are asked for with it if nobody says.

        Raises:
            ApprovalPending: Nobody says, and it can be put off.
        """
        first = calls[0]
        assert isinstance(first, ToolCall)
        answered = yield from self._ask_one(first, why, kept, limits)
        if answered == "waiting" and self._registry.may_be_put_off(first):
            pending = {first.id: self.requested(first, why)}
            for call in calls[1:]:
                if not isinstance(call, ToolCall) or kept.state(call.id) in {"approved", "refused"}:
                    continue
                if also := self._waits(call, context):
                    pending[call.id] = self.requested(call, also)
                    yield from self._ask_one(call, also, kept, limits)
            answered = kept.state(first.id)
            if answered == "waiting":
                raise ApprovalPending([asked for i, asked in pending.items() if kept.state(i) == "waiting"])
        return answered == "approved"

    def _ask_one(
        self, call: ToolCall, why: Why, kept: TurnApprovals, limits: LimitTracker
    ) -> Generator[Event, None, ApprovalState | None]:
        tool = self._registry.get(call.name)
        assert tool is not None
        began = monotonic()
        kept.ask(call.id, why)
        try:
            answer = self.approve(call, tool)
            if answer is None:
                yield self.requested(call, why)
            else:
                kept.put(call.id, "approved" if answer else "refused")
        finally:
            limits.paused += monotonic() - began
        return kept.state(call.id)

    def _not_to_be_run(
        self, entry: ToolCall | CallBroken, language: str, state: ApprovalState | None, *, resumed: bool
    ) -> Outcome | None:
        """Give what stands in place of a call that is not to be run whoever allows it, None for one that may be."""
        if isinstance(entry, CallBroken):
            return _unreadable(entry, language)
        if resumed and (state == "begun" or self._may_have_happened(entry)):
            return _interrupted(language)
        return _offline(language) if self.offline and entry.name in WEB else None

    def _read_ahead(
        self, calls: Sequence[ToolCall | CallBroken], context: Callable[[], ToolContext]
    ) -> dict[int, Heard]:
        """Begin the calls that only read, a few at once where there are several; gives what each says.

        Those behind one that waits for the student come after its answer.

        The threads are daemons: neither Ctrl-C nor the end of the program waits for a tool that hangs.
        """
        reads = {
            place: call
            for place, call in enumerate(calls)
            if isinstance(call, ToolCall) and self._effect(call) == "read"
        }
        if len(reads) < 2:
            return {}
        now = context()
        waits = next((place for place, call in enumerate(calls) if self._waits(call, now)), len(calls))
        reads = {place: call for place, call in reads.items() if place < waits}
        heard = {place: Heard() for place in reads}
        todo: SimpleQueue[int] = SimpleQueue()
        for place in reads:
            todo.put(place)

        def work() -> None:
            while True:
                try:
                    place = todo.get_nowait()
                except Empty:
                    return
                self._run_heard(reads[place], now, heard[place])

        for number in range(min(AT_ONCE, len(reads))):
            Thread(target=work, name=f"tools {number}", daemon=True).start()
        return heard

    def _run_heard(self, call: ToolCall, context: ToolContext, heard: Heard) -> None:
        """Run a call in a thread that is not the turn's."""
        said = count()

        def tell(text: str) -> None:
            if (line := shown_line(str(text))) and next(said) < MOST_LINES:
                heard.put(ToolProgress(call.id, call.name, line))

        try:
            heard.put(self._timed(call, replace(context, progress=tell)))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            heard.put(error)

    def _effect(self, call: ToolCall) -> str | None:
        tool = self._registry.get(call.name)
        return tool.effect if tool else None

    def _may_have_happened(self, call: ToolCall) -> bool:
        tool = self._registry.get(call.name)
        return tool is not None and bool(tool.source) and tool.effect != "read"

    def _run_alone(
        self,
        call: ToolCall,
        instead: Outcome | None,
        context: ToolContext,
        save: Callable[[ToolCall, Outcome], None],
        kept: TurnApprovals | None,
    ) -> Generator[Event, None, ToolCallResult]:
        """Run one call, or let something stand in its place, and keep the result.

        Args:
            kept: Where it stands that the call was asked for; None where nobody was asked.
        """
        tool = self._registry.get(call.name)
        done: ToolCallResult | None = None
        if instead is not None:
            done = ToolCallResult(call, instead, 0.0)
        elif tool is None or tool.effect != "write" or tool.source:
            if kept and tool is not None and tool.effect != "read":
                kept.put(call.id, "begun")
            if tool is not None and is_limited(tool):
                heard, name = Heard(), f"call {tool.name}"
                Thread(target=self._run_heard, args=(call, context, heard), name=name, daemon=True).start()
                done = yield from _followed(heard)
            else:
                done = self._timed(call, context)
        with self._db.begin() if done is None or kept else nullcontext():
            done = done or self._timed(call, context)
            save(call, done.outcome)
            if kept:
                kept.settle(call.id)
        return done

    def _waits(self, call: ToolCall | CallBroken, context: ToolContext) -> Why | None:
        """Say why a call waits for the student's yes, None where it may run or does nothing."""
        if isinstance(call, CallBroken):
            return None
        return self._registry.why_ask(call, context, obeys_text=self.obeys_text)

    def _timed(self, call: ToolCall, context: ToolContext) -> ToolCallResult:
        started = monotonic()
        outcome = _hidden(self._registry.run(call, context), context)
        return ToolCallResult(call, outcome, monotonic() - started)


def _hidden(outcome: Outcome, context: ToolContext) -> Outcome:
    """A result without what must not be read now; what asks a question holds no more than may be."""
    if ASKED in outcome.extras:
        return outcome
    return replace(
        outcome,
        output=context.hide(outcome.output),
        display=context.hide(outcome.display),
        hits=tuple(
            replace(hit, text=context.hide(hit.text), rendered=context.hide(hit.rendered))
            for hit in outcome.hits
        ),
    )


def changed_nothing(outcome: Outcome) -> bool:
    """Whether a call was to write down what memory holds already."""
    inserted = outcome.extras.get("inserted")
    return isinstance(inserted, InsertResult) and inserted.status == "known"


def _followed(heard: Heard) -> Generator[Event, None, ToolCallResult]:
    """Give what a call says while it runs, and in the end its result."""
    while True:
        match heard.get():
            case ToolProgress() as said:
                yield said
            case ToolCallResult() as done:
                return done
            case error:
                raise error


def _offline(language: str) -> Outcome:
    seen = "웹 검색이 꺼져 있습니다." if language == "ko" else "The web is switched off."
    return Outcome(False, "The web is switched off for this turn. Answer without it.", seen)


def _interrupted(language: str) -> Outcome:
    seen = (
        "결과를 받기 전에 중단되었습니다. 이미 실행되었을 수 있습니다."
        if language == "ko"
        else "It was interrupted before it gave a result, and may have happened."
    )
    return Outcome(False, f"{INTERRUPTED} Do not call it again unless the student wants it.", seen)


def _unreadable(broken: CallBroken, language: str) -> Outcome:
    seen = "도구에 넘긴 값을 읽을 수 없습니다." if language == "ko" else "Its arguments cannot be read."
    return Outcome(False, broken.why, seen, retry=True)


def _refused(name: str, why: Why, language: str) -> Outcome:
    if why == "policy":
        seen = (
            f"{name}: 허락을 받지 않아 실행하지 않았습니다."
            if language == "ko"
            else f"{name} was not run: it was not approved."
        )
        return Outcome(False, f"{name} was not run: nobody approved it. Answer without it.", seen)
    seen = (
        f"{name} 호출을 막았습니다: 웹이나 강의 파일처럼 학생이 쓰지 않은 글이 보이는 차례입니다."
        if language == "ko"
        else f"{name} was not run: words that are not yours (the web, a course file, an import) are in view."
    )
    return Outcome(
        False,
        f"{name} was not run: untrusted text is in view, and the student did not approve the call. "
        "Answer without it.",
        seen,
    )
