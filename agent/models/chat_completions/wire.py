"""Chat Completions on the wire: a request becomes bytes, server-sent events become a reply.

The bytes of a request depend on nothing but the request, the profile and the dialect, and the messages come last:
a request that extends another extends its bytes too, up to the closing brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from ....memory.types import Message
from ....tools.base import ToolSpec
from ...model import ModelProfile, Request, Usage

Json = dict[str, Any]
LimitField = Literal["max_completion_tokens", "max_tokens"]
DONE = "[DONE]"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIGH, _LOW = re.compile(r"[\ud800-\udbff]\Z"), re.compile(r"\A[\udc00-\udfff]")
_THINKING = re.compile(r"\s*<(think|thinking|thought)>", re.IGNORECASE)


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


def sse_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Give the data of each server-sent event.

    Lines end at LF or CRLF only: a JSON string may hold U+2028 or U+0085, at which `str.splitlines` would cut it.
    """
    held = b""
    data: list[str] = []
    for chunk in chunks:
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].strip().decode("utf-8", "replace"))
            elif data and not line.strip():
                yield "\n".join(data)
                data.clear()
    if held.startswith(b"data:"):
        data.append(held[5:].strip().decode("utf-8", "replace"))
    if data:
        yield "\n".join(data)


@dataclass(slots=True)
class CallParts:
    """A tool call while its pieces come in."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])


class ReplyReader:
    """Puts one reply together from its deltas.

    Attributes:
        calls: The tool calls so far, in order.
        reason: The finish reason once it came, else None.
        usage: The tokens as the server counted them, or None.
        thought: The reply had hidden text.
    """

    def __init__(self) -> None:
        self.calls: list[CallParts] = []
        self.reason: str | None = None
        self.usage: Usage | None = None
        self.thought = False
        self._by_index: dict[int, CallParts] = {}
        self._half = ""
        self._hidden = Hidden()

    def feed(self, event: Json) -> str:
        """Take one event (or a whole answer) and give the text it adds for the person."""
        self.usage = usage_of(event) or self.usage
        text = ""
        for choice in as_objects(event.get("choices")):
            text += self._delta(as_object(choice.get("delta")) or as_object(choice.get("message")))
            self.usage = usage_of(choice) or self.usage
            if choice.get("finish_reason"):
                self.reason = str(choice["finish_reason"])
        return text

    @property
    def unclosed_thought(self) -> str:
        """The thought in which the text ended, "" if it ended outside one."""
        return self._hidden.unclosed

    def rest(self) -> str:
        """Give what was held back once the stream is over."""
        half, self._half = self._half, ""
        return self._hidden.feed("\ufffd" if half else "") + self._hidden.rest()

    def _delta(self, delta: Json) -> str:
        if delta.get("reasoning_content") or delta.get("reasoning"):
            self.thought = True
        for position, piece in enumerate(as_objects(delta.get("tool_calls"))):
            self._call(piece, position)
        text = self._hidden.feed(self._clean(_text(delta.get("content")) or _text(delta.get("refusal"))))
        self.thought = self.thought or self._hidden.found
        return text

    def _call(self, piece: Json, position: int) -> None:
        index = piece["index"] if isinstance(piece.get("index"), int) else position
        identity = str(piece.get("id") or "")
        function = as_object(piece.get("function"))
        name = str(function.get("name") or "")
        current = self._by_index.get(index)
        # Some servers give every whole call the same index; a new id together with a name is a new call.
        if current is None or (identity and name and current.id and identity != current.id):
            current = self._by_index[index] = CallParts()
            self.calls.append(current)
        current.id = current.id or identity
        if name != current.name:
            current.name += name
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            current.arguments.append(arguments)
        elif arguments is not None:
            current.arguments.append(json.dumps(arguments, ensure_ascii=False))

    def _clean(self, text: str) -> str:
        """Join surrogate halves that came in two deltas, and drop what no text should hold."""
        text, self._half = self._half + text, ""
        if text.isascii():
            return _CONTROL.sub("", text)
        if _HIGH.search(text):
            text, self._half = text[:-1], text[-1]
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return _CONTROL.sub("", joined)


class Hidden:
    """Keeps back a model's thoughts where they stand in the text, in `<think>` at the beginning of the reply."""

    def __init__(self) -> None:
        self.found = False
        self._state: Literal["before", "inside", "behind", "after"] = "before"
        self._held = ""
        self._closing = ""
        self._thought: list[str] = []

    @property
    def unclosed(self) -> str:
        """The thought that is open now, "" if none is."""
        return "".join([*self._thought, self._held]) if self._state == "inside" else ""

    def feed(self, text: str) -> str:
        """Take a piece of text and give what the person may see of it."""
        if self._state == "after":
            return text
        self._held += text
        if self._state == "before":
            self._look()
        if self._state == "inside":
            self._skip()
        if self._state == "behind":
            self._held = self._held.lstrip()
            self._state = "after" if self._held else "behind"
        return self.rest() if self._state == "after" else ""

    def rest(self) -> str:
        """Give what was held back at the end: a beginning that came to nothing, but no thoughts."""
        if self._state == "inside":
            return ""
        held, self._held = self._held, ""
        return held

    def _look(self) -> None:
        opening = _THINKING.match(self._held)
        if opening:
            self.found, self._state = True, "inside"
            self._closing = f"</{opening[1].lower()}>"
            self._held = self._held[opening.end() :]
            return
        start = self._held.lstrip().lower()
        if not any(tag.startswith(start) for tag in ("<think>", "<thinking>", "<thought>")):
            self._state = "after"

    def _skip(self) -> None:
        at = self._held.lower().find(self._closing)
        if at >= 0:
            self._state, self._held = "behind", self._held[at + len(self._closing) :]
        else:
            kept = max(0, len(self._held) - len(self._closing))
            self._thought.append(self._held[:kept])
            self._held = self._held[kept:]


def usage_of(holder: Json) -> Usage | None:
    """Read the usage of an event in the shapes that servers give it; None where there is none."""
    told = as_object(holder.get("usage")) or as_object(as_object(holder.get("x_groq")).get("usage"))
    prompt = _number(told.get("prompt_tokens")) or _number(told.get("input_tokens"))
    output = _number(told.get("completion_tokens")) or _number(told.get("output_tokens"))
    if not prompt and not output:
        return None
    details = as_object(told.get("prompt_tokens_details")) or as_object(told.get("input_tokens_details"))
    cached = _number(details.get("cached_tokens")) or _number(told.get("prompt_cache_hit_tokens"))
    cached = cached or _number(told.get("cached_tokens"))
    thinking = as_object(told.get("completion_tokens_details")) or as_object(
        told.get("output_tokens_details")
    )
    reasoning = _number(thinking.get("reasoning_tokens"))
    # Gemini's endpoint counts thinking in the total only.
    output = max(output, _number(told.get("total_tokens")) - prompt) if prompt else output
    return Usage(prompt, min(cached, prompt), output, min(reasoning, output))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0


def as_object(value: object) -> Json:
    """Give a JSON object as what it is, and {} for anything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Json]:
    """Give the objects in a JSON array, and [] for anything else."""
    if not isinstance(value, list):
        return []
    return [cast("Json", one) for one in cast("list[object]", value) if isinstance(one, dict)]


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    return "".join(
        str(part["text"]) for part in as_objects(content) if part.get("type") == "text" and part.get("text")
    )
