"""Replies written event by event, and what a model makes of them; for tests beside `chat_server.py`."""

from __future__ import annotations

import json
from typing import Any

from chat_server import ChatServer, Reply
from officehours.agent.model import (
    AttemptFailed,
    CallReady,
    Chunk,
    ModelProfile,
    Request,
    Retracted,
    TextDelta,
)
from officehours.agent.models.chat_completions.client import OpenAIModel
from officehours.memory.types import Message
from officehours.tools.base import ToolSpec

Json = dict[str, Any]


def tool(name: str, *parameters: str) -> ToolSpec:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return ToolSpec(name, "A tool.", {"type": "object", "properties": properties})


TOOLS = (tool("calculate", "expression"), tool("core_memory_append", "label", "content"))


ASKED = Request((Message("system", "You teach."), Message("user", "hello")), TOOLS)


IN_KOREAN = Request((Message("system", "You teach."), Message("user", "안녕하세요")), TOOLS)


def model_at(server: ChatServer, name: str = "test-model", **options: Any) -> OpenAIModel:
    options = {"sleep": lambda _seconds: None, "jitter": lambda: 0.5} | options
    return OpenAIModel(ModelProfile(name, "test"), base_url=server.url, **options)


def heard(model: OpenAIModel, request: Request = ASKED) -> list[Chunk]:
    return [chunk for chunk in model.stream(request) if not isinstance(chunk, AttemptFailed)]


def text_of(chunks: list[Chunk]) -> str:
    """What a person is left with: what was taken back is not part of it."""
    text = ""
    for chunk in chunks:
        if isinstance(chunk, Retracted):
            text = ""
        elif isinstance(chunk, TextDelta):
            text += chunk.text
    return text


def calls_of(chunks: list[Chunk]) -> list[tuple[str, Any]]:
    return [(c.call.name, json.loads(c.call.arguments)) for c in chunks if isinstance(c, CallReady)]


def delta(content: Any = None, *, finish: str | None = None, **more: Any) -> Json:
    fields = more if content is None else {"content": content} | more
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def events(*values: Json | str, finish: str | None = "stop") -> Reply:
    last = [line(delta(finish=finish))] if finish else []
    return Reply(events=(*(v if isinstance(v, str) else line(v) for v in values), *last, "[DONE]"))


def pieces_of(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def piece(name: str | None = None, arguments: Any = None, **more: Any) -> Json:
    function = {k: v for k, v in {"name": name, "arguments": arguments}.items() if v is not None}
    return {**more, "type": "function", "function": function}


def called(*pieces: Json) -> Json:
    return delta(tool_calls=list(pieces))


ADD, APPEND = '{"expression": "1+1"}', '{"label": "student", "content": "Mina"}'


class Forever:
    """Events without an end."""

    def __init__(self, *first: str, then: str) -> None:
        self._first, self._then = first, then

    def __iter__(self) -> Any:
        yield from self._first
        while True:
            yield self._then


def forever(*first: str, then: str, **more: Any) -> Reply:
    return Reply(events=Forever(*first, then=then), **more)  # type: ignore[arg-type]


HEARTBEAT = "\n: still here"

ONE = line(delta("안녕"))
