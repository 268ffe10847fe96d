"""Tools that a program hands over: they run with what it brought, and say how far they are while they run."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from officehours.agent.events import ToolFinished, ToolProgress, ToolStarted, to_json
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.session_actions import use_persona
from officehours.memory.errors import ConfigError
from officehours.tools.base import ToolContext, ToolResult, tool
from officehours.tools.calculator.calculate import calculate
from officehours.tools.calling.running import LONGEST_LINE, MOST_LINES
from tutors import START, MovableClock, answer, say, scripted, tutor


@dataclass
class Library:
    books: list[str]


def borrow(title: str, context: ToolContext[Library]) -> str:
    """Borrow a book.

    Args:
        title: Its title.
        context: The turn.
    """
    context.deps.books.remove(title)
    return f"borrowed {title}"


@tool
def who(context: ToolContext) -> dict[str, object]:
    """Say who asks, and when.

    Args:
        context: The turn.
    """
    student = context.student
    when: datetime = context.clock()
    return {"id": student.id, "language": student.language, "zone": student.zone, "when": when}


def test_a_function_that_is_handed_over_is_a_tool_and_has_what_it_wants(own_home: Path) -> None:
    library = Library(["DoRA", "LoRA"])
    model = scripted([ScriptedCall("borrow", {"title": "LoRA"}), "Here it is."])
    with tutor(own_home, model, tools=[borrow], deps=library) as agent:
        assert answer(say(agent, "I want LoRA.")) == "Here it is."
        assert library.books == ["DoRA"]
        assert "borrow" in [spec.name for spec in model.requests[0].tools]


def test_a_tool_knows_the_student_and_the_injected_time(own_home: Path) -> None:
    model = scripted([ScriptedCall("who"), "You."])
    with tutor(own_home, model, tools=[who], clock=MovableClock()) as agent:
        [done] = [e for e in say(agent, "Who am I?") if isinstance(e, ToolFinished)]
        assert f'"id": {agent.state.memories.student.id}' in done.output
        assert '"language": "en", "zone": "Asia/Seoul"' in done.output
        assert START.strftime("%Y-%m-%dT%H:%M") in done.output


def test_tools_that_are_handed_over_stay_when_the_professor_changes(own_home: Path) -> None:
    model = scripted([ScriptedCall("borrow", {"title": "LoRA"}), "Here it is."])
    with tutor(own_home, model, tools=[borrow], deps=Library(["LoRA"])) as agent:
        use_persona(agent, "harriet-ashdown")
        assert answer(say(agent, "I want LoRA.")) == "Here it is."


def test_tools_that_are_handed_over_are_used_by_a_professor_who_uses_few(own_home: Path) -> None:
    (own_home / "personas").mkdir(parents=True)
    few = "---\nid: few\nextends: kim-yongdam\ntools: [calculate]\n---\n"
    (own_home / "personas" / "few.md").write_text(few, encoding="utf-8")
    model = scripted(["Hello."])
    with tutor(own_home, model, tools=[borrow], persona="few") as agent:
        say(agent, "Hello.")
    assert [spec.name for spec in model.requests[0].tools] == ["calculate", "borrow"]


@pytest.mark.parametrize("tools", [[calculate], [borrow, borrow]], ids=["ours", "twice"])
def test_a_name_that_is_taken_is_an_error_at_once(own_home: Path, tools: list) -> None:
    with pytest.raises(ConfigError, match=r"Two tools are called"):
        tutor(own_home, scripted([]), tools=tools)


def test_what_can_be_no_tool_is_an_error_before_anything_is_opened(own_home: Path) -> None:
    def undocumented(number: int) -> int:
        """Do something."""
        return number

    with pytest.raises(ConfigError, match="`number`"):
        tutor(own_home, scripted([]), tools=[undocumented])
    assert not own_home.exists() or not list(own_home.iterdir())


def test_progress_is_shown_while_the_call_runs_and_bounded(own_home: Path) -> None:
    seen = threading.Event()

    @tool
    def crawl(context: ToolContext) -> Generator[str, None, str]:
        """Go through pages.

        Args:
            context: The turn.
        """
        yield "\x1b[31mpage\n1"
        if not seen.wait(60):
            return "nobody saw it"
        context.progress("x" * 1_000)
        for number in range(MOST_LINES + 10):
            yield str(number)
        return "all pages"

    model = scripted([ScriptedCall("crawl"), "Done."])
    with tutor(own_home, model, tools=[crawl]) as agent:
        events = []
        for event in agent.turn("Go."):
            events.append(event)
            if isinstance(event, ToolProgress):
                seen.set()
    lines = [event for event in events if isinstance(event, ToolProgress)]
    [started] = [event for event in events if isinstance(event, ToolStarted)]
    [done] = [event for event in events if isinstance(event, ToolFinished)]
    assert "all pages" in done.output
    assert len(lines) == MOST_LINES
    assert [len(line.text) for line in lines[:3]] == [len("[31mpage"), LONGEST_LINE, 1]
    assert to_json(lines[0]) == {
        "type": "tool_progress",
        "id": started.id,
        "name": "crawl",
        "text": "[31mpage",
    }
    assert events.index(started) < events.index(lines[0]) < events.index(done)


def test_reads_side_by_side_tell_their_progress_in_the_order_of_the_calls(own_home: Path) -> None:
    both = threading.Barrier(2)

    @tool
    async def crawl(site: str) -> AsyncIterator[str | ToolResult]:
        """Go through a site.

        Args:
            site: Which.
        """
        import asyncio  # noqa: TID251 - what a tool's author writes

        yield f"begin {site}"
        await asyncio.to_thread(both.wait, 60)
        yield f"end {site}"
        yield ToolResult(f"all of {site}")

    calls = [ScriptedCall("crawl", {"site": site}) for site in ("a", "b")]
    with tutor(own_home, scripted([calls, "Done."]), tools=[crawl]) as agent:
        events = [e for e in say(agent, "Go.") if isinstance(e, ToolStarted | ToolProgress | ToolFinished)]
    told = [e.text if isinstance(e, ToolProgress) else e.type for e in events]
    assert told == [
        *("tool_started", "begin a", "end a", "tool_finished"),
        *("tool_started", "begin b", "end b", "tool_finished"),
    ]


def test_a_tool_that_is_left_in_the_middle_leaves_a_conversation_that_goes_on(own_home: Path) -> None:
    release = threading.Event()

    @tool
    def crawl() -> Generator[str, None, str]:
        """Go through pages."""
        yield "page 1"
        release.wait()
        return "all pages"

    with tutor(own_home, scripted([ScriptedCall("crawl"), "Done.", "Fine."]), tools=[crawl]) as agent:
        turn = agent.turn("Go.")
        assert next(e for e in turn if isinstance(e, ToolProgress)).text == "page 1"
        turn.close()
        release.set()
        assert answer(say(agent, "And now?"))
