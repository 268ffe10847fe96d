"""What can be done in the chat besides talking: commands that begin with a slash."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...agent import session_actions
from ...memory.errors import UsageError
from ..terminal.columns import columns
from ..terminal.say import echo, localized, prefs

if TYPE_CHECKING:
    from ...agent.events import Event
    from ...agent.loop import Agent
    from ...agent.settings import SearchMode


class Sitting(Protocol):
    """What a command may reach of the chat that it is typed in."""

    agent: Agent
    search: SearchMode | None
    over: bool

    def answer(self, events: Iterable[Event]) -> int:
        """Show a turn and give its exit code."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        run: Does it; is given what stands after the name.
        takes: What may stand there, for the list.
    """

    name: str
    run: Callable[[str], None]
    en: str
    ko: str
    takes: str = ""


class Slash:
    """The commands of one chat."""

    def __init__(self, chat: Sitting) -> None:
        self._chat = chat
        self._commands = {command.name: command for command in self._all()}

    def completions(self) -> Iterable[tuple[str, str]]:
        """Give every command with what it does."""
        return [(c.name, localized(c.en, c.ko)) for c in self._commands.values()]

    def run(self, line: str) -> None:
        """Do what a line says.

        Raises:
            UsageError: There is no such command; the nearest is named.
        """
        name, _, rest = line.partition(" ")
        command = self._commands.get(name.lower())
        if command is None:
            near = difflib.get_close_matches(name.lower(), self._commands, n=1, cutoff=0.5)
            raise UsageError(
                f"There is no {name}." + (f" Did you mean {near[0]}?" if near else " /help lists them."),
                f"{name} 명령은 없습니다."
                + (f" 혹시 {near[0]} 인가요?" if near else " /help로 목록을 볼 수 있습니다."),
            )
        command.run(rest.strip())

    def _all(self) -> list[Command]:
        return [
            Command("/help", self._help, "this list", "이 목록"),
            Command("/quit", self._quit, "leave", "나가기"),
            Command("/new", self._new, "begin a new conversation", "새 대화 시작"),
            Command("/sessions", self._sessions, "list conversations", "대화 목록"),
            Command("/resume", self._resume, "go on with a conversation", "이전 대화 이어 가기", "s3"),
            Command("/persona", self._persona, "who speaks", "교수님 바꾸기", "ID"),
            Command("/model", self._model, "which model speaks", "모델 바꾸기", localized("NAME", "이름")),
            Command("/mode", self._mode, "how to teach", "가르치는 방식", "socratic | direct | exam"),
            Command("/memory", self._memory, "what the professor knows of you", "교수님이 기억하는 것"),
            Command(
                "/search", self._search, "search the memory", "기억에서 찾기", localized("words", "찾을 말")
            ),
            Command("/why", self._why, "where a memory comes from", "그 기억이 나온 말", "a7"),
            Command("/forget", self._forget, "delete a memory for good", "기억 완전히 지우기", "a7 | m12"),
            Command("/usage", self._usage, "what was spent", "쓴 비용"),
            Command("/context", self._context, "what is in the window", "문맥 창에 든 것"),
            Command("/undo", self._undo, "take the last turn back", "마지막 대화 되돌리기"),
            Command("/retry", self._retry, "answer the last question anew", "마지막 질문에 다시 답하기"),
            Command("/fork", self._fork, "go on in a copy", "대화를 복사해 따로 이어 가기"),
            Command(
                "/export",
                self._export,
                "write this conversation to a file",
                "이 대화를 파일로 저장",
                "notes.md",
            ),
            Command(
                "/deep", self._deep, "look into each part of a question", "질문을 나누어 깊이 보기", "…?"
            ),
            Command("/web", self._web, "when to search the web", "웹 검색 방식", "on | off | auto"),
            Command("/lang", self._lang, "language", "언어", "ko | en"),
        ]

    def _help(self, _rest: str) -> None:
        rows = [(f"  {c.name} {c.takes}".rstrip(), localized(c.en, c.ko)) for c in self._all()]
        for line in columns(rows):
            echo(line)
        echo(
            localized(
                "  Alt-Enter begins a new line, Ctrl-C stops an answer, Ctrl-D leaves.",
                "  Alt-Enter: 줄바꿈 · Ctrl-C: 답변 멈추기 · Ctrl-D: 나가기",
            )
        )

    def _quit(self, _rest: str) -> None:
        self._chat.over = True

    def _new(self, _rest: str) -> None:
        session = session_actions.new_session(self._chat.agent)
        echo(
            localized(
                f"A new conversation, {session.public_id}.", f"새 대화를 시작합니다({session.public_id})."
            )
        )

    def _sessions(self, _rest: str) -> None:
        from ..sessions import StudentSessions

        state = self._chat.agent.state
        memories = state.memories
        sessions = StudentSessions(state.db, memories.student, memories.sessions, state.zone, state.clock)
        for line in sessions.lines():
            echo(f"{_star(line.split()[0] == state.session_id)} {line}")

    def _resume(self, rest: str) -> None:
        if not rest:
            self._sessions("")
            return
        session = session_actions.open_session(self._chat.agent, rest)
        echo(localized(f"We go on with {session.public_id}.", f"{session.public_id} 대화를 이어 갑니다."))

    def _persona(self, rest: str) -> None:
        from ...persona import registry

        state = self._chat.agent.state
        if rest:
            chosen = session_actions.use_persona(self._chat.agent, rest)
            echo(localized(f"{chosen.name('en')} goes on.", f"이제 {chosen.name('ko')}님이 이어 갑니다."))
            return
        found = registry.all(state.settings.home / "personas")
        for line in columns([(_star(p.id == state.persona.id), p.id, p.name(prefs.language)) for p in found]):
            echo(line)

    def _model(self, rest: str) -> None:
        from .greeting import model_name

        if rest:
            session_actions.use_model(self._chat.agent, rest)
        echo(model_name(self._chat.agent.state))

    def _mode(self, rest: str) -> None:
        from ...persona.modes import LABELS, MEANINGS, chosen_mode

        if rest:
            session_actions.use_mode(self._chat.agent, chosen_mode(rest))
        here = self._chat.agent.state.mode
        named = [(_star(m == here), m, localized(*LABELS[m]), localized(*MEANINGS[m])) for m in LABELS]
        for line in columns(named):
            echo(line)

    def _usage(self, _rest: str) -> None:
        from ...agent.billing.report import usage_report
        from ...memory.usage import UsageLog
        from ..usage import usage_lines

        state = self._chat.agent.state
        log = UsageLog(state.db, state.memories.student.id, state.clock)
        for line in usage_lines(usage_report(log, state.clock(), state.zone)):
            echo(line)

    def _context(self, _rest: str) -> None:
        from ...memory.index import count_pending
        from ..context import window_lines

        state = self._chat.agent.state
        waiting = count_pending(state.db, state.memories.student.id)
        for line in window_lines(state.context_report(), waiting):
            echo(line)

    def _memory(self, rest: str) -> None:
        from ..memory.show import item_lines, overview

        runtime = self._chat.agent.state.runtime
        for line in item_lines(runtime, rest) if rest else overview(runtime):
            echo(line)

    def _search(self, rest: str) -> None:
        from ...agent.api.memory import find
        from ..memory.search_and_edit import hit_lines

        runtime = self._chat.agent.state.runtime
        for line in hit_lines(runtime, find(runtime, _needed(rest), "all", 5)):
            echo(line)

    def _why(self, rest: str) -> None:
        from ..memory.show import item_lines

        for line in item_lines(self._chat.agent.state.runtime, _needed(rest)):
            echo(line)

    def _forget(self, rest: str) -> None:
        from ..memory.forget_export import forgetter

        state = self._chat.agent.state
        for line in forgetter(state.runtime).forget(_needed(rest)).lines(prefs.language):
            echo(line)
        state.conversation.refresh()
        state.reopen("forget")

    def _undo(self, _rest: str) -> None:
        text = session_actions.undo(self._chat.agent)
        echo(localized(f"Taken back: {text}", f"되돌렸습니다: {text}"))

    def _retry(self, _rest: str) -> None:
        self._chat.answer(session_actions.retry(self._chat.agent))

    def _fork(self, _rest: str) -> None:
        session = session_actions.fork(self._chat.agent)
        echo(
            localized(
                f"From here on this is {session.public_id}; the original stays as it is.",
                f"여기서부터는 {session.public_id} 대화입니다. 원래 대화는 그대로 남습니다.",
            )
        )

    def _export(self, rest: str) -> None:
        from ...memory.transfer import write_text
        from ..sessions import exported, form_of

        state = self._chat.agent.state
        file = Path(rest).expanduser() if rest else Path(f"officehours-{state.session_id}.md")
        session = state.conversation.session
        write_text(
            file, exported(state.memories.sessions, session, form_of(file, None), state.zone, prefs.language)
        )
        echo(localized(f"Written: {file}", f"저장했습니다: {file}"))

    def _deep(self, rest: str) -> None:
        self._chat.answer(self._chat.agent.turn(_needed(rest), search=self._chat.search, deep=True))

    def _web(self, rest: str) -> None:
        match rest:
            case "on":
                self._chat.search = "always"
            case "off":
                self._chat.search = "never"
            case "auto":
                self._chat.search = "auto"
            case _:
                raise UsageError("/web is on, off or auto.", "/web 뒤에는 on, off, auto 중 하나를 씁니다.")
        echo(f"{localized('Web search', '웹 검색')}: {rest}")

    def _lang(self, rest: str) -> None:
        if rest not in {"ko", "en"}:
            raise UsageError("/lang is ko or en.", "/lang 뒤에는 ko나 en을 씁니다.")
        from ...agent.settings import write_values

        state = self._chat.agent.state
        session_actions.use_language(self._chat.agent, rest)
        write_values(state.settings.config_path, {"language": rest})
        prefs.known = rest
        echo(localized("From now on in English.", "이제부터 한국어로 말씀드리겠습니다."))


def _star(here: bool) -> str:
    return "*" if here else " "


def _needed(rest: str) -> str:
    if not rest:
        raise UsageError(
            "Something must stand after the command; /help shows what.",
            "명령 뒤에 쓸 것이 있습니다. /help 에서 볼 수 있습니다.",
        )
    return rest
