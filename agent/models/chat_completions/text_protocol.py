"""Tools for a model whose server takes none: described in the prompt, called and answered in plain text.

Messages are turned one by one from what they are, so a request that extends another still extends it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ....memory.types import Message
from ....tools.base import ToolSpec
from ...model import Request
from .history import as_told, sendable

_HOW = """\
You have tools. To call one, write a line like this, alone, with JSON arguments:
<tool_call>{"name": "TOOL", "arguments": {"KEY": "VALUE"}}</tool_call>
Write one line for each call, then stop; each result comes to you in <tool_result>. Never write <tool_result> \
yourself, and call a tool only when you need it.
Tools:"""


def as_text(request: Request) -> Request:
    """Give the same request with its tools, calls and results as text."""
    messages = list(_messages(request.messages))
    if request.tools:
        described = "\n".join([_HOW, *(described_tool(tool) for tool in request.tools)])
        if messages and messages[0].role == "system":
            messages[0] = replace(messages[0], content=f"{messages[0].content}\n\n{described}")
        else:
            messages.insert(0, Message("system", described))
    return Request(tuple(messages), (), request.max_output)


def described_tool(tool: ToolSpec) -> str:
    """Describe a tool in a line, and each described parameter in another.

    `- web_search(query: string, k?: integer): Search the web.`
    """
    properties = cast("Mapping[str, Mapping[str, Any]]", tool.parameters.get("properties", {}))
    required = cast("Sequence[str]", tool.parameters.get("required", ()))
    signature = ", ".join(
        f"{name}{'' if name in required else '?'}: {_kind(p)}" for name, p in properties.items()
    )
    lines = [f"- {tool.name}({signature}): {tool.description}"]
    lines += [f"    {name}: {p['description']}" for name, p in properties.items() if p.get("description")]
    return "\n".join(lines)


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_kind(option) for option in schema["anyOf"])
    return str(schema.get("type", "any"))


def _messages(messages: Sequence[Message]) -> Iterator[Message]:
    """Turn calls and results into text; results in a row, and what the user says next, make one message.

    Many chat templates of such models insist that user and assistant take turns.
    """
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    waiting: list[str] = []
    for message in messages:
        if message.role == "tool":
            name = message.name or names.get(message.tool_call_id or "", "tool")
            waiting.append(as_told(replace(message, name=name)).content)
            continue
        if waiting and message.role == "user":
            message = replace(message, content="\n\n".join([*waiting, message.content]))  # noqa: PLW2901
        elif waiting:
            yield Message("user", "\n\n".join(waiting))
        waiting = []
        yield _with_calls(message) if message.tool_calls else message
    if waiting:
        yield Message("user", "\n\n".join(waiting))


def _with_calls(message: Message) -> Message:
    lines = [
        f'<tool_call>{{"name": "{call.name}", "arguments": {sendable(call.arguments)}}}</tool_call>'
        for call in message.tool_calls
    ]
    return Message(message.role, "\n".join([message.content, *lines] if message.content else lines))
