from __future__ import annotations

import pytest

from officehours.agent.model import CallBroken, CallReady, Finished, Request, TextDelta
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.memory.errors import RateLimited
from officehours.memory.types import Message, ToolCall

REQUEST = Request((Message("user", "안녕하세요"),))


def test_replies_come_one_by_one_and_requests_are_kept() -> None:
    model = ScriptedModel(["안녕하세요, 미나.", "또 만나요."], piece=4)

    first, second = list(model.stream(REQUEST)), list(model.stream(Request(())))

    assert [c.text for c in first if isinstance(c, TextDelta)] == ["안녕하세", "요, 미", "나."]
    assert [c.text for c in second if isinstance(c, TextDelta)] == ["또 만나", "요."]
    assert isinstance(first[-1], Finished)
    assert first[-1].reason == "stop"
    assert model.requests == [REQUEST, Request(())]


def test_text_and_calls_in_one_reply() -> None:
    parts = [
        "네.",
        ScriptedCall("core_memory_append", {"content": "미나"}),
        ScriptedCall("broken", '{"a": "'),
    ]

    chunks = list(ScriptedModel([parts]).stream(REQUEST))

    assert chunks[0] == TextDelta("네.")
    assert chunks[1] == CallReady(ToolCall("call00000", "core_memory_append", '{"content": "미나"}'))
    assert isinstance(chunks[2], CallBroken)
    assert isinstance(chunks[3], Finished)
    assert chunks[3].reason == "tool_calls"


def test_a_function_decides_and_an_error_is_raised() -> None:
    model = ScriptedModel(lambda request: RateLimited("later") if len(request.messages) > 1 else "now")

    assert next(model.stream(REQUEST)) == TextDelta("now")
    with pytest.raises(RateLimited):
        list(model.stream(Request(REQUEST.messages * 2)))


def test_a_script_that_is_used_up_says_so() -> None:
    model = ScriptedModel(["one"])
    list(model.stream(REQUEST))

    with pytest.raises(AssertionError, match="has 1 replies; this is request 2"):
        list(model.stream(REQUEST))
