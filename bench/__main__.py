"""Run a measurement by name, or the quick ones.

python -m officehours.bench                 startup and turn
python -m officehours.bench NAME [OPTIONS]  one of the others; NAME --help says more
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from pathlib import Path

QUICK = ("startup", "turn")


def names() -> list[str]:
    """Every measurement there is: a module of this folder with a `main`."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_") and not name.endswith("_worker"))


def main() -> None:
    """Run what the command line asks for."""
    wanted = sys.argv[1:2]
    if wanted and wanted[0] not in names():
        print(__doc__)
        print("NAME is one of:", ", ".join(names()))
        sys.exit(0 if wanted[0] in ("-h", "--help") else 2)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{os.cpu_count()} cores, load {load:.1f}", file=sys.stderr)
    for name in wanted or QUICK:
        sys.argv = [f"bench {name}", *sys.argv[2:]] if wanted else [f"bench {name}"]
        importlib.import_module(f"officehours.bench.{name}").main()


if __name__ == "__main__":
    main()
