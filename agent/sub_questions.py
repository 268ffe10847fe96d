"""A question taken apart: two to four sub-questions, each looked into in memory and on the web, before one answer is given."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import Final

from ..memory.text import clean_line
from ..memory.types import Message, ToolCall
from .context.smalltalk import small_talk
from .model import Request, side_request
from .settings import SearchMode
from .state import AgentState
from .turn_run import TurnRun

MOST: Final = 4
"""Sub-questions of one question."""

LONGEST: Final = 200
"""Characters of one; what is longer is no question but an answer."""

MEMORY: Final = "archival_memory_search"
WEB: Final = "web_search"

TAKE_APART: Final = (
    "Take the student's question apart into two to four sub-questions that together answer it: what it is, why, how, "
    "how it compares, as it needs. One a line, in the student's language, nothing else. Do not answer them."
)


def take_apart(state: AgentState, run: TurnRun) -> tuple[str, ...]:
    """Have the model take the student's question apart; the question itself where it cannot, nothing for small talk."""
    asked = run.asked.message.content
    if small_talk(asked):
        return ()
    model = state.model
    if not model.profile.summarizes:  # the study model finds facets in the sections themselves
        return (clean_line(asked)[:LONGEST],)
    request = Request((Message("system", TAKE_APART), Message("user", asked)), max_output=400)
    side = run.wait(lambda: side_request(model, request, state.meter.text))
    state.store.record_side(side, "part", run)
    lines = (clean_line(line).lstrip("-*•0123456789.) ").strip() for line in side.text.splitlines())
    found = list(dict.fromkeys(line for line in lines if 1 < len(line) <= LONGEST))
    return tuple(found[:MOST]) if len(found) > 1 else (clean_line(asked)[:LONGEST],)


def note_of(questions: tuple[str, ...]) -> str:
    """Tell a model what was looked into and what is wanted of it; "" where nothing was taken apart."""
    if not questions:
        return ""
    listed = " ".join(f"{number}) {question}" for number, question in enumerate(questions, 1))
    return (
        f"(Deep: each of these is looked into below: {listed} Answer the question as one whole that covers them, each "
        "statement with its source, and say which of them nothing was found on.)"
    )


def looked_into(state: AgentState, run: TurnRun, search: SearchMode) -> Iterator[ToolCall]:
    """Give the calls that look into each sub-question, each stored before it is given.

    The web is asked about all of them where searching is set to always, about those the memory knows nothing of where
    it is set to auto, and never where it is off.
    """
    for number, question in enumerate(run.sub_questions, 1):
        found = False
        if state.registry.get(MEMORY):
            yield _call(state, run, f"deep-{run.asked.id}-{number}", MEMORY, question)
            found = bool(state.conversation.log[-1].hits)
        wanted = search == "always" or (search == "auto" and not found)
        if wanted and state.registry.get(WEB):
            yield _call(state, run, f"deep-{run.asked.id}-{number}-web", WEB, question)


def _call(state: AgentState, run: TurnRun, identity: str, tool: str, query: str) -> ToolCall:
    call = ToolCall(identity, tool, dumps({"query": query}, ensure_ascii=False))
    state.store.save_call(run, call)
    return call
