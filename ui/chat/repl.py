"""The chat: at a terminal, or line by line from a pipe."""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING

from ...agent.context.smalltalk import says_goodbye
from ...agent.settings import SearchMode, Settings, load
from ...memory.errors import NotFound, StoreBusy, UsageError
from ...persona.modes import LABELS, Mode, chosen_mode
from ..terminal.say import echo, localized, prefs, tell, warn
from ..terminal.stdout import keep_stdout

if TYPE_CHECKING:
    from ...agent.events import Event
    from ...agent.loop import Agent
    from ..terminal.rendering import Renderer

PROMPT = "> "
REMEMBERED = 200
"""How many of the student's last messages the arrow keys bring back."""


def chat(
    student: str | None,
    *,
    persona: str | None,
    model: str | None,
    mode: str | None = None,
    new: bool,
    resume: str | None,
) -> int:
    """Hold a conversation and give the exit code.

    Args:
        mode: How to teach, by its name in either language.
        new: Begin another conversation.
        resume: Go on with that one.

    Raises:
        UsageError: Both a new conversation and an old one are asked for, or a mode that there is not.
    """
    if new and resume:
        raise UsageError("--new and --resume exclude each other.", "--new와 --resume은 함께 쓸 수 없습니다.")
    taught = chosen_mode(mode) if mode else None
    keep_stdout()
    session = "new" if new else resume or "latest"
    if not sys.stdin.isatty():
        from .pipe import chat_through_pipe

        return chat_through_pipe(
            sys.stdin.buffer, student, persona=persona, model=model, session=session, mode=taught
        )
    return _chat_at_terminal(load(), student, persona, model, session, taught)


def _chat_at_terminal(
    settings: Settings,
    student: str | None,
    persona: str | None,
    model: str | None,
    session: str,
    mode: Mode | None,
) -> int:
    from .first_run import settle_in

    try:
        settings = settle_in(settings, student, _ask_newcomer)
    except EOFError:
        return 0
    _greet(settings, student, persona, session)
    from ..tools.consenting import ask_about_new  # what is heavy comes after the greeting

    ask_about_new(settings.home / "tools", _ask_newcomer)
    from ...agent.assemble import open_tutor
    from ..ask import meet
    from ..terminal.allocator import give_back
    from ..terminal.rendering import Renderer

    give_back()
    with open_tutor(settings, student, persona=persona, model=model, session=session, mode=mode) as agent:
        meet(agent, settings)
        Chat(agent, Renderer.of(agent)).run()
    return 0


def _greet(settings: Settings, student: str | None, persona: str | None, session: str) -> None:
    from ...agent.greeting import arrive
    from .greeting import greeting

    arrival = arrive(settings, student, persona, session)
    prefs.known = settings.language or arrival.student.language
    for line in greeting(arrival):
        echo(line)


def _ask_newcomer(question: str) -> str:
    from .keyboard import Keyboard

    return Keyboard().ask(question)


