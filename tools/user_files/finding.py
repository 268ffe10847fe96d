"""Which tool files stand in the user's folder, and what each of them can import of it. Nothing is run here."""

from __future__ import annotations

import ast
import errno
import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TESTS = "tests"
"""The folder beside the tools in which their tests stand."""

LARGEST = 1_000_000
"""Bytes of a Python file that is read."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file as it is now."""

    path: Path
    content: bytes

    @property
    def digest(self) -> str:
        """What a yes is to: SHA-256 of the content."""
        return digest_of(self.content)


@dataclass(frozen=True)
class ToolFile:
    """A file, or a package, from which tools are taken.

    Attributes:
        name: As it is imported, and named in a command.
        path: The file; of a package its `__init__.py`.
        parts: What runs when it is imported, as far as it stands in the folder: itself first, then what it imports.
    """

    name: str
    path: Path
    parts: tuple[SourceFile, ...]

    @cached_property
    def digest(self) -> str:
        """One value for the content of all its parts."""
        return digest_of("\n".join(sorted(part.digest for part in self.parts)).encode())


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a folder.

    Attributes:
        files: In the order of their names.
        helpers: Names of those that others of them import.
        strays: Folders with Python files that are no packages.
        unreadable: Files that could not be read, each with the reason.
    """

    files: tuple[ToolFile, ...] = ()
    helpers: frozenset[str] = frozenset()
    strays: tuple[Path, ...] = ()
    unreadable: tuple[tuple[Path, str], ...] = ()


def digest_of(content: bytes) -> str:
    """Give the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def find(folder: Path) -> Found:
    """Look through the user's folder; it need not exist."""
    files: list[ToolFile] = []
    helpers: set[str] = set()
    strays: list[Path] = []
    unreadable: list[tuple[Path, str]] = []
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return Found()
    except OSError as error:
        return Found(unreadable=((folder, error.strerror or str(error)),))
    for path in entries:
        if path.name.startswith(("_", ".", "test_")) or path.name in {TESTS, "conftest.py"}:
            continue
        if path.is_dir() and not (path / "__init__.py").is_file():
            strays += [path] if next(path.rglob("*.py"), None) else []
            continue
        entry = path / "__init__.py" if path.is_dir() else path
        if entry.suffix != ".py" or (entry.exists() and not entry.is_file()):
            continue
        try:
            files.append(read_tool_file(folder, entry))
        except OSError as error:
            unreadable.append((path, error.strerror or str(error)))
            continue
        helpers |= {_top(folder, part.path) for part in files[-1].parts} - {files[-1].name}
    return Found(tuple(files), frozenset(helpers), tuple(strays), tuple(unreadable))


def read_tool_file(folder: Path, entry: Path) -> ToolFile:
    """Read one file, or a package by its `__init__.py`.

    Raises:
        OSError: It, or what it imports, cannot be read.
    """
    return ToolFile(_top(folder, entry), entry, _parts(folder, entry))


def beside(folder: Path, name: str) -> Path | None:
    """Give the file that `import name` means in a file of the folder; None where it means what is installed.

    A file beside comes first, as for a script, but nothing stands for the standard library or for this package.
    """
    return None if name in sys.stdlib_module_names or name == "officehours" else local_module(folder, name)


def local_module(folder: Path, name: str) -> Path | None:
    """Give the file of a module of the folder."""
    for path in (folder / name / "__init__.py", folder / f"{name}.py"):
        if path.is_file():
            return path
    return None


def _parts(folder: Path, entry: Path) -> tuple[SourceFile, ...]:
    """Read a file and, from there, all of the folder that its import statements name."""
    parts: dict[Path, SourceFile] = {}
    todo = [entry]
    while todo:
        path = todo.pop(0)
        if path in parts:
            continue
        parts[path] = _read(path)
        if path.name == "__init__.py":
            todo += sorted(path.parent.rglob("*.py"))
        todo += sorted(set(_imported(folder, parts[path])))
    return tuple(parts.values())


def _read(path: Path) -> SourceFile:
    if path.stat().st_size > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return SourceFile(path, path.read_bytes())


def _imported(folder: Path, file: SourceFile) -> Iterator[Path]:
    """Give the files at the top of the folder that a file's import statements mean."""
    depth = len(file.path.relative_to(folder).parts)
    try:
        tree = ast.parse(file.content, str(file.path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # said when it is run
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = [beside(folder, alias.name.partition(".")[0]) for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                found = [beside(folder, module.partition(".")[0])]
            case ast.ImportFrom(module=module, names=names, level=level) if level == depth:
                named = [module.partition(".")[0]] if module else [alias.name for alias in names]
                found = [local_module(folder, name) for name in named]
            case _:
                continue
        yield from filter(None, found)


def _top(folder: Path, path: Path) -> str:
    return path.relative_to(folder).parts[0].removesuffix(".py")
