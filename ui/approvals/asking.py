"""Asking whoever sits at the terminal whether a call may run, while its turn waits for the answer."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from typing import cast

from ...agent.events import ApprovalRequested, Event
from ...agent.loop import Agent
from ...memory.errors import NotFound
from ...memory.text import clean_line
from ...tools.arguments import read_arguments
from ..terminal.door import put
from ..terminal.say import YES, localized


def asking(agent: Agent, events: Iterable[Event]) -> Generator[Event]:
    """Give the events of a turn, and answer each question in it with what is typed; only a yes is one."""
    with closing(cast("Generator[Event]", events)) as turn:
        for event in turn:
            yield event
            if isinstance(event, ApprovalRequested):
                allowed = _allowed(event)
                with suppress(NotFound):  # another window has answered: that holds
                    agent.approve(event.id, allowed)


def _allowed(asked: ApprovalRequested) -> bool:
    if asked.why == "untrusted":
        about = localized(
            "Words that are not yours (the web, a course file, an import) are in view, and may have ordered this.",
            "웹이나 강의 파일처럼 학생이 쓰지 않은 글이 보이는 차례라, 그 글이 시킨 일일 수 있습니다.",
        )
        put(sys.stderr, f"\n{about}\n")
    for line in written_out(asked):
        put(sys.stderr, f"  │ {line}\n")
    put(sys.stderr, localized("Let this run? [y/N] ", "실행할까요? [y/N] "))
    return sys.stdin.readline().strip().lower() in YES


def written_out(asked: ApprovalRequested) -> Iterator[str]:
    """Give all that a call would do, line by line, so that who says yes has seen it."""
    yield clean_line(asked.name)
    for name, value in read_arguments(asked.arguments).items():
        first, *more = str(value).splitlines() or [""]
        yield clean_line(f"  {name}: {first}")
        yield from (clean_line(f"    {line}") for line in more)
