"""Who holds a lock or a lease: the name of a process, and whether it still runs."""

from __future__ import annotations

import os
import socket
import sys
import uuid
from pathlib import Path


def new_owner() -> str:
    """Name this process uniquely: machine, process id and a random part."""
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex}"


def _machine() -> str:
    # Two containers may share a name but not a table of processes.
    try:
        scope = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        scope = ""
    return f"{socket.gethostname()}{scope}".replace(":", ".")


def is_dead(owner: str) -> bool:
    """Tell whether an owner's process ran on this machine and is gone."""
    machine, _, rest = owner.partition(":")
    process = rest.partition(":")[0]
    # On Windows signal 0 is Ctrl-C: there a lease is left to run out.
    if machine != _machine() or not process.isdigit() or sys.platform == "win32":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
