from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from officehours.agent.models.chat_completions.callshapes import WrittenCall
from officehours.agent.models.chat_completions.text_calls import CallReader
from officehours.tools.base import ToolSpec


def tool(name: str, *parameters: str) -> ToolSpec:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return ToolSpec(name, "A tool.", {"type": "object", "properties": properties})


TOOLS = (
    tool("core_memory_append", "label", "content"),
    tool("conversation_search", "query", "start", "end"),
    tool("web_search", "query"),
)
Parted = tuple[str, list[tuple[str, object]]]


def read(pieces: list[str], *, cut: bool = False) -> Parted:
    reader = CallReader(TOOLS)
    found = [one for piece in pieces for one in reader.feed(piece)]
    found += reader.close(cut=cut)
    text = "".join(one for one in found if isinstance(one, str))
    calls = [(one.name, loaded(one)) for one in found if isinstance(one, WrittenCall)]
    return text, calls


def loaded(call: WrittenCall) -> object:
    try:
        return json.loads(call.arguments)
    except ValueError:
        return call.arguments


def everyway(text: str) -> Parted:
    """Read the text whole, letter by letter and in threes; all must agree."""
    whole = read([text])
    assert read(list(text)) == whole
    assert read([text[i : i + 3] for i in range(0, len(text), 3)]) == whole
    return whole


ARGUMENTS = {"label": "student", "content": '시험은 12월 {3일}, "ReLU" don\'t'}
JSON = json.dumps({"name": "core_memory_append", "arguments": ARGUMENTS}, ensure_ascii=False)
PARAMETERS = json.dumps({"name": "core_memory_append", "parameters": ARGUMENTS}, indent=2)
BARE = json.dumps(ARGUMENTS)
OPENAI = json.dumps(
    {
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "core_memory_append", "arguments": BARE}}
        ]
    }
)
PYTHON = 'core_memory_append(label="student", content="시험은 12월 {3일}, \\"ReLU\\" don\'t")'


@pytest.mark.parametrize(
    "written",
    [
        f"<tool_call>{JSON}</tool_call>",
        f"<tool_call>\n{JSON}\n</tool_call>",
        f"<function_call>{JSON}</function_call>",
        f"<tool_call>{JSON}",
        f"<|python_tag|>{PARAMETERS}<|eom_id|>",
        f"<|python_tag|>{PYTHON}",
        f"<|tool_call|>[{JSON}]<|/tool_call|>",
        f"<function=core_memory_append>{BARE}</function>",
        f"<tool_call>\n<function=core_memory_append>\n{BARE}\n</function>\n</tool_call>",
        f"[TOOL_CALLS] [{JSON}]",
        f"[TOOL_CALLS]core_memory_append{BARE}",
        f"[TOOL_CALLS]core_memory_append[ARGS]{BARE}</s>",
        f"```json\n{PARAMETERS}\n```",
        f"```\n{JSON}\n```",
        f"```tool_call\n{JSON}```",
        f"```tool_code\n{PYTHON}\n```",
        f"```json\n{JSON}",
        JSON,
        PARAMETERS,
        OPENAI,
        f"[{JSON}]",
        json.dumps({"type": "function", "function": {"name": "core_memory_append", "parameters": ARGUMENTS}}),
        json.dumps({"arguments": ARGUMENTS, "name": "core_memory_append"}),
        json.dumps({"tool": "core_memory_append", **ARGUMENTS}),
        json.dumps({"core_memory_append": ARGUMENTS}),
        JSON.replace('"name"', "name").replace('"arguments"', "'arguments'"),
        f"<tool_call>{JSON[:-1]}</tool_call>",
        PYTHON,
        f"[{PYTHON}]",
    ],
)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("기억할게요.\n\n", "\n\n다 했습니다.")], ids=["alone", "amid"]
)
def test_a_call_is_understood_in_every_spelling(written: str, before: str, after: str) -> None:
    unclosed = written in (f"```json\n{JSON}", f"<tool_call>{JSON}")
    after = "" if unclosed else after

    text, calls = everyway(f"{before}{written}{after}")

    name, arguments = calls[0]
    assert len(calls) == 1
    assert name == "core_memory_append"
    assert (json.loads(arguments) if isinstance(arguments, str) else arguments) == ARGUMENTS
    assert text.split() == (before + after).split()


def test_parameters_in_tags_are_read_as_text() -> None:
    written = (
        "<tool_call>\n<function=conversation_search>\n<parameter=query>\nDoRA가 뭐예요?\n</parameter>\n"
        "<parameter=start>\n2026-11-01\n</parameter>\n</function>\n</tool_call>"
    )

    assert everyway(written) == (
        "",
        [("conversation_search", {"query": "DoRA가 뭐예요?", "start": "2026-11-01"})],
    )


