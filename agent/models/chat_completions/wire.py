"""Chat Completions on the wire: a request becomes bytes.

The bytes of a request depend on nothing but the request, the profile and the dialect, and the messages come last:
a request that extends another extends its bytes too, up to the closing brackets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ....memory.types import Message, ToolCall
from ....tools.base import ToolSpec
from ...model import ModelProfile, Request
from .dialect import Dialect
from .extras import THOUGHTS, returned
from .history import SILENCE, legal, sendable

Json = dict[str, Any]


def request_bytes(
    request: Request, profile: ModelProfile, dialect: Dialect, *, stream: bool = True, origin: str = ""
) -> bytes:
    """Write a request as UTF-8 JSON.

    Args:
        stream: Asks for the answer piece by piece.
        origin: Who is asked, as `dialect.origin` says it: the extras of its own replies go back to it.
    """
    stream = stream and dialect.streamed
    profile = dialect.fit(profile)
    body: Json = {"model": profile.name, "stream": stream}
    if stream and dialect.usage_option:
        body["stream_options"] = {"include_usage": True}
    if dialect.limit_field:
        body[dialect.limit_field] = min(request.max_output or profile.max_output, profile.max_output)
    if request.tools:
        body["tools"] = [tool_json(tool, plain=dialect.plain_schemas) for tool in request.tools]
        if not profile.parallel_tools and dialect.parallel_option:
            body["parallel_tool_calls"] = False
    shown = legal(request.messages, dialect, origin)
    body["messages"] = [message_json(message, dialect, origin) for message in shown]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_PLAIN = ("type", "description", "enum", "required")


def tool_json(tool: ToolSpec, *, plain: bool = False) -> Json:
    """Write a tool's schema; a `plain` one with the keywords that every server knows."""
    parameters = _plain(tool.parameters) if plain else tool.parameters
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}


def _plain(schema: Mapping[str, Any]) -> Json:
    """Leave out of a schema what is not among the commonest keywords; of several kinds of value the first stays."""
    options = as_objects(schema.get("anyOf")) or as_objects(schema.get("oneOf"))
    option: Json = ([one for one in options if one.get("type") != "null"] or [{}])[0]
    written = {key: value for key, value in (option | dict(schema)).items() if key in _PLAIN}
    if isinstance(written.get("type"), list):
        written["type"] = next((kind for kind in written["type"] if kind != "null"), "string")
    if properties := as_object(schema.get("properties")):
        written["properties"] = {name: _plain(as_object(inner)) for name, inner in properties.items()}
    if items := as_object(schema.get("items") or option.get("items")):
        written["items"] = _plain(items)
    return {"type": "object" if "properties" in written else "string", **written}


def message_json(message: Message, dialect: Dialect | None = None, origin: str = "") -> Json:
    """Write a message.

    The arguments of a call go out to the byte as they were kept; only text that is no JSON of an object, at which some
    servers fail, is wrapped in one. What its reply brought besides goes back to the origin it came from.
    """
    dialect = dialect or Dialect()
    written: Json = {"role": message.role, "content": message.content}
    fields, calls = returned(message, origin)
    if message.tool_calls:
        if not message.content.strip():
            written |= {"content": _CALL_CONTENT[dialect.call_content]}
            if dialect.call_content == "absent":
                del written["content"]
        written["tool_calls"] = [
            _call_json(call, extra)
            for call, extra in zip(message.tool_calls, _call_extras(calls, dialect), strict=True)
        ]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
        if dialect.result_names and message.name:
            written["name"] = message.name
    return written | (_thoughts(message, fields, dialect) if message.role == "assistant" else {})


_CALL_CONTENT = {"null": None, "empty": "", "text": SILENCE, "absent": None}


def _call_json(call: ToolCall, extra: Json) -> Json:
    function = {"name": call.name, "arguments": sendable(call.arguments)}
    return {
        **extra,
        "id": call.id,
        "type": "function",
        "function": {**as_object(extra.get("function")), **function},
    }


_SKIPPED_SIGNATURE = "skip_thought_signature_validator"
"""What Gemini takes for a call that another model made (ai.google.dev/gemini-api/docs/thought-signatures)."""


def _call_extras(calls: Sequence[Json], dialect: Dialect) -> list[Json]:
    """Give the extras that go back with the calls of a message; the first is signed in place of who made it."""
    if dialect.thoughts == "none":
        return [{} for _ in calls]
    unsigned = dialect.thoughts == "filled" and "signature" in dialect.thought_field and not any(calls)
    return (
        [{"extra_content": {"google": {"thought_signature": _SKIPPED_SIGNATURE}}}, *calls[1:]]
        if unsigned
        else [*calls]
    )


def _thoughts(message: Message, fields: Json, dialect: Dialect) -> Json:
    """Give the extras that go back with a message.

    A plain thought beside plain words goes back only where it is asked for: it would be paid for with every request.
    """
    if dialect.thoughts == "none":
        return {}
    if dialect.thoughts == "calls" and not message.tool_calls:
        return {name: value for name, value in fields.items() if name not in THOUGHTS}
    if dialect.thoughts != "filled" or dialect.thought_field in fields:
        return fields
    if dialect.thought_field not in THOUGHTS:
        return fields
    known = next((fields[name] for name in THOUGHTS if name in fields), " ")
    return {**fields, dialect.thought_field: known}


def as_object(value: object) -> Json:
    """Give a JSON object as what it is, and {} for anything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Json]:
    """Give the objects in a JSON array, and [] for anything else."""
    if not isinstance(value, list):
        return []
    return [cast("Json", one) for one in cast("list[object]", value) if isinstance(one, dict)]
