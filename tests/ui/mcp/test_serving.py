from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from chat_server import ChatServer, say
from own_tools import say_yes
from program import COMMAND, environment, officehours

NAMES = {"search", "insert", "brief", "due_reviews", "ask"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("served") / "home"
    officehours("ask", "I am Min. What is an eigenvalue?", home=home)
    officehours("memory", "add", "Min reads Strang on Fridays.", home=home)
    officehours("cards", "add", "What is a basis?", "The secret back of it.", home=home)
    return home


@asynccontextmanager
async def over_stdio(home: Path, *arguments: str, mode: str = "auto", **env: str) -> AsyncGenerator[Client]:
    program = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "mcp", *arguments], env=environment(home, **env)
    )
    async with Client(program, mode=mode) as client:
        yield client


async def call(client: Client, name: str, **arguments: Any) -> tuple[bool, str]:
    done = await client.call_tool(name, arguments)
    [block] = done.content
    assert block.type == "text"
    return not done.is_error, block.text


@pytest.mark.parametrize("mode", ["auto", pytest.param("legacy", marks=pytest.mark.slow)])
def test_the_official_client_works_with_the_memory_over_stdio(home: Path, mode: str) -> None:
    said: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        said.append(message)

    async def use() -> None:
        async with over_stdio(home, mode=mode) as client:
            assert client.server_info is not None
            assert client.server_info.name == "officehours"
            assert {tool.name for tool in (await client.list_tools()).tools} == NAMES
            ok, found = await call(client, "search", query="Strang", where="archival")
            assert ok
            assert "Min reads Strang on Fridays." in found
            ok, kept = await call(client, "insert", text=f"Ordered by {mode}: likes proofs.")
            assert ok
            assert "Kept as [a" in kept
            assert "eigenvalue" in (await call(client, "brief"))[1]
            due = (await call(client, "due_reviews"))[1]
            assert "What is a basis?" in due
            assert "secret back" not in due
            answer = await client.call_tool("ask", {"question": "What is 12*12?"}, progress_callback=hear)
            assert not answer.is_error
            assert "144" in answer.content[0].text  # pyright: ignore[reportAttributeAccessIssue]

    anyio.run(use)
    assert "calculate" in said


@pytest.mark.slow
def test_what_another_program_keeps_is_not_the_students_word(home: Path) -> None:
    async def use() -> None:
        async with over_stdio(home) as client:
            assert (await call(client, "insert", text="Min loves topology."))[0]
            assert "(imported)" in (await call(client, "search", query="topology", where="archival"))[1]

    anyio.run(use)
    with closing(sqlite3.connect(home / "officehours.db")) as db:
        trust = db.execute("SELECT trust FROM archival WHERE text LIKE '%topology%'").fetchone()
    assert trust == ("imported",)


@pytest.mark.slow
def test_errors_are_the_tools_and_in_the_students_language(tmp_path: Path) -> None:
    home = tmp_path / "home"
    officehours("ask", "안녕하세요, 저는 민이에요.", home=home)

    async def use() -> None:
        async with over_stdio(home) as client:
            assert "빈 메시지" in (await call(client, "ask", question=""))[1]
            assert "비어" in (await call(client, "insert", text=" "))[1]
            assert not (await call(client, "forget_everything"))[0]
            assert (await call(client, "brief"))[0]
        async with over_stdio(home, "--student", "x" * 100) as client:
            assert not (await call(client, "brief"))[0]

    anyio.run(use)


@pytest.mark.slow
def test_an_open_question_keeps_its_key(tmp_path: Path) -> None:
    home, course = tmp_path / "home", tmp_path / "course"
    course.mkdir()
    (course / "terms.md").write_text(
        "# Terms\n\n**Zorblax**: the rank of a wobbly matrix\n", encoding="utf-8"
    )
    officehours("ingest", course, home=home)
    asked = officehours("quiz", "--json", home=home)
    if asked.code or not asked.json.get("items"):
        pytest.skip("the course gives no question")

    async def use() -> str:
        async with over_stdio(home) as client:
            return (await call(client, "search", query="Zorblax rank of a wobbly matrix"))[1]

    found = anyio.run(use)
    question = asked.json["items"][0]
    key = "Zorblax" if "wobbly" in question["question"] else "wobbly"
    assert key not in found


def test_stdout_is_the_protocols_and_the_end_of_stdin_ends_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "tools").mkdir(parents=True)
    (home / "tools" / "loud.py").write_text('print("I am loud")\n', encoding="utf-8")
    say_yes(home / "tools")
    greeting = (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
        '"clientInfo":{"name":"t","version":"1"}}}\n'
    )
    done = officehours("mcp", home=home, stdin=greeting + "what is this\n")
    assert done.code == 0
    assert [line["jsonrpc"] for line in done.lines] == ["2.0"] * len(done.lines)
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_ctrl_c_ends_it(home: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(home),
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{}}\n')
        program.stdin.flush()
        assert program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait() == 130
        assert program.stderr is not None
        assert b"Traceback" not in program.stderr.read()


@contextmanager
def http_program(home: Path) -> Generator[tuple[str, str]]:
    """Serve over HTTP and give the address and the token."""
    with subprocess.Popen(
        [*COMMAND, "mcp", "--http", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(home),
    ) as program:
        try:
            assert program.stderr is not None
            address = program.stderr.readline().decode().strip()
            yield address, (home / "mcp-token").read_text(encoding="utf-8").strip()
        finally:
            program.send_signal(signal.SIGINT)
            assert program.wait() == 130


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_the_official_client_works_with_the_memory_over_http(home: Path) -> None:
    async def use(address: str, token: str) -> None:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            assert {tool.name for tool in (await client.list_tools()).tools} == NAMES
            assert "Strang" in (await call(client, "search", query="Strang"))[1]
            assert "144" in (await call(client, "ask", question="What is 12*12?"))[1]

    with http_program(home) as (address, token):
        assert address.startswith("http://127.0.0.1:")
        assert (home / "mcp-token").stat().st_mode & 0o077 == 0
        anyio.run(use, address, token)
        question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accepts = {"Accept": "application/json, text/event-stream"}
        key = {"Authorization": f"Bearer {token}"}
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": token}, 401),
            (key | {"Host": "evil.example"}, 421),
            (key | {"Origin": "https://evil.example"}, 403),
        ):
            answer = httpx2.post(address, json=question, headers=accepts | headers)
            assert answer.status_code == status, headers


def test_a_port_that_is_taken_is_said(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = officehours("mcp", "--http", "--port", str(taken.getsockname()[1]), home=home)
    assert done.code == 2
    assert "--port" in done.err
    assert os.fspath(home) not in done.out


@pytest.mark.slow
def test_a_question_that_a_client_gives_up_leaves_the_memory_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    replies = [say(["One moment, ", "this takes ", "long."], stall=2), say("Here I am.")]

    async def use(url: str) -> str:
        env = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "k", "OFFICEHOURS_MODEL": "m"}
        async with over_stdio(home, **env) as client:
            with anyio.CancelScope() as scope:

                async def hear(progress: float, total: float | None, message: str | None) -> None:
                    scope.cancel()

                await client.call_tool("ask", {"question": "Are you there?"}, progress_callback=hear)
            assert scope.cancelled_caught
            assert (await call(client, "brief"))[0]
            return (await call(client, "ask", question="And now?"))[1]

    with ChatServer(replies, models=["m"]) as server:
        assert anyio.run(use, server.url) == "Here I am."