class Chat:
    """One sitting at the terminal.

    Args:
        agent: The professor.
        face: Shows the turns.

    Attributes:
        search: What `/web` set for the turns to come; None is the setting.
        over: The student has said goodbye.
    """

    def __init__(self, agent: Agent, renderer: Renderer) -> None:
        self.agent, self.renderer = agent, renderer
        self.search: SearchMode | None = None
        self.over = False
        from .slash import Slash  # it brings the agent along, for which no greeting waits

        self.slash = Slash(self)
        self._pending = self._said_goodbye = False
        self._unsent = ""

    def run(self) -> None:
        """Greet, answer until the student leaves, and say goodbye."""
        self._welcome()
        from .keyboard import Keyboard  # not before the greeting is on the screen

        keyboard = Keyboard(self._words, self.slash.completions, ready=self.agent.warm)
        while not self.over:
            try:
                line = keyboard.ask(self._prompt(), remember=True)
            except KeyboardInterrupt:
                warn("Ctrl-D or /quit leaves.", "나가려면 Ctrl-D를 누르거나 /quit을 입력하세요.")
                continue
            except EOFError:
                break
            self._take(line)
        self._farewell()

    def _prompt(self) -> str:
        """The prompt, with the mode where one is chosen."""
        mode = self.agent.state.mode
        return f"{localized(*LABELS[mode])}{PROMPT}" if mode else PROMPT

    def answer(self, events: Iterable[Event]) -> int:
        """Show a turn; Ctrl-C stops it, and what was said is kept."""
        from ..approvals.asking import asking

        echo()
        code = 0
        turn = asking(self.agent, events)
        with _one_interrupt() as stopped, closing(turn):
            try:
                code = self.renderer.show(turn)
            except KeyboardInterrupt:
                stopped.append(True)
        if stopped:
            warn("Stopped; what was said so far is kept.", "멈췄습니다. 여기까지의 답은 남겨 두었습니다.")
        self._pending = code != 0 or (bool(stopped) and self._unanswered() is not None)
        if self._pending:
            self._offer()
        echo()
        return code

    def _offer(self) -> None:
        warn("Enter tries once more.", "Enter를 누르면 한 번 더 시도합니다.")

    def _take(self, line: str) -> None:
        text = line.strip()
        try:
            if text.startswith("/"):
                self.slash.run(text)
            elif text:
                self._said_goodbye = says_goodbye(text)
                self._turn(line)
            elif self._unsent:
                self._turn(self._unsent)
            elif self._pending:
                self.answer(self.agent.resume())
        except Exception as error:  # noqa: BLE001 - whatever it is, the conversation goes on
            tell(error)
            if self._unsent or self._pending:
                self._offer()
        finally:
            from ..runtime import show_warnings

            show_warnings(self.agent.state.runtime)

    def _turn(self, line: str) -> None:
        """Answer a line; one that could not even be stored is kept here, to be sent again."""
        state = self.agent.state
        before, self._unsent = (state.session_id, state.conversation.session.last_seq), line
        try:
            self.answer(self.agent.turn(line, search=self.search))
        finally:
            if before != (state.session_id, state.conversation.session.last_seq):
                self._unsent = ""

    def _welcome(self) -> None:
        from ..terminal.rendering import quiet
        from .greeting import opening

        quiet(opening(self.agent.state))
        echo()
        left = self._unanswered()
        if left and self.agent.waiting():
            warn(
                f"I still owe you an answer to “{left}”: it waits for your yes.",
                f"‘{left}’에 답하려면 허락이 필요해 기다리고 있었습니다.",
            )
            self._pending = True
            self._take("")
        elif left:
            warn(
                f"I still owe you an answer to “{left}”. Enter has it answered now.",
                f"‘{left}’에 아직 답을 드리지 못했습니다. Enter를 누르면 지금 답해 드립니다.",
            )
            self._pending = True

    def _unanswered(self) -> str | None:
        """The question that a crash left without an answer; nothing while another window is in the conversation."""
        from ...agent.context.brief import short
        from ...memory.store import new_owner

        state = self.agent.state
        session = state.conversation.session
        try:
            with state.memories.sessions.lease(session, new_owner(), patience=0):
                left = state.memories.sessions.unanswered(session)
        except (StoreBusy, NotFound):
            return None
        return None if left is None else short(left[1].message.content)

    def _farewell(self) -> None:
        state = self.agent.state
        if self._said_goodbye:
            return
        name = state.called(state.memories.archival.facts())
        line = state.persona.line("farewell", state.language, name=name)
        if line:
            echo(line)

    def _words(self) -> Iterator[str]:
        sessions = self.agent.state.memories.sessions
        log = sessions.log(self.agent.state.conversation.session)
        said = (m.message.content for m in reversed(log) if m.message.role == "user")
        return islice(said, REMEMBERED)


@contextmanager
def _one_interrupt() -> Generator[list[bool]]:
    """Let the first Ctrl-C through and no other, so that what follows it is stored undisturbed."""
    stopped: list[bool] = []

    def once(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, once)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
