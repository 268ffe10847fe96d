"""How a turn looks: the reply on stdout, everything else in dim lines on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence

from ...agent.events import (
    ApprovalRequested,
    Citation,
    Compacted,
    Event,
    Notice,
    TextDelta,
    TextRetracted,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
)
from ...agent.loop import Agent
from ...memory.text import clean_line
from .columns import fitted, screen
from .door import draw
from .language import tool_line
from .say import echo, localized, prefs, say
from .stdout import stdout
from .stream_printer import MarkdownPrinter, PlainPrinter, StreamPrinter

_NOTES = (".md", ".txt")
"""Files whose passages are named by the slugs of their headings."""
Cite = Callable[[str], Sequence[Citation]]
"""Gives the sources of what has been said so far, numbered in the order of their first mention."""


class Renderer:
    """Shows turns on this terminal, or in this pipe.

    Args:
        cites: Looks up the sources that a reply names.
    """

    def __init__(self, cites: Cite) -> None:
        self._cites = cites
        self._terminal = stdout().isatty()
        self._hint = Hint()
        self._noted = ""

    @classmethod
    def of(cls, agent: Agent) -> Renderer:
        """The face of an agent."""
        return cls(agent.state.cite)

    def show(self, events: Iterable[Event]) -> int:
        """Show one turn as it happens and give its exit code: 0, or that of the error it failed with."""
        printer: StreamPrinter = (
            MarkdownPrinter(self._cites, self._hint) if self._terminal else PlainPrinter(self._cites)
        )
        code = 0
        try:
            for event in events:
                code = self._show(event, printer) or code
        finally:
            self._hint.clear()
            printer.end()
        return code

    def _show(self, event: Event, printer: StreamPrinter) -> int:
        language = prefs.language
        match event:
            case TurnStarted():
                self._hint.show(localized("Thinking…", "생각하는 중…"))
            case TextDelta(text):
                printer.write(text)
            case TextRetracted(reason):
                if printer.take_back():
                    self._note(localized(*_RETRACTED[reason]))
            case ToolStarted() | ToolProgress() | ToolFinished():
                self._show_tool(event, printer)
            case Notice():
                printer.pause()
                self._note(event.say(language))
            case Compacted():
                printer.pause()
                self._note(_compacted(event))
            case ApprovalRequested():
                printer.pause()
                self._hint.clear()
            case TurnFinished() | TurnFailed() | TurnWaiting():
                self._hint.clear()
                printer.end()
                return self._end(event)
            case _:
                pass
        return 0

    def _end(self, event: TurnFinished | TurnFailed | TurnWaiting) -> int:
        language = prefs.language
        match event:
            case TurnFinished():
                list_sources(event.citations)
                if bill := event.bill.line(language):
                    self._note(bill)
            case TurnWaiting():
                for asked in event.approvals:
                    say(_waiting(asked))
            case TurnFailed():
                say(event.error.say(language))
                return event.error.exit_code
        return 0

    def _show_tool(self, event: ToolStarted | ToolProgress | ToolFinished, printer: StreamPrinter) -> None:
        named = tool_line(event.name, prefs.language)
        match event:
            case ToolStarted():
                printer.pause()
                self._hint.show(named)
            case ToolProgress():
                self._hint.show(f"{named} {event.text}")
            case ToolFinished():
                self._note(clean_line(f"{named} {event.display}"))
                self._hint.show(localized("Thinking…", "생각하는 중…"))

    def _note(self, line: str) -> None:
        self._hint.clear()
        if line != self._noted:
            quiet(line)
        self._noted = line


_RETRACTED = {
    "thought": (
        "(That was the model thinking aloud. It is not kept; the answer follows.)",
        "(위는 모델이 혼자 생각한 내용이라 저장하지 않았습니다. 답은 아래에 이어집니다.)",
    ),
    "rule": (
        "(That reply broke a rule of the professor's. It is not kept; the answer follows.)",
        "(위 답은 교수님의 원칙에 어긋나 거두었습니다. 답은 아래에 이어집니다.)",
    ),
}


class Hint:
    """One line that says what is going on and makes way for whatever is printed next; only on a terminal."""

    def __init__(self) -> None:
        self._possible = sys.stderr.isatty() and _ansi()
        self._shown = False

    def show(self, line: str) -> None:
        """Put the line up, in place of the one before."""
        if self._possible:
            fitting = fitted(
                clean_line(line), screen(sys.stderr)
            )  # of a line that wraps a part would stay behind
            draw(sys.stderr, f"\r\x1b[K\x1b[2m{fitting}\x1b[22m")
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            draw(sys.stderr, "\r\x1b[K")
            self._shown = False


def quiet(text: str) -> None:
    """Say something beside the conversation: dim on a terminal."""
    say(text, dim=sys.stderr.isatty() and _ansi())


def list_sources(citations: Sequence[Citation]) -> None:
    """List the sources of an answer under it."""
    for citation in citations:
        echo(f"  [{citation.n}] {clean_line(source_line(citation))}")


def source_line(citation: Citation) -> str:
    """Name a source: file and heading, address, or what was said when."""
    names = {"recall": localized("our talk", "지난 대화"), "archival": localized("memory", "기억")}
    named = names.get(citation.source, citation.source)
    place = citation.locator or ""
    if citation.source.endswith(_NOTES):
        place = place.replace("-", " ").replace("/", " › ")
    return " · ".join(part for part in (named, place) if part) + f" ({citation.id})"


def _waiting(asked: ApprovalRequested) -> str:
    call = clean_line(f"{asked.name} {asked.arguments}")
    return localized(
        f"This waits for your yes: {call}\n`officehours approvals yes {asked.id}` lets it run, `no` refuses it.",
        f"다음을 실행하려면 허락이 필요합니다: {call}\n"
        f"`officehours approvals yes {asked.id}` 로 허락하고, `no` 로 거절할 수 있습니다.",
    )


def _compacted(event: Compacted) -> str:
    return localized(
        f"The oldest {event.turns} turns were folded into a summary to make room; nothing was deleted.",
        f"자리를 만들기 위해 오래된 대화 {event.turns}개를 요약으로 접었습니다. 지워진 것은 없습니다.",
    )


def _ansi() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
