"""`officehours context`: what is in the model's window, by section, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ..agent.assemble import open_tutor
from ..agent.context.report import ContextReport
from ..agent.settings import load
from ..memory.index import count_pending
from .ask import meet
from .terminal.columns import columns
from .terminal.say import echo, localized, prefs, print_json
from .terminal.stdout import keep_stdout
from .waiting import waiting_line


def context(student: str | None, model: str | None, *, as_json: bool) -> None:
    """Print what the next request of the latest conversation will hold."""
    keep_stdout()
    settings = load()
    with open_tutor(settings, student, model=model) as agent:
        meet(agent, settings)
        window = agent.state.context_report()
        waiting = count_pending(agent.state.db, agent.state.memories.student.id)
    if as_json:
        sections = [
            {"name": s.name, "tokens": s.tokens, "why": s.say(prefs.language)} for s in window.sections
        ]
        print_json(dataclasses.asdict(window) | {"sections": sections, "waiting": waiting})
        return
    for line in window_lines(window, waiting):
        echo(line)


def window_lines(window: ContextReport, waiting: int) -> Iterator[str]:
    """Give a window for a person, and how many texts of the memory wait to be embedded."""
    share = 100 * window.used / window.size
    yield localized(
        f"{window.model}: {window.used:,} of {window.size:,} tokens ({share:.0f} %); {window.reply:,} are kept for the "
        f"answer, folding begins at {window.pressure:,}",
        f"{window.model}: {window.size:,} 토큰 중 {window.used:,} 사용({share:.0f} %). 답변 몫 {window.reply:,}, "
        f"{window.pressure:,} 토큰부터 오래된 대화를 접습니다",
    )
    rows = [(s.name, f"{s.tokens:,}", s.say(prefs.language)) for s in window.sections]
    yield from columns(rows, right={1})
    if waiting:
        yield waiting_line(waiting)
