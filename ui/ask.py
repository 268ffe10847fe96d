"""One turn for a program: the events, or one JSON document; and `officehours ask`, which is one turn in all."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import Any, cast, get_args

from ..agent.assemble import open_tutor
from ..agent.events import (
    Bill,
    Event,
    ToolFinished,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
    to_json,
)
from ..agent.loop import Agent
from ..agent.prepare import MOST_TYPED, learn_language
from ..agent.settings import SearchMode, Settings, load
from ..memory.errors import UsageError
from ..memory.text import redacted
from .approvals.asking import asking
from .runtime import show_warnings
from .terminal.rendering import Renderer
from .terminal.say import Form, prefs, print_json, say
from .terminal.stdout import keep_stdout


def ask(
    text: str,
    *,
    student: str | None,
    model: str | None,
    search: str | None,
    deep: bool,
    form: Form,
) -> int:
    """Ask one question, print the answer in the form that is wanted, and give the exit code.

    Args:
        text: The question; "-" reads it from stdin.
    """
    keep_stdout()
    mode = search_mode(search)
    question = read_stdin() if text == "-" else text
    settings = load()
    with open_tutor(settings, student, model=model) as agent:
        meet(agent, settings, question)
        events = agent.turn(question, search=mode, deep=deep)
        if form == "text" and sys.stdin.isatty():
            events = asking(agent, events)
        return show(events, form, Renderer.of(agent))


def show(events: Iterable[Event], form: Form, renderer: Renderer) -> int:
    """Print one turn and give the exit code: 0, or that of the error it failed with."""
    with closing(cast("Generator[Event]", events)) as turn:
        match form:
            case "text":
                return renderer.show(turn)
            case "ndjson":
                return _show_each(turn)
            case "json":
                return _show_whole(turn)


def document(events: Iterable[Event]) -> dict[str, Any]:
    """Give a turn as the document of `ask --json`; a failed turn has an `error`, one that waits `approvals`."""
    result: dict[str, Any] = {
        "answer": "",
        "session": None,
        "turn": None,
        "tool_calls": [],
        "citations": [],
        "usage": None,
    }
    for event in events:
        match event:
            case TurnStarted():
                result |= {"session": event.session, "turn": event.turn}
            case ToolFinished():
                result["tool_calls"].append(
                    {"name": event.name, "arguments": event.arguments, "ok": event.ok}
                )
            case TurnFinished():
                citations = [dataclasses.asdict(citation) for citation in event.citations]
                result |= {"answer": event.answer, "citations": citations, "usage": usage(event.bill)}
            case TurnWaiting():
                waiting = [dataclasses.asdict(asked) for asked in event.approvals]
                result |= {"answer": event.partial, "usage": usage(event.bill), "approvals": waiting}
            case TurnFailed():
                error = to_json(event)["error"]
                result |= {"answer": event.partial, "usage": usage(event.bill), "error": error}
            case _:
                pass
    return result


def usage(bill: Bill) -> dict[str, Any]:
    """Give a bill as JSON; an unknown price is null, never 0."""
    return {
        "requests": bill.requests,
        "input_tokens": bill.input_tokens,
        "cached_tokens": bill.cached_tokens,
        "output_tokens": bill.output_tokens,
        "usd": None if bill.usd is None else float(bill.usd),
        "krw": None if bill.krw is None else float(bill.krw),
        "seconds": round(bill.seconds, 4),
        "overhead_ms": round(bill.overhead_ms, 2),
    }


def search_mode(given: str | None) -> SearchMode | None:
    """Read `--search`.

    Raises:
        UsageError: It is none of the three.
    """
    if given is None:
        return None
    if given not in get_args(SearchMode):
        raise UsageError(
            "--search is one of always, auto, never.", "--search는 always, auto, never 중 하나입니다."
        )
    return cast("SearchMode", given)


def meet(agent: Agent, settings: Settings, first_words: str = "") -> None:
    """Speak to the person in their language from now on, and say what there is to warn of."""
    learn_language(agent.state, first_words)
    prefs.known = settings.language or agent.state.language
    show_warnings(agent.state.runtime)


def read_stdin() -> str:
    """Read all of stdin as UTF-8.

    Raises:
        UsageError: It is not UTF-8; the text names the line.
    """
    raw = sys.stdin.buffer.read(4 * MOST_TYPED + 4)  # more than may be typed is refused, and need not be read
    try:
        return raw.decode("utf-8-sig", "ignore" if len(raw) > 4 * MOST_TYPED else "strict")
    except UnicodeDecodeError as error:
        raise not_utf8(raw.count(b"\n", 0, error.start) + 1) from error


def not_utf8(line: int) -> UsageError:
    """Say that a line of the input cannot be read."""
    return UsageError(
        f"Line {line} of the input is not UTF-8 text. Convert it first, for instance with iconv -f CP949 -t UTF-8.",
        f"입력의 {line}번째 줄이 UTF-8이 아닙니다. iconv -f CP949 -t UTF-8 같은 명령으로 바꾼 뒤 다시 보내 주세요.",
    )


def _show_each(events: Iterable[Event]) -> int:
    code = 0
    for event in events:
        print_json(redacted(to_json(event)))
        if isinstance(event, TurnFailed):
            say(event.error.say(prefs.language))
            code = event.error.exit_code
    return code


def _show_whole(events: Iterable[Event]) -> int:
    shown: list[Event] = []
    code = 0
    for event in events:
        shown.append(event)
        if isinstance(
            event, TurnFinished | TurnFailed | TurnWaiting
        ):  # whatever comes after it, the turn is whole
            print_json(redacted(document(shown)))
        if isinstance(event, TurnFailed):
            say(event.error.say(prefs.language))
            code = event.error.exit_code
    return code
