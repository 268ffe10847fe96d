"""Random histories: what a store may hold after crashes, forks, other servers and other versions."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from officehours.memory.types import Message, ToolCall

HERE, ELSEWHERE = "here/v1 test-model", "there/v1 other-model"

IDS = st.sampled_from(
    [
        "call_1",
        "call_1",
        "abcdefghi",
        "functions.web_search:0",
        "toolu_01AbC",
        "",
        " ",
        "호출",
        "x" * 80,
        "call 2",
        "a|b",
    ]
)
TEXTS = st.sampled_from(
    ["", " ", "\n", "고유값이 뭐예요?", "It is a factor.", "a\ud800b", "<tool_call>", "x" * 300]
)
ARGUMENTS = st.sampled_from(
    [
        "{}",
        '{"query": "DoRA"}',
        "",
        "not json",
        "[1]",
        '"x"',
        "NaN",
        '{"a": NaN}',
        "null",
        '{"a": "\\ud800"}',
        "{" * 80,
    ]
)
NAMES = st.sampled_from(["calculate", "web_search", "web.search", "도구", "", "x" * 90])
CALLS = st.builds(ToolCall, IDS, NAMES, ARGUMENTS)


def extras_of(origin: str, calls: int) -> st.SearchStrategy[str]:
    """What a reply with so many calls may have brought."""
    thought = {"reasoning_content": "생각해 보면…"}
    signature = {"extra_content": {"google": {"thought_signature": "c2lnbmVk"}}}
    kept = [
        {"from": origin, "message": thought},
        {"from": origin, "message": thought, "calls": [{} for _ in range(calls)]},
        {"from": origin, "calls": [signature, *({} for _ in range(calls - 1))][:calls]},
        {"from": origin, "message": {"reasoning_details": [{"type": "x", "data": "…"}]}},
    ]
    return st.sampled_from(["", "no json", "[]", *map(json.dumps, kept)])


@st.composite
def exchanges(draw: st.DrawFn, origins: tuple[str, ...] = (HERE, ELSEWHERE)) -> list[Message]:
    """One turn: a question, perhaps calls and results with some missing or out of place, perhaps an answer."""
    said = [Message("user", draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))]
    for _ in range(draw(st.integers(0, 2))):
        calls = tuple(draw(st.lists(CALLS, min_size=1, max_size=3)))
        extras = draw(extras_of(draw(st.sampled_from(origins)), len(calls)))
        said.append(Message("assistant", draw(TEXTS), calls, extras=extras))
        results = [Message("tool", draw(TEXTS), tool_call_id=c.id, name=draw(NAMES)) for c in calls]
        said += draw(st.permutations(results))[: draw(st.integers(0, len(results)))]
    if draw(st.booleans()):
        said.append(
            Message("assistant", draw(TEXTS), extras=draw(extras_of(draw(st.sampled_from(origins)), 0)))
        )
    if draw(st.integers(0, 5)) == 0:
        said.append(Message("tool", draw(TEXTS), tool_call_id=draw(IDS)))
    if draw(st.integers(0, 5)) == 0:
        said.append(Message("system", draw(TEXTS)))
    return said


@st.composite
def histories(draw: st.DrawFn, origins: tuple[str, ...] = (HERE, ELSEWHERE)) -> list[Message]:
    """A system text and some turns."""
    turns = draw(st.lists(exchanges(origins), max_size=5))
    return [Message("system", draw(st.sampled_from(["You teach.", "당신은 교수입니다."])))] + [
        m for t in turns for m in t
    ]
