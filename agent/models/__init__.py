"""The models a tutor can speak through, and what it takes to write another: the protocol and the values it deals in."""

from __future__ import annotations

from ...memory.types import Message, ToolCall
from ...tools.base import ToolSpec
from ..model import (
    AttemptFailed,
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

__all__ = [
    "AttemptFailed",
    "CallBroken",
    "CallReady",
    "Chunk",
    "Finished",
    "Interruptible",
    "Message",
    "Model",
    "ModelProfile",
    "Request",
    "Retracted",
    "TextDelta",
    "ToolCall",
    "ToolSpec",
    "Usage",
    "Warmable",
]
