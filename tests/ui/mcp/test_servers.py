from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mcp_servers import PROGRAM
from officehours.agent.settings import load
from officehours.memory.errors import UsageError
from officehours.ui.mcp.config_file import put_server
from program import officehours

GOOD = ("--", sys.executable, str(PROGRAM), "good")


@pytest.mark.slow
def test_a_server_is_added_seen_and_removed(own_home: Path) -> None:
    own_home.mkdir()
    config = own_home / "config.toml"
    config.write_text('language = "en"  # mine\n\n[limits]\nsteps = 9\n', encoding="utf-8")
    before = config.read_text(encoding="utf-8")
    added = officehours("mcp", "add", "good", "--env", "WORD=s3cret-of-min", *GOOD, home=own_home)
    assert added.code == 0, added
    assert "Add two numbers." in added.out
    assert "Not accepted" in added.out
    assert config.read_text(encoding="utf-8").startswith(before)
    assert load().mcp_servers["good"].env == (("WORD", "s3cret-of-min"),)
    assert officehours("mcp", "accept", "good", "--yes", home=own_home).code == 0
    [server] = officehours("mcp", "list", "--json", home=own_home).json["servers"]
    assert (server["name"], server["state"], server["accepted"]) == ("good", "ok", True)
    assert "add" in server["tools"]
    listed = officehours("tools", "list", "--json", home=own_home).json
    assert {"add", "figures"} <= {tool["name"] for tool in listed["tools"] if tool["source"] == "mcp good"}
    for shown in (
        officehours("config", "show", home=own_home),
        officehours("config", "show", "--json", home=own_home),
    ):
        assert "mcp_servers.py good" in shown.out
        assert "s3cret" not in shown.out
    assert officehours("mcp", "remove", "good", home=own_home).code == 0
    assert config.read_text(encoding="utf-8") == before
    assert "No server yet" in officehours("mcp", "list", home=own_home).out


def test_a_server_that_does_not_start_is_listed_with_the_reason(own_home: Path) -> None:
    done = officehours("mcp", "add", "broken", "--", sys.executable, PROGRAM, "broken", home=own_home)
    assert done.code == 1
    assert "cannot find my configuration" in done.err
    [server] = officehours("mcp", "list", "--json", home=own_home).json["servers"]
    assert server["state"] == "failed"
    assert "cannot find my configuration" in server["problem"]["en"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("x",),
        ("x", "--url", "http://127.0.0.1:9", "--", "y"),
        ("x", "--env", "novalue", "--", "y"),
        ("not a name", "--", "y"),
    ],
)
def test_what_can_be_no_server_is_refused_and_nothing_is_written(
    own_home: Path, arguments: tuple[str, ...]
) -> None:
    done = officehours("mcp", "add", *arguments, home=own_home)
    assert done.code in {2, 3}
    assert not (own_home / "config.toml").exists()


def test_a_name_that_is_not_there_is_said(own_home: Path) -> None:
    assert officehours("mcp", "remove", "nobody", home=own_home).code == 2
    assert officehours("mcp", "accept", "nobody", home=own_home).code == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        'language = "ko"\n',
        '[mcpServers.b]\ncommand = "b"\n',
        '[mcpServers.b]\ncommand = "b" # keep\n[mcpServers.b.env]\nK = "v"\n\n[limits]\nsteps = 3\n',
        '[mcpServers."b"]\r\nurl = "http://127.0.0.1"\r\n',
    ],
)
def test_every_other_line_of_the_file_stays(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode())
    put_server(file, "a.b", {"command": "x", "args": ['"q" \\ \n', "한"], "env": {"K": "v w"}})
    now = file.read_text(encoding="utf-8")
    assert all(line in now for line in text.splitlines())
    put_server(file, "a.b", None)
    assert file.read_text(encoding="utf-8").split() == text.split()


@pytest.mark.parametrize(
    "text", ['mcpServers = { a = { command = "x" } }\n', '[mcpServers]\na.command = "x"\n']
)
def test_a_file_that_a_person_wrote_otherwise_is_theirs_to_change(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        put_server(file, "a", None)
    assert file.read_text(encoding="utf-8") == text
