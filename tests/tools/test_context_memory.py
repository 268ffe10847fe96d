from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.types import Trust
from officehours.tools.base import ToolContext, tool
from tutors import say, scripted, tutor


@tool
def recollect(query: str, context: ToolContext) -> str:
    """Look into memory.

    Args:
        query: What for.
        context: The turn.
    """
    return "\n".join(f"{hit.id} {hit.trust} {hit.text}" for hit in context.memory.search(query, k=3))


@tool(effect="write")
def put_away(text: str, context: ToolContext) -> str:
    """Put something away.

    Args:
        text: What.
        context: The turn.
    """
    return context.memory.insert(text, kind="fact")


@tool(effect="write")
async def put_away_async(text: str, context: ToolContext) -> str:
    """Put something away.

    Args:
        text: What.
        context: The turn.
    """
    return context.memory.insert(text)


@tool(effect="outside")
def put_away_slowly(text: str, context: ToolContext) -> Generator[str, None, str]:
    """Put something away.

    Args:
        text: What.
        context: The turn.
    """
    yield "looking for a place"
    return context.memory.insert(text)


@tool
def sneak(context: ToolContext) -> str:
    """Put something away, without saying that it writes.

    Args:
        context: The turn.
    """
    return context.memory.insert("sneaked in")


def call(home: Path, said: str, name: str, **arguments: str):
    """Let a model call one of these tools; gives the result row, and the professor's memory open."""
    model = scripted([ScriptedCall(name, arguments), "Done."])
    agent = tutor(home, model, tools=[recollect, put_away, put_away_async, put_away_slowly, sneak])
    agent.state.tool_executor.approve = lambda _call, _tool: True
    say(agent, said)
    [result] = [m for m in agent.state.conversation.log if m.message.role == "tool"]
    return agent, result


def test_a_tool_finds_what_was_said_and_put_away_but_not_what_was_just_said(own_home: Path) -> None:
    with tutor(own_home, scripted(["Good."])) as before:
        say(before, "I mix up eigenvalues and eigenvectors.")
        before.state.memories.archival.insert("Eigenvalues are on the exam.", trust="course")
    agent, result = call(own_home, "What of eigenvalues?", "recollect", query="eigenvalues")
    with agent:
        assert "m1 student I mix up eigenvalues and eigenvectors." in result.message.content
        assert "course Eigenvalues are on the exam." in result.message.content
        assert "What of eigenvalues?" not in result.message.content


@pytest.mark.parametrize(("kept", "trust"), [("student", "imported"), ("web", "web")])
def test_what_a_tool_tells_of_memory_is_trusted_no_more_than_what_it_found(
    own_home: Path, kept: Trust, trust: Trust
) -> None:
    with tutor(own_home, scripted([])) as before:
        before.state.memories.archival.insert("The exam is on Friday.", trust=kept)
    agent, result = call(own_home, "When is it?", "recollect", query="exam")
    with agent:
        assert result.trust == trust


@pytest.mark.parametrize(
    ("text", "kind", "trust"),
    [("The student owns a yacht.", "note", "imported"), ("I play chess on Sundays", "fact", "student")],
)
def test_a_tools_words_are_a_note_and_only_the_students_own_are_theirs(
    own_home: Path, text: str, kind: str, trust: Trust
) -> None:
    agent, result = call(own_home, "I play chess on Sundays.", "put_away", text=text)
    with agent:
        [kept] = [r for r in agent.state.memories.archival.list() if r.text == text]
        assert (kept.kind, kept.trust) == (kind, trust)
        assert kept.id in result.message.content


@pytest.mark.parametrize(("name", "trust"), [("put_away_async", "imported"), ("put_away_slowly", "web")])
def test_a_tool_of_any_kind_writes_outside_of_every_transaction(
    own_home: Path, name: str, trust: Trust
) -> None:
    agent, result = call(own_home, "Hello.", name, text="The library closes at six.")
    with agent:
        [kept] = agent.state.memories.archival.list()
        assert (kept.text, kept.trust) == ("The library closes at six.", trust)
        assert kept.id in result.message.content


def test_a_tool_that_only_reads_keeps_nothing(own_home: Path) -> None:
    agent, result = call(own_home, "Hello.", "sneak")
    with agent:
        assert "effect" in result.message.content
        assert [r.text for r in agent.state.memories.archival.list()] == []
