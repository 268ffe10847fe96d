from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcp_servers import command
from officehours.agent.events import ToolFinished, TurnWaiting
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.tools.mcp.connections import connections
from officehours.tools.mcp.servers import read_servers
from program import environment
from tutors import answer, say, scripted, tutor

SERVERS = read_servers({"good": command("good")})


@pytest.fixture(scope="module", autouse=True)
def no_server_stays() -> Iterator[None]:
    yield
    connections.close()


def test_a_turn_calls_a_servers_tool_once_the_student_says_yes(own_home: Path) -> None:
    model = scripted([ScriptedCall("add", {"a": 40, "b": 2}), "It is 42."])
    asked: list[str] = []
    with tutor(own_home, model, mcp_servers=SERVERS) as professor:
        professor.state.tool_executor.approve = lambda call, _tool: not asked.append(call.name)
        events = say(professor, "What is 40 and 2?")
    [finished] = [event for event in events if isinstance(event, ToolFinished)]
    assert (finished.ok, answer(events)) == (True, "It is 42.")
    assert asked == ["add"]
    assert '<untrusted source="mcp good"' in model.requests[1].messages[-1].content
    assert [spec.name for spec in model.requests[0].tools] == [spec.name for spec in model.requests[1].tools]


def test_without_a_yes_it_is_not_called(own_home: Path) -> None:
    model = scripted([ScriptedCall("add", {"a": 40, "b": 2}), "I may not."])
    with tutor(own_home, model, mcp_servers=SERVERS) as professor:
        asked = say(professor, "What is 40 and 2?")[-1]
        assert isinstance(asked, TurnWaiting)
        professor.approve(asked.approvals[0].id, yes=False)
        events = list(professor.resume())
    [finished] = [event for event in events if isinstance(event, ToolFinished)]
    assert (finished.ok, answer(events)) == (False, "I may not.")


def test_a_server_that_is_missing_stops_no_conversation(own_home: Path) -> None:
    gone = read_servers({"gone": {"command": "no-such-program"}})
    with tutor(own_home, scripted(["Hello."]), mcp_servers=gone) as professor:
        assert any("gone" in warning.en for warning in professor.state.runtime.warnings)
        assert answer(say(professor, "Hi.")) == "Hello."


PROBE = """
import json, sys
sys.argv = ["officehours", "ask", "Hello", "--json"]
from officehours.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(json.dumps([name for name in ("mcp", "mcp_types", "starlette", "uvicorn") if name in sys.modules]), file=sys.stderr)
"""


@pytest.mark.slow
def test_a_conversation_without_servers_does_not_load_the_sdk(own_home: Path) -> None:
    done: Any = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, env=environment(own_home), check=True
    )
    assert json.loads(done.stderr.decode().splitlines()[-1]) == []
