"""Everything an agent works with: the student's memory, the conversation at hand, the tools, the model and the bill.

The loop says what happens in a turn; the desk knows how each of those steps is carried out and what commits together.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from json import dumps
from time import monotonic

from ..memory.errors import ContextOverflow, NotFound, UsageError
from ..memory.lease import new_owner
from ..memory.messages import Hit, Message, StoredMessage, ToolCall, message_id
from ..memory.sessions import Session, TurnState
from ..memory.text import normalize
from ..memory.written import before_indexing
from ..persona.spec import Persona
from ..tools.base import UNTRUSTED, ToolContext
from ..tools.registry import Outcome, Registry
from .budget import TokenMeter, share
from .calls import CANCELLED, Caller
from .context import same_specs, system_text
from .conversation import Conversation, needs_pairing
from .events import Event, Notice
from .house import House
from .ledger import Ledger
from .limits import Meterstick
from .model import Model, Request
from .pricing import Bill
from .recollect import PAUSE, PRESSURE, recollect, write_beside
from .reply import Reply
from .room import Room, Summary
from .run import Run
from .smalltalk import is_question, small_talk
from .statements import keep_statements

NO_REPLY = "[no reply was given]"
"""Stands where a turn was given up, so that roles keep alternating for strict servers."""

DEEP = (
    "(Deep: take the question apart into two to four sub-questions, look into each, then answer as a whole.)"
)


class Desk:
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
        house: House,
        registry: Registry,
        model: Model,
        fallback: Model,
        persona: Persona,
        session: Session,
        ledger: Ledger,
    ) -> None:
        self.house, self.settings, self.db, self.memories = house, house.settings, house.db, house.memories
        self.clock, self.zone = house.clock, house.zone
        self.registry, self.persona, self.ledger = registry, persona, ledger
        self.caller = Caller(house.db, registry)
        self._chosen, self._fallback, self.model = model, fallback, model
        self._owner = new_owner()
        self.brief = ""
        self.use_session(session)

    def use_session(self, session: Session) -> None:
        """Turn to another conversation of the same student."""
        specs = self.registry.specs()
        budget = share(self.model.profile)
        self.conversation = Conversation(self.memories.sessions, session, specs, budget, self._system)
        self.meter = TokenMeter(self.db, self.model.profile.name, self.clock)
        self.room = Room(budget, self.meter, self.conversation, specs, self._pinned)

    @property
    def session_id(self) -> str:
        """The conversation's public id."""
        return self.conversation.session.public_id

    @property
    def language(self) -> str:
        """The student's language, "ko" or "en"."""
        return self.memories.student.language

    # Before the model is called

    @contextmanager
    def lease(self) -> Generator[list[Notice]]:
        """Hold the conversation for the length of a turn; gives the notice of having waited, if it had to."""
        waited: list[Notice] = []

        def on_wait() -> None:
            waited.append(
                Notice(
                    "waiting",
                    "Another window was in the middle of a turn of this conversation; I waited for it.",
                    "다른 창에서 이 대화의 답변이 진행 중이어서 끝나기를 기다렸습니다.",
                )
            )

        with self.memories.sessions.lease(self.conversation.session, self._owner, on_wait=on_wait):
            yield waited

    def begin(self) -> Iterator[Event]:
        """Take in what other programs did, open a view where one is due, and close what was given up."""
        self.conversation.refresh()
        self._give_up_unanswered()
        view, log = self.conversation.view, self.conversation.log
        if view is None:
            self.conversation.open_view("start", brief=self.brief)
        elif log and self.clock() - log[-1].time >= PAUSE:
            self.conversation.open_view("return", brief=self.brief, summary=view.summary)
            if self.room.size() > self.room.budget.target:
                yield from self.room.fold(self.model, "return", self._spend_summary)
        elif not same_specs(view.tools, self.registry.specs()):
            self.conversation.open_view("tools", brief=view.brief, summary=view.summary)
        elif self.conversation.session.persona != self.persona.id:
            self.conversation.session = self.memories.sessions.set_persona(
                self.conversation.session, self.persona.id
            )
            self.conversation.open_view("persona", brief=view.brief, summary=view.summary)
        self.brief = ""
        yield from self._choose_model()

    def ask(self, text: str, *, deep: bool = False) -> tuple[Run, list[Notice]]:
        """Commit the student's message and put beside it what memory holds.

        Raises:
            UsageError: There is nothing in the message.
        """
        if not normalize(text).strip():
            raise UsageError(
                "The message is empty. Type a question, or /help for what you can do here.",
                "빈 메시지입니다. 질문을 입력하거나 /help 로 할 수 있는 일을 확인해 주세요.",
            )
        last = self.conversation.log[-1] if self.conversation.log else None
        sessions = self.memories.sessions
        before_indexing(normalize(text))
        with self.db.begin():
            turn, asked = sessions.begin_turn(self.conversation.session, text, self.zone)
            if is_question(asked.message.content):
                self.memories.learner.ask(asked.id, asked.message.content)
        self.conversation.add(asked)
        run = Run(turn, asked, Meterstick(self.settings.limits))
        notices = [_masked(turn.masked)] if turn.masked else []
        run.hits = self._recollect(asked, last)
        if any(hit.trust in UNTRUSTED for hit in run.hits):
            run.trust = "web"
        notes = [DEEP] if deep else []
        if self.room.under_pressure() and not self.room.warned():
            notes.append(PRESSURE)
        beside = write_beside(
            run.hits,
            asked.time,
            self.zone,
            budget=self.room.budget.hits,
            last=last.time if last else None,
            notes=notes,
        )
        run.asked = replace(asked, beside=beside)
        self.conversation.replace(run.asked)
        return run, notices

    def take_up(self) -> Run | None:
        """Take up the turn that has no answer yet, or None where every turn has one."""
        left = self.memories.sessions.unanswered(self.conversation.session)
        if left is None:
            return None
        turn, asked = left
        return Run(turn, asked, Meterstick(self.settings.limits))

    def unfinished_calls(self) -> list[ToolCall]:
        """Calls of the last reply that a crash left without a result."""
        open_ids = set(needs_pairing(self.conversation.log))
        return [c for m in self.conversation.log for c in m.message.tool_calls if c.id in open_ids]

    def search_first(self, run: Run) -> list[ToolCall]:
        """The web search that comes before the model when searching is set to always; none for small talk."""
        question = run.asked.message.content
        if self.registry.get("web_search") is None or small_talk(question):
            return []
        call = ToolCall(
            f"first-{run.asked.id}", "web_search", dumps({"query": question[:200]}, ensure_ascii=False)
        )
        self.conversation.append(run.turn, Message("assistant", "", (call,)))
        return [call]

    # While it speaks

    def request(self) -> Request:
        """The next request."""
        return Request(self.conversation.messages(), self.registry.specs(), self.room.budget.reply)

    def make_room(self) -> Iterator[Event]:
        """Fold at once where the next request would leave no room for a reply."""
        if self.room.overfull():
            yield from self.room.fold(self.model, "compaction", self._spend_summary)

    def overflowed(self, error: ContextOverflow) -> Iterator[Event]:
        """Make room after the provider refused the request as too long."""
        yield from self.room.overflowed(error, self.model, self._spend_summary)

    def keep_reply(self, run: Run, reply: Reply) -> None:
        """Commit a whole reply with its usage; a reply without calls ends the turn in the same commit."""
        request = self.request()
        before_indexing(reply.text)
        with self.db.begin():
            self._keep_beside(run)
            self._bill(run, reply, request)
            self.conversation.append(run.turn, reply.message())
            if reply.text.strip():
                run.said.append(reply.text)
            run.unanswered = reply.reason == "unanswered"
            if not reply.calls:
                self._close(run, "done")
        if reply.usage is not None:
            self.room.counted(reply.usage.input_tokens)

    def keep_partial(self, run: Run, reply: Reply, state: TurnState, error: str | None = None) -> None:
        """Commit what was heard of a reply that broke off, cancel its open calls and close the turn."""
        request = self.request()
        before_indexing(reply.text)
        with self.db.begin():
            self._keep_beside(run)
            if not reply.finished and (reply.text.strip() or reply.first is not None):
                self._bill(run, reply, request)
            if not reply.finished and reply.text.strip():
                self.conversation.append(run.turn, Message("assistant", reply.text), state="partial")
                run.said.append(reply.text)
            for call in self.unfinished_calls():
                result = Message("tool", CANCELLED, tool_call_id=call.id, name=call.name)
                self.conversation.append(run.turn, result, state="cancelled")
            self._close(run, state, error)

    def keep_result(self, run: Run, call: ToolCall, outcome: Outcome) -> None:
        """Commit a tool's result; joins the transaction of a write, so that both are there or neither."""
        with self.db.begin():
            self._keep_beside(run)
            self.conversation.append(
                run.turn, Message("tool", outcome.output, tool_call_id=call.id, name=call.name)
            )

    def tool_context(self, run: Run) -> ToolContext:
        """What a tool may know of the turn."""
        return ToolContext(
            language=self.language,
            now=self.clock(),
            zone=self.zone,
            session=self.session_id,
            text=run.asked.message.content,
            message_id=run.asked.id,
            trust=run.trust,
            exclude=self.conversation.ids_in_view(),
        )

    # After it

    def close(self, run: Run) -> None:
        """Close a turn as done; nothing happens where the last reply already did."""
        if run.turn.state == "open":
            with self.db.begin():
                self._close(run, "done")

    def bill(self, run: Run) -> Bill:
        """What the turn has cost so far, with its time and our own part of it."""
        seconds = monotonic() - run.started
        return replace(run.bill, seconds=seconds, overhead_ms=1000 * max(0.0, seconds - run.waited))

    def after_turn(self) -> Iterator[Event]:
        """Fold where the window is past its threshold and the model has had its chance to save; index what was said."""
        self.house.indexer.wake()
        if self.room.under_pressure() and (self.room.warned() or self.room.overfull()):
            yield from self.room.fold(self.model, "compaction", self._spend_summary)

    def stop_honestly(self, run: Run, text: str) -> None:
        """Say in the professor's place why the turn ends here, and close it."""
        before_indexing(text)
        with self.db.begin():
            self._keep_beside(run)
            self.conversation.append(run.turn, Message("assistant", text))
            run.said.append(text)
            self._close(run, "done")

    def look_up(self, public_id: str) -> Hit | None:
        """Give a memory of this student by its id, None where there is none."""
        try:
            if public_id.startswith("a"):
                return self.memories.archival.get(public_id)
            return self.memories.recall.get(public_id)
        except NotFound:
            return None

    def reopen(self, reason: str) -> None:
        """Open a new view of the same conversation, its log read anew."""
        view = self.conversation.view
        self.conversation.reload()
        if view is not None:
            self.conversation.open_view(reason, brief=view.brief, summary=view.summary)

    # Inside

    def _system(self, brief: str, summary: str) -> str:
        return system_text(self.persona.render(self.language), self.memories.core.blocks(), brief, summary)

    def _pinned(self) -> list[str]:
        return [
            f"[{message_id(q.message_id)}] open question: {q.text}"
            for q in self.memories.learner.open_questions()
        ]

    def _recollect(self, asked: StoredMessage, last: StoredMessage | None) -> tuple[Hit, ...]:
        text = asked.message.content
        pending = (
            last is not None
            and last.message.role == "assistant"
            and last.message.content.rstrip().endswith("?")
        )
        if small_talk(text, pending):
            return ()
        return recollect(text, self.memories.recall, self.memories.archival, self.conversation.ids_in_view())

    def _keep_beside(self, run: Run) -> None:
        if run.asked.beside and not run.beside_kept:
            self.memories.sessions.set_beside(run.asked, run.asked.beside)
            run.beside_kept = True

    def _bill(self, run: Run, reply: Reply, request: Request) -> None:
        entry = self.ledger.record_reply(
            reply,
            request,
            self.model.profile,
            self.meter,
            session_id=self.conversation.session.id,
            turn_id=run.turn.id,
        )
        run.bill = run.bill + entry
        run.stick.tokens += entry.input_tokens + entry.output_tokens
        run.stick.usd += entry.usd or 0

    def _spend_summary(self, summary: Summary) -> None:
        if summary.usage is not None:
            self.ledger.record(
                summary.usage,
                self.model.profile,
                seconds=summary.seconds,
                purpose="compaction",
                session_id=self.conversation.session.id,
            )

    def _close(self, run: Run, state: TurnState, error: str | None = None) -> None:
        run.turn = self.memories.sessions.finish_turn(run.turn, state, error)
        if state == "done" and not run.unanswered:
            self.memories.learner.answered(run.asked.id, self.conversation.log[-1].id)
        keep_statements(run.asked, self.memories.archival, self.language)

    def _give_up_unanswered(self) -> None:
        left = self.memories.sessions.unanswered(self.conversation.session)
        if left is None:
            return
        turn, _ = left
        with self.db.begin():
            for call in self.unfinished_calls():
                result = Message("tool", CANCELLED, tool_call_id=call.id, name=call.name)
                self.conversation.append(turn, result, state="cancelled")
            self.conversation.append(turn, Message("assistant", NO_REPLY), state="cancelled")
            self.memories.sessions.finish_turn(
                turn, "failed" if turn.state == "open" else turn.state, turn.error
            )

    def _choose_model(self) -> Iterator[Event]:
        reached = self.ledger.daily_limit_reached()
        self.model = self._fallback if reached else self._chosen
        if reached:
            yield reached


def _masked(kinds: Sequence[str]) -> Notice:
    listed = ", ".join(kinds)
    return Notice(
        "masked",
        f"I masked what looks like a secret ({listed}) before writing it down; it is stored nowhere.",
        f"비밀 정보로 보이는 부분({listed})은 가린 뒤에 기록했습니다. 원래 값은 어디에도 저장되지 않습니다.",
    )
