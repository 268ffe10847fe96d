"""A Chat Completions server that refuses whatever its dialect forbids, in the words that servers have for it.

`Rule` is one thing that a server insists on; a dialect is a few of them. With `ChatServer(Strict(rules))` a real server
on loopback answers 400 to a request that breaks one of the rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat_server import Json, Reply, say

Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """One thing that a server insists on.

    Attributes:
        name: For the test's id; of rules of one `group` a server has one at most.
        broken: Whether a request breaks it.
        words: In which it is refused; one of them is chosen.
        status: Of the answer.
    """

    name: str
    group: str
    broken: Callable[[Json], bool]
    words: tuple[str, ...]
    status: int = 400


@dataclass
class Strict:
    """The script of a strict server.

    Attributes:
        rules: With the words in which each is refused.
        reply: What it answers to a request that it takes.
        refused: How many requests it has refused.
    """

    rules: Sequence[tuple[Rule, str]]
    reply: Reply = field(default_factory=lambda: say("알겠어요."))
    refused: int = 0
    taken: list[Json] = field(default_factory=list[Json])

    def __call__(self, body: Json) -> Reply:
        for rule, words in self.rules:
            if rule.broken(body):
                self.refused += 1
                error = {"message": words, "type": "invalid_request_error", "param": None, "code": None}
                return Reply(status=rule.status, body={"error": error})
        self.taken.append(body)
        return self.reply


def _assistants(body: Json, *, calling: bool | None = None) -> Messages:
    found = [m for m in body["messages"] if m["role"] == "assistant"]
    return [m for m in found if calling is None or bool(m.get("tool_calls")) is calling]


def _ids(body: Json) -> Iterator[str]:
    for message in _assistants(body):
        yield from (call["id"] for call in message.get("tool_calls", ()))


def _id_breaks(pattern: str) -> Callable[[Json], bool]:
    return lambda body: any(re.fullmatch(pattern, identity) is None for identity in _ids(body))


def _has(name: str) -> Callable[[Json], bool]:
    return lambda body: name in body


def unpaired(body: Json) -> bool:
    """Calls without results right behind them, results without calls, or ids that come twice."""
    seen: list[str] = []
    waiting: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return True
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return True
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
        seen += waiting
    return bool(waiting) or len(set(seen)) < len(seen)


def _out_of_turn(body: Json) -> bool:
    before = "assistant"
    for message in body["messages"]:
        role = message["role"]
        if role == "system":
            continue
        if (role == "user" and before != "assistant") or (role == "assistant" and before == "assistant"):
            return True
        before = role
    return False


def _ill_arguments(body: Json) -> bool:
    calls = [call for message in _assistants(body) for call in message.get("tool_calls", ())]
    try:
        return any(not isinstance(json.loads(c["function"]["arguments"]), dict) for c in calls)
    except ValueError:
        return True


def _blank(body: Json) -> bool:
    return any(not (m.get("content") or "").strip() for m in body["messages"] if not m.get("tool_calls"))


def _schema_words(value: Any) -> set[str]:
    if isinstance(value, dict):
        inner = set().union(*(_schema_words(v) for v in value.values())) if value else set()
        return set(value) | inner
    return set().union(*map(_schema_words, value)) if isinstance(value, list) and value else set()


def _unsigned(body: Json) -> bool:
    return any(
        not ((m["tool_calls"][0].get("extra_content") or {}).get("google") or {}).get("thought_signature")
        for m in _assistants(body, calling=True)
    )


ALWAYS = (
    Rule("nothing-blank", "blank", _blank, ("messages.4: all messages must have non-empty content",)),
    Rule(
        "paired",
        "paired",
        unpaired,
        ("An assistant message with 'tool_calls' must be followed by tool messages.",),
    ),
    Rule("arguments", "arguments", _ill_arguments, ("tool_calls.function.arguments must be a JSON object",)),
    Rule(
        "asked",
        "asked",
        lambda b: b["messages"][-1]["role"] not in {"user", "tool"},
        ("prefill not supported",),
    ),
    Rule(
        "system-first",
        "first",
        lambda b: any(m["role"] == "system" for m in b["messages"][1:]),
        ("System message must be at the beginning.",),
    ),
)
"""What nobody should have to teach: a request that breaks one of these is refused without a word that helps."""

RULES = (
    Rule(
        "no-stream-options",
        "options",
        _has("stream_options"),
        (
            "Unrecognized request argument supplied: stream_options",
            "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
            "stream_options: unknown field",
            "지원하지 않는 매개변수: stream_options",
        ),
    ),
    Rule(
        "no-parallel-option",
        "parallel",
        _has("parallel_tool_calls"),
        (
            "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
            "parallel_tool_calls: Extra inputs are not permitted",
        ),
        422,
    ),
    Rule(
        "max-completion-tokens",
        "limit",
        _has("max_tokens"),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_tokens is deprecated",
        ),
    ),
    Rule(
        "no-limit",
        "limit",
        lambda b: "max_tokens" in b or "max_completion_tokens" in b,
        (
            "Unknown parameter: max_tokens / max_completion_tokens",
            "不支持参数 max_tokens, max_completion_tokens",
        ),
    ),
    Rule(
        "limit-of-2048",
        "output",
        lambda b: max(b.get("max_tokens", 0), b.get("max_completion_tokens", 0)) > 2048,
        (
            "max_tokens is too large: 4096. This model supports at most 2048 completion tokens.",
            "Invalid max_tokens value, the valid range of max_tokens is [1, 2048]",
            "max_tokens: 4096 > 2048, which is the maximum allowed number of output tokens",
        ),
    ),
    Rule(
        "content-not-null",
        "content",
        lambda b: any("content" in m and m["content"] is None for m in b["messages"]),
        (
            "Invalid value for 'content': expected a string, got null.",
            "messages.2.content: Input should be a valid string",
            "'NoneType' object is not iterable",
            "Invalid type for 'messages.[2].content': expected string, but got null instead",
            "content field is a required field",
        ),
    ),
    Rule(
        "content-not-empty",
        "content",
        lambda b: any(not m.get("content") for m in b["messages"]),
        ("messages: text content blocks must be non-empty", "all messages must have non-empty content"),
    ),
    Rule(
        "content-absent",
        "content",
        lambda b: any("content" in m and not m["content"] for m in b["messages"] if m.get("tool_calls")),
        ("Assistant message must have either content or tool_calls, but not both.",),
    ),
    Rule(
        "nine-letters",
        "ids",
        _id_breaks("[a-zA-Z0-9]{9}"),
        (
            "Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.",
            "Tool call IDs should be alphanumeric strings with length 9!",
        ),
    ),
    Rule(
        "plain-ids",
        "ids",
        _id_breaks("[a-zA-Z0-9_-]{1,64}"),
        ("messages.1.content.1.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",),
    ),
    Rule(
        "short-ids",
        "ids",
        _id_breaks(".{1,40}"),
        (
            "Invalid 'messages[3].tool_calls[0].id': string too long. Expected a string with maximum length 40.",
        ),
    ),
    Rule(
        "ids-that-begin",
        "ids",
        _id_breaks("(fc_|tc-).+"),
        ("Invalid 'input[2].id': 'call_1'. Expected an ID that begins with 'fc_'.",),
    ),
    Rule(
        "in-turns",
        "turns",
        _out_of_turn,
        (
            "Conversation roles must alternate user/assistant/user/assistant/...",
            "Error rendering prompt with jinja template: After the optional system message, conversation roles must alternate",
            "Unexpected role 'user' after role 'tool'",
            'roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
            "user와 assistant 역할은 번갈아 나와야 합니다",
        ),
    ),
    Rule(
        "in-turns-500",
        "turns",
        _out_of_turn,
        ("Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...",),
        500,
    ),
    Rule(
        "no-system",
        "system",
        lambda b: any(m["role"] == "system" for m in b["messages"]),
        (
            "System role not supported",
            "Developer instruction is not enabled for models/gemma-3-27b-it",
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            "Only user, assistant and tool roles are supported!",
            "该模型不支持 system 角色",
        ),
    ),
    Rule(
        "no-tools",
        "tools",
        lambda b: "tools" in b or any(m["role"] == "tool" or m.get("tool_calls") for m in b["messages"]),
        (
            "registry.ollama.ai/library/gemma:2b does not support tools",
            "`tools` is not supported by this model",
            "Function calling is not enabled for this model",
            "이 모델은 tools를 지원하지 않습니다",
        ),
    ),
    Rule(
        "plain-schemas",
        "schemas",
        lambda b: bool(_schema_words(b.get("tools", [])) & {"additionalProperties", "anyOf", "$schema"}),
        (
            (
                'Invalid JSON payload received. Unknown name "additionalProperties" at \'tools[0].function_declarations[0]'
                ".parameters': Cannot find field."
            ),
            "Invalid schema for function 'web_search': 'anyOf' is not permitted",
        ),
    ),
    Rule(
        "named-results",
        "names",
        lambda b: any(m["role"] == "tool" and not m.get("name") for m in b["messages"]),
        (
            "tool message must have a name",
            "GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot be empty.",
        ),
    ),
    Rule(
        "thoughts-beside-calls",
        "thoughts",
        lambda b: any(not m.get("reasoning_content") for m in _assistants(b, calling=True)),
        (
            "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
            "Missing `reasoning_content` field in the assistant message at message index 2.",
            "The `reasoning_content` in the thinking mode must be passed back to the API.",
        ),
    ),
    Rule(
        "thoughts-everywhere",
        "thoughts",
        lambda b: any(not m.get("reasoning_content") for m in _assistants(b)),
        ("reasoning_content is required in every assistant message",),
    ),
    Rule(
        "no-thoughts",
        "thoughts",
        lambda b: any(
            set(m) & {"reasoning_content", "reasoning", "reasoning_details"} for m in b["messages"]
        ),
        (
            "messages.2.reasoning_content: Extra inputs are not permitted",
            "property 'reasoning_content' is unsupported",
            "unknown field: messages[2].reasoning",
        ),
    ),
    Rule(
        "signed-calls",
        "thoughts",
        _unsigned,
        (
            (
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
                "correctly, and missing thought_signature may lead to degraded model performance."
            ),
        ),
    ),
    Rule("whole", "stream", lambda b: b["stream"] is True, ("Streaming is not supported for this model",)),
)

VAGUE = (
    "Bad Request",
    "Invalid request",
    "Provider returned error",
    "요청이 잘못되었습니다",
    "参数错误",
    "invalid_request_error",
)
"""What says nothing of what is wrong."""

MORE_WORDS = {
    "content-not-null": (
        "1 validation error for Message\ncontent\n  none is not an allowed value (type=type_error.none.not_allowed)",
        "messages[2].content must be a string",
        "Expected a string value for content but found null",
        "content: null is not permitted here",
        "assistant message content cannot be null",
        "Field 'content' must not be None",
        "content may not be blank",
        "messages.1.content: Field required",
        "'content' is a required property - 'messages.2'",
        "Invalid input: expected string, received null at messages[2].content",
        'can only concatenate str (not "NoneType") to str',
        "content가 null입니다",
        "content 不能为空",
        "json: cannot unmarshal null into Go struct field Message.messages.content of type string",
        "invalid message content type: <nil>",
    ),
    "content-absent": (
        "tool call messages must not carry content",
        "An assistant message may not have content next to tool_calls",
    ),
    "nine-letters": (
        "Invalid tool call ID",
        "tool_call_id must match [a-zA-Z0-9]{9}",
        "ids of tool calls have to be exactly nine alphanumeric characters",
        "toolCallId: invalid format",
        "도구 호출 id는 영문자와 숫자 9자여야 합니다",
        "tool_call id 必须是9位字母数字",
    ),
    "short-ids": (
        "tool_calls[0].id exceeds 40 characters",
        "string_above_max_length: id too long",
    ),
    "ids-that-begin": (
        'Invalid id: must start with "tc-"',
        "id prefix should be 'fc_'",
    ),
    "in-turns": (
        "After the optional system message, conversation roles must alternate user and assistant",
        "messages: roles must alternate between user and assistant",
        "Invalid message order: two user messages in a row",
        "first message must use the user role",
        "Expected last role User or Tool for serving but got assistant",
        "Please ensure that multiturn requests alternate between user and model.",
        "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
        "Messages must have alternating roles",
        "consecutive messages with the same role are not supported",
        "the previous message has the same role",
        "对话角色必须交替",
        "역할이 교대로 나와야 합니다",
        "Template error: raise_exception called: Conversation roles must alternate",
    ),
    "no-system": (
        "This model doesn't support system messages",
        "system messages are not allowed",
        "Invalid role: system",
        "role must be one of user, assistant, tool",
        "Unknown role system",
        "unsupported role: system",
        "시스템 메시지를 지원하지 않는 모델입니다",
        "messages[0].role: input tag 'system' found using 'role' does not match any of the expected tags: 'user', 'assistant', 'tool'",
    ),
    "no-tools": (
        "This model does not support function calling",
        "tool use is not supported",
        "tools: Extra inputs are not permitted",
        "Model does not have tool calling capability",
        "unknown field: tools",
        "Tool calling is disabled",
        "No endpoints found that support tool use. To learn more",
        "도구 호출을 지원하지 않는 모델입니다",
        "该模型不支持函数调用",
        "tool_choice requires tools parser",
    ),
    "thoughts-beside-calls": (
        "reasoning_content must be passed back to the API",
        "In thinking mode every assistant message with tool_calls needs its reasoning_content",
        "assistant message with tool calls lacks reasoning_content",
        "The reasoning content of the previous tool call turn is required",
        "thinking mode: missing reasoning_content",
        "思考模式下必须回传 reasoning_content",
        "생각 모드에서는 reasoning_content가 필요합니다",
    ),
    "no-thoughts": (
        "The reasoning_content is the intermediate result for display purposes only and will not be included in the context for inference. Please remove the reasoning_content from your message",
        "extra fields not permitted: reasoning_content",
        "unexpected property reasoning_content",
        "additional properties are not allowed ('reasoning_content' was unexpected)",
    ),
    "signed-calls": (
        "thought signature is missing for function call web_search",
        "Function call `default_api:web_search` in the 2. content block is missing a `thought_signature`",
    ),
    "named-results": (
        "messages[3]: 'name' is a required property",
        "function response must include the function name",
        "tool messages need a 'name'",
        "the name field of tool results cannot be empty",
    ),
    "plain-schemas": (
        "Schema keyword additionalProperties not supported",
        "Unsupported schema: anyOf",
        "tools.0.function.parameters: unknown key additionalProperties",
        "* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[k].any_of: should be non-empty",
    ),
    "no-stream-options": (
        "stream_options not supported",
        "Argument not supported on this model: stream_options",
        "Only 'stream' is supported, stream_options is not",
    ),
    "max-completion-tokens": (
        "max_tokens not supported, use max_completion_tokens",
        "'max_tokens' is not compatible with reasoning models",
    ),
    "whole": (
        "stream must be false",
        "this endpoint does not stream",
        "streaming unavailable",
    ),
    "no-parallel-option": (
        "parallel_tool_calls not allowed",
        "property 'parallel_tool_calls' is unsupported, did you mean 'tools'?",
    ),
}
"""More of the words in which the rules of these names are refused."""
