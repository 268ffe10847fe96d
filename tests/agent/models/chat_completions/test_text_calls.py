from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.agent.models.chat_completions.reading.text_calls import CallReader, WrittenCall
from officehours.agent.models.chat_completions.repair import UnmendableError, mend
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
        return json.loads(mend(call.arguments, call.name))
    except UnmendableError:
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
TYPED = json.dumps({"type": "function", "name": "core_memory_append", "parameters": ARGUMENTS})
QUOTED = json.dumps({"name": "core_memory_append", "arguments": json.dumps(ARGUMENTS)})


@pytest.mark.parametrize(
    "written",
    [
        f"<tool_call>{JSON}</tool_call>",
        f"<tool_call>\n{JSON}\n</tool_call>",
        f"<tool_call>{QUOTED}</tool_call>",
        f"<tool_call>{JSON[:-1]}</tool_call>",
        f"<tool_call>{JSON[:-1]},}}</tool_call>",
        f"```json\n{PARAMETERS}\n```",
        f"```\r\n{JSON}\r\n```",
        f"``` JSON\n{TYPED}\n```",
        f"````json\n{JSON}\n````",
    ],
)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("기억할게요.\n\n", "\n\n다 했습니다.")], ids=["alone", "amid"]
)
def test_a_call_in_a_tag_or_a_fence_is_understood(written: str, before: str, after: str) -> None:
    assert everyway(f"{before}{written}{after}") == (before + after, [("core_memory_append", ARGUMENTS)])


@pytest.mark.parametrize("written", [f"```json\n{JSON}", f"<tool_call>{JSON}", f"<tool_call>{JSON[:-1]}"])
def test_the_reply_may_end_without_closing_a_call(written: str) -> None:
    assert everyway(f"기억할게요.\n{written}") == ("기억할게요.\n", [("core_memory_append", ARGUMENTS)])


@pytest.mark.parametrize("written", [JSON, f"\n{PARAMETERS}\n", TYPED, JSON.replace('"name"', "'name'")])
def test_an_object_that_is_the_whole_reply_is_a_call(written: str) -> None:
    text, calls = everyway(written)

    assert not text.strip()
    assert calls == [("core_memory_append", ARGUMENTS)]


def test_an_object_beside_words_is_text() -> None:
    for text in (f"이렇게 부릅니다.\n\n{JSON}", f"{JSON}\n\n이렇게 부릅니다."):
        assert everyway(text) == (text, [])


@pytest.mark.parametrize("between", ["</tool_call>\n<tool_call>", "\n<tool_call>"])
def test_several_calls_come_in_order(between: str) -> None:
    search = '{"name": "web_search", "arguments": {"query": "x"}}'

    text, calls = everyway(f"<tool_call>{JSON}{between}{search}</tool_call>")

    assert calls == [("core_memory_append", ARGUMENTS), ("web_search", {"query": "x"})]
    assert not text.strip()


LESSON = """\
좋은 질문이에요. ReLU는 이렇게 계산합니다:

```python
def relu(x: float) -> float:
    return max(0.0, x)

web_search("not a call")
<tool_call>{"name": "web_search", "arguments": {"query": "x"}}</tool_call>
    ```json
{"name": "core_memory_append", "arguments": {}}
```

JSON은 이렇게 생겼어요:

```json
{"name": "미나", "arguments": ["a", "b"]}
```

~~~text
```json
{"name": "web_search", "arguments": {"query": "x"}}
```
~~~

```ls -la```도 한 줄이고 ```json은 시작이 아닙니다.

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
        'web_search(query="x")',
        '`<tool_call>` 다음에 {"name": "web_search", "arguments": {}} 를 씁니다.',
        '{"name": "web_search"}',
        '[{"name": "web_search", "arguments": {}}]',
        '{"name": "web_search", "arguments": {"query": "x"}} 처럼 씁니다.',
        '```python\n{"name": "web_search", "arguments": {}}\n```',
        '```json title="예"\n{"name": "web_searching", "arguments": {}}\n```',
        '```json\n{"name": "core_memory_append", "arguments": {}}\n위와 같이 적습니다.\n```',
        "   \n\n  ",
        "```",
        "<",
        "[",
        "{",
        "a\n{",
        '{"parameters": {"type": "object"}}',
        '{"type": "object", "properties": {"name": {"const": "web_search"}}}',
        "{ int x = 1; }",
        "[[1, 2], [3, 4]]",
        '[{"role": "user", "content": "hi"}]',
        "<tool_call>",
        '<tool_call>{"name": "web_se',
        "~~~\n```\n",
        "`````",
    ],
)
def test_text_without_a_call_of_a_known_tool_is_unchanged(text: str) -> None:
    assert everyway(text) == (text, [])


FRAGMENTS = st.sampled_from(
    [
        *(
            "<tool_call>",
            "</tool_call>",
            "```",
            "```json\n",
            "```python\n",
            "~~~\n",
            "````",
            "\n",
            "\r\n",
            "    ",
        ),
        *("{", "}", "[", "]", '"', "'", "\\", ":", ",", " ", "<", ">", "`", "~", '"name"', '"arguments"'),
        *("name", "rocket", "안녕", "web_searching", '{"name": "rocket", "arguments": {}}'),
    ]
)


def in_pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(places)]


@given(
    st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join)),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_any_text_that_names_no_tool_comes_out_as_it_went_in(text: str, cuts: list[int]) -> None:
    names = {spec.name for spec in TOOLS}

    found = read(in_pieces(text, cuts))

    if not any(name in text for name in names):
        assert found == (text, [])


NAMED = st.one_of(
    FRAGMENTS,
    st.sampled_from(
        ["web_search", '"web_search"', '{"name": "web_search"', JSON, f"<tool_call>{JSON}</tool_call>"]
    ),
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

    assert longest <= len("```ls -la```도 한 줄이고 ```json은 시작이 아닙니다.")


@pytest.mark.parametrize("before", ["<tool_call>", "```json\n", ""])
def test_a_call_that_the_end_of_the_reply_cut_off_says_so(before: str) -> None:
    reader = CallReader(TOOLS)

    found = [
        *reader.feed(before + '{"name": "web_search", "arguments": {"query": "Do'),
        *reader.close(cut=True),
    ]

    assert [(one.name, one.cut) for one in found if isinstance(one, WrittenCall)] == [("web_search", True)]


def test_without_tools_everything_is_text() -> None:
    reader = CallReader(())

    assert [*reader.feed(JSON), *reader.close()] == [JSON]
