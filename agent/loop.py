"""The heart: remember, show, call, run tools, repeat.

`Agent.turn` is a synchronous generator of typed events; every face only consumes them. The student's message is
committed before anything else happens, a reply when it is whole, or as a partial when it is interrupted.
"""

from __future__ import annotations

import atexit
import inspect
import weakref
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import replace
from functools import cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING

from ..memory.error_log import as_told
from ..memory.errors import (
    ConnectionDropped,
    ContextOverflow,
    EmptyReply,
    LimitReached,
    OfficeHoursError,
    ProviderError,
)
from ..memory.types import ToolCall
from ..tools.base import ToolContext
from ..tools.registry import Outcome
from .api.one_turn import OneTurn, TurnHandle, stopped
from .consolidate import Consolidator
from .events import (
    ApprovalRequested,
    Event,
    Notice,
    TextDelta,
    TextRetracted,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
    secrets_masked,
    trying_again,
)
from .model import AttemptFailed, CallBroken, Chunk, Interruptible, Retracted, SideReply
from .model import TextDelta as Piece
from .models.checked import checked
from .prepare import learn_language, look_into, prepare, read_utterance, search_first
from .reply_rules import asked_again_for, objection, to_keep
from .settings import SearchMode
from .state import AgentState
from .tool_execution import ApprovalPending, ToolCallResult, changed_nothing
from .turn_run import Reply, TurnRun, ends_turn, listen_again, listen_held

if TYPE_CHECKING:
    from .api.memory import Memory


