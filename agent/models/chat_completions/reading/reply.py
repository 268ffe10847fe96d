"""One reply, put together from the events of a stream or from an answer that came whole."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ....model import Usage
from ..extras import Extras
from ..wire import Json, as_object, as_objects
from .sse import documents
from .thoughts import Speech, Taken

REPLY_CHARS = 200_000
"""Characters of speech in one reply; the longest that a model may be asked for has some 130,000."""

REPLY_CALLS = 64
"""Calls of one reply that are made; the model is told of the others, which are not."""

ARGUMENT_CHARS = 200_000
"""Characters of the arguments of one call."""

NAME_CHARS = 200
"""Characters of a tool's name or a call's id."""

MOST_TOKENS = 1_000_000_000
"""Tokens that one request can have used; a server that counts more cannot count."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIGH = re.compile(r"[\ud800-\udbff]\Z")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "thoughts", "reasoning_text", "reasoning_details")
_THOUGHT_PARTS = frozenset(
    {"thinking", "reasoning", "thought", "redacted_thinking", "reasoning_text", "summary_text"}
)
_LEGACY = "function_call"
_REASONS = {
    "max_tokens": "length", "max_output_tokens": "length", "model_length": "length", "safety": "content_filter",
    "sensitive": "content_filter", "prohibited_content": "content_filter", "recitation": "content_filter",
}  # fmt: skip
"""What others call the reasons that we tell apart."""

_NO_REASON = frozenset({"", "null", "none"})


class TooMuchSpeech(Exception):
    """The reply does not end."""


@dataclass(slots=True)
class CallParts:
    """A tool call while its pieces come in.

    Attributes:
        size: Characters of its arguments; what is beyond `ARGUMENT_CHARS` is counted and not kept.
    """

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    size: int = 0
    extras: Extras = field(default_factory=Extras)

    @property
    def text(self) -> str:
        """The arguments so far."""
        return "".join(self.arguments)

    @property
    def whole(self) -> bool:
        """Whether the arguments so far are JSON of an object."""
        last = self.arguments[-1].rstrip() if self.arguments else ""
        return last.endswith("}") and bool(_objects(self.text))

    def add(self, text: str) -> None:
        """Take the next piece of the arguments; one that repeats all that came takes its place."""
        if self.size > 1 and len(text) >= self.size and text.startswith("{") and text.startswith(self.text):
            self.arguments.clear()
            self.size = 0
        self.size += len(text)
        if self.size <= ARGUMENT_CHARS:
            self.arguments.append(text)


