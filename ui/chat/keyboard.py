"""Reading from a terminal: Hangul and Backspace right, pasted lines whole, the student's own words as history.

The history comes from the conversation's log, so that there is no second copy of what the student said to be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Timer
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History, InMemoryHistory, ThreadedHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output

DRAWING_SECONDS = 0.05

Words = Callable[[], Iterable[str]]
"""Gives what the student said before, the latest first."""


class Keyboard:
    """Reads the student's lines.

    Args:
        words: For the history; read in a thread of its own once the prompt is up.
        commands: Names that Tab completes after a slash, each with what it does.
        ready: Called once, in a thread of its own, when the first prompt is on the screen.
    """

    def __init__(
        self,
        words: Words | None = None,
        commands: Callable[[], Iterable[tuple[str, str]]] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        self._ready = ready
        self._session: PromptSession[str] = PromptSession(
            history=ThreadedHistory(_Said(words)) if words else InMemoryHistory(),
            completer=_Commands(commands) if commands else None,
            complete_while_typing=False,
            key_bindings=_keys(),
            enable_suspend=True,
            output=create_output(always_prefer_tty=True),
        )

    def ask(self, prompt: str, *, remember: bool = False) -> str:
        """Show a prompt and give what is typed.

        Raises:
            KeyboardInterrupt: Ctrl-C on an empty line; with something typed it clears the line.
            EOFError: Ctrl-D on an empty line, or the terminal is gone.
        """
        ready, self._ready = self._ready, None
        if not remember:
            return PromptSession[str](key_bindings=_keys(), output=self._session.output).prompt(prompt)
        return self._session.prompt(prompt, pre_run=_after_drawing(ready) if ready else None)


def _after_drawing(ready: Callable[[], None]) -> Callable[[], None]:
    """Put something off until the prompt is drawn: what loads in other threads would hold it up."""
    timer = Timer(DRAWING_SECONDS, ready)
    timer.daemon = True
    return timer.start


class _Said(History):
    """The student's words in the log, and what is typed from now on."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def load_history_strings(self) -> Iterable[str]:
        return self._words()

    def store_string(self, string: str) -> None:
        """Nothing to do: a turn is in the log, and a command need not be."""


class _Commands(Completer):
    def __init__(self, commands: Callable[[], Iterable[tuple[str, str]]]) -> None:
        self._commands = commands

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002 - the shape is prompt_toolkit's
    ) -> Iterable[Completion]:
        typed = document.text_before_cursor
        if not typed.startswith("/") or " " in typed:
            return
        for name, about in self._commands():
            if name.startswith(typed):
                yield Completion(name, start_position=-len(typed), display_meta=about)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    def clear_or_leave(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    bindings: list[tuple[Any, tuple[str, ...]]] = [
        (clear_or_leave, ("c-c",)),
        (new_line, ("escape", "enter")),
    ]
    for function, pressed in bindings:
        keys.add(*pressed)(function)
    return keys
