"""Running `officehours` as a person or another program would: a process of its own, on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-c", "from officehours.cli import main; main()")


@dataclass(frozen=True)
class ToolCallResult:
    """How a run ended; nothing of the output is lost to an encoding."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that stdout must hold."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON documents of stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The caller's environment with a home, the hashing embedder, and no model server but a named one."""
    return {**os.environ, "OFFICEHOURS_HOME": str(home), "OFFICEHOURS_EMBEDDER": "hashing"} | {
        "OFFICEHOURS_MODEL": "study",
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        **more,
    }


def officehours(*arguments: str | Path, home: Path, stdin: str | bytes = "", **env: str) -> ToolCallResult:
    """Run the program to its end."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=given,
        capture_output=True,
        env=environment(home, **env),
        timeout=300,
        check=False,
    )
    return ToolCallResult(done.returncode, done.stdout.decode(), done.stderr.decode())
