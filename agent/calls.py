"""Running the tool calls of one reply: reads side by side, each write alone together with its result row.

Results are appended in call order. A write's effect and its result commit in one transaction, so that after a crash a
call either has both or neither, and resuming the turn never applies an effect twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from ..memory.database import Database
from ..memory.messages import ToolCall, Trust
from ..tools.base import UNTRUSTED, Tool, ToolContext, least_trusted
from ..tools.registry import Outcome, Registry
from .events import Event, ToolFinished, ToolStarted
from .limits import Meterstick
from .model import CallBroken

Approve = Callable[[ToolCall, Tool], bool]
"""Asks the student for a keypress before a guarded call in a turn that holds untrusted text."""

AT_ONCE = 4
"""Most read-only calls that run side by side."""

WEB = frozenset({"web_search", "read_page"})
"""The tools that "search: never" switches off."""

OFFLINE = Outcome(
    False, "The web is switched off for this turn. Answer without it.", "웹 검색이 꺼져 있습니다."
)

CANCELLED = "[cancelled: the student stopped this before it gave a result]"


@dataclass(frozen=True, slots=True)
class Done:
    """A call and how it ended."""

    call: ToolCall
    outcome: Outcome
    seconds: float


def refuse(_call: ToolCall, _tool: Tool) -> bool:
    """The approval of a face that cannot ask anybody: no."""
    return False


class Caller:
    """Runs calls for an agent.

    Args:
        db: The database; its transaction holds a write and its result row together.
        registry: The tools.
        approve: Asked before a guarded call once untrusted text is in the turn.

    Attributes:
        offline: The web is off limits; its tools say so instead of running, so that the schemas stay the same.
    """

    def __init__(self, db: Database, registry: Registry, approve: Approve = refuse) -> None:
        self._db, self._registry, self.approve = db, registry, approve
        self.offline = False

    def run(
        self,
        calls: Sequence[ToolCall | CallBroken],
        context: Callable[[], ToolContext],
        stick: Meterstick,
        keep: Callable[[ToolCall, Outcome], None],
    ) -> Iterator[Event | Done]:
        """Run `calls`, yielding what happens and, in call order, how each ended.

        Args:
            calls: In the order in which the model gave them.
            context: Made anew for each call, because a result may lower the turn's trust.
            stick: Counts the calls against the turn's limits.
            keep: Stores a result row; called inside the transaction of a write.

        Raises:
            LimitReached: The model goes round in circles. Every call of `calls` has its result row even then.
        """
        waiting: dict[int, Future[Done]] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tool") as pool:
            for place, call in enumerate(calls):
                if isinstance(call, ToolCall) and self._reads(call):
                    waiting[place] = pool.submit(self._timed, call, context())
            for place, entry in enumerate(calls):
                call = entry.call if isinstance(entry, CallBroken) else entry
                yield ToolStarted(call.id, call.name, call.arguments)
                if place in waiting:
                    done = waiting[place].result()
                    keep(call, done.outcome)
                elif isinstance(entry, CallBroken):
                    done = Done(call, Outcome(False, entry.why, entry.why, retry=True), 0.0)
                    keep(call, done.outcome)
                else:
                    done = self._run_alone(entry, context(), keep)
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
            stick.before_call(entry.call if isinstance(entry, CallBroken) else entry)

    def _reads(self, call: ToolCall) -> bool:
        tool = self._registry.get(call.name)
        return tool is not None and tool.effect == "read"

    def _run_alone(
        self, call: ToolCall, context: ToolContext, keep: Callable[[ToolCall, Outcome], None]
    ) -> Done:
        tool = self._registry.get(call.name)
        if self.offline and call.name in WEB:
            done = Done(call, OFFLINE, 0.0)
            keep(call, done.outcome)
            return done
        if tool is not None and self._must_ask(call, context) and not self.approve(call, tool):
            done = Done(call, _refused(call, context.trust), 0.0)
            keep(call, done.outcome)
            return done
        if tool is None or tool.effect != "write":
            done = self._timed(call, context)
            keep(call, done.outcome)
            return done
        with self._db.begin():
            done = self._timed(call, context)
            keep(call, done.outcome)
        return done

    def _must_ask(self, call: ToolCall, context: ToolContext) -> bool:
        return context.trust in UNTRUSTED and self._registry.needs_keypress(call, context)

    def _timed(self, call: ToolCall, context: ToolContext) -> Done:
        started = monotonic()
        outcome = self._registry.run(call, context)
        return Done(call, outcome, monotonic() - started)


def lower(trust: Trust, outcome: Outcome) -> Trust:
    """The turn's trust once a result has entered it."""
    return least_trusted(trust, outcome.trust) if outcome.trust in UNTRUSTED else trust


def _refused(call: ToolCall, trust: Trust) -> Outcome:
    return Outcome(
        False,
        f"{call.name} was not run: this turn holds untrusted text ({trust}), and the student did not approve the call. "
        "Answer without it.",
        f"{call.name} 호출을 막았습니다: 웹에서 온 글이 들어 있는 차례입니다.",
    )
