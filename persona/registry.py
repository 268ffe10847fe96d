"""Which professors there are: ours, and those in the folder of the user."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from ..memory.errors import PersonaError
from .rules import nearest
from .spec import Persona

DEFAULT = "kim-yongdam"
"""Who speaks when nobody was chosen."""


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


def all(user_dir: Path | None = None) -> list[Persona]:  # noqa: A001 - persona.registry.all() reads as it should
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
