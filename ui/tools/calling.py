"""`officehours tools call`: a tool run by the person, whose typing it is the yes that a model's call would wait for."""

from __future__ import annotations

from contextlib import nullcontext
from time import monotonic

from ...agent.runtime import Runtime
from ...memory.errors import NotFound, ToolRetry, UsageError
from ...memory.types import ToolCall
from ...tools.arguments import read_arguments
from ...tools.base import StudentInfo, ToolContext
from ...tools.context_memory import StudentMemory
from ..runtime import open_for_command
from ..terminal.say import echo, localized, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .listing import Toolbox, unknown


def call(name: str, arguments: str, student: str | None, *, as_json: bool) -> int:
    """Run one tool as this student, print what it gives, and give the exit code: 1 where it failed.

    Raises:
        NotFound: There is no such tool, or it cannot be used now.
        UsageError: The arguments are no JSON object.
    """
    keep_stdout()
    try:
        read_arguments(arguments)
    except ToolRetry as error:
        raise UsageError(
            f'{error.en} Write them as JSON: \'{{"text": "hello"}}\'.',
            f'인자를 JSON으로 적어 주세요. 예: \'{{"text": "안녕"}}\' ({error.en})',
        ) from error
    with open_for_command(student, create=True) as runtime:
        box = Toolbox.of(runtime)
        tool = box.registry.get(name)
        if tool is None:
            if why := box.registry.missing.get(name):
                raise NotFound(
                    f"{name} cannot be used now: {why.en}", f"{name}: 지금은 쓸 수 없습니다. {why.ko}"
                )
            raise unknown(name, box)
        started, context = monotonic(), _context(runtime)
        # What our own tools write is committed whole, as in a turn.
        with runtime.db.begin() if tool.effect == "write" and not tool.source else nullcontext():
            outcome = box.registry.run(ToolCall("1", name, arguments), context)
        output, display = context.hide(outcome.output), context.hide(outcome.display)
    if as_json:
        print_json(
            {
                "name": name,
                "ok": outcome.ok,
                "output": output,
                "display": display,
                "trust": outcome.trust,
                "seconds": round(monotonic() - started, 4),
            }
        )
    elif outcome.ok:
        echo(output)
        if display and display not in output:
            say(display, dim=True)
    if not outcome.ok:
        say(display or localized(f"{name} failed.", f"{name}: 실패했습니다."))
    return 0 if outcome.ok else 1


def _context(runtime: Runtime) -> ToolContext:
    """What a tool may know where there is no turn: the student, the time, their memory."""
    student = runtime.student
    return ToolContext(
        language=prefs.language,
        now=runtime.clock(),
        zone=runtime.zone,
        hide=runtime.hides_key(),
        student=StudentInfo(student.id, student.name, prefs.language, runtime.zone),
        clock=runtime.clock,
        progress=lambda text: say(text, dim=True),
        memory=StudentMemory(runtime.memories.archival, runtime.memories.recall),
    )
