"""For tests of what is built on Office Hours: models that do as they are told, and the rules that a part must keep.

Each name is loaded when it is asked for. docs/api/testing.md has examples and the rules. The imports are absolute, as
all are in the root (docs/adr/0001).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from officehours.agent.models.testing.check_model import check_model
    from officehours.agent.models.testing.faulty import (
        FaultyModel,
        LoopingModel,
        ask_for,
        break_calls,
        cut,
        forget_usage,
        never_finish,
        refuse,
        say_nothing,
        spoil_text,
    )
    from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
    from officehours.memory.embedding import HashingEmbedder
    from officehours.memory.embedding.check_embedder import check_embedder
    from officehours.tools.conformance import check_tool

__all__ = [
    "FaultyModel",
    "HashingEmbedder",
    "LoopingModel",
    "ScriptedCall",
    "ScriptedModel",
    "ask_for",
    "break_calls",
    "check_embedder",
    "check_model",
    "check_tool",
    "cut",
    "forget_usage",
    "never_finish",
    "refuse",
    "say_nothing",
    "spoil_text",
]

_FILES = {
    "agent.models.testing.check_model": "check_model",
    "agent.models.testing.faulty": "FaultyModel LoopingModel ask_for break_calls cut forget_usage never_finish refuse"
    " say_nothing spoil_text",
    "agent.models.testing.scripted": "ScriptedCall ScriptedModel",
    "memory.embedding": "HashingEmbedder",
    "memory.embedding.check_embedder": "check_embedder",
    "tools.conformance": "check_tool",
}
_HOMES = {name: f"officehours.{file}" for file, names in _FILES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
