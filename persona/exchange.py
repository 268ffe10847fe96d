"""What a check is given, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .modes import Mode


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply with what it replies to.

    Attributes:
        small_talk: The student only greeted, thanked or took leave.
        sources: Ids (`a12`) that memory put beside this question, or a tool found for it.
        shown: All other ids that stood before the professor's eyes.
        tools: Names of the tools that were called.
        earlier: What was said before in the conversation, by anybody.
        mode: How the student wants to be taught; None leaves it to the professor.
        instructions: What the professor is told to be, in words that are not the student's to read.
    """

    answer: str
    question: str = ""
    small_talk: bool = False
    sources: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    earlier: tuple[str, ...] = ()
    mode: Mode | None = None
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a reply breaks a rule: what is wrong, in both languages.

    Attributes:
        slight: A slip: counted, but never worth a second request, whatever the rule.
    """

    check: str
    en: str
    ko: str
    slight: bool = False

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


Check = Callable[..., list[Violation]]
"""Takes an `Exchange`, and options by keyword as a persona file may set them."""
