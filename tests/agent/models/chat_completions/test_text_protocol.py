from __future__ import annotations

from officehours.agent.model import Request
from officehours.agent.models.chat_completions.text_protocol import as_text, described_tool
from officehours.memory.types import Message, ToolCall
from officehours.tools.base import ToolSpec

SEARCH = ToolSpec(
    "conversation_search",
    "Search what was said.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What to look for."},
            "role": {"enum": ["user", "assistant"]},
            "start": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["query"],
    },
)


def test_a_tool_is_described_in_a_line_and_its_parameters_below() -> None:
    assert described_tool(SEARCH).splitlines() == [
        '- conversation_search(query: string, role?: "user" | "assistant", start?: string | null): Search what was said.',
        "    query: What to look for.",
    ]


def test_calls_and_results_become_text_and_speakers_take_turns() -> None:
    call = ToolCall("c1", "conversation_search", '{"query": "DoRA"}')
    other = ToolCall("c2", "conversation_search", '{"query": "LoRA"}')
    request = Request(
        (
            Message("system", "You teach."),
            Message("user", "DoRA?"),
            Message("assistant", "찾아볼게요.", (call, other)),
            Message("tool", "m12: DoRA는 …", tool_call_id="c1"),
            Message("tool", "nothing", tool_call_id="c2", name="conversation_search"),
            Message("user", "어때요?"),
        ),
        (SEARCH,),
        300,
    )

    text = as_text(request)

    assert text.tools == ()
    assert text.max_output == 300
    assert [m.role for m in text.messages] == ["system", "user", "assistant", "user"]
    assert text.messages[0].content.startswith("You teach.\n\nYou have tools.")
    assert text.messages[2].content.splitlines() == [
        "찾아볼게요.",
        '<tool_call>{"name": "conversation_search", "arguments": {"query": "DoRA"}}</tool_call>',
        '<tool_call>{"name": "conversation_search", "arguments": {"query": "LoRA"}}</tool_call>',
    ]
    assert text.messages[3].content.count('<tool_result name="conversation_search">') == 2
    assert text.messages[3].content.endswith("</tool_result>\n\n어때요?")


def test_a_longer_request_keeps_the_beginning_as_it_was() -> None:
    call = ToolCall("c1", "conversation_search", '{"query": "DoRA"}')
    messages = (
        Message("system", "You teach."),
        Message("user", "DoRA?"),
        Message("assistant", "", (call,)),
        Message("tool", "m12", tool_call_id="c1"),
        Message("assistant", "DoRA는 …"),
        Message("user", "고마워요"),
    )
    whole = as_text(Request(messages, (SEARCH,))).messages

    for length in (2, 4, 6):
        part = as_text(Request(messages[:length], (SEARCH,))).messages
        assert part == whole[: len(part)]


def test_without_a_system_message_the_tools_make_one() -> None:
    assert as_text(Request((Message("user", "hi"),), (SEARCH,))).messages[0].role == "system"
    assert as_text(Request((Message("user", "hi"),))).messages == (Message("user", "hi"),)
