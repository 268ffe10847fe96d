"""Chat Completions on the wire: a request becomes bytes, server-sent events become a reply.

The bytes of a request depend on nothing but the request, the profile and the dialect, and the messages come last:
a request that extends another extends its bytes too, up to the closing brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ....memory.types import Message, ToolCall
from ....tools.base import ToolSpec
from ...model import ModelProfile, Request, Usage
from .dialect import Dialect
from .extras import THOUGHTS, Extras, returned
from .history import SILENCE, legal, sendable

Json = dict[str, Any]
DONE = "[DONE]"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIGH, _LOW = re.compile(r"[\ud800-\udbff]\Z"), re.compile(r"\A[\udc00-\udfff]")
_THINKING = re.compile(r"\s*<(think|thinking|thought)>", re.IGNORECASE)


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
    extras: Extras = field(default_factory=Extras)


class ReplyReader:
    """Puts one reply together from its deltas.

    Attributes:
        calls: The tool calls so far, in order.
        reason: The finish reason once it came, else None.
        usage: The tokens as the server counted them, or None.
        thought: The reply had hidden text.
        extras: What it brought besides its text and calls.
    """

    def __init__(self) -> None:
        self.calls: list[CallParts] = []
        self.reason: str | None = None
        self.usage: Usage | None = None
        self.thought = False
        self.extras = Extras()
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
        self.extras.take(delta)
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
        current.extras.take_call(piece)
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
