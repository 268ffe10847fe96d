"""Chat Completions on the wire: a request becomes bytes.

The bytes of a request depend on nothing but the request, the profile and the dialect, and the messages come last:
a request that extends another extends its bytes too, up to the closing brackets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from ....memory.types import Message
from ....tools.base import ToolSpec
from ...model import ModelProfile, Request

Json = dict[str, Any]
LimitField = Literal["max_completion_tokens", "max_tokens"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which optional fields a server takes; what it refuses is left out from then on.

    Attributes:
        usage_option: It takes `stream_options`.
        parallel_option: It takes `parallel_tool_calls` (sent only where a profile forbids several calls).
        limit_fields: The names for the limit of a reply, in the order they are tried.
    """

    usage_option: bool = True
    parallel_option: bool = True
    limit_fields: tuple[LimitField, ...] = ("max_tokens", "max_completion_tokens")

    @property
    def limit_field(self) -> LimitField | None:
        """The name of the limit to send now; None where all were refused."""
        return self.limit_fields[0] if self.limit_fields else None

    def without_limit_field(self) -> Dialect:
        """The dialect with the name that is sent now struck out."""
        return replace(self, limit_fields=self.limit_fields[1:])


def request_bytes(request: Request, profile: ModelProfile, dialect: Dialect, *, stream: bool = True) -> bytes:
    """Write a request as UTF-8 JSON; `stream` asks for the answer piece by piece."""
    body: Json = {"model": profile.name, "stream": stream}
    if stream and dialect.usage_option:
        body["stream_options"] = {"include_usage": True}
    if dialect.limit_field:
        body[dialect.limit_field] = min(request.max_output or profile.max_output, profile.max_output)
    if request.tools:
        body["tools"] = [tool_json(tool) for tool in request.tools]
        if not profile.parallel_tools and dialect.parallel_option:
            body["parallel_tool_calls"] = False
    body["messages"] = [message_json(message) for message in request.messages]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def tool_json(tool: ToolSpec) -> Json:
    """Write a tool's schema."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def message_json(message: Message) -> Json:
    """Write a message.

    The arguments of a call go out to the byte as they were kept; only text that is no JSON, at which some servers
    fail, is wrapped in an object.
    """
    written: Json = {"role": message.role, "content": message.content}
    if message.tool_calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": sendable(c.arguments)}}
            for c in message.tool_calls
        ]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
    return written


def sendable(arguments: str) -> str:
    """Give arguments as they are if they are JSON, else wrapped."""
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return json.dumps({"unreadable_arguments": arguments}, ensure_ascii=False)
    return arguments


def as_object(value: object) -> Json:
    """Give a JSON object as what it is, and {} for anything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Json]:
    """Give the objects in a JSON array, and [] for anything else."""
    if not isinstance(value, list):
        return []
    return [cast("Json", one) for one in cast("list[object]", value) if isinstance(one, dict)]
