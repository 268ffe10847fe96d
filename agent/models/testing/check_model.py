"""What every `Model` must do, as a check that anybody can run on theirs; docs/api/testing.md lists the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from ....memory.errors import BadReply, OfficeHoursError
from ....memory.types import Message, ToolCall
from ....tools.base import ToolSpec
from ...model import (
    CallBroken,
    CallReady,
    Chunk,
    Finished,
    Interruptible,
    Model,
    ModelProfile,
    Request,
    Retracted,
    TextDelta,
    Usage,
    Warmable,
)
from ..checked import piece_of

_SYSTEM = Message("system", "You are a professor who answers in one short sentence.")
_LOOK_UP = ToolSpec(
    "look_up",
    "Look a word up in the glossary.",
    {
        "type": "object",
        "properties": {"word": {"type": "string", "description": "The word."}},
        "required": ["word"],
    },
)
_CALL = ToolCall("call_1", "look_up", '{"word": "ReLU"}')
_REQUESTS = {
    "a plain question": Request((_SYSTEM, Message("user", "What is two and three?"))),
    "a question in Korean": Request(
        (_SYSTEM, Message("user", "안녕하세요, 교수님! 2 더하기 3은 뭐예요? 🙂"))
    ),
    "a question with a tool at hand": Request((_SYSTEM, Message("user", "What is ReLU?")), (_LOOK_UP,)),
    "a tool's result": Request(
        (
            _SYSTEM,
            Message("user", "What is ReLU?"),
            Message("assistant", "", (_CALL,)),
            Message("tool", "ReLU(x) = max(0, x)", tool_call_id="call_1", name="look_up"),
        ),
        (_LOOK_UP,),
    ),
    "a longer conversation": Request(
        (
            _SYSTEM,
            Message("user", "My name is Mina."),
            Message("assistant", "Welcome, Mina."),
            Message("user", "What is my name?"),
        ),
        max_output=64,
        seconds=600.0,
    ),
}


def check_model(make_model: Callable[[], Model]) -> None:
    """Hold a model against the protocol; costs about a dozen short requests.

    Args:
        make_model: Makes the model anew. It must be ready to answer any request, and several of them.

    Raises:
        AssertionError: It breaks a rule; the text is a sentence that says which.
    """
    _profile(make_model())
    for asked, request in _REQUESTS.items():
        _whole(_pieces(make_model(), request, asked), request, asked)
    _closes(make_model())
    _side_by_side(make_model())
    _interrupts(make_model())
    _warms(make_model())


def _profile(model: Model) -> None:
    profile: object = model.profile
    assert isinstance(profile, ModelProfile), f"`profile` is a ModelProfile, not a {type(profile).__name__}."
    assert model.profile == profile, "`profile` gives the same facts each time it is read."
    assert all((profile.name, profile.provider)), "`profile` names the model and who serves it."
    assert 0 < profile.max_output < profile.window, "`max_output` is above 0 and below `window`."


def _pieces(model: Model, request: Request, asked: str) -> list[Chunk]:
    try:
        with closing(model.stream(request)) as stream:
            return [_right(chunk) for chunk in stream]
    except AttributeError as error:
        raise AssertionError(f"`stream` gives a generator, which can be closed: {error}.") from error
    except BadReply as error:
        raise AssertionError(f"{asked.capitalize()}: {error}") from error
    except OfficeHoursError as error:
        raise AssertionError(
            f"The model answers {asked}; it raised {type(error).__name__}: {error}"
        ) from error


def _right(chunk: object) -> Chunk:
    piece = piece_of(chunk, "under test")
    assert type(piece) is type(chunk), (
        f"The arguments of a CallReady are the JSON text of an object, and those of a CallBroken may be anything: {chunk!r:.200}"
    )
    return piece


def _whole(pieces: list[Chunk], request: Request, asked: str) -> None:
    ends = [place for place, piece in enumerate(pieces) if isinstance(piece, Finished)]
    assert ends == [len(pieces) - 1], (
        f"A reply ends in one Finished, its last piece; to {asked} it gave {pieces!r:.300}"
    )
    calls = list(_calls(pieces))
    assert _text(pieces).strip() or calls, f"A reply has text or a call; to {asked} it has neither."
    ids = [call.id for call in calls]
    assert all(ids), "Every call has an id."
    assert len(set(ids)) == len(ids), f"The ids of the calls of a reply differ; these are {ids}."
    assert request.tools or not calls, (
        f"Without tools no call is made; to {asked} there is one of {calls[0].name}."
    )
    _counts(pieces[-1])


def _counts(end: Chunk) -> None:
    match end:
        case Finished(usage=Usage() as used):
            numbers = (used.input_tokens, used.cached_tokens, used.output_tokens, used.reasoning_tokens)
            assert min(numbers) >= 0, f"Counts of tokens are not negative: {used}."
            assert used.cached_tokens <= used.input_tokens, (
                f"The cached tokens are part of the input: {used}."
            )
            assert used.reasoning_tokens <= used.output_tokens, (
                f"The hidden tokens are part of the output: {used}."
            )
        case _:
            pass


def _text(pieces: list[Chunk]) -> str:
    text = ""
    for piece in pieces:
        match piece:
            case TextDelta(said):
                text += said
            case Retracted():
                text = ""
            case _:
                pass
    return text


def _calls(pieces: list[Chunk]) -> Iterator[ToolCall]:
    return (piece.call for piece in pieces if isinstance(piece, CallReady | CallBroken))


def _closes(model: Model) -> None:
    request = _REQUESTS["a plain question"]
    stream = model.stream(request)
    next(stream)
    try:
        stream.close()
    except Exception as error:
        raise AssertionError(f"A stream can be closed in the middle; this one raised {error!r}.") from error
    _whole(_pieces(model, request, "a question after a reply was stopped"), request, "a question after that")


def _side_by_side(model: Model) -> None:
    asked = "one of two questions asked at once"
    request = _REQUESTS["a plain question"]
    with ThreadPoolExecutor(2) as pool:
        for pieces in [pool.submit(_pieces, model, request, asked) for _ in range(2)]:
            _whole(pieces.result(), request, asked)


def _interrupts(model: Model) -> None:
    if isinstance(model, Interruptible):
        model.interrupt()
        request = _REQUESTS["a plain question"]
        _whole(
            _pieces(model, request, "a question after `interrupt`"), request, "a question after `interrupt`"
        )


def _warms(model: Model) -> None:
    if isinstance(model, Warmable):
        model.warm()
        model.warm()
