"""A tutor that knows the library: `python app.py "Can I borrow Linear Algebra?"`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from echo import Echo
from library import Library, copies_left

from officehours import Agent, Hit, OfficeHoursError, Settings, ToolContext, events, open_memory, open_tutor
from officehours.testing import FaultyModel, ScriptedModel, check_model, cut


def answer(professor: Agent, text: str) -> str:
    """Give the answer, or what went wrong."""
    for event in professor.turn(text, search="never"):
        match event:
            case events.TurnFinished():
                return event.answer
            case events.TurnFailed():
                return event.error.say("en")
            case _:
                pass
    return ""


async def streamed(professor: Agent, text: str) -> int:
    """Say how many characters came, for asyncio."""
    return sum(
        [len(event.text) async for event in professor.aturn(text) if isinstance(event, events.TextDelta)]
    )


def found(settings: Settings, query: str) -> Sequence[Hit]:
    """Search a student's memory."""
    with open_memory(settings, "mina") as memory:
        memory.add("Linear Algebra stands on the third shelf.")
        return memory.search(query, k=3, where="archival")


def main() -> None:
    """Answer the words of the command line."""
    library = Library({"Linear Algebra": 2})
    copies: int = copies_left("Linear Algebra", ToolContext(deps=library))
    print(copies, copies_left.name)
    settings = Settings(home=Path("home"), embedder="hashing", language="en")
    check_model(Echo)
    faulty = FaultyModel(ScriptedModel(["Hello."]), {0: cut(after=1)})
    try:
        for model in (Echo(), faulty, "study"):
            with open_tutor(settings, "mina", model=model, tools=[copies_left], deps=library) as professor:
                print(answer(professor, " ".join(sys.argv[1:]) or "Hello"))
        print([hit.text for hit in found(settings, "shelf")])
    except OfficeHoursError as error:
        print(error.say("ko"))


if __name__ == "__main__":
    main()
