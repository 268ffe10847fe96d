"""Loading late: how a room's door hands names on, and how packages that several threads need are loaded whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib import import_module

loading = threading.RLock()
"""Held while a package is loaded that another thread may load too: two that import parts of each other's packages would
each be given what is half there (Python breaks such a deadlock that way)."""

_loaded: set[str] = set()


def load_whole(*packages: str) -> None:
    """Import packages, one thread at a time; whoever imports a name of them afterwards finds them whole."""
    if not _loaded.issuperset(packages):
        with loading:
            for package in packages:
                import_module(package)
            _loaded.update(packages)


def hand_on(room: str, files: Mapping[str, str]) -> Callable[[str], object]:
    """Give a package's `__getattr__` (PEP 562), which imports a file when one of its names is asked for.

    Args:
        room: The package's `__name__`.
        files: For each of its files, the names that it hands on, parted by spaces. A name that is also a file's is
            no good: importing the file would put it in the name's place.
    """
    homes = {name: file for file, names in files.items() for name in names.split()}

    def give(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(f"{room}.{home}"), name)

    return give
