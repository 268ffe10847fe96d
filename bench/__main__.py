"""Run a measurement by name, or the quick ones.

python -m officehours.bench [OPTIONS]       startup and turn
python -m officehours.bench NAME [OPTIONS]  one of the others; NAME --help says more

--json prints one JSON document for each measurement instead of its table, where it has one.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from pathlib import Path

from ._figures import load_now

QUICK = ("startup", "turn")


def names() -> list[str]:
    """Every measurement there is: a module of this folder with a `main`."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_") and not name.endswith("_worker"))


def main() -> None:
    """Run what the command line asks for."""
    given = sys.argv[1:]
    named = bool(given) and not given[0].startswith("-")
    if (named and given[0] not in names()) or given[:1] in (["-h"], ["--help"]):
        print(__doc__)
        print("NAME is one of:", ", ".join(names()))
        sys.exit(2 if named else 0)
    print(f"{os.cpu_count()} cores, load {load_now():.1f}", file=sys.stderr)
    for name in given[:1] if named else QUICK:
        sys.argv = [f"bench {name}", *given[named:]]
        importlib.import_module(f"officehours.bench.{name}").main()


if __name__ == "__main__":
    main()
