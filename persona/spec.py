"""Who speaks: a professor's file, read and checked.

A persona is a Markdown file. Its front matter (YAML) says what it is and what it promises; its body, in the
professor's own words, goes into the system prompt. A section headed `# ko` or `# en` is for that language, what stands
before the first of them for every one. docs/personas.md shows the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .lines import Lines, choose
from .rules import CHECKS, Exchange, Violation
from .verbatim import longest_run

_DESCRIBED = {
    "ko": "당신은 {name}입니다. 자신을 이렇게 소개합니다:",
    "en": "You are {name}. You describe yourself like this:",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Something a professor promises.

    Attributes:
        text: The promise, for people to read.
        check: The name of the check that proves it; None where the file says `unchecked: true`.
        options: What the check is given.
    """

    text: str
    check: str | None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def violations(self, exchange: Exchange) -> list[Violation]:
        """Where an exchange breaks the promise; nothing for one that no check proves."""
        return [] if self.check is None else CHECKS[self.check](exchange, **self.options)


@dataclass(frozen=True, slots=True)
class Persona:
    """A professor.

    Attributes:
        names: By language.
        languages: Those the professor speaks, the main one first.
        voice: How the professor sounds, in a line; for lists, not for the model.
        tools: Names of the only tools the professor uses; None for all.
        lines: Set phrases for when no language model speaks: for every occasion and both languages, plain ones
            where the file has none.
        body: For the model, in every language; `sections` adds what is for one.
        source: The file.
    """

    id: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    voice: str
    rules: tuple[Rule, ...]
    tools: frozenset[str] | None
    lines: Lines
    body: str
    sections: Mapping[str, str]
    source: Path

    def name(self, language: str) -> str:
        """What the professor is called in a language, or in the professor's main one."""
        return self.names.get(language) or self.names[self.languages[0]]

    def render(self, language: str) -> str:
        """Give the words that make a model this professor, for a student of that language."""
        chosen = language if language in self.languages else self.languages[0]
        described = _DESCRIBED["ko" if chosen == "ko" else "en"].format(name=self.name(chosen))
        return "\n".join(part for part in (described, self.body, self.sections.get(chosen, "")) if part)

    def line(self, occasion: str, language: str, turn: int = 0, **values: str) -> str:
        """Give a set phrase for an occasion of `lines.OCCASIONS`; "" if the file gives an empty list for it.

        Args:
            turn: Makes phrases take turns.
            values: Fill the words in braces, such as `name` and `topic`; an empty one counts as unknown.
        """
        chosen = "ko" if language == "ko" else "en"
        return choose(self.lines[occasion][chosen], turn, values)

    def recited_in(self, reply: str) -> str:
        """Give the longest run of the words made for a model that a reply recites, without spaces; "" for none.

        The set phrases of `lines` are there to be said.
        """
        return longest_run(reply, "\n".join([self.body, *self.sections.values()]))

    def violations(self, exchange: Exchange) -> list[Violation]:
        """Where an exchange breaks what the professor promises."""
        return [violation for rule in self.rules for violation in rule.violations(exchange)]
