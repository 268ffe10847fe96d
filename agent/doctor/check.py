"""What is found of one part of an installation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...memory.errors import OfficeHoursError

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one part.

    Attributes:
        name: "settings", "home", "disk", "database", "index", "embedder", "model", "tools", "personas", "terminal"
            or "network".
        en, ko: What was found, and what to do where it is not ok.
        details: The same as values, for programs.
    """

    name: str
    status: Status
    en: str
    ko: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


def guarded(name: str, check: Callable[[], Check]) -> Check:
    """Make a check of a part; what is raised is what was found."""
    try:
        return check()
    except OfficeHoursError as error:
        return failed(name, error)


def failed(name: str, error: OfficeHoursError) -> Check:
    """Say that a part fails."""
    return Check(name, "fail", error.en, error.ko, {"kind": type(error).__name__})


def both(text: str) -> tuple[str, str]:
    """Give a text that is the same in both languages."""
    return text, text
