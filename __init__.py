"""Office Hours: the professor who remembers you.

Two names are public: `open_tutor` embeds a tutor in a program, `tool` makes a plain function callable by the
model. Both are handed on when they are asked for, so that `import officehours` costs nothing. The imports here
are absolute on purpose: this file is also the root of the repository, which a test runner may load by the
clone's own folder name (docs/adr/0001).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from officehours.agent.assemble import open_tutor
    from officehours.tools.base import tool

__version__ = "0.1.0"
__all__ = ["__version__", "open_tutor", "tool"]

_HOMES = {"open_tutor": "officehours.agent.assemble", "tool": "officehours.tools.base"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
