"""A conversation through a pipe: each line is a turn, the replies go to stdout, everything else to stderr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ...agent.assemble import open_tutor
from ...agent.greeting import welcome_back
from ...agent.settings import load
from ...agent.tool_execution import refuse
from ...persona.modes import Mode
from ..ask import meet, not_utf8, show
from ..terminal.allocator import give_back
from ..terminal.rendering import Renderer
from ..terminal.say import prefs, say, tell


def chat_through_pipe(
    stream: BinaryIO,
    student: str | None,
    *,
    persona: str | None,
    model: str | None,
    session: str,
    mode: Mode | None = None,
) -> int:
    """Answer line by line and give the exit code: 0, or that of the first line that could not be answered."""
    settings = load()
    code = 0
    lines = readable(stream)
    first = next(lines, None)
    if first is None:
        return 0
    words = "" if isinstance(first, int) else first
    give_back()
    with open_tutor(
        settings, student, persona=persona, model=model, session=session, mode=mode, approve=refuse
    ) as agent:  # the next line would be no answer
        meet(agent, settings, words)
        brief = welcome_back(agent.state.runtime, agent.state.conversation.session)
        if brief:
            say(brief)
        renderer = Renderer.of(agent)
        for line in _again(first, lines):
            if isinstance(line, int):
                error = not_utf8(line)
                say(error.say(prefs.language))
                code = code or error.exit_code
                continue
            try:
                failed = show(agent.turn(line), "text", renderer)
            except BrokenPipeError:
                raise
            except Exception as error:  # noqa: BLE001 - the lines that remain are answered
                failed = tell(error)
            code = code or failed
    return code


def readable(stream: BinaryIO) -> Iterator[str | int]:
    """Give every line that has words, and in the place of one that is not UTF-8 its number, from 1."""
    for number, raw in enumerate(stream, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            yield number
            continue
        if line:
            yield line


def _again(first: str | int, rest: Iterator[str | int]) -> Iterator[str | int]:
    yield first
    yield from rest
