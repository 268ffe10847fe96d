"""What becomes of a text before it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from ..types import Message, ToolCall
from .normalize import HANGUL, clean, clean_line, normalize
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


_known: set[str] = set()
_PLACEHOLDERS = frozenset(
    {"lm-studio", "not-needed", "no-key-needed", "no-key-required", "sk-no-key-required"}
)
_TELLING = frozenset("0123456789:=@")


def remember_secrets(settings: Mapping[str, object], environ: Mapping[str, str]) -> None:
    """Have the keys and passwords in use masked wherever a server or a library repeats them, whatever their form."""
    _remember(settings.get("api_key"))
    for name, value in environ.items():
        if name.endswith(("_API_KEY", "_TOKEN", "_PASSWORD", "_SECRET")):
            _remember(value)
    for address in (
        *settings.values(),
        *(value for name, value in environ.items() if name.lower().endswith("_proxy")),
    ):
        with suppress(ValueError):
            password = urlsplit(address).password if isinstance(address, str) and "://" in address else None
            _remember(password)
            _remember(unquote(password or ""))


def _remember(value: object) -> None:
    """Words are no use to hide: they would vanish from every sentence that has them."""
    if isinstance(value, str) and len(value) >= 8 and not value.isalpha() and value not in _PLACEHOLDERS:
        _known.add(value)


def redact(text: str) -> str:
    """Give a text without its secrets: the one redactor of what is shown, logged and kept."""
    telling = not _TELLING.isdisjoint(text) or any(value in text for value in _known)
    return _mask(text).text if telling else text


def redacted(value: Any) -> Any:
    """Give JSON values without the secrets in their texts."""
    match value:
        case str():
            return redact(value)
        case list() | tuple():
            return [redacted(entry) for entry in cast("Iterable[object]", value)]
        case dict():
            return {key: redacted(entry) for key, entry in cast("dict[str, object]", value).items()}
        case _:
            return value


def mask_secrets(text: str) -> str:
    """Give what a model or a tool said as it is kept: clean, its secrets masked."""
    return _mask(clean(text)).text


def sanitize_arguments(arguments: str) -> str:
    """Give a call's arguments as they are kept; where nothing was to be taken from them, byte for byte."""
    try:
        values: object = json.loads(arguments)
        kept = _masked_in(values)
    except (ValueError, RecursionError):
        return mask_secrets(arguments)
    if kept == values and arguments.isprintable():
        return arguments
    return json.dumps(kept, ensure_ascii=False)


def _masked_in(value: object) -> object:
    match value:
        case str():
            return mask_secrets(value)
        case list():
            return [_masked_in(entry) for entry in cast("list[object]", value)]
        case dict():
            return {clean(key): _masked_in(entry) for key, entry in cast("dict[str, object]", value).items()}
        case _:
            return value


def warm_for(text: str) -> None:
    """Load what indexing a text needs, which may take a second: call it while no transaction keeps others waiting."""
    if HANGUL.search(text):
        load_korean()


def _mask(text: str) -> Masked:
    from .secrets import Found, Masked, mask  # its patterns take longer to compile than a greeting may wait

    told = [value for value in _known if value in text]
    for value in sorted(told, key=len, reverse=True):
        text = text.replace(value, "[***:api-key]")
    masked = mask(text)
    return Masked(masked.text, (*(Found("api-key") for _ in told), *masked.found)) if told else masked


def sanitize_message(message: Message) -> Message:
    """Give a message as it is stored: clean, its secrets masked."""
    calls = tuple(
        ToolCall(clean_line(c.id), clean_line(c.name), sanitize_arguments(c.arguments))
        for c in message.tool_calls
    )
    return replace(
        message,
        content=mask_secrets(message.content),
        tool_calls=calls,
        tool_call_id=message.tool_call_id and clean_line(message.tool_call_id),
        name=message.name and clean_line(message.name),
    )