class Agent:
    """A professor in conversation with one student.

    Args:
        state: Everything the agent works with; `assemble.open_tutor` puts it together.
        background: Goes through past conversations while nobody waits, once the agent is warm.
    """

    def __init__(self, state: AgentState, background: Consolidator | None = None) -> None:
        self.state, self._background = state, background
        self._one_turn = OneTurn(self._interrupt)
        self._begun: weakref.WeakSet[Generator[Event]] = weakref.WeakSet()
        atexit.register(self._end)  # a thread that computes when Python ends takes the process down with it

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Begin to load what a turn needs, in the background; a face calls it once its greeting is on the screen."""
        self.state.warm()
        if self._background is not None:
            self._background.start()

    @cached_property
    def memory(self) -> Memory:
        """What the professor remembers of the student: to be searched, added to and filled from files."""
        from .api.memory import Memory

        return Memory(self.state.runtime, self._one_turn.check_open)

    def stop(self) -> None:
        """End the reply that is being given, from whichever thread; what was said so far is kept.

        Its turn ends in `TurnFailed` with the error `Stopped`: at once where the model can be interrupted, else with its
        next piece or the end of the tool that runs. Where no turn runs nothing happens.
        """
        self._one_turn.stop()

    def close(self) -> None:
        """Stop what is being said, and let go of the store and the index; again does nothing.

        A turn that another thread reads ends first, with what was said so far kept.
        """
        atexit.unregister(self._end)
        if not self._one_turn.shut():
            return
        for events in list(self._begun):
            if inspect.getgeneratorstate(events) == inspect.GEN_SUSPENDED:
                with suppress(ValueError):  # another thread went on reading it just now
                    events.close()
        self._one_turn.when_over(self._let_go)

    def _end(self) -> None:
        self._one_turn.ending = True
        self.close()

    def _let_go(self) -> None:
        if self._background is not None:
            self._background.stop()
        self.state.runtime.close()

    def _interrupt(self) -> None:
        if isinstance(self.state.model, Interruptible):
            self.state.model.interrupt()

    def exclusive(self, turn: TurnHandle | None = None) -> AbstractContextManager[None]:
        """Keep every other turn, and every change of the conversation, out until the block ends.

        Another thread waits. The thread whose own turn is not over would wait for itself, so it is told.

        Raises:
            UsageError: A turn is not over, or the agent is closed.
        """
        return self._one_turn.exclusive(turn or TurnHandle())

    def turn(self, text: str, *, search: SearchMode | None = None, deep: bool = False) -> Generator[Event]:
        """Answer what the student said.

        Close the iterator, or interrupt it, to stop the reply: what was said so far is kept.

        Args:
            text: The student's words, as typed.
            search: Whether to search the web first; the setting by default.
            deep: Take the question apart and look into each part before answering.

        Raises:
            UsageError: There is nothing in the message, an earlier turn is not over, or the agent is closed.
            StoreError: It could not be stored; nothing was sent.
        """
        return self._begin(self._turn(text, TurnHandle(), search=search, deep=deep))

    def aturn(
        self, text: str, *, search: SearchMode | None = None, deep: bool = False
    ) -> AsyncGenerator[Event]:
        """Answer what the student said, for asyncio: `async for event in professor.aturn(text)`.

        The turn runs in a thread of its own, no faster than its events are taken. Cancelling the task, or closing the
        iterator, stops the reply: what was said so far is kept. Takes and raises what `turn` does.
        """
        handle = TurnHandle()
        return self._for_asyncio(self._turn(text, handle, search=search, deep=deep), handle)

    def resume(self) -> Generator[Event]:
        """Answer the turn that a crash, a failure, an interruption or a call that waits left without an answer.

        Nothing happens if there is none.
        """
        return self._begin(self._resume(TurnHandle()))

    def aresume(self) -> AsyncGenerator[Event]:
        """The same for asyncio, as `aturn` is."""
        handle = TurnHandle()
        return self._for_asyncio(self._resume(handle), handle)

    def approve(self, call_id: str, yes: bool) -> None:
        """Answer a call that waits in this conversation, while its event is handled or later.

        The turn goes on with that when its next event is asked for; one that has ended, with `resume`.

        Args:
            call_id: As `ApprovalRequested` has it.
            yes: Whether the call may run.

        Raises:
            NotFound: No such call waits.
        """
        self.state.store.approvals.answer(self.state.conversation.session, call_id, yes=yes)

    def waiting(self) -> tuple[ApprovalRequested, ...]:
        """Give the calls that wait for an answer in this conversation, whichever process asked."""
        state = self.state
        waiting = state.store.approvals.waiting(state.conversation.session)
        return tuple(state.tool_executor.requested(one.call, one.why) for one in waiting)

    def _for_asyncio(self, events: Generator[Event], handle: TurnHandle) -> AsyncGenerator[Event]:
        from .api.aturn import in_a_thread

        return in_a_thread(self._begin(events), partial(self._one_turn.stop, handle))

    def _begin(self, events: Generator[Event]) -> Generator[Event]:
        self._one_turn.check_open()
        guarded = self._guarded(events)
        self._begun.add(guarded)
        return guarded

    def _guarded(self, events: Generator[Event]) -> Generator[Event]:
        """Let nothing leave a turn but errors meant for a person."""
        self._one_turn.check_open()
        try:
            yield from events
        except Exception as error:
            told = as_told(error, self.state.settings.home)
            if told is error:
                raise
            raise told from error

    def _turn(
        self, text: str, handle: TurnHandle, *, search: SearchMode | None, deep: bool
    ) -> Generator[Event]:
        state = self.state
        said = read_utterance(text)
        learn_language(state, said.text)
        state.warm()
        with self.exclusive(handle), self._background_paused(), state.store.lease() as waited:
            yield from waited
            yield from state.take_mode(said.text)
            yield from state.begin()
            run = state.store.begin_turn(said, deep=deep)
            yield from self._answer(run, search or state.settings.search)

    def _resume(self, handle: TurnHandle) -> Generator[Event]:
        state = self.state
        with self.exclusive(handle), self._background_paused(), state.store.lease() as waited:
            yield from waited
            run = yield from state.take_up()
            if run is not None:
                yield from self._answer(run, state.settings.search)

    def _background_paused(self) -> AbstractContextManager[None]:
        return nullcontext() if self._background is None else self._background.paused()

    def _answer(self, run: TurnRun, search: SearchMode) -> Iterator[Event]:
        state, store, reply = self.state, self.state.store, Reply()
        state.tool_executor.offline = search == "never"
        try:
            yield TurnStarted(state.session_id, run.turn.number, run.asked.message.content, run.asked.time)
            if run.turn.masked:
                yield secrets_masked(run.turn.masked)
            yield from prepare(state, run)
            yield from self._run_calls(run, store.unfinished_calls(), resumed=True)
            for call in look_into(state, run, search):
                yield from self._run_calls(run, [call])
            if search == "always" and not run.sub_questions:
                yield from self._run_calls(run, search_first(state, run))
            while True:
                self._one_turn.go_on()
                run.limits.before_step()
                yield from state.fold_if_overfull()
                reply = Reply()
                yield from self._hear(run, reply)
                store.save_reply(run, reply)
                state.heard(reply)
                done = yield from self._run_calls(run, reply.calls)
                if not reply.calls or ends_turn(reply, done, state.registry):
                    break
        except ApprovalPending as pending:
            yield TurnWaiting(state.session_id, run.turn.number, pending.approvals, run.text, run.bill)
            return
        except LimitReached as limit:
            store.close_at_limit(run, limit.say(state.language), reply)
            yield Notice("stopped", limit.en, limit.ko)
            yield TextDelta(("\n\n" if reply.text and not reply.saved else "") + limit.say(state.language))
        except OfficeHoursError as error:
            if not (isinstance(error, EmptyReply) and run.said):  # after words it is only the end of the turn
                yield self._failed(run, reply, error)
                return
        except Exception as fault:  # noqa: BLE001 - whatever it is, the next turn goes on
            yield self._failed(run, reply, fault)
            return
        except BaseException:
            store.save_broken_reply(run, reply, "interrupted")
            raise
        store.close_turn(run)
        yield from state.unbacked(run)
        yield TurnFinished(state.session_id, run.turn.number, run.text, state.cite(run.text), run.bill)
        yield from state.after_turn()

    def _failed(self, run: TurnRun, reply: Reply, error: Exception) -> TurnFailed:
        """Keep what was heard, and say what went wrong; what goes wrong because it was stopped is no failure."""
        stopping = self._one_turn.stopping
        told = stopped() if stopping else as_told(error, self.state.settings.home)
        self.state.store.save_broken_reply(run, reply, "interrupted" if stopping else "failed", told.en)
        return TurnFailed(self.state.session_id, run.turn.number, told, run.text, run.bill)

    def _hear(self, run: TurnRun, reply: Reply) -> Iterator[Event]:
        """Stream one reply, or hold it back until it is checked; then see whether it keeps the professor's rules.

        A model that breaks a hard one is asked once more; one that then breaks it again cannot keep it, and is asked for
        it no more, or every turn would cost twice. What is held back costs two requests already, and what the study
        model says is ours.
        """
        state, listen = self.state, partial(self._listen, run)
        drop = partial(state.store.record_unused, run)
        checks = [check for check in state.reply_checks if check.holds()]
        if checks:
            yield from listen_held(listen, reply, checks, drop)
        else:
            yield from listen(reply)
        broken = state.broken_by(run, reply)
        run.broken = to_keep(broken)
        why = objection(b for b in broken if b.violation.check not in state.not_mended)
        if not why or checks or state.model.profile.reads_values:
            return
        if (yield from listen_again(listen, reply, why, drop)):
            run.mended += asked_again_for(broken)
            still = state.broken_by(run, reply)
            run.broken = to_keep(still)
            state.not_mended |= {b.violation.check for b in still if b.hard}

    def _listen(self, run: TurnRun, reply: Reply, *, again: bool = True) -> Iterator[Event]:
        """Stream one reply into `reply`; a request that does not fit is folded and sent once more."""
        try:
            request = replace(self.state.request(reply), seconds=run.limits.left)
            with closing(checked(self.state.model, request)) as chunks:
                while (chunk := run.wait(lambda: self._next(chunks))) is not None:
                    reply.hear(chunk)
                    match chunk:
                        case Piece(text) if text:
                            began = monotonic()
                            yield TextDelta(text)
                            run.waited += monotonic() - began
                        case Retracted():
                            yield TextRetracted()
                        case AttemptFailed(wait=wait, usage=usage):
                            self.state.store.record_side(
                                SideReply(usages=(usage,) if usage else ()), "retry", run
                            )
                            if wait:
                                yield trying_again(chunk)
                        case _:
                            pass
                    run.limits.in_time()
        except ProviderError as error:
            self._one_turn.go_on()
            run.limits.in_time()  # a server that was still at it when the time was up
            if reply.text or not again or not isinstance(error, ContextOverflow | ConnectionDropped):
                raise
            yield from self.state.fold_after_overflow(error)
            yield from self._listen(run, reply, again=False)
            return
        if reply.empty:
            raise EmptyReply(
                "The model answered with nothing. Ask again, or choose another model.",
                "모델이 빈 답을 보냈습니다. 다시 물어보거나 다른 모델을 골라 주세요.",
            )

    def _next(self, chunks: Generator[Chunk]) -> Chunk | None:
        with self._one_turn.listening():
            return next(chunks, None)

    def _run_calls(
        self, run: TurnRun, calls: Sequence[ToolCall | CallBroken], *, resumed: bool = False
    ) -> Generator[Event, None, list[ToolCallResult]]:
        """Run calls, save their results, and give how each ended, in order."""
        done: list[ToolCallResult] = []
        if not calls:
            return done

        def context() -> ToolContext:
            return self.state.tool_context(run)

        def save(call: ToolCall, outcome: Outcome) -> None:
            self.state.store.save_result(run, call, outcome)

        kept = self.state.store.approvals.of(run.turn)
        for happened in self.state.tool_executor.run(calls, kept, context, run.limits, save, resumed=resumed):
            if isinstance(happened, ToolCallResult):
                done.append(happened)
                run.waited += happened.seconds
            else:
                yield happened
                self._one_turn.go_on()
        for entry in done:
            run.failed |= set() if entry.outcome.ok else {entry.call.id}
            run.limits.after_call(entry.outcome.ok, known=changed_nothing(entry.outcome))
        return done
