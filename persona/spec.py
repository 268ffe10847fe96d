"""Who speaks: a professor's file, read and checked.

A persona is a Markdown file. Its front matter (YAML) says what it is and what it promises; its body, in the
professor's own words, goes into the system prompt. A section headed `# ko` or `# en` is for that language, what stands
before the first of them for every one. docs/personas.md shows the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .exchange import Exchange, Violation
from .lines import Lines, choose
from .modes import Mode
from .rules import ALWAYS, CHECKS, HARD

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
        hard: A reply that breaks it is taken back and asked for once more; otherwise it is only counted.
    """

    text: str
    check: str | None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    hard: bool = False

    def violations(self, exchange: Exchange) -> list[Violation]:
        """Where an exchange breaks the promise; nothing for one that no check proves."""
        return [] if self.check is None else CHECKS[self.check](exchange, **self.options)


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A promise that a reply broke, and where."""

    rule: Rule
    violation: Violation

    @property
    def hard(self) -> bool:
        """Whether the reply is to be asked for once more."""
        return self.rule.hard and not self.violation.slight


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
        mode: How the professor teaches where neither the student nor a setting says.
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
    mode: Mode | None = None

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

    @property
    def promises(self) -> tuple[Rule, ...]:
        """The rules of the file, and those of `rules.ALWAYS` whose check it does not name."""
        named = {rule.check for rule in self.rules}
        always = (
            Rule(text, check, hard=check in HARD) for check, text in ALWAYS.items() if check not in named
        )
        return (*self.rules, *always)

    def broken(self, exchange: Exchange) -> list[BrokenRule]:
        """Which promises a reply breaks, and where; the set phrases of `lines` may be recited, the body may not."""
        told = replace(exchange, instructions="\n".join([self.body, *self.sections.values()]))
        return [BrokenRule(rule, found) for rule in self.promises for found in rule.violations(told)]
