"""`officehours approvals`: what waits for the student's yes, and answering it, whichever process asked."""

from __future__ import annotations

import sys

from ...agent.assemble import open_tutor
from ...agent.settings import load
from ...memory.errors import NotFound, UsageError
from ...memory.recall import Approvals, WaitingCall
from ...memory.text import clean_line
from ..ask import meet, show
from ..sessions import open_sessions
from ..terminal.rendering import Renderer
from ..terminal.say import Form, echo, localized, print_json
from ..terminal.stdout import keep_stdout
from .asking import asking


def show_list(student: str | None, *, as_json: bool) -> None:
    """Print the calls that wait, the first asked for first."""
    waiting = _waiting(student)
    if as_json:
        print_json(
            {
                "approvals": [
                    {
                        "id": one.call.id,
                        "session": one.session,
                        "turn": one.turn,
                        "name": one.call.name,
                        "arguments": one.call.arguments,
                        "why": one.why,
                        "asked_at": one.asked_at.isoformat(),
                    }
                    for one in waiting
                ]
            }
        )
        return
    for one in waiting:
        echo(clean_line(f"{one.call.id}  {one.session}  {one.call.name} {one.call.arguments}"))
    if not waiting:
        echo(localized("Nothing waits for your answer.", "답을 기다리는 일이 없습니다."))


def answer(
    identity: str, session: str | None, student: str | None, model: str | None, form: Form, *, yes: bool
) -> int:
    """Answer a call, go on with its turn, print that, and give the exit code.

    Raises:
        NotFound: No such call waits.
        UsageError: Two conversations have one of that id.
    """
    keep_stdout()
    found = [
        one
        for one in _waiting(student)
        if one.call.id == identity and (session is None or one.session == session)
    ]
    if not found:
        raise NotFound(
            f"No call {identity} waits for an answer. officehours approvals list shows those that do.",
            f"답을 기다리는 {identity} 호출이 없습니다. officehours approvals list 로 볼 수 있습니다.",
        )
    if len(found) > 1:
        named = ", ".join(one.session for one in found)
        raise UsageError(
            f"{identity} waits in several conversations ({named}). Say which with --session.",
            f"{identity} 호출이 여러 대화({named})에서 기다립니다. --session으로 하나를 골라 주세요.",
        )
    settings = load()
    with open_tutor(settings, student, model=model, session=found[0].session) as agent:
        meet(agent, settings)
        agent.approve(identity, yes)
        events = agent.resume()
        if form == "text" and sys.stdin.isatty():
            events = asking(agent, events)
        return show(events, form, Renderer.of(agent))


def _waiting(student: str | None) -> list[WaitingCall]:
    with open_sessions(student) as talks:
        return Approvals(talks.db, talks.student.id).waiting()
