"""How a room's door hands names on without loading what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


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
