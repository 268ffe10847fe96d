"""What becomes of a text before it is written down."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from ..types import Message, ToolCall
from .normalize import HALF, HANGUL, normalize
from .terms import load_korean

if TYPE_CHECKING:
    from .secrets import Masked


class Utterance(NamedTuple):
    """What a person said, as it is kept, and what kinds of secrets were masked in it, each once."""

    text: str
    masked: tuple[str, ...] = ()


def sanitize_user(text: str) -> Utterance:
    """Make what a person typed fit to be kept: normalised, its secrets masked."""
    clean = _mask(normalize(text))
    return Utterance(clean.text, tuple(dict.fromkeys(found.kind for found in clean.found)))


def mask_secrets(text: str) -> str:
    """Give what a model or a tool said as it is kept: secrets masked, otherwise byte for byte."""
    return _mask(strip_unstorable(text)).text


def sanitize_arguments(arguments: str) -> str:
    """Give a call's arguments as they are kept; where nothing is masked in them, byte for byte."""
    text = strip_unstorable(arguments)
    try:
        values: object = json.loads(text)
    except ValueError:
        return _mask(text).text
    clean = _masked_in(values)
    return text if clean == values else json.dumps(clean, ensure_ascii=False)


def _masked_in(value: object) -> object:
    match value:
        case str():
            return _mask(value).text
        case list():
            return [_masked_in(entry) for entry in cast("list[object]", value)]
        case dict():
            return {key: _masked_in(entry) for key, entry in cast("dict[str, object]", value).items()}
        case _:
            return value


def warm_for(text: str) -> None:
    """Load what indexing a text needs, which may take a second: call it while no transaction keeps others waiting."""
    if HANGUL.search(text):
        load_korean()


def strip_unstorable(text: str) -> str:
    """Give the text without what no database can hold: NUL goes, half characters become U+FFFD.

    Otherwise it stays byte for byte: what a model said is sent to it again.
    """
    text = text.replace("\0", "")
    return text if text.isascii() else HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _mask(text: str) -> Masked:
    from .secrets import mask  # its patterns take longer to compile than a greeting may wait

    return mask(text)


def sanitize_message(message: Message) -> Message:
    """Give a message as it is stored: secrets masked, whatever no database holds taken out."""
    calls = tuple(
        ToolCall(strip_unstorable(c.id), strip_unstorable(c.name), sanitize_arguments(c.arguments))
        for c in message.tool_calls
    )
    return replace(
        message,
        content=mask_secrets(message.content),
        tool_calls=calls,
        tool_call_id=message.tool_call_id and strip_unstorable(message.tool_call_id),
        name=message.name and strip_unstorable(message.name),
        extras=strip_unstorable(message.extras),  # signed by its server: a masked one would be refused
    )
