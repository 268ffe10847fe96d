"""The heart: remember, show, call, run tools, repeat.

`Agent.turn` is a synchronous generator of typed events; every face only consumes them. The student's message is
committed before anything else happens, a reply when it is whole, or as a partial when it is interrupted.
"""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from time import monotonic

from ..memory.errors import ConnectionDropped, ContextOverflow, EmptyReply, LimitReached, OfficeHoursError
from ..memory.types import ToolCall
from ..tools.base import ToolContext
from ..tools.registry import Outcome
from .consolidate import Consolidator
from .context.citations import cite
from .context.window import SideReply
from .events import Event, Notice, TextDelta, TurnFailed, TurnFinished, TurnStarted
from .model import AttemptFailed, CallBroken
from .model import TextDelta as Piece
from .notices import masked, trying_again
from .prepare import check, learn_language, prepare, search_first
from .reply import Reply, ends_turn
from .settings import SearchMode
from .state import AgentState
from .tool_execution import ToolCallResult, changed_nothing, lower
from .turn_run import TurnRun


class Agent:
    """A professor in conversation with one student.

    Args:
        desk: Everything the agent works with; `assemble.open_tutor` lays it.
        behind: Goes through past conversations while nobody waits, once the agent is warm.
    """

    def __init__(self, state: AgentState, background: Consolidator | None = None) -> None:
        self.state, self._background = state, background
        self._begun: weakref.ref[Generator[Event]] | None = None
        atexit.register(self.close)  # a thread that computes when Python ends takes the process down with it

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Begin to load what a turn needs, in the background; a face calls it once its greeting is on the screen."""
        self.state.warm()
        if self._background is not None:
            self._background.start()

    def close(self) -> None:
        """Stop a reply that nobody reads to its end, and let go of the store and the index; again does nothing."""
        atexit.unregister(self.close)
        begun = self._begun and self._begun()
        if begun is not None:
            with suppress(ValueError):  # another thread is reading it
                begun.close()
        if self._background is not None:
            self._background.stop()
        self.state.runtime.close()

    def turn(self, text: str, *, search: SearchMode | None = None, deep: bool = False) -> Generator[Event]:
        """Answer what the student said.

        Close the iterator, or interrupt it, to stop the reply: what was said so far is kept.

        Args:
            text: The student's words, as typed.
            search: Whether to search the web first; the setting by default.
            deep: Take the question apart and look into each part before answering.

        Raises:
            UsageError: There is nothing in the message.
            StoreError: It could not be stored; nothing was sent.
        """
        return self._begin(self._turn(text, search=search, deep=deep))

    def resume(self) -> Generator[Event]:
        """Answer the turn that a crash, a failure or an interruption left without one; nothing if there is none."""
        return self._begin(self._resume())

    def _begin(self, events: Generator[Event]) -> Generator[Event]:
        self._begun = weakref.ref(events)
        return events

    def _turn(self, text: str, *, search: SearchMode | None, deep: bool) -> Generator[Event]:
        state = self.state
        check(text)
        learn_language(state, text)
        state.warm()
        with self._background_paused(), state.lease() as waited:
            yield from waited
            yield from state.begin()
            run = state.ask(text, deep=deep)
            yield from self._answer(run, search or state.settings.search)

    def _resume(self) -> Generator[Event]:
        state = self.state
        with self._background_paused(), state.lease() as waited:
            yield from waited
            run = yield from state.take_up()
            if run is not None:
                yield from self._answer(run, state.settings.search)

    def _background_paused(self) -> AbstractContextManager[None]:
        return nullcontext() if self._background is None else self._background.paused()

    def _answer(self, run: TurnRun, search: SearchMode) -> Iterator[Event]:
        state, reply = self.state, Reply()
        state.tool_executor.offline = search == "never"
        try:
            yield TurnStarted(state.session_id, run.turn.number, run.asked.message.content, run.asked.time)
            if run.turn.masked:
                yield masked(run.turn.masked)
            yield from prepare(state, run)
            yield from self._run_calls(run, state.unfinished_calls())
            if search == "always":
                yield from self._run_calls(run, search_first(state, run))
            while True:
                run.limits.before_step()
                yield from state.make_room()
                reply = Reply()
                yield from self._listen(run, reply)
                state.save_reply(run, reply)
                done = yield from self._run_calls(run, reply.calls)
                if not reply.calls or ends_turn(reply, done, state.registry):
                    break
        except LimitReached as limit:
            yield Notice("stopped", limit.en, limit.ko)
            state.stop_honestly(run, limit.say(state.language))
            yield TextDelta(limit.say(state.language))
        except OfficeHoursError as error:
            if not (isinstance(error, EmptyReply) and run.said):  # after words it is only the end of the turn
                state.save_broken_reply(run, reply, "failed", error.en)
                yield TurnFailed(state.session_id, run.turn.number, error, run.text, state.bill(run))
                return
        except BaseException:
            state.save_broken_reply(run, reply, "interrupted")
            raise
        state.close(run)
        citations = cite(run.text, state.conversation.messages(), state.look_up)
        yield TurnFinished(state.session_id, run.turn.number, run.text, citations, state.bill(run))
        yield from state.after_turn()

    def _listen(self, run: TurnRun, reply: Reply, *, again: bool = True) -> Iterator[Event]:
        """Stream one reply into `reply`; a request that does not fit is folded and sent once more."""
        try:
            with closing(self.state.model.stream(self.state.request(reply))) as chunks:
                while (chunk := run.wait(lambda: next(chunks, None))) is not None:
                    reply.hear(chunk)
                    match chunk:
                        case Piece(text) if text:
                            began = monotonic()
                            yield TextDelta(text)
                            run.waited += monotonic() - began
                        case AttemptFailed(wait=wait, usage=usage):
                            self.state.spend(SideReply(usages=(usage,) if usage else ()), "retry", run)
                            if wait:
                                yield trying_again(chunk)
                        case _:
                            pass
        except (ContextOverflow, ConnectionDropped) as error:
            if reply.text or not again:
                raise
            yield from self.state.overflowed(error)
            yield from self._listen(run, reply, again=False)
            return
        if reply.empty:
            raise EmptyReply(
                "The model answered with nothing. Ask again, or choose another model.",
                "모델이 빈 답을 보냈습니다. 다시 물어보거나 다른 모델을 골라 주세요.",
            )

    def _run_calls(
        self, run: TurnRun, calls: Sequence[ToolCall | CallBroken]
    ) -> Generator[Event, None, list[ToolCallResult]]:
        """Run calls, keep their results, and give how each ended, in order."""
        done: list[ToolCallResult] = []
        if not calls:
            return done

        def context() -> ToolContext:
            return self.state.tool_context(run)

        def keep(call: ToolCall, outcome: Outcome) -> None:
            run.trust = lower(run.trust, outcome)
            self.state.save_result(run, call, outcome)

        for happened in self.state.tool_executor.run(calls, context, run.limits, keep):
            if isinstance(happened, ToolCallResult):
                done.append(happened)
                run.waited += happened.seconds
            else:
                yield happened
        for entry in done:
            run.limits.after_call(entry.outcome.ok, known=changed_nothing(entry.outcome))
        return done
