"""What an agent works with: the student's memory, the conversation in view, the tools and the model that speaks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..memory.archival import ArchivalRecord
from ..memory.error_log import as_told
from ..memory.errors import ConnectionDropped, ContextOverflow, NotFound
from ..memory.facts import called
from ..memory.recall import Session
from ..memory.types import Hit, StoredMessage, Trust, least_trusted, message_id
from ..persona.modes import LABELS, MEANINGS, Mode, mode_of, told_to_model
from ..persona.spec import BrokenRule, Persona
from ..tools.base import StudentInfo, Tool, ToolContext
from ..tools.context_memory import StudentMemory
from ..tools.registry import Registry
from .approval import reveals
from .billing.recorder import UsageRecorder
from .context.brief import Brief, current_facts
from .context.budget import TokenMeter, share
from .context.citations import cite, mentioned
from .context.conversation import Conversation
from .context.prompt import system_text
from .context.recall_first import PAUSE, Allowance
from .context.report import ContextReport, context_report
from .context.turn_view import file_name, view_of
from .context.window import ContextWindow
from .events import Citation, Event, Notice
from .model import Model, QuizView, Request, SideReply, TurnView, Warmable
from .reply_rules import exchange_of
from .runtime import Memories, Runtime
from .settings import local_time
from .tool_execution import ToolExecutor
from .turn_run import Reply, TurnRun, may_end_turn
from .turn_store import TurnStore
from .tutor.claims import unbacked
from .tutor.lock import ReplyCheck
from .tutor.spoken_mode import spoken_mode

if TYPE_CHECKING:  # most turns ask nothing and grade nothing
    from ..memory.learner.quiz_values import Score
    from .context.quiz_view import Heard


class AgentState:
    """What one agent works with.

    Args:
        runtime: The student's memory and what it stands on.
        registry: The tools, in the order they are sent.
        model: Who speaks; `fallback` speaks once the daily limit is reached.
        persona: Whose voice it is.
        session: The conversation to go on with.
        recorder: Records and prices model calls.
        given: The tools that the program brought itself; they stay when the professor or the model changes.
        deps: What the program handed over for its tools.

    Attributes:
        store: Commits the turns of the conversation.
        not_mended: Rules that the model broke again when it was asked to keep them.
        deep: The turn that runs is to be answered from several sides.
        offer: What takes up what the brief offers, until the first turn after it is over.
        brief: Writes where the student stopped last time, when a view opens: until then it may be corrected.
        reply_checks: Look at replies before they are shown, each while it holds.
        said_in_quiz: The message that was last read as something said in a quiz, what it did, and how the quiz stands.
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
        recorder: UsageRecorder,
        given: Sequence[Tool] = (),
        deps: object = None,
    ) -> None:
        self.given, self.deps = given, deps
        self.runtime, self.settings, self.db = runtime, runtime.settings, runtime.db
        self.clock, self.zone = runtime.clock, runtime.zone
        self.registry, self.persona, self.recorder = registry, persona, recorder
        self.tool_executor = ToolExecutor(runtime.db, registry)
        self._chosen, self._fallback, self.model = model, fallback, model
        self.brief: Callable[[], Brief] = Brief
        self.offer = ""
        self.reply_checks: list[ReplyCheck] = []
        self.not_mended: set[str] = set()
        self.said_in_quiz: tuple[int, Heard, Score | None] | None = None
        self.deep = self._warm = self._persona_changed = False
        self.use_session(session)

    def use_session(self, session: Session) -> None:
        """Turn to another conversation of the same student."""
        profile = self.model.profile
        budget = share(profile, self.settings.working_window)
        self.conversation = Conversation(
            self.memories.sessions,
            session,
            self.registry.specs(),
            budget,
            self._system,
            self._trust,
            lambda: self.mode or "",
        )
        self.meter = TokenMeter(self.db, profile.name, self.clock)
        self.context_window = ContextWindow(budget, self.meter, self.conversation, self._open_questions)
        self.store = TurnStore(self.runtime, self.conversation, self.recorder, self.meter, profile)
        self.allowance = Allowance(budget)

    def refit(self, *, persona: Persona, registry: Registry, model: Model, fallback: Model) -> None:
        """Go on with another professor, other tools or another model in the same conversation."""
        approve = self.tool_executor.approve
        self.persona, self.registry = persona, registry
        self.not_mended = set()
        self._chosen, self._fallback, self.model = model, fallback, model
        self.tool_executor = ToolExecutor(self.db, registry, approve)
        self.use_session(self.conversation.session)

    @property
    def memories(self) -> Memories:
        """The memories of the student."""
        return self.runtime.memories

    @property
    def session_id(self) -> str:
        """The conversation's public id."""
        return self.conversation.session.public_id

    @property
    def mode(self) -> Mode | None:
        """How the student wants to be taught: as chosen for the conversation, else the setting's, else the professor's."""
        return mode_of(self.conversation.session.mode) or self.settings.teaching_mode or self.persona.mode

    @property
    def language(self) -> str:
        """The student's language, "ko" or "en"."""
        return self.memories.student.language

    def warm(self) -> None:
        """Begin to load what a turn needs, in the background; again does nothing."""
        if self._warm:
            return
        self._warm = True
        self.runtime.warm()
        if isinstance(self.model, Warmable):
            self.model.warm()
        if not self.model.profile.local:
            self.recorder.warm()

    # The view

    def take_mode(self, text: str) -> Iterator[Event]:
        """Teach as the student's words ask for from now on, and say so."""
        mode = spoken_mode(text)
        if mode is not None and mode != self.mode:
            self.conversation.session = self.memories.sessions.set_mode(self.conversation.session, mode)
            (en, ko), (means_en, means_ko) = LABELS[mode], MEANINGS[mode]
            yield Notice(
                "mode",
                f"From now on in the mode {en}: {means_en}. /mode changes it.",
                f"이제부터 {ko} 방식입니다({means_ko}). /mode로 바꿀 수 있습니다.",
            )

    def begin(self) -> Iterator[Event]:
        """Take in what other programs did, close what was given up, and open a view where one is due."""
        self.conversation.refresh()
        self.store.give_up_unanswered()
        yield from self._open_view()

    def take_up(self) -> Generator[Event, None, TurnRun | None]:
        """Take up the turn that has no answer yet; None where every turn has one."""
        self.conversation.refresh()
        run = self.store.take_up()
        if run is not None:
            yield from self._open_view()
        return run

    def _open_view(self) -> Iterator[Event]:
        """Open a view where one is due, and choose who speaks."""
        self._choose_persona_of_session()
        self.runtime.mode = self.mode or ""
        view, log = self.conversation.view, self.conversation.log
        if view is None:
            self.conversation.open_view("start", brief=self._briefed())
        elif log and self.clock() - log[-1].time >= PAUSE:
            self.conversation.open_view("return", brief=self._briefed(), summary=view.summary)
            if self.context_window.size() > self.context_window.budget.target:
                yield from self.context_window.fold(self.model, "return", self._record_side)
        elif not self.conversation.same_tools():
            self.conversation.open_view("tools", brief=view.brief, summary=view.summary)
        elif self._persona_changed:
            self.conversation.open_view("persona", brief=view.brief, summary=view.summary)
        elif view.mode != (self.mode or ""):
            self.conversation.open_view("mode", brief=view.brief, summary=view.summary)
        self._persona_changed = False
        self.brief = Brief
        yield from self._choose_model()

    def _briefed(self) -> str:
        brief = self.brief()
        self.offer = brief.offer
        return brief.for_model

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

    # What a model and a tool are given

    def request(self, reply: Reply) -> Request:
        """The next request, to be answered by `reply`."""
        messages = self.conversation.messages()
        reply.prompt, reply.shown = self.conversation.estimate(), len(messages) - 1
        if reply.objection:
            *before, last = messages
            messages = (*before, replace(last, content=f"{last.content}\n\n{reply.objection}"))
        values = self._turn_view() if self.model.profile.reads_values else None
        return Request(messages, self.registry.specs(), self.context_window.budget.reply, values)

    def broken_by(self, run: TurnRun, reply: Reply) -> list[BrokenRule]:
        """Which of the professor's promises a reply breaks; a preface to a tool's call breaks none."""
        if not may_end_turn(reply, self.registry):
            return []
        view = self.conversation.view
        system, folded = (view.system, view.summary) if view else ("", "")
        log = self.conversation.log
        said = exchange_of(reply.text, run.asked, log, mode=self.mode, folded=folded, system=system)
        return self.persona.broken(said)

    def heard(self, reply: Reply) -> None:
        """Take in what the provider counted for a request whose reply is stored."""
        if reply.usage is not None and not reply.usage.estimated:
            self.context_window.counted(reply.shown, reply.usage.input_tokens)

    def tool_context(self, run: TurnRun) -> ToolContext:
        """What a tool may know of the turn."""
        return ToolContext(
            language=self.language,
            now=self.clock(),
            zone=self.zone,
            session=self.session_id,
            text=run.asked.message.content,
            message_id=run.asked.id,
            earlier=tuple(m.message.content for m in self._said_before(run)),
            trust=self.conversation.rendered.trust,
            outside=run.outside,
            exclude=self.conversation.ids_in_view() | run.facts,
            reveals=lambda text: self._reveals(text, run),
            hide=self.runtime.hides_key(),
            student=StudentInfo(
                self.memories.student.id, self.memories.student.name, self.language, self.zone
            ),
            clock=self.clock,
            memory=StudentMemory(self.memories.archival, self.memories.recall),
            deps=self.deps,
        )

    def _said_before(self, run: TurnRun) -> list[StoredMessage]:
        log = self.conversation.log
        return [m for m in log if m.message.role == "user" and m.trust == "student" and m.id != run.asked.id]

    def _reveals(self, text: str, run: TurnRun) -> bool:
        """Whether a text tells of the student what they do not say in this turn."""
        view, blocks = self.conversation.view, self.memories.core.blocks().values()
        known = [self.memories.student.name, *(block.value for block in blocks)]
        if view is not None:
            known += [view.brief, view.summary]
        said = run.asked.message.content
        return reveals(text, said, self.conversation.log, known, local_time(self.clock(), self.zone))

    def unbacked(self, run: TurnRun) -> Iterator[Event]:
        """Tell the student what a reply claims to have done and no tool did.

        The study model says what its tools did, and only that. What rules have kept of the student's words is noted,
        whoever says so; what a tool of the student's own does nobody here knows.
        """
        if self.model.profile.reads_values:
            return
        calls = (c for m in self.conversation.log if m.turn_id == run.turn.id for c in m.message.tool_calls)
        done = {call.name for call in calls if call.id not in run.failed}
        if any(tool and tool.source and tool.effect != "read" for tool in map(self.registry.get, done)):
            return
        for claim in unbacked(run.text, done):
            if "note_confusion" not in claim.tools or not self._noted_by_rules(run):
                yield Notice("unbacked", claim.en, claim.ko)

    def _noted_by_rules(self, run: TurnRun) -> bool:
        events = (event for item in self.memories.misconceptions.all() for event in item.events)
        return bool(run.facts) or any(event.message_id == run.asked.id for event in events)

    # Making room

    def fold_if_overfull(self) -> Iterator[Event]:
        """Fold at once where the next request would leave no room for a reply."""
        if self.context_window.overfull():
            yield from self.context_window.fold(self.model, "compaction", self._record_side, to_fit=True)

    def fold_after_overflow(self, error: ContextOverflow | ConnectionDropped) -> Iterator[Event]:
        """Make room after the provider refused the request as too long, or dropped it."""
        if not self.context_window.may_not_fit(error):
            raise error
        yield from self.context_window.overflowed(error, self.model, self._record_side)

    def after_turn(self) -> Iterator[Event]:
        """Fold where the window is past its threshold and the model has had its chance to save; index what was said.

        The answer is committed and billed: what fails now is said, and tried again after the next turn.
        """
        window, self.offer = self.context_window, ""
        try:
            self.runtime.embed_worker.wake()
            if window.under_pressure() and (window.warned() or window.overfull()):
                yield from window.fold(self.model, "compaction", self._record_side)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer stands
            told = as_told(error, self.settings.home)
            yield Notice(
                "summary",
                f"The answer is kept, but making room for the next one failed. {told.en}",
                f"답변은 저장했지만 다음 차례를 위한 정리는 하지 못했습니다. {told.ko}",
            )

    # What others ask

    def cite(self, answer: str) -> tuple[Citation, ...]:
        """Give the sources that an answer names, of those that are in view."""
        view = self.conversation.view
        summed_up = mentioned(view.summary) if view else ()
        return cite(answer, self.conversation.hits_in_view().union(summed_up), self.look_up)

    def look_up(self, public_id: str) -> Hit | None:
        """Give a memory of this student by its id, None where there is none."""
        try:
            return self.memories.get(public_id)
        except NotFound:
            return None

    def context_report(self) -> ContextReport:
        """Say what the next request of the conversation will hold."""
        self.conversation.refresh()
        view = self.conversation.view
        persona = self._who_speaks()
        brief = view.brief if view else self.brief().for_model
        return context_report(
            self.conversation,
            self.context_window,
            self.meter,
            model=self.model.profile.name,
            specs=self.registry.specs(),
            persona=persona,
            brief=brief,
            system=view.system if view else self._system(brief),
        )

    # Inside

    def _choose_persona_of_session(self) -> None:
        session = self.conversation.session
        self._persona_changed = session.persona != self.persona.id
        if self._persona_changed:
            self.conversation.session = self.memories.sessions.set_persona(session, self.persona.id)

    def _choose_model(self) -> Iterator[Event]:
        reached = self.recorder.daily_limit_reached()
        self.model = self._fallback if reached else self._chosen
        self.store.profile = self.model.profile
        self.tool_executor.obeys_text = self.model.profile.obeys_text
        if reached:
            yield reached

    def _turn_view(self) -> TurnView:
        memories, offline = self.memories, {"web_search"} if self.tool_executor.offline else set[str]()
        view = view_of(self.conversation.log, self.language, self._whole_texts)
        kept = tuple(memories.archival.statements())
        return replace(
            view,
            kept=kept,
            name=self.called(kept),
            questions=tuple(q for q in memories.questions.open_questions() if q.message_id != view.asked_id),
            hard=tuple(memories.misconceptions.all()),
            tools=frozenset(spec.name for spec in self.registry.specs()) - offline,
            course=tuple((file_name(file), place) for file, place in memories.archival.contents()),
            vocabulary=memories.archival.vocabulary,
            past=memories.recall.said,
            deep=self.deep,
            offer=self.offer,
            quiz=self._quiz_view(view.asked_id, view.language),
        )

    def _quiz_view(self, asked: int, language: str) -> QuizView:
        quiz, here = self.memories.quizzes.current(), self.conversation.session.id
        going_on = quiz if quiz is not None and quiz.session_id == here else None
        heard, score = (
            self.said_in_quiz[1:] if self.said_in_quiz and self.said_in_quiz[0] == asked else (None, None)
        )
        if going_on is None and heard is None:
            return QuizView("")
        from .context.quiz_view import quiz_view

        return quiz_view(going_on, self.runtime.quizzing.open() if going_on else None, heard, score, language)

    def climb(self) -> None:
        """Take in that the next step of its ladder was said."""
        self.runtime.quizzing.climb()

    def _whole_texts(self, ids: set[str]) -> dict[str, str]:
        found = self.memories.archival.texts(ids) | self.memories.recall.texts(ids)
        hide = self.runtime.hides_key()
        return {public_id: hide(text) for public_id, text in found.items()}

    def called(self, facts: Iterable[ArchivalRecord]) -> str:
        """What the student wants to be called: as stated, else as given at the first run."""
        return called(current_facts(facts)) or self.memories.student.name

    def _record_side(self, side: SideReply) -> None:
        self.store.record_side(side)

    def _trust(self) -> Trust:
        """Whose words every request holds: core memory's lines, all of a memory that came from a file, and tools' own."""
        lines: list[Trust] = [block.trust for block in self.memories.core.blocks().values()]
        told: list[Trust] = [tool.described_by for tool in self.registry]
        return least_trusted(self.memories.student.trust, *lines, *told)

    def _who_speaks(self) -> str:
        parts = (self.persona.render(self.language), told_to_model(self.mode))
        return "\n\n".join(filter(None, parts))

    def _system(self, brief: str) -> str:
        core = self.context_window.budget.core
        return system_text(self._who_speaks(), self.memories.core.blocks(), brief, core=core)

    def _open_questions(self) -> list[tuple[int, str]]:
        return [(q.message_id, q.text) for q in self.memories.questions.open_questions()]
