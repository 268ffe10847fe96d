from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from program import environment

SCRIPT = """
import atexit, threading
atexit.register(lambda: print([t.name for t in threading.enumerate() if t.daemon]))
from officehours import open_tutor
agent = open_tutor(model="study")
turn = agent.turn("What is ReLU?")
{rest}
"""


@pytest.mark.parametrize(
    "rest", ["for _ in turn: pass", "next(turn)", "for _ in turn: pass\nraise KeyError('of the script')"]
)
def test_a_script_that_ends_without_closing_leaves_nothing_at_work(own_home: Path, rest: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(rest=rest)],
        capture_output=True,
        env=environment(own_home),
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr
    assert done.returncode == ("raise" in rest)
    assert ("Traceback" in done.stderr) == ("raise" in rest)
