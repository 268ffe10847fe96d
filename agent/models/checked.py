"""What a model gives, held against what a model may give: any class can be one, and not all keep to the protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Iterator
from typing import Any, cast

from ...memory.errors import BadReply, ConfigError
from ...memory.types import ToolCall
from ..model import (
    AttemptFailed,
    CallBroken,
    CallReady,
    Chunk,
    Finished,
    Model,
    ModelProfile,
    Request,
    Retracted,
    TextDelta,
    Usage,
)

_log = logging.getLogger(__name__)

MOST_CHARACTERS = 200_000
"""Of a reply, as of one that a server sends: what never ends must end somewhere."""

_END = object()

PIECES = "TextDelta, Retracted, CallReady, CallBroken, AttemptFailed, Finished"


def checked(model: Model, request: Request) -> Generator[Chunk]:
    """Stream a reply of whatever was given as a model.

    Raises:
        BadReply: It gave something that is no piece of a reply, or a reply without end; the text says what.
        RuntimeError: It raised what is meant to end a program or a generator.
        Exception: As the model raises it.
    """
    name = model.profile.name
    stream = _begun(model, request, name)
    try:
        said = 0
        while (chunk := _guarded(lambda: next(stream, _END), name)) is not _END:
            piece = piece_of(chunk, name)
            if isinstance(piece, TextDelta) and (said := said + len(piece.text)) > MOST_CHARACTERS:
                raise _endless(name)
            yield piece
    finally:
        _close(stream, name)


def check_profile(model: object) -> None:
    """Look at what was given as a model before a conversation rests on it.

    Raises:
        ConfigError: It cannot be one.
    """
    kind = type(model).__name__ if not isinstance(model, type) else f"class {model.__name__}"
    if isinstance(model, type) or not callable(getattr(model, "stream", None)):
        raise ConfigError(
            f"model= takes a model's name or an object with `profile` and `stream`; this is a {kind}.",
            f"model=에는 모델 이름이나 `profile`과 `stream`이 있는 객체를 넣습니다. 받은 것: {kind}",
        )
    profile = getattr(model, "profile", None)
    if not isinstance(profile, ModelProfile):
        raise ConfigError(
            f"The `profile` of the model {kind} is a {type(profile).__name__}, not a ModelProfile.",
            f"{kind} 모델의 `profile`이 ModelProfile이 아니라 {type(profile).__name__}입니다.",
        )


def _begun(model: Model, request: Request, name: str) -> Iterator[object]:
    stream = cast("Any", _guarded(lambda: model.stream(request), name))
    if not hasattr(stream, "__next__") and hasattr(stream, "__iter__"):
        stream = iter(stream)
    if not hasattr(stream, "__next__"):
        raise _no_piece(name, stream, "`stream` is a plain generator of pieces")
    return stream


def _guarded(do: Callable[[], object], name: str) -> object:
    """A model may fail as it likes; what it raises does not end the program, nor what reads it."""
    try:
        return do()
    except (KeyboardInterrupt, Exception):
        raise
    except BaseException as error:
        raise RuntimeError(f"the model {name} raised {type(error).__name__}") from error


def _close(stream: Any, name: str) -> None:
    try:
        getattr(stream, "close", lambda: None)()
    except Exception:  # noqa: BLE001 - what was said stands, and the turn ends for another reason
        _log.exception("the model %s could not be stopped in the middle of its reply", name)


def piece_of(chunk: object, name: str) -> Chunk:
    """Give a piece of a reply as it can be used: a call whose arguments are no JSON object is a broken one.

    Raises:
        BadReply: It is none.
    """
    match chunk:
        case TextDelta(str()) | Retracted() | AttemptFailed():
            return chunk
        case Finished(str(), None | Usage(), str()):
            return chunk
        case CallReady(ToolCall(str(), str(), str()) as call):
            return (
                chunk if _is_object(call.arguments) else CallBroken(call, "the arguments are no JSON object")
            )
        case CallBroken(ToolCall(str(), str(), str()), str()):
            return chunk
        case _:
            raise _no_piece(name, chunk, f"a piece is one of {PIECES}, with values of the right types")


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def _endless(name: str) -> BadReply:
    return BadReply(
        f"The model {name} did not stop after {MOST_CHARACTERS:,} characters. What came is kept. Ask for something shorter.",
        f"모델 {name}이(가) {MOST_CHARACTERS:,}자가 넘도록 멈추지 않아 끊었습니다. 그때까지의 글은 저장해 두었습니다. "
        "더 짧은 답을 청해 주세요.",
    )


def _no_piece(name: str, given: object, right: str) -> BadReply:
    shown = repr(given)[:80]
    return BadReply(
        f"The model {name} gave {shown}, which is no part of a reply: {right} (docs/api/models.md).",
        f"모델 {name}이(가) 답의 일부가 아닌 것을 보냈습니다: {shown} (docs/api/models.md 참고).",
    )
