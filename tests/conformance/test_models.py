"""The models of the package keep the protocol, and the check that is handed to others finds each way to break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chat_server import ChatServer
from chat_server import say as reply
from officehours.agent.model import CallReady, Finished, ModelProfile, TextDelta, Usage
from officehours.agent.models.study.policy import StudyModel
from officehours.memory.errors import RateLimited
from officehours.memory.types import ToolCall
from officehours.testing import FaultyModel, ScriptedCall, ScriptedModel, check_model
from tutors import online

OK = [TextDelta("Five."), Finished("stop", Usage(9, 0, 2))]


def hello() -> ScriptedModel:
    return ScriptedModel(lambda _: "Hello there.")


def calling() -> ScriptedModel:
    call = ScriptedCall("look_up", {"word": "ReLU"})
    return ScriptedModel(lambda request: ["Let me see.", call] if request.tools else "Five.")


@pytest.mark.parametrize(
    "make",
    [hello, calling, lambda: FaultyModel(hello(), {}), StudyModel],
    ids=["scripted", "calls", "faulty", "study"],
)
def test_the_models_of_the_package_keep_the_protocol(make: Callable[[], Any]) -> None:
    check_model(make)


def test_a_model_on_a_server_keeps_the_protocol() -> None:
    with ChatServer(lambda _: reply("Five.")) as server:
        check_model(lambda: online(server.url))


class Custom:
    """A model that gives the same pieces to every request."""

    def __init__(self, *pieces: Any, **profile: Any) -> None:
        self.pieces = pieces
        self.profile: Any = replace(ModelProfile("custom", "custom"), **profile)

    def stream(self, _: Any) -> Any:
        yield from self.pieces


class NoFacts(Custom):
    def __init__(self) -> None:
        self.pieces, self.profile = OK, {"name": "custom"}


class Lists(Custom):
    def stream(self, _: Any) -> Any:
        return list(self.pieces)


class Unclosable(Custom):
    def stream(self, _: Any) -> Any:
        try:
            yield from self.pieces
        except GeneratorExit:
            raise ValueError("still at it") from None


class Raises(Custom):
    def stream(self, _: Any) -> Any:
        yield TextDelta("So ")
        raise RateLimited("later")


def ready(identity: str, arguments: str = "{}") -> CallReady:
    return CallReady(ToolCall(identity, "look_up", arguments))


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        (NoFacts(), "`profile` is a ModelProfile, not a dict"),
        (Custom(*OK, name=""), "names the model"),
        (Custom(*OK, window=100, max_output=100), "below `window`"),
        (Lists(*OK), "gives a generator"),
        (Unclosable(*OK), "can be closed in the middle"),
        (Raises(), "it raised RateLimited: later"),
        (Custom("Five."), "gave 'Five.'"),
        (Custom(TextDelta("Five.")), "ends in one Finished"),
        (Custom(*OK, *OK), "ends in one Finished"),
        (Custom(), "ends in one Finished"),
        (Custom(Finished("stop")), "has text or a call"),
        (Custom(ready("1"), Finished("tool_calls")), "Without tools no call"),
        (Custom(ready(""), Finished("tool_calls")), "has an id"),
        (Custom(ready("1"), ready("1"), Finished("tool_calls")), "ids of the calls of a reply differ"),
        (Custom(ready("1", "[]"), Finished("tool_calls")), "JSON text of an object"),
        (Custom(OK[0], Finished("stop", Usage(-1))), "not negative"),
        (Custom(OK[0], Finished("stop", Usage(1, 2))), "cached tokens are part"),
        (Custom(OK[0], Finished("stop", Usage(1, 0, 1, 2))), "hidden tokens are part"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_broken_rule_is_named_in_a_sentence(model: Any, rule: str) -> None:
    with pytest.raises((AssertionError, ValueError), match=rule):
        check_model(lambda: model)
