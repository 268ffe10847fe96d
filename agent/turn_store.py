"""What commits together: the one layer between a turn and the store. After a crash each step is there whole, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from ..memory.errors import StoreError
from ..memory.recall import Approvals, Turn, TurnState
from ..memory.store import new_owner
from ..memory.text import warm_for
from ..memory.text.acronyms import acronyms_named
from ..memory.text.sanitize import Utterance
from ..memory.types import Message, MessageState, ShownHit, StoredMessage, ToolCall, Trust
from ..tools.registry import Outcome
from .approval import from_outside
from .billing.limits import LimitTracker
from .billing.recorder import UsageRecorder
from .context.budget import TokenMeter
from .context.conversation import Conversation, needs_pairing
from .context.long_message import question_of
from .context.recall_first import ContextNote
from .context.smalltalk import is_question
from .events import WAITED, Bill, Notice
from .learner.statements import save_statements, stated_in
from .model import ModelProfile, SideReply
from .runtime import Runtime
from .tool_execution import INTERRUPTED
from .turn_run import Reply, TurnRun

_log = logging.getLogger(__name__)

NO_REPLY = "[no reply was given]"
"""Stands where a turn was given up, so that roles keep alternating for strict servers."""

NOT_APPROVED = "[not run: it waited for the student's yes, which did not come in time]"


class TurnStore:
    """Commits the turns of one conversation.

    Args:
        runtime: The student's memory and what it stands on.
        conversation: Takes in what was stored.
        recorder: Prices model calls; they are committed with what they gave.
        meter: Counts tokens; it is calibrated in the same commit.
        profile: Who speaks.

    Attributes:
        profile: Who speaks now: calls are recorded as this model's.
        approvals: The calls that wait for the student's yes.
    """

    def __init__(
        self,
        runtime: Runtime,
        conversation: Conversation,
        recorder: UsageRecorder,
        meter: TokenMeter,
        profile: ModelProfile,
    ) -> None:
        self._runtime, self._db, self._conversation = runtime, runtime.db, conversation
        self._sessions, self._recorder, self._meter = runtime.memories.sessions, recorder, meter
        self._owner = new_owner()
        self._settled: int | None = None  # the last message of a turn that was answered here
        self.profile = profile
        self.approvals = Approvals(runtime.db, runtime.student.id)

    @contextmanager
    def lease(self) -> Generator[list[Notice]]:
        """Hold the conversation for the length of a turn; gives the notice of having waited, if it had to."""
        waited: list[Notice] = []
        session = self._conversation.session
        with self._sessions.lease(session, self._owner, on_wait=lambda: waited.append(WAITED)) as held:
            self._conversation.lease = held
            try:
                yield waited
            finally:
                self._conversation.lease = None

    # A turn begins

    def begin_turn(self, said: Utterance, *, deep: bool = False) -> TurnRun:
        """Commit the student's message as an open turn."""
        runtime, conversation = self._runtime, self._conversation
        last = conversation.log[-1] if conversation.log else None
        runtime.embedder.begin(question_of(said.text).strip())  # recall will want it once this is stored
        warm_for(said.text)
        asks = is_question(said.text)
        with self._db.begin():
            turn, asked = self._sessions.begin_turn(conversation.session, said, runtime.zone)
            if asks:
                runtime.memories.questions.ask(asked.id, asked.message.content)
        conversation.add(asked)
        return TurnRun(turn, asked, LimitTracker(runtime.settings.limits), last=last, deep=deep)

    def take_up(self) -> TurnRun | None:
        """Give the turn that has no answer yet; None where every turn has one."""
        left = self._sessions.unanswered(self._conversation.session)
        if left is None:
            return None
        turn, asked = left
        log = self._conversation.log
        last = next((m for m in reversed(log) if m.seq < asked.seq), None)
        run = TurnRun(turn, asked, LimitTracker(self._runtime.settings.limits), last=last)
        mine = [m for m in log if m.turn_id == turn.id]
        run.outside = any(from_outside(m.trust, m.hits) for m in mine)
        run.said = [
            m.message.content for m in mine if m.message.role == "assistant" and m.message.content.strip()
        ]
        return run

    def give_up_unanswered(self) -> None:
        """Close the turn that never got an answer: the student went on to something else."""
        if self._settled is not None and self._settled == self._conversation.session.last_seq:
            return
        left = self._sessions.unanswered(self._conversation.session)
        if left is None:
            return
        turn, asked = left
        with self._db.begin():
            self._cancel_calls(turn)
            self._append(turn, Message("assistant", NO_REPLY), state="cancelled")
            state = "failed" if turn.state == "open" else turn.state
            self._sessions.finish_turn(turn, state, turn.error)
            self._runtime.memories.questions.park(asked.id)

    def attach_note(self, run: TurnRun, note: ContextNote, *, warns: bool) -> None:
        """Commit what stands beside the message and what it states. It need not outlive a power cut, only this program.

        Args:
            warns: It tells the model that the window is nearly full.
        """
        stated = stated_in(run.asked)
        memories = self._runtime.memories
        with self._db.begin(durable=False):
            self._conversation.check_lease()
            run.asked = self._sessions.attach_note(run.asked, note.text, note.hits)
            if warns:
                self._conversation.note_pressure()
            student = memories.student
            facts = save_statements(
                run.asked,
                stated,
                memories.archival,
                memories.core,
                memories.misconceptions,
                student.language,
                student.name,
            )
        run.facts = frozenset(facts)
        self._conversation.replace(run.asked)
        run.outside = run.outside or from_outside(run.asked.trust, note.hits)

    # While it runs

    def unfinished_calls(self) -> list[ToolCall]:
        """Calls of the last reply that a crash left without a result."""
        log = self._conversation.log
        open_ids = set(needs_pairing(log))
        last = next((m for m in reversed(log) if m.message.role == "assistant"), None)
        return [c for c in last.message.tool_calls if c.id in open_ids] if last else []

    def save_reply(self, run: TurnRun, reply: Reply) -> None:
        """Commit a whole reply with its usage; a reply without calls ends the turn in the same commit."""
        warm_for(reply.text)
        with self._db.begin():
            bill = self._record_reply(run.turn, reply)
            stored = self._append(run.turn, reply.message(), trust=self._conversation.reply_trust)
            run.unanswered = reply.reason == "unanswered"
            if not reply.calls:
                self._finish(run, "done")
        reply.saved = True
        run.add(bill)
        if reply.text.strip():
            run.said.append(stored.message.content)

    def save_broken_reply(
        self, run: TurnRun, reply: Reply, state: TurnState, error: str | None = None
    ) -> None:
        """Commit what was heard of a reply that broke off, cancel its open calls and close the turn.

        Where the store is what failed, the turn stays open in it and is offered again; so does one that is interrupted
        while a call waits for the student's yes, who may still give it.
        """
        try:
            self._conversation.reload()  # a commit may have failed halfway: what is held must be what is stored
            if state == "interrupted" and self._waits(run.turn):
                return
            warm_for(reply.text)
            with self._db.begin():
                if not reply.saved and reply.first is not None:
                    run.add(self._record_reply(run.turn, reply))
                if not reply.saved and reply.text.strip():
                    message, trust = Message("assistant", reply.text), self._conversation.reply_trust
                    partial = self._append(run.turn, message, state="partial", trust=trust)
                    run.said.append(partial.message.content)
                self._cancel_calls(run.turn)
                self._finish(run, state, error)
        except StoreError:
            return
        except Exception:  # noqa: BLE001 - it may be the store itself that fails
            _log.exception("what was heard of a reply could not be kept")

    def save_call(self, run: TurnRun, call: ToolCall) -> None:
        """Commit a call that the program makes itself, before the model is asked."""
        self._append(run.turn, Message("assistant", "", (call,)))

    def save_result(self, run: TurnRun, call: ToolCall, outcome: Outcome) -> None:
        """Commit a tool's result; joins the transaction of a write, so that both are there or neither."""
        result = Message("tool", outcome.output, tool_call_id=call.id, name=call.name)
        stored = self._append(run.turn, result, trust=outcome.trust, hits=outcome.hits)
        named = acronyms_named(run.asked.message.content)
        for found in outcome.extras.get("results", ()) if named and call.name == "web_search" else ():
            text = f"{found.title}\n{found.snippet}"
            self._runtime.memories.acronyms.read_web(named, text, found.url, stored.id)
        run.outside = run.outside or from_outside(outcome.trust, outcome.hits)

    def record_unused(self, run: TurnRun, reply: Reply) -> None:
        """Record what a reply cost that is neither shown nor kept."""
        self.record_side(SideReply(usages=(reply.used(self._meter),), seconds=reply.seconds), "retry", run)

    def record_side(self, side: SideReply, purpose: str = "compaction", run: TurnRun | None = None) -> None:
        """Record model calls that were no reply."""
        for usage in side.usages:
            bill = self._recorder.record(
                usage,
                self.profile,
                seconds=side.seconds if usage is side.usages[-1] else 0.0,
                purpose=purpose,
                session_id=self._conversation.session.id,
                turn_id=run.turn.id if run else None,
            )
            if run is not None:
                run.add(bill)

    # It ends

    def close_turn(self, run: TurnRun) -> None:
        """Close a turn as done; nothing is written where the last reply already did."""
        if run.turn.state != "done":
            with self._db.begin():
                self._finish(run, "done")
        self._settled = self._conversation.log[-1].seq

    def close_at_limit(self, run: TurnRun, text: str, reply: Reply) -> None:
        """Say in the professor's place why the turn ends here, and close it; a question in it stays open.

        What was said of the reply that was being heard stands before it, and is paid for.
        """
        heard = reply.first is not None and not reply.saved
        said = "\n\n".join(part for part in (reply.text.strip() if heard else "", text) if part)
        warm_for(said)
        run.unanswered, run.broken = True, None
        with self._db.begin():
            if heard:
                run.add(self._record_reply(run.turn, reply))
            trust = self._conversation.reply_trust if heard else "model"
            self._append(run.turn, Message("assistant", said), trust=trust)
            self._finish(run, "done")
        run.said.append(said)

    # Inside a transaction

    def _append(
        self,
        turn: Turn,
        message: Message,
        *,
        state: MessageState = "whole",
        trust: Trust = "model",
        hits: Sequence[ShownHit] = (),
    ) -> StoredMessage:
        self._conversation.check_lease()
        session = self._conversation.session
        stored = self._sessions.append(session, turn, message, state=state, trust=trust, hits=hits)
        self._conversation.add(stored)
        return stored

    def _record_reply(self, turn: Turn, reply: Reply) -> Bill:
        return self._recorder.record(
            reply.used(self._meter),
            self.profile,
            seconds=reply.seconds,
            first=reply.first,
            session_id=turn.session_id,
            turn_id=turn.id,
        )

    def _waits(self, turn: Turn) -> bool:
        kept = self.approvals.of(turn)
        return any(kept.state(call.id) not in {None, "begun"} for call in self.unfinished_calls())

    def _cancel_calls(self, turn: Turn) -> None:
        kept, said = self.approvals.of(turn), INTERRUPTED
        for call in self.unfinished_calls():
            if state := kept.state(call.id):  # what stands behind one that was not begun was not begun either
                said = INTERRUPTED if state == "begun" else NOT_APPROVED
                kept.settle(call.id)
            result = Message("tool", said, tool_call_id=call.id, name=call.name)
            self._append(turn, result, state="cancelled")

    def _finish(self, run: TurnRun, state: TurnState, error: str | None = None) -> None:
        self._conversation.check_lease()
        broken = run.judged if state == "done" else None
        run.turn = self._sessions.finish_turn(run.turn, state, error, broken)
        questions = self._runtime.memories.questions
        if state == "done" and not run.unanswered:
            questions.answered(run.asked.id, self._conversation.log[-1].id)
        else:
            questions.park(run.asked.id)
