"""Files that nobody else on this machine may read: a student's words, keys, and whatever is derived from them."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

FOLDER, FILE = 0o700, 0o600

PARTS = frozenset(
    {"approved-tools.json", "config.toml", "index", "logs", "mcp.json", "mcp-token", "personas", "tools"}
)
"""What stands in a home besides the database."""

INSIDE = frozenset({"index", "logs"})
"""Those of them in which everything is ours."""

OTHERS = 0o077
"""The rights of everybody but the owner."""


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner alone; one that is there stays as it is."""
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(mode=FOLDER, exist_ok=True)


def open_private(file: Path, mode: str) -> IO[str]:
    """Open a text file that, where it is new, is its owner's alone; its folder is made if need be."""
    make_folder(file.parent)

    def made(name: str, flags: int) -> int:
        return os.open(name, flags, FILE)

    return open(file, mode, encoding="utf-8", errors="replace", opener=made)


def replace_private(file: Path, text: str) -> None:
    """Put a text in the place of a file that is its owner's alone: a crash leaves what it held or the text, whole.

    Raises:
        OSError: It cannot be written; what it held stays.
    """
    temporary = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with open_private(temporary, "w") as opened:
            opened.write(text)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def read_table(file: Path) -> dict[str, Any]:
    """Read a JSON object; from a file that is not there, or holds something else by now, an empty one."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def close_to_others(paths: Iterable[Path]) -> None:
    """Take everybody else's rights off what is ours; links and what belongs to others stay as they are."""
    for path in paths:
        with suppress(OSError):  # gone meanwhile, or on a file system without rights
            found = path.lstat()
            shared = stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX or found.st_uid != _user()
            if found.st_mode & OTHERS and not shared:
                path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def close_home(home: Path) -> None:
    """Close what this program keeps in its home to others, and the home too where nothing else is in it."""
    with suppress(OSError):
        ours = [path for path in home.resolve().iterdir() if path.name in PARTS or _is_store(path.name)]
        inside = [path for folder in ours if folder.name in INSIDE for path in folder.rglob("*")]
        only_ours = len(ours) == len(list(home.iterdir()))
        close_to_others([*ours, *inside, *([home.resolve()] if only_ours else [])])


def _is_store(name: str) -> bool:
    """Tell a database's file, its side files, and one that was moved aside."""
    return name.startswith("officehours.") and ".db" in name


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
