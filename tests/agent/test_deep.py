"""`--deep`: the question is taken apart, each part is looked into by code, and one answer is given."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from officehours.agent import assemble
from officehours.agent.context.sub_questions import TAKE_APART
from officehours.agent.events import ToolFinished, TurnFinished
from officehours.memory.transfer.ingest import Ingester
from officehours.tools.web import Found, web_tools
from tutors import answer, assert_valid, log_of, say, scripted, tutor

COURSE = Path(__file__).parents[2] / "examples" / "ai-basics" / "08-lora-dora.md"
PARTS = "1. What is LoRA?\n2. Why does LoRA work?\n- What is the price of cheese in Wisconsin?\n"


def ask_deep(home: Path, parts: str | BaseException, search: str = "auto", text: str = "Explain LoRA."):
    searched: list[str] = []

    def web(query: str, _where: str) -> list[Found]:
        searched.append(query)
        return [Found("Cheese", "https://cheese.example", "Cheddar costs 5 dollars.")]

    def model_says(request):
        if request.messages[0].content == TAKE_APART:
            if isinstance(parts, BaseException):
                raise parts
            return parts
        return "You're welcome." if text == "Thank you!" else "LoRA is low rank [a1]."

    model = scripted(model_says)
    with patch.object(assemble, "web_tools", lambda: web_tools(web)), tutor(home, model) as professor:
        runtime = professor.state.runtime
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([COURSE])
        events = say(professor, text, deep=True, search=search)
        bill = next(event.bill for event in events if isinstance(event, TurnFinished))
        calls = [(e.name, e.arguments) for e in events if isinstance(e, ToolFinished)]
        assert_valid(model.requests[-1].messages)
        return answer(events), calls, searched, model.requests, bill, log_of(professor)


@pytest.mark.parametrize(
    ("search", "web"),
    [("never", []), ("auto", ["cheese"]), ("always", ["What is LoRA?", "Why does LoRA work?", "cheese"])],
)
def test_each_part_is_looked_into_as_far_as_searching_is_allowed(own_home, search, web):
    said, calls, searched, requests, bill, _ = ask_deep(own_home, PARTS, search)
    assert said == "LoRA is low rank [a1]."
    assert [name for name, _ in calls].count("archival_memory_search") == 3
    assert [any(part in query for part in web) for query in searched] == [True] * len(web)
    assert bill.requests == len(requests) == 2
    note = next(m.content for m in requests[-1].messages if "(Deep:" in m.content)
    assert "2) Why does LoRA work? (LoRA = Low-Rank Adaptation) 3) What is the price" in note
    assert requests[0].messages[-1].content == "Explain LoRA. (LoRA = Low-Rank Adaptation)"
    assert "Low-Rank Adaptation" in "".join(m.content for m in requests[-1].messages)


@pytest.mark.parametrize("parts", ["I cannot.", "", RuntimeError("no")])
def test_a_model_that_takes_nothing_apart_has_the_question_itself_looked_into(own_home, parts):
    if isinstance(parts, RuntimeError):
        from officehours.memory.errors import ServerUnreachable

        parts = ServerUnreachable("no server")
    said, calls, *_ = ask_deep(own_home, parts, "never")
    assert said
    assert [arguments for _, arguments in calls] == [
        '{"query": "Explain LoRA. (LoRA = Low-Rank Adaptation)"}'
    ]


def test_small_talk_has_no_parts(own_home):
    _, calls, _, requests, *_ = ask_deep(own_home, PARTS, text="Thank you!")
    assert (calls, len(requests)) == ([], 1)


@pytest.mark.parametrize(
    ("asked", "sides"),
    [("LoRA에 대해서 알려줘", ["‘정의’", "‘필요한 까닭’", "‘동작 방식’"]), ("What is LoRA?", ["definition", "why it is needed", "how it works"])],
)  # fmt: skip
def test_the_study_model_shows_the_sides_that_the_course_has(own_home, asked, sides):
    with tutor(own_home, "study", language=None) as professor:
        runtime = professor.state.runtime
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([COURSE])
        plain = answer(say(professor, asked, search="never"))
        deep = say(professor, asked, search="never", deep=True)
    assert not all(side in plain for side in sides)
    assert all(side in answer(deep) for side in sides)
    assert len(next(event.citations for event in deep if isinstance(event, TurnFinished))) >= 3
