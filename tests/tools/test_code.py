from __future__ import annotations

import socket
import sys

import pytest

from officehours.agent.events import ToolFinished
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.errors import ToolError, ToolRetry
from officehours.tools import code
from officehours.tools.code import run_code
from tutors import answer, say, scripted, tutor

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits of the system")


def test_what_a_program_prints_is_given_back_and_nothing_of_the_student_is_in_its_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-student")
    monkeypatch.setenv("OFFICEHOURS_HOME", "/somewhere")
    printed = run_code(
        "import os, sys\nprint(sum(range(10)), '합')\nprint(sorted(os.environ), os.listdir('.'))"
    ).output
    assert printed.splitlines()[0] == "45 합"
    assert "API_KEY" not in printed
    assert "OFFICEHOURS" not in printed


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("", "no code"),
        ("print(1/0)", "ZeroDivisionError"),
        ("def f(:\n  pass", "SyntaxError"),
        ("x = 3", "printed nothing"),
        ("input()", "EOFError"),
    ],
)
def test_a_program_that_gives_nothing_is_for_the_model_to_mend(program, said):
    with pytest.raises(ToolRetry, match=said):
        run_code(program)


@POSIX
@pytest.mark.parametrize(
    ("program", "ends"),
    [
        ("while True: pass", ToolError),
        ("x = bytearray(2**34)", ToolRetry),
        ("while True: print('x' * 1000)", ToolRetry),
    ],
    ids=["time", "memory", "output"],
)
def test_a_program_that_takes_too_much_is_ended(program, ends, monkeypatch):
    monkeypatch.setattr(code, "SECONDS", 2.0)
    with pytest.raises(ends):
        run_code(program)


@POSIX
def test_what_a_program_starts_ends_with_it():
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = f"import socket; s = socket.create_connection({server.getsockname()}); print(1, flush=True); s.recv(1)"
        run_code(
            "import subprocess, sys\n"
            f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
            "print(child.stdout.readline())"
        )
        with server.accept()[0] as connection:
            assert connection.recv(1) == b""


@pytest.mark.parametrize(("yes", "said"), [(True, "There are 25"), (False, "I did not run it")])
def test_a_program_runs_only_if_the_student_says_yes(own_home, yes, said):
    program = "print(sum(all(n % d for d in range(2, n)) for n in range(2, 100)))"
    asked = []
    model = scripted([[ScriptedCall("run_code", {"code": program})], said])
    with tutor(own_home, model, code="ask") as professor:
        professor.state.tool_executor.approve = lambda call, _tool: asked.append(call.name) or yes
        events = say(professor, "How many primes are below 100?")
        results = [event for event in events if isinstance(event, ToolFinished)]
        assert asked == ["run_code"]
        assert [event.ok for event in results] == [yes]
        assert ("25" in model.requests[1].messages[-1].content) == yes
        assert answer(events) == said


def test_no_program_runs_unless_it_is_switched_on(own_home):
    with tutor(own_home, scripted(["Hello."])) as professor:
        assert professor.state.registry.get("run_code") is None
