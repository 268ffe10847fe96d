"""One turn for a program: the events, or one JSON document, or plain text."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from typing import Any, Literal

from ..agent.events import (
    Citation,
    Event,
    Notice,
    TextDelta,
    ToolFinished,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    to_json,
)
from ..agent.pricing import Bill
from .edge import print_json, say

Form = Literal["text", "json", "ndjson"]


def show(events: Iterable[Event], form: Form, language: str) -> int:
    """Print one turn and give the exit code: 0, or that of the error it failed with."""
    shown: list[Event] = []
    for event in events:
        shown.append(event)
        match event:
            case _ if form == "ndjson":
                print_json(to_json(event))
            case TextDelta(text) if form == "text":
                sys.stdout.write(text)
                sys.stdout.flush()
            case Notice():
                say(event.say(language))
            case TurnFinished() if form == "text":
                print()
                for citation in event.citations:
                    print(f"  [{citation.id}] {source_line(citation)}")
                say(event.bill.line(language))
            case TurnFailed():
                if form == "text" and event.partial:
                    print()
                say(event.error.say(language))
            case _:
                pass
    if form == "json":
        print_json(document(shown))
    failed = [event for event in shown if isinstance(event, TurnFailed)]
    return failed[0].error.exit_code if failed else 0


def document(events: Iterable[Event]) -> dict[str, Any]:
    """Give a turn as the document of `ask --json`; a failed turn has an `error` and what was said before it."""
    result: dict[str, Any] = {"answer": "", "session": None, "turn": None, "tool_calls": [], "citations": []}
    for event in events:
        match event:
            case TurnStarted():
                result |= {"session": event.session, "turn": event.turn}
            case ToolFinished():
                result["tool_calls"].append({"name": event.name, "arguments": event.arguments, "ok": event.ok})
            case TurnFinished():
                citations = [dataclasses.asdict(citation) for citation in event.citations]
                result |= {"answer": event.answer, "citations": citations, "usage": usage(event.bill)}
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


def source_line(citation: Citation) -> str:
    """Name a source: file and heading, address, or the day something was said."""
    return " · ".join(part for part in (citation.source, citation.locator) if part)
