"""The tools that each server listed last, in a small file of the home, and whether the person accepted those words.

A conversation's tools must be the same from its first request on, and no greeting waits for a server: so the list of last
time is what is offered, and a new one holds from the next time on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from ...memory.private import read_table, replace_private
from .descriptions import Described
from .servers import Server

FILE = "mcp.json"

FRESH = timedelta(days=1)
"""A list that is older is asked for again in the background."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server listed.

    Attributes:
        refused: How many tools it lists besides that cannot be offered.
        accepted: The person has seen these words and wants them.
        changed: They had accepted others.
        fresh: It was listed of late.
    """

    tools: tuple[Described, ...]
    refused: int
    accepted: bool
    changed: bool
    fresh: bool


class KeptLists:
    """The lists of a home.

    Losing them costs a wait for each server, so what cannot be read is passed over and what cannot be written is not kept.

    Args:
        home: The home.
        clock: Gives the aware time.
    """

    def __init__(self, home: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file, self._clock = home / FILE, clock

    def get(self, server: Server) -> Listed | None:
        """Give what a server listed last; None where the settings have changed since, or it never did."""
        entry = self._entry(server)
        try:
            tools = tuple(Described(**tool) for tool in entry["tools"])
            age = abs(self._clock() - datetime.fromisoformat(entry["time"]))
            accepted, refused = entry.get("accepted"), int(entry["refused"])
        except (KeyError, TypeError, ValueError):
            return None
        same = accepted == _hash(tools)
        return Listed(tools, refused, same, accepted is not None and not same, age <= FRESH)

    def put(self, server: Server, tools: Sequence[Described], refused: int) -> Listed:
        """Keep what a server lists now; what the person accepted of it before stays accepted."""
        accepted = self._entry(server).get("accepted")
        entry = {
            "fingerprint": server.fingerprint,
            "time": self._clock().isoformat(),
            "accepted": accepted,
            "refused": refused,
            "tools": [asdict(tool) for tool in tools],
        }
        self._write({server.name: entry})
        same = accepted == _hash(tools)
        return Listed(tuple(tools), refused, same, accepted is not None and not same, fresh=True)

    def accept(self, server: Server, tools: Sequence[Described]) -> None:
        """Keep that the person has seen these tools' words and wants them."""
        if entry := self._entry(server):
            self._write({server.name: entry | {"accepted": _hash(tools)}})

    def forget(self, name: str) -> None:
        """Keep nothing of a server any more."""
        self._write({name: None})

    def _entry(self, server: Server) -> dict[str, Any]:
        """What is kept of a server as the settings name it now; nothing where they have changed."""
        found = read_table(self._file).get(server.name)
        entry = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        return entry if entry.get("fingerprint") == server.fingerprint else {}

    def _write(self, changes: dict[str, Any]) -> None:
        entries = {
            name: entry for name, entry in (read_table(self._file) | changes).items() if entry is not None
        }
        with suppress(OSError):
            replace_private(self._file, json.dumps(entries, ensure_ascii=False, indent=1))


def _hash(tools: Sequence[Described]) -> str:
    return hashlib.sha256(json.dumps([asdict(tool) for tool in tools], sort_keys=True).encode()).hexdigest()