class ReplyReader:
    """Puts one reply together from its deltas.

    Args:
        tools: Names of the tools that were offered.
        speech: Tells thoughts from speech.

    Attributes:
        calls: The tool calls so far, in order, at most one more than are made.
        reason: The finish reason once it came, else None.
        usage: The tokens as the server counted them, or None.
        thought: The reply had hidden text.
        progress: Grows with whatever comes of speech and calls.
        started: Something of a reply has come.
        whole: It came whole, not in deltas.
        extras: What it brought besides its text and calls.
    """

    def __init__(self, tools: Collection[str] = (), speech: Speech | None = None) -> None:
        self.calls: list[CallParts] = []
        self.reason: str | None = None
        self.usage: Usage | None = None
        self.thought = self.whole = self.started = False
        self.extras = Extras()
        self.speech = speech or Speech(tools=tools)
        self.progress = 0
        self._tools = tools
        self._by_index: dict[object, CallParts] = {}
        self._half = ""
        self._chars = 0
        self._choice: object = None
        self._beside: list[str] = []
        self._beside_chars = 0

    def feed(self, event: Json) -> Iterator[str | Taken]:
        """Take one event, or a whole answer, and give the text it adds for the person.

        Raises:
            TooMuchSpeech: There is no end to it.
        """
        self.usage = usage_of(event) or self.usage
        choices = event.get("choices")
        for choice in as_objects(_listed(choices)):
            number = choice.get("index") or 0
            self.started = True
            if self._choice is None:
                self._choice = number
            if number != self._choice:  # another answer to the same question
                continue
            delta, message = as_object(choice.get("delta")), as_object(choice.get("message"))
            yield from self._delta(delta)
            yield from self._message(message)
            if not delta and not message:
                yield from self._text(_text(choice.get("text")))
            self.usage = usage_of(choice) or self.usage
            reason = str(choice.get("finish_reason") or "")[:NAME_CHARS]
            if reason.lower() not in _NO_REASON:
                self.reason = _REASONS.get(reason.lower(), reason)
            self.whole = self.whole or bool(message)

    @property
    def unclosed_thought(self) -> str:
        """The thought in which the reply ended, in its text or beside it; "" if it ended outside one."""
        alone = not self._chars and not self.calls
        return self.speech.unclosed or ("".join(self._beside) if alone else "")

    def rest(self) -> Iterator[str | Taken]:
        """Give what was held back once the stream is over."""
        half, self._half = self._half, ""
        if half:
            yield from self.speech.feed("\ufffd")
        yield from self.speech.close(cut=self.reason == "length")

    def _delta(self, delta: Json) -> Iterator[str | Taken]:
        self.extras.take(delta)
        if _thinks(delta):
            self.thought = True
            self.speech.release()
            self._think(next((delta[key] for key in _THOUGHTS if isinstance(delta.get(key), str)), ""))
        for position, piece in enumerate(as_objects(_listed(delta.get("tool_calls")))):
            self._call(piece, position)
        if legacy := as_object(delta.get(_LEGACY)):
            self._call({"index": _LEGACY, "function": legacy}, 0)
        yield from self._text(_text(delta.get("content")) or _text(delta.get("refusal")))

    def _message(self, message: Json) -> Iterator[str | Taken]:
        """Take a whole message; where deltas came before it repeats them."""
        if not message:
            return
        known = list(self.calls)
        for position, piece in enumerate(as_objects(_listed(message.get("tool_calls")))):
            if not _is_among(known, piece):
                self._call({**piece, "index": ("message", position)}, position)
        rest = {key: value for key, value in message.items() if key != "tool_calls"}
        if self._chars:
            rest.pop("content", None)
        if known:
            rest.pop(_LEGACY, None)
        yield from self._delta(rest)

    def _think(self, text: str) -> None:
        """Keep a thought that came beside the text: a call may stand in it."""
        self._beside_chars += len(text)
        if self._beside_chars <= REPLY_CHARS:
            self._beside.append(text)

    def _text(self, text: str) -> Iterator[str | Taken]:
        self._chars += len(text)
        self.progress += len(text)
        if self._chars > REPLY_CHARS:
            raise TooMuchSpeech
        if text:
            yield from self.speech.feed(self._clean(text))
        self.thought = self.thought or self.speech.found

    def _call(self, piece: Json, position: int) -> None:
        index = _index(piece.get("index"), position)
        identity = str(piece.get("id") or "")[:NAME_CHARS]
        function = as_object(piece.get("function")) or piece
        name = str(function.get("name") or "")[:NAME_CHARS]
        arguments = _arguments(function)
        self.progress += len(name) + len(arguments)
        current = self._by_index.get(index)
        if "index" not in piece and identity and not name:
            current = next((call for call in self.calls if call.id == identity), current)
        if current is None or (name and self._begins_another(current, identity, name, arguments)):
            current = CallParts()
            if len(self.calls) <= REPLY_CALLS:
                self.calls.append(current)
        self._by_index[index] = current
        current.extras.take_call(piece)
        current.id = current.id or identity
        if name != current.name and len(current.name) + len(name) <= NAME_CHARS:
            current.name += name
        if arguments:
            current.add(arguments)

    def _begins_another(self, current: CallParts, identity: str, name: str, arguments: str) -> bool:
        """Whether a piece with a name begins a new call, although its index is that of one that is known.

        Some servers give every call the same index or none, some the same id; others repeat the name with each piece,
        or the whole call at the end.
        """
        if current.whole:
            same = name == current.name and (not arguments or current.text.startswith(arguments))
            return not (same and identity in {"", current.id}) if arguments else identity != current.id
        if identity and current.id and identity != current.id:
            return name != current.name or arguments.lstrip()[:1] in {"", "{"}
        if current.arguments:
            return name != current.name
        return name != current.name and current.name in self._tools and name in self._tools

    def _clean(self, text: str) -> str:
        """Join surrogate halves that came in two deltas, and drop what no text should hold."""
        text, self._half = self._half + text, ""
        if text.isascii():
            return _CONTROL.sub("", text)
        if _HIGH.search(text):
            text, self._half = text[:-1], text[-1]
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return _CONTROL.sub("", joined)


