from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from program import environment

pytestmark = pytest.mark.checkout

SCRIPT = """
import atexit, threading
closed = threading.Event()
{first}
atexit.register(lambda: print([t.name for t in threading.enumerate() if t.daemon]))
from officehours import open_tutor
agent = open_tutor(model="study")
turn = agent.turn("What is ReLU?")
{rest}
"""


IN_A_THREAD = """
import threading
def go():
    for _ in turn: pass
thread = threading.Thread(target=go, daemon={daemon})
thread.start()
"""
TOO_LATE = """
def go():
    closed.wait()
    for _ in turn: pass
thread = threading.Thread(target=go, daemon=True)
thread.start()
"""
EMBEDDING = """
for number in range(200): agent.state.memories.archival.insert(f"note {number} about descent " * 9)
agent.warm()
for _ in turn: pass
"""


def ended(own_home: Path, rest: str, first: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(rest=rest, first=first)],
        capture_output=True,
        env=environment(own_home, **env),
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "rest", ["for _ in turn: pass", "next(turn)", "for _ in turn: pass\nraise KeyError('of the script')"]
)
def test_a_script_that_ends_without_closing_leaves_nothing_at_work(own_home: Path, rest: str) -> None:
    done = ended(own_home, rest)
    assert done.stdout == "[]\n", done.stderr
    assert done.returncode == ("raise" in rest)
    assert ("Traceback" in done.stderr) == ("raise" in rest)


@pytest.mark.slow
@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize("rest", ["for _ in turn: pass", EMBEDDING, IN_A_THREAD.format(daemon=False)])
def test_a_script_ends_well_every_time_also_while_it_embeds(own_home: Path, rest: str, time: int) -> None:
    done = ended(own_home, rest, OFFICEHOURS_EMBEDDER="auto")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("rest", [EMBEDDING, IN_A_THREAD.format(daemon=True)])
def test_a_script_ends_well_in_the_middle_of_work(own_home: Path, rest: str) -> None:
    done = ended(own_home, rest, OFFICEHOURS_EMBEDDER="auto")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_thread_that_begins_a_turn_as_the_program_ends_ends_with_it(own_home: Path) -> None:
    done = ended(own_home, TOO_LATE, first="atexit.register(lambda: (closed.set(), thread.join()))")
    assert (done.returncode, done.stderr) == (0, "")
