"""Office Hours: the professor who remembers you.

What a program may rely on is named here, and docs/api has a page on each part. Every name is handed on when it is
asked for, so that `import officehours` costs nothing. The imports here are absolute on purpose: this file is also the
root of the repository, which a test runner may load by the clone's own folder name (docs/adr/0001).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from officehours.agent import events, models
    from officehours.agent.api.memory import Memory, open_memory
    from officehours.agent.assemble import open_tutor
    from officehours.agent.loop import Agent
    from officehours.agent.model import Model, ModelProfile
    from officehours.agent.settings import Limits, Settings
    from officehours.agent.settings import load as load_settings
    from officehours.memory import errors
    from officehours.memory.embedding import Embedder
    from officehours.memory.errors import OfficeHoursError, ToolError, ToolRetry
    from officehours.memory.types import Hit, Student
    from officehours.tools.base import Tool, ToolContext, ToolResult, tool
    from officehours.tools.policy import Policy

__version__ = "0.1.0"
__all__ = [
    "Agent",
    "Embedder",
    "Hit",
    "Limits",
    "Memory",
    "Model",
    "ModelProfile",
    "OfficeHoursError",
    "Policy",
    "Settings",
    "Student",
    "Tool",
    "ToolContext",
    "ToolError",
    "ToolResult",
    "ToolRetry",
    "__version__",
    "errors",
    "events",
    "load_settings",
    "models",
    "open_memory",
    "open_tutor",
    "tool",
]

_HOMES = {
    "Agent": "agent.loop:Agent",
    "Embedder": "memory.embedding:Embedder",
    "Hit": "memory.types:Hit",
    "Limits": "agent.settings:Limits",
    "Memory": "agent.api.memory:Memory",
    "Model": "agent.model:Model",
    "ModelProfile": "agent.model:ModelProfile",
    "OfficeHoursError": "memory.errors:OfficeHoursError",
    "Policy": "tools.policy:Policy",
    "Settings": "agent.settings:Settings",
    "Student": "memory.types:Student",
    "Tool": "tools.base:Tool",
    "ToolContext": "tools.base:ToolContext",
    "ToolError": "memory.errors:ToolError",
    "ToolResult": "tools.base:ToolResult",
    "ToolRetry": "memory.errors:ToolRetry",
    "errors": "memory.errors:",
    "events": "agent.events:",
    "load_settings": "agent.settings:load",
    "models": "agent.models:",
    "open_memory": "agent.api.memory:open_memory",
    "open_tutor": "agent.assemble:open_tutor",
    "tool": "tools.base:tool",
}
"""Where each name is at home; without a name behind the colon it is the module."""


def __getattr__(name: str) -> object:
    home, _, inside = _HOMES.get(name, "").partition(":")
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"officehours.{home}")
    return getattr(module, inside) if inside else module


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
