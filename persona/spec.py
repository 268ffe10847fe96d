"""Who speaks: a professor's file, read and checked.

A persona is a Markdown file. Its front matter (YAML) says what it is and what it promises; its body, in the
professor's own words, goes into the system prompt. A section headed `# ko` or `# en` is for that language, what stands
before the first of them for every one. docs/personas.md shows the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from ..memory.errors import PersonaError
from .lines import Lines, choose
from .rules import CHECKS, Exchange, Violation, nearest

DEFAULT = "kim-yongdam"
"""Who speaks when nobody was chosen."""

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

    def violations(self, exchange: Exchange) -> list[Violation]:
        """Where an exchange breaks what the professor promises."""
        return [violation for rule in self.rules for violation in rule.violations(exchange)]


def load(path: Path) -> Persona:
    """Read a persona file.

    Raises:
        PersonaError: It cannot be used; the text names file, line and what is allowed.
    """
    return _load(path, frozenset())


def find(wanted: str, user_dir: Path | None = None) -> Persona:
    """Give the persona of an id, the user's own before ours, or the one in a file if a path is given.

    Args:
        wanted: An id, or a path that ends in `.md`.
        user_dir: Where the user's own files are; it need not exist.

    Raises:
        PersonaError: There is none, or its file cannot be used.
    """
    if wanted.endswith(".md") and Path(wanted).is_file():
        return load(Path(wanted))
    return _find(wanted, user_dir, frozenset())


def _load(path: Path, extending: frozenset[Path]) -> Persona:
    """Read a file that `extending` were on the way to: none of them is read again."""
    from .frontmatter import read

    seen = extending | {path.resolve()}
    return read(path, lambda base: _find(base, path.parent, seen))


def _find(wanted: str, user_dir: Path | None, seen: frozenset[Path]) -> Persona:
    available = {path.stem: path for path in _files(user_dir) if path.resolve() not in seen}
    if wanted in available:
        return _load(available[wanted], seen)
    near = nearest(wanted, list(available))
    listed = ", ".join(sorted(available))
    raise PersonaError(
        f"There is no persona `{wanted}`{f'; did you mean `{near}`?' if near else '.'} There are: {listed}.",
        f"그런 페르소나가 없습니다: `{wanted}`{f'. `{near}` 말씀인가요?' if near else '.'} 있는 것: {listed}.",
    )


def all(user_dir: Path | None = None) -> list[Persona]:  # noqa: A001 - persona.spec.all() reads as it should
    """Give every persona that can be used, the user's own in place of ours of the same id; see `problems`."""
    return [persona for persona in (_try(path) for path in _chosen(user_dir)) if isinstance(persona, Persona)]


def problems(user_dir: Path | None = None) -> list[PersonaError]:
    """Say which persona files cannot be used, and why."""
    return [error for error in (_try(path) for path in _chosen(user_dir)) if isinstance(error, PersonaError)]


def _try(path: Path) -> Persona | PersonaError:
    try:
        return load(path)
    except PersonaError as error:
        return error


def _chosen(user_dir: Path | None) -> list[Path]:
    by_id = {path.stem: path for path in _files(user_dir)}
    return sorted(by_id.values(), key=lambda path: (path.stem != DEFAULT, path.stem))


def _files(user_dir: Path | None) -> Iterator[Path]:
    """Give our files, then the user's, so that a later one takes an earlier one's place."""
    with as_file(files("officehours.persona") / "professors") as ours:
        yield from sorted(ours.glob("*.md"))
    if user_dir is not None and user_dir.is_dir():
        yield from sorted(user_dir.glob("*.md"))