@pytest.mark.parametrize(
    "written",
    [
        f'{JSON}\n{{"name": "web_search", "arguments": {{"query": "x"}}}}',
        f'{JSON}; {{"name": "web_search", "arguments": {{"query": "x"}}}}',
        f'[{JSON}, {{"name": "web_search", "arguments": {{"query": "x"}}}}]',
        f'```json\n{JSON}\n{{"name": "web_search", "arguments": {{"query": "x"}}}}\n```',
        f'<tool_call>{JSON}</tool_call>\n<tool_call>{{"name": "web_search", "arguments": {{"query": "x"}}}}</tool_call>',
        f'{PYTHON}\nweb_search(query="x")',
        f'[{PYTHON}, web_search(query="x")]',
        f'{PYTHON}\nweb_search("x")',
    ],
)
def test_several_calls_come_in_order(written: str) -> None:
    text, calls = everyway(written)

    assert calls == [("core_memory_append", ARGUMENTS), ("web_search", {"query": "x"})]
    assert not text.strip()


LESSON = """\
좋은 질문이에요. ReLU는 이렇게 계산합니다:

```python
def relu(x: float) -> float:
    return max(0.0, x)

web_search("not a call")
{"name": "core_memory_append", "arguments": {}}
```

JSON은 이렇게 생겼어요:

```json
{"name": "미나", "arguments": ["a", "b"]}
```

{"name": "미나"} 처럼 씁니다. 배열은 [1, 2], <b>태그</b>와 a < b, `x`도 있어요.
web_search 도구는 web_search(query) 처럼 씁니다.
core_memory_append(label, content) 는 이름만 적었어요.
- [ ] 할 일 [1]
[TOOL_CALL]은 아니고, <tool_calling>도 아닙니다.
"""


@pytest.mark.parametrize(
    "text",
    [
        LESSON,
        '<tool_call>{"name": "launch_rocket", "arguments": {}}</tool_call>',
        '{"name": "launch_rocket", "arguments": {}}',
        "launch_rocket(now=True)",
        "web_search 는 도구입니다.",
        'web_search(query="x")를 부르면 됩니다.',
        '```json\n{"name": "core_memory_append", "arguments": {}}\n위와 같이 적습니다.\n```',
        "   \n\n  ",
        "```",
        "<",
        "[",
        "{",
        "a\n{",
        "<function=launch_rocket>{}</function>",
        '{"parameters": {"type": "object"}}',
        '{"type": "object", "properties": {"name": {"const": "web_search"}}}',
        "{ int x = 1; }",
        "[[1, 2], [3, 4]]",
        '[{"role": "user", "content": "hi"}]',
        "<tool_call>",
        "[TOOL_CALLS]",
        "<|python_tag|>print(1)",
        "<function=",
        "\n\nweb",
        'web_search(query="unclosed',
    ],
)
def test_text_without_a_call_of_a_known_tool_is_unchanged(text: str) -> None:
    assert everyway(text) == (text, [])


FRAGMENTS = st.sampled_from(
    [
        *(
            "<tool_call>",
            "</tool_call>",
            "<|python_tag|>",
            "<function=",
            "</function>",
            "[TOOL_CALLS]",
            "<|tool_call|>",
        ),
        *(
            "```",
            "```json\n",
            "```python\n",
            "\n",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            '"',
            "'",
            "\\",
            ":",
            ",",
            " ",
            "<",
            ">",
        ),
        *(
            '"name"',
            '"arguments"',
            '"tool_calls"',
            '"function"',
            "name",
            "rocket",
            "안녕",
            "web_searching",
            "[ARGS]",
        ),
        *('{"name": "rocket", "arguments": {}}', "rocket(x=1)", ";", "="),
    ]
)


def in_pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(places)]


@given(
    st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join)),
    st.lists(st.integers(0, 200), max_size=8),
)
@example("[TOOL_CALLS]{'", [])
def test_any_text_that_names_no_tool_comes_out_as_it_went_in(text: str, cuts: list[int]) -> None:
    names = {spec.name for spec in TOOLS}

    found = read(in_pieces(text, cuts))

    if not any(name in text for name in names):
        assert found == (text, [])


NAMED = st.one_of(
    FRAGMENTS,
    st.sampled_from(["web_search", '"web_search"', 'web_search(query="x")', '{"name": "web_search"', JSON]),
)


@given(st.lists(NAMED, max_size=20).map("".join), st.lists(st.integers(0, 300), max_size=8))
def test_how_the_text_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    assert read(in_pieces(text, cuts)) == read([text])


def test_ordinary_text_is_not_held_back() -> None:
    reader = CallReader(TOOLS)
    given_out = ""
    longest = 0
    for position, letter in enumerate(LESSON, 1):
        given_out += "".join(one for one in reader.feed(letter) if isinstance(one, str))
        longest = max(longest, position - len(given_out))

    assert longest <= len("core_memory_append(label, content)")


def test_a_call_that_the_end_of_the_reply_cut_off_says_so() -> None:
    reader = CallReader(TOOLS)

    found = [
        *reader.feed('<tool_call>{"name": "web_search", "arguments": {"query": "Do'),
        *reader.close(cut=True),
    ]

    assert [(one.name, one.cut) for one in found if isinstance(one, WrittenCall)] == [("web_search", True)]


def test_without_tools_everything_is_text() -> None:
    reader = CallReader(())

    assert [*reader.feed(JSON), *reader.close()] == [JSON]
