"""Everything an agent works with: the student's memory, the conversation at hand, the tools, the model and the bill.

The loop says what happens in a turn; the desk knows how each of those steps is carried out and what commits together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from ..memory.errors import ConnectionDropped, ContextOverflow, NotFound, StoreError
from ..memory.recall.lease import new_owner
from ..memory.recall.sessions import Session, Turn, TurnState
from ..memory.text.sanitize import warm_for
from ..memory.text.terms import normalize
from ..memory.types import Hit, Message, ToolCall, message_id
from ..persona.spec import Persona
from ..tools.base import ToolContext
from ..tools.registry import Outcome, Registry
from .billing.limits import LimitTracker
from .billing.prices import Bill
from .billing.recorder import UsageRecorder
from .context.budget import TokenMeter, share
from .context.conversation import Conversation, needs_pairing
from .context.long_message import question_of
from .context.prompt import holds_untrusted, system_text
from .context.recall_first import PAUSE, Allowance
from .context.smalltalk import is_question
from .context.window import ContextWindow, SideReply
from .events import Event, Notice
from .model import Model, Request, Warmable
from .notices import WAITED
from .reply import Reply
from .runtime import Runtime
from .statements import save_statements, stated_in
from .tool_execution import CANCELLED, ToolExecutor
from .turn_run import TurnRun

NO_REPLY = "[no reply was given]"
"""Stands where a turn was given up, so that roles keep alternating for strict servers."""

DEEP = (
    "(Deep: take the question apart into two to four sub-questions, look into each, then answer as a whole.)"
)


class AgentState:
    """What one agent works with.

    Args:
        house: The student's memory and what it stands on.
        registry: The tools, in the order they are sent.
        model: Who speaks; `fallback` speaks once the daily limit is reached.
        persona: Whose voice it is.
        session: The conversation to go on with.
        ledger: Records and prices model calls.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        registry: Registry,
        model: Model,
        fallback: Model,
        persona: Persona,
        session: Session,
        ledger: UsageRecorder,
    ) -> None:
        self.runtime, self.settings, self.db, self.memories = (
            runtime,
            runtime.settings,
            runtime.db,
            runtime.memories,
        )
        self.clock, self.zone = runtime.clock, runtime.zone
        self.registry, self.persona, self.usage_recorder = registry, persona, ledger
        self.tool_executor = ToolExecutor(runtime.db, registry, lambda: self.conversation.rendered)
        self._chosen, self._fallback, self.model = model, fallback, model
        self._owner = new_owner()
        self.brief: Callable[[], str] = str  # written when a view opens: what it says may be corrected before
        self._warm = False
        self.use_session(session)

    def use_session(self, session: Session) -> None:
        """Turn to another conversation of the same student."""
        budget = share(self.model.profile, self.settings.working_window)
        specs = self.registry.specs()
        self.conversation = Conversation(self.memories.sessions, session, specs, budget, self._system)
        self.meter = TokenMeter(self.db, self.model.profile.name, self.clock)
        self.context_window = ContextWindow(budget, self.meter, self.conversation, self._open_questions)
        self.allowance = Allowance(budget)
        self._settled: int | None = None  # the last message of a turn that was answered here

    def refit(self, *, persona: Persona, registry: Registry, model: Model, fallback: Model) -> None:
        """Go on with another professor, other tools or another model in the same conversation."""
        approve = self.tool_executor.approve
        self.persona, self.registry = persona, registry
        self._chosen, self._fallback, self.model = model, fallback, model
        self.tool_executor = ToolExecutor(self.db, registry, lambda: self.conversation.rendered, approve)
        self.use_session(self.conversation.session)

    @property
    def session_id(self) -> str:
        """The conversation's public id."""
        return self.conversation.session.public_id

    @property
    def language(self) -> str:
        """The student's language, "ko" or "en"."""
        return self.memories.student.language

    # Before the model is called

    def warm(self) -> None:
        """Begin to load what a turn needs, in the background; again does nothing."""
        if self._warm:
            return
        self._warm = True
        self.runtime.warm()
        if isinstance(self.model, Warmable):
            self.model.warm()
        if not self.model.profile.local:
            self.usage_recorder.warm()

    @contextmanager
    def lease(self) -> Generator[list[Notice]]:
        """Hold the conversation for the length of a turn; gives the notice of having waited, if it had to."""
        waited: list[Notice] = []
        conversation = self.conversation
        with self.memories.sessions.lease(
            conversation.session, self._owner, on_wait=lambda: waited.append(WAITED)
        ) as held:
            conversation.lease = held
            try:
                yield waited
            finally:
                conversation.lease = None

    def begin(self) -> Iterator[Event]:
        """Take in what other programs did, close what was given up, and open a view where one is due."""
        self.conversation.refresh()
        self._give_up_unanswered()
        yield from self._open_view()

    def ask(self, text: str, *, deep: bool = False) -> TurnRun:
        """Commit the student's message as an open turn."""
        last = self.conversation.log[-1] if self.conversation.log else None
        clean = normalize(text)
        asks = is_question(clean)
        self.runtime.embedder.begin(question_of(clean).strip())  # recall will want it once this is stored
        warm_for(clean)
        with self.db.begin():
            turn, asked = self.memories.sessions.begin_turn(self.conversation.session, text, self.zone)
            if asks:
                self.memories.questions.ask(asked.id, asked.message.content)
        self.conversation.add(asked)
        run = TurnRun(turn, asked, LimitTracker(self.settings.limits), last=last)
        if deep:
            run.notes.append(DEEP)
        return run

    def attach_note(self, run: TurnRun, context_note: str) -> None:
        """Commit what stands beside the message and what it states. That need not outlive a power cut, only this program."""
        stated = stated_in(run.asked)
        with self.db.begin(durable=False):
            self.conversation.check_lease()
            run.asked = self.memories.sessions.attach_note(run.asked, context_note)
            memories = self.memories
            facts = save_statements(run.asked, stated, memories.archival, memories.core, self.language)
        run.facts = frozenset(facts)
        self.conversation.replace(run.asked)

    def take_up(self) -> Generator[Event, None, TurnRun | None]:
        """Take up the turn that has no answer yet; None where every turn has one."""
        self.conversation.refresh()
        left = self.memories.sessions.unanswered(self.conversation.session)
        if left is None:
            return None
        yield from self._open_view()
        turn, asked = left
        log = self.conversation.log
        last = next((m for m in reversed(log) if m.seq < asked.seq), None)
        run = TurnRun(turn, asked, LimitTracker(self.settings.limits), last=last)
        if any(holds_untrusted(m) for m in log if m.turn_id == turn.id):
            run.trust = "web"
        return run

    def unfinished_calls(self) -> list[ToolCall]:
        """Calls of the last reply that a crash left without a result."""
        open_ids = set(needs_pairing(self.conversation.log))
        last = next((m for m in reversed(self.conversation.log) if m.message.role == "assistant"), None)
        return [c for c in last.message.tool_calls if c.id in open_ids] if last else []

    # While it speaks

    def request(self, reply: Reply) -> Request:
        """The next request, to be answered by `reply`."""
        messages = self.conversation.messages()
        reply.prompt, reply.shown = self.conversation.estimate(), len(messages) - 1
        facts = self.memories.archival.facts() if self.model.profile.reads_values else ()
        return Request(messages, self.registry.specs(), self.context_window.budget.reply, tuple(facts))

    def make_room(self) -> Iterator[Event]:
        """Fold at once where the next request would leave no room for a reply."""
        if self.context_window.overfull():
            yield from self.context_window.fold(self.model, "compaction", self.spend, to_fit=True)

    def overflowed(self, error: ContextOverflow | ConnectionDropped) -> Iterator[Event]:
        """Make room after the provider refused the request as too long, or dropped it."""
        if not self.context_window.may_not_fit(error):
            raise error
        yield from self.context_window.overflowed(error, self.model, self.spend)

    def save_reply(self, run: TurnRun, reply: Reply) -> None:
        """Commit a whole reply with its usage; a reply without calls ends the turn in the same commit."""
        warm_for(reply.text)
        with self.db.begin():
            bill = self._record(run, reply)
            stored = self.conversation.append(run.turn, reply.message())
            run.unanswered = reply.reason == "unanswered"
            if not reply.calls:
                self._close(run, "done")
        reply.kept = True
        run.add(bill)
        if reply.text.strip():
            run.said.append(stored.message.content)
        if reply.usage is not None and not reply.usage.estimated:
            self.context_window.counted(reply.shown, reply.usage.input_tokens)

    def save_broken_reply(
        self, run: TurnRun, reply: Reply, state: TurnState, error: str | None = None
    ) -> None:
        """Commit what was heard of a reply that broke off, cancel its open calls and close the turn."""
        try:
            self._save_broken_reply(run, reply, state, error)
        except StoreError:
            return  # the store is what failed: the turn stays open there, and is offered again

    def save_result(self, run: TurnRun, call: ToolCall, outcome: Outcome) -> None:
        """Commit a tool's result; joins the transaction of a write, so that both are there or neither."""
        result = Message("tool", outcome.output, tool_call_id=call.id, name=call.name)
        self.conversation.append(run.turn, result)

    def tool_context(self, run: TurnRun) -> ToolContext:
        """What a tool may know of the turn."""
        return ToolContext(
            language=self.language,
            now=self.clock(),
            zone=self.zone,
            session=self.session_id,
            text=run.asked.message.content,
            message_id=run.asked.id,
            trust=run.trust,
            exclude=self.conversation.ids_in_view() | run.facts,
        )

    def spend(self, spoken: SideReply, purpose: str = "compaction", run: TurnRun | None = None) -> None:
        """Record model calls that were no reply."""
        for usage in spoken.usages:
            bill = self.usage_recorder.record(
                usage,
                self.model.profile,
                seconds=spoken.seconds if usage is spoken.usages[-1] else 0.0,
                purpose=purpose,
                session_id=self.conversation.session.id,
                turn_id=run.turn.id if run else None,
            )
            if run is not None:
                run.add(bill)

    # After it

    def close(self, run: TurnRun) -> None:
        """Close a turn as done; nothing happens where the last reply already did."""
        if run.turn.state != "done":
            with self.db.begin():
                self._close(run, "done")
        self._settled = self.conversation.log[-1].seq

    def bill(self, run: TurnRun) -> Bill:
        """What the turn has cost so far, with its time and our own part of it."""
        seconds = monotonic() - run.started
        return replace(run.bill, seconds=seconds, overhead_ms=1000 * max(0.0, seconds - run.waited))

    def after_turn(self) -> Iterator[Event]:
        """Fold where the window is past its threshold and the model has had its chance to save; index what was said."""
        self.runtime.embed_worker.wake()
        if self.context_window.under_pressure() and (
            self.context_window.warned() or self.context_window.overfull()
        ):
            yield from self.context_window.fold(self.model, "compaction", self.spend)

    def stop_honestly(self, run: TurnRun, text: str) -> None:
        """Say in the professor's place why the turn ends here, and close it; a question in it stays open."""
        warm_for(text)
        run.unanswered = True
        with self.db.begin():
            self.conversation.append(run.turn, Message("assistant", text))
            self._close(run, "done")
        run.said.append(text)

    def look_up(self, public_id: str) -> Hit | None:
        """Give a memory of this student by its id, None where there is none."""
        try:
            if public_id.startswith("a"):
                return self.memories.archival.get(public_id)
            return self.memories.recall.get(public_id)
        except NotFound:
            return None

    def reopen(self, reason: str, without: Collection[int] = ()) -> None:
        """Open a new view of the same conversation, its log read anew.

        Args:
            without: Rows of messages that are undone: what the summary says of them goes too.
        """
        view = self.conversation.view
        self.conversation.reload()
        if view is not None:
            ids = {f"[{message_id(row)}]" for row in without}
            lines = [line for line in view.summary.splitlines() if not any(i in line for i in ids)]
            self.conversation.open_view(reason, brief=view.brief, summary="\n".join(lines))

    # Inside

    def _open_view(self) -> Iterator[Event]:
        self._choose_persona_of_session()
        view, log = self.conversation.view, self.conversation.log
        if view is None:
            self.conversation.open_view("start", brief=self.brief())
        elif log and self.clock() - log[-1].time >= PAUSE:
            self.conversation.open_view("return", brief=self.brief(), summary=view.summary)
            if self.context_window.size() > self.context_window.budget.target:
                yield from self.context_window.fold(self.model, "return", self.spend)
        elif not self.conversation.same_tools():
            self.conversation.open_view("tools", brief=view.brief, summary=view.summary)
        elif self._persona_changed:
            self.conversation.open_view("persona", brief=view.brief, summary=view.summary)
        self._persona_changed = False
        self.brief = str
        yield from self._choose_model()

    def _choose_persona_of_session(self) -> None:
        session = self.conversation.session
        self._persona_changed = session.persona != self.persona.id
        if self._persona_changed:
            self.conversation.session = self.memories.sessions.set_persona(session, self.persona.id)

    def _choose_model(self) -> Iterator[Event]:
        reached = self.usage_recorder.daily_limit_reached()
        self.model = self._fallback if reached else self._chosen
        self.tool_executor.obeys_text = self.model.profile.obeys_text
        if reached:
            yield reached

    def _system(self, brief: str) -> str:
        core = self.context_window.budget.core
        return system_text(self.persona.render(self.language), self.memories.core.blocks(), brief, core=core)

    def _open_questions(self) -> list[tuple[int, str]]:
        return [(q.message_id, q.text) for q in self.memories.questions.open_questions()]

    def _record(self, run: TurnRun, reply: Reply) -> Bill:
        return self.usage_recorder.record_reply(
            reply,
            self.model.profile,
            self.meter,
            session_id=self.conversation.session.id,
            turn_id=run.turn.id,
        )

    def _save_broken_reply(self, run: TurnRun, reply: Reply, state: TurnState, error: str | None) -> None:
        self.conversation.reload()  # a commit may have failed halfway: what is held must be what is stored
        warm_for(reply.text)
        with self.db.begin():
            if not reply.kept and reply.first is not None:
                run.add(self._record(run, reply))
            if not reply.kept and reply.text.strip():
                partial = self.conversation.append(
                    run.turn, Message("assistant", reply.text), state="partial"
                )
                run.said.append(partial.message.content)
            self._cancel_calls(run.turn)
            self._close(run, state, error)

    def _cancel_calls(self, turn: Turn) -> None:
        for call in self.unfinished_calls():
            result = Message("tool", CANCELLED, tool_call_id=call.id, name=call.name)
            self.conversation.append(turn, result, state="cancelled")

    def _close(self, run: TurnRun, state: TurnState, error: str | None = None) -> None:
        self.conversation.check_lease()
        run.turn = self.memories.sessions.finish_turn(run.turn, state, error)
        if state == "done" and not run.unanswered:
            self.memories.questions.answered(run.asked.id, self.conversation.log[-1].id)

    def _give_up_unanswered(self) -> None:
        if self._settled is not None and self._settled == self.conversation.session.last_seq:
            return
        left = self.memories.sessions.unanswered(self.conversation.session)
        if left is None:
            return
        turn, _ = left
        with self.db.begin():
            self._cancel_calls(turn)
            self.conversation.append(turn, Message("assistant", NO_REPLY), state="cancelled")
            self.memories.sessions.finish_turn(
                turn, "failed" if turn.state == "open" else turn.state, turn.error
            )
