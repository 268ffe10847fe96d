"""What another program may do with a student's memory over MCP: find, keep, read what is due, and ask.

The tools are made like any other, so arguments are understood and refused in the same words. Nothing here deletes, and
nothing tells the key of a question that is open. The memory is opened by the first call that needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Lock
from typing import Any, Literal

from ...agent.api.memory import Where, find
from ...agent.assemble import open_tutor
from ...agent.events import TextDelta, ToolStarted, TurnFailed, TurnFinished
from ...agent.greeting import brief_for
from ...agent.loop import Agent
from ...agent.prepare import learn_language
from ...agent.settings import Settings, system_language
from ...agent.tutor.reviewing import CardReview
from ...memory.error_log import as_told
from ...memory.errors import OfficeHoursError, ToolError
from ...memory.types import ToolCall
from ...tools.base import Tool, ToolContext, ToolResult, tool
from ...tools.hits import hit_lines, show_hits
from ...tools.registry import Registry
from ..terminal.say import prefs

MOST_FOUND = 50
"""Finds of one search."""

FOUND_TOKENS = 4_000.0
"""About the most that the finds of one search may take."""

MOST_DUE = 50
"""Cards that are listed."""


class ServedMemory:
    """One student's memory and professor, as other programs get them.

    Args:
        settings: The settings.
        student: Whose memory; the settings' student by default.
    """

    def __init__(self, settings: Settings, student: str | None) -> None:
        self._settings, self._student = settings, student
        self._lock = Lock()
        self._agent: Agent | None = None
        self._asking: Callable[[str], None] | None = None
        self.registry = Registry([self._search(), self._insert(), self._brief(), self._due(), self._ask()])

    def call(self, name: str, arguments: str, progress: Callable[[str], None]) -> tuple[bool, str]:
        """Call a tool.

        Args:
            arguments: Its arguments as JSON text.
            progress: Is given a line each time that there is something to tell.

        Returns:
            Whether it went well, and what is to be said, errors in the student's language.
        """
        try:
            agent = self._opened()
            done = self.registry.run(ToolCall("mcp", name, arguments), self._context(agent, progress))
        except Exception as error:  # noqa: BLE001 - whoever calls is told, and the next call goes on
            return False, as_told(error, self._settings.home).say(self._language())
        return done.ok, done.output if done.ok else done.display

    def give_up(self, progress: Callable[[str], None]) -> None:
        """Stop the reply to a question that nobody waits for any more; what was said is kept.

        Args:
            progress: Of the call, by which it is known: another's may be the one that is answered.
        """
        if self._agent is not None and self._asking is progress:
            self._agent.stop()

    def close(self) -> None:
        """Let go of the memory, if it was opened."""
        with self._lock:
            agent, self._agent = self._agent, None
        if agent is not None:
            agent.close()

    def _opened(self) -> Agent:
        with self._lock:
            if self._agent is None:
                self._agent = open_tutor(self._settings, self._student)
                prefs.known = self._settings.language or self._agent.state.language
                self._agent.warm()
            return self._agent

    def _language(self) -> str:
        return self._agent.state.language if self._agent else self._settings.language or system_language()

    def _context(self, agent: Agent, progress: Callable[[str], None]) -> ToolContext:
        state = agent.state
        return ToolContext(
            language=state.language,
            now=state.clock(),
            zone=state.zone,
            hide=state.runtime.hides_key(),
            progress=progress,
        )

    def _search(self) -> Tool[Any, Any]:
        @tool
        def search(query: str, context: ToolContext, where: Where = "all", k: int = 5) -> ToolResult:
            """Search what the student and the professor said and what was kept, in Korean or English.

            Args:
                query: What to look for, in words or a question.
                context: The call.
                where: recall is everything said, archival is facts, notes and course material.
                k: How many finds.
            """
            hits = find(self._opened().state.runtime, query, where, max(1, min(k, MOST_FOUND)))
            shown = show_hits(hits, context.zone, FOUND_TOKENS)
            text = hit_lines(shown, len(hits)) or "Nothing found."
            return ToolResult(context.hide(text), wrapped=True)

        return search

    def _insert(self) -> Tool[Any, Any]:
        @tool(effect="write")
        def insert(text: str) -> str:
            """Keep a note in the student's memory. It counts as your words, not as the student's.

            Args:
                text: One statement, whole in itself.
            """
            done = self._opened().state.memories.archival.insert(
                text, trust="imported", source="mcp", role="source"
            )
            masked = f" Masked before it was kept: {', '.join(done.masked)}." if done.masked else ""
            return f"{'Known already' if done.status == 'known' else 'Kept'} as [{done.id}].{masked}"

        return insert

    def _brief(self) -> Tool[Any, Any]:
        @tool
        def brief(context: ToolContext) -> str:
            """Say where the student stopped last time, what is open, what is due and what comes next.

            Args:
                context: The call.
            """
            state = self._opened().state
            text = brief_for(state.runtime, state.conversation.session).for_student
            return context.hide(text) or "Nothing was said yet."

        return brief

    def _due(self) -> Tool[Any, Any]:
        @tool
        def due_reviews(context: ToolContext) -> str:
            """List the review cards that are due, their fronts only: the student answers them.

            Args:
                context: The call.
            """
            runtime = self._opened().state.runtime
            memories = runtime.memories
            sitting = CardReview(memories.cards, memories.reviews, runtime.clock).sitting(None)
            lines = [f"[{card.name}] {card.topic}: {card.front}" for card in sitting.cards[:MOST_DUE]]
            return context.hide("\n".join(lines)) or "No card is due."

        return due_reviews

    def _ask(self) -> Tool[Any, Any]:
        @tool(effect="write")
        def ask(
            question: str, context: ToolContext, search: Literal["always", "auto", "never"] = "auto"
        ) -> ToolResult:
            """Ask the professor as the student does. The turn becomes part of their conversation.

            Args:
                question: The student's own words.
                context: The call.
                search: Whether the web is searched first, when it helps, or never.
            """
            agent = self._opened()
            learn_language(agent.state, question)
            with closing(agent.turn(question, search=search)) as events:
                for event in events:
                    self._asking = context.progress
                    match event:
                        case ToolStarted():
                            context.progress(event.name)
                        case TextDelta():
                            context.progress(event.text)
                        case TurnFinished():
                            return ToolResult(event.answer, wrapped=True)
                        case TurnFailed():
                            raise _told(event.error)
                        case _:
                            pass
            raise ToolError(
                "The professor waits for the student's yes to a call. They give it in their own chat: officehours",
                "교수님이 학생의 허락을 기다리고 있습니다. 학생이 직접 대화에서 답해야 합니다: officehours",
            )

        return ask


def _told(error: OfficeHoursError) -> ToolError:
    return ToolError(error.en, error.ko)