def separate(calls: Sequence[CallParts]) -> list[CallParts]:
    """Part the calls whose arguments are several whole objects: a server joined calls that it gave no ids."""
    found: list[CallParts] = []
    for call in calls:
        objects = _objects(call.text) if "}" in call.text[:-1] else []
        different = [one for n, one in enumerate(objects) if one not in objects[:n]][:REPLY_CALLS]
        if len(different) < 2:
            found.append(call)
            continue
        for number, one in enumerate(different):
            text = json.dumps(one, ensure_ascii=False)
            found.append(CallParts("" if number else call.id, call.name, [text], len(text)))
    return found[: REPLY_CALLS + 1]


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
    """Give a count that can be one, and 0 for what cannot."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= 10:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return 0
    return int(value) if 0 < value <= MOST_TOKENS else 0


def _index(value: object, position: int) -> object:
    """Give the place of a call as a key; its position in the event where it has none."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value[:9])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return position if value is None or isinstance(value, bool | list | dict | float) else value


def _arguments(function: Json) -> str:
    """Give the arguments of a piece as text; a server may send the object itself, under another name."""
    found = next(
        (function[key] for key in ("arguments", "parameters", "input", "args") if key in function), None
    )
    if found is None or isinstance(found, str):
        return found or ""
    try:
        return json.dumps(found, ensure_ascii=False)
    except RecursionError:
        return "[" * ARGUMENT_CHARS + "["  # nested beyond reading, as no call is


def _is_among(known: Sequence[CallParts], piece: Json) -> bool:
    function = as_object(piece.get("function")) or piece
    arguments = _objects(_arguments(function))
    return any(
        (call.id and call.id == piece.get("id"))
        or (call.name == function.get("name") and _objects(call.text) == arguments)
        for call in known
    )


def _objects(text: str) -> list[Any]:
    """Read a text as JSON objects one after the other; [] where it is anything else."""
    try:
        found = documents(text[: ARGUMENT_CHARS + 1])
    except ValueError:
        return []
    return found if all(isinstance(one, dict) for one in found) else []


def _listed(value: object) -> object:
    """Give one object as a list of one."""
    return [cast("Json", value)] if isinstance(value, dict) else value


def _thinks(delta: Json) -> bool:
    return any(delta.get(key) for key in _THOUGHTS) or any(
        part.get("type") in _THOUGHT_PARTS for part in as_objects(delta.get("content"))
    )


def _text(content: object) -> str:
    """Give the speech in a message's content: text, or parts of which some may be thoughts."""
    if isinstance(content, str):
        return content
    parts = cast("list[object]", content) if isinstance(content, list) else [content]
    said = ""
    for part in parts:
        if isinstance(part, str):
            said += part
        else:
            fields = as_object(part)
            words = fields.get("text") or fields.get("refusal") or fields.get("content")
            spoken = fields.get("type") not in _THOUGHT_PARTS and not fields.get("thought")
            said += words if spoken and isinstance(words, str) else ""
    return said
