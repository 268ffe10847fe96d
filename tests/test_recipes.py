from __future__ import annotations

import json
import runpy
import sys
import threading
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import uvicorn

from chat_server import ChatServer
from chat_server import say as reply
from officehours import Agent, load_settings, open_memory, open_tutor
from officehours.testing import ScriptedModel

pytestmark = pytest.mark.checkout

RECIPES = Path(__file__).resolve().parents[1] / "examples" / "recipes"


@pytest.fixture(autouse=True)
def study_model(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEHOURS_MODEL", "study")
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")


def recipe(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = spec_from_file_location(name, RECIPES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def told(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read Server-Sent Events: each one's name and its JSON."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, httpx.Client]]:
    module = recipe("fastapi_sse", monkeypatch)
    server = uvicorn.Server(uvicorn.Config(module.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    pause = threading.Event()
    while not server.started:
        pause.wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield module, client
    server.should_exit = True
    thread.join()
    assert all(_is_closed(professor) for professor in module.professors.values())


def _is_closed(professor: Agent) -> bool:
    try:
        professor.turn("x")
    except Exception as error:  # noqa: BLE001
        return "closed" in str(error)
    return False


def test_an_answer_streams_to_the_browser_and_is_remembered(web: tuple[ModuleType, httpx.Client]) -> None:
    _, client = web
    with client.stream("GET", "/students/mina/ask", params={"text": "What is 15% of 80?"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        seen = list(told(answer.iter_lines()))
    assert [name for name, _ in seen if name.startswith("turn_")] == ["turn_started", "turn_finished"]
    assert all(data["type"] == name for name, data in seen)
    assert "12" in seen[-1][1]["answer"]
    assert any("80" in hit["text"] for hit in client.get("/students/mina/memory?query=80").json())
    assert client.get("/students/junho/memory?query=80").json() == []


def test_whoever_closes_the_page_stops_the_reply(
    web: tuple[ModuleType, httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, client = web
    with ChatServer([reply("This takes a very long time.", stall=2)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OFFICEHOURS_MODEL", "test-model")
        with client.stream("GET", "/students/mina/ask", params={"text": "Hello?"}) as answer:
            next(data for name, data in told(answer.iter_lines()) if name == "text_delta")
        professor = module.professors["mina"]
        with professor.exclusive():  # once the turn is over
            log = professor.state.memories.sessions.log(professor.state.conversation.session)
    assert [(m.message.role, m.state) for m in log] == [("user", "whole"), ("assistant", "partial")]


def test_the_stop_button_ends_the_stream(
    web: tuple[ModuleType, httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = web
    with ChatServer([reply("This takes a very long time.", stall=2)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OFFICEHOURS_MODEL", "test-model")
        with client.stream("GET", "/students/mina/ask", params={"text": "Hello?"}) as answer:
            events = told(answer.iter_lines())
            next(name for name, _ in events if name == "text_delta")
            assert client.post("/students/mina/stop").is_success
            *_, (name, last) = events
    assert (name, last["error"]["kind"]) == ("turn_failed", "Stopped")


@pytest.mark.slow
def test_twenty_students_are_answered_at_once_each_from_their_own_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = recipe("twenty_students", monkeypatch)
    meet = threading.Barrier(20)

    def professor(student: str) -> Agent:
        def say(_: object) -> str:
            meet.wait()  # nobody is answered before all are
            return f"Hello, {student}."

        return open_tutor(student=student, model=ScriptedModel(say))

    bot = module.ClassBot(professor)
    students = [f"student-{number}" for number in range(20)]
    answers = [bot.hear(student, f"My secret word is {student}.") for student in students]
    assert [answer.result() for answer in answers] == [f"Hello, {student}." for student in students]
    bot.close()
    for student in students[:3]:
        with open_memory(load_settings(), student, create=False) as memory:
            assert all(student in hit.text for hit in memory.search("secret word"))


@pytest.mark.slow
def test_the_class_bot_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(RECIPES / "twenty_students.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 40
    for number in range(1, 21):
        assert any(line.startswith(f"student-{number}: ") and str(number**2) in line for line in lines)


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = json.loads((RECIPES / "notebook.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(RECIPES)
    names: dict[str, Any] = {"__name__": "notebook"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    shown = capsys.readouterr().out
    assert "new passages of 12 files" in shown
    assert "06-relu-variants.md" in shown
    assert "12" in shown
    assert " requests" in shown
