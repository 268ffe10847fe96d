from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFailed, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import load
from officehours.bench.faults_worker import Work, import_file, trust_embedder
from officehours.memory.errors import StoreBusy, StoreFull, StoreUnwritable
from officehours.memory.store import Database
from officehours.memory.store import database as module

# Rights mean nothing to root, so it gives up its powers first.
OPEN_AS_ANYBODY = """
import ctypes, os
if os.geteuid() == 0:
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, nothing) == 0
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import load
from officehours.memory.errors import StoreError
try:
    open_runtime(load(), "somebody new")
except StoreError as error:
    print(type(error).__name__, error.en, error.ko)
"""


@pytest.fixture(autouse=True)
def home(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")
    return own_home


def opened(script=lambda _: "네, 알겠습니다.") -> Agent:
    return open_tutor(load(), "minji", model=ScriptedModel(script))


def say(agent: Agent, said: str) -> object:
    return next(e for e in agent.turn(said, search="never") if isinstance(e, TurnFinished | TurnFailed))


def whole(path: Path) -> bool:
    with Database.open(path) as database, database.read() as connection:
        stray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        return connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok" and not stray


def fill_up(agent: Agent, pages: int = 0) -> Callable[[], None]:
    """Let no connection of the agent make the file larger, and give what makes room again."""
    from sqlalchemy import event

    engine = agent.state.db._engine
    with agent.state.db.read() as connection:
        most = connection.exec_driver_sql("PRAGMA page_count").scalar() + pages

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most}")

    def no_limit(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    event.listen(engine, "checkout", limit)

    def make_room() -> None:
        event.remove(engine, "checkout", limit)
        event.listen(engine, "checkout", no_limit)

    return make_room


def test_a_full_disk_fails_the_turn_clearly_keeps_what_was_there_and_the_next_one_works(home):
    with opened() as agent:
        say(agent, "Question about eigenvalues")
        agent.state.runtime.embed_worker.flush(30)
        make_room = fill_up(agent)
        with pytest.raises(StoreFull, match="no space left") as caught:
            say(agent, "x" * 100_000)
        assert "공간이 없습니다" in caught.value.ko
        make_room()
        assert isinstance(say(agent, "Question about the chain rule"), TurnFinished)
        log = agent.state.memories.sessions.log(agent.state.conversation.session)
        asked = [m.message.content for m in log if m.message.role == "user"]
        assert asked == ["Question about eigenvalues", "Question about the chain rule"]
    assert whole(home / "officehours.db")


def test_a_disk_that_fills_up_while_the_model_speaks_leaves_a_turn_to_be_answered(home):
    rooms: list[Callable[[], None]] = []
    agents: list[Agent] = []

    def speak(_request: object) -> str:
        if rooms or not agents:
            return "네, 짧게 답합니다."
        rooms.append(fill_up(agents[0]))
        return "a long answer " * 14_000

    with opened(speak) as agent:
        say(agent, "Question about eigenvalues")
        agent.state.runtime.embed_worker.flush(30)
        agents.append(agent)
        failed = say(agent, "Question about the chain rule")
        assert isinstance(failed, TurnFailed)
        assert isinstance(failed.error, StoreFull)
        rooms[0]()
        events = list(agent.resume())
        assert [e.answer for e in events if isinstance(e, TurnFinished)] == ["네, 짧게 답합니다."]
    assert whole(home / "officehours.db")


def test_an_import_onto_a_full_disk_can_be_done_again(home, tmp_path):
    file = tmp_path / "talk.jsonl"
    rows = [{"id": f"m{n}", "role": "user", "content": f"message {n} " + "word " * 300} for n in range(600)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with opened() as agent:
        make_room = fill_up(agent, pages=300)
        with pytest.raises(StoreFull):
            import_file(agent.state.runtime, file)
        make_room()
        import_file(agent.state.runtime, file)
        with agent.state.db.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM messages")) == 600
    assert whole(home / "officehours.db")


def test_a_store_that_another_program_locks_is_said_to_be_busy_and_nothing_is_half_written(home, monkeypatch):
    with opened() as agent:
        say(agent, "Question about eigenvalues")
        agent.state.runtime.embed_worker.flush(30)
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.2)
    with opened() as agent, Database.open(home / "officehours.db") as other:
        agent.state.runtime.embed_worker.flush(30)
        held, let_go = threading.Event(), threading.Event()

        def hold() -> None:
            with other.begin():
                held.set()
                let_go.wait()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        with pytest.raises(StoreBusy):
            say(agent, "Never stored")
        let_go.set()
        thread.join()
        assert isinstance(say(agent, "Question about the chain rule"), TurnFinished)
        log = agent.state.memories.sessions.log(agent.state.conversation.session)
        assert "Never stored" not in [m.message.content for m in log]


@pytest.mark.skipif(sys.platform == "win32", reason="rights work otherwise there")
def test_a_home_that_is_read_only_is_said_to_be_unwritable(home):
    with opened() as agent:
        say(agent, "Question about eigenvalues")
    before = (home / "officehours.db").read_bytes()
    for folder in (home, *home.rglob("*")):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    try:
        done = subprocess.run(
            [sys.executable, "-c", OPEN_AS_ANYBODY],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    finally:
        for folder in (home, *home.rglob("*")):
            folder.chmod(0o755)
    assert done.stdout.startswith("StoreUnwritable"), done.stderr
    assert "OFFICEHOURS_HOME" in done.stdout
    assert (home / "officehours.db").read_bytes() == before


@pytest.mark.parametrize("damage", ["deleted", "truncated", "noise"])
def test_a_spoilt_index_is_noticed_said_and_made_anew_and_search_never_stops(home, damage):
    trust_embedder(Work(home))
    with opened() as agent:
        for n in range(3):
            say(agent, f"Question {n} about eigenvalues and dropout")
        agent.state.runtime.embed_worker.flush(30)
        assert agent.state.runtime.index.catch_up()
    data = home / "index" / "chroma"
    if damage == "deleted":
        shutil.rmtree(data)
    for file in [path for path in data.rglob("*") if path.is_file()]:
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2] if damage == "truncated" else os.urandom(len(content)))
    with open_runtime(load(), "minji") as runtime:
        assert "eigenvalues" in runtime.memories.recall.search("eigenvalues", 3)[0].text
        reports = runtime.index.repair()
        assert all(report.sound for report in reports)
        assert reports[0].items == 6
        said = "\n".join(remark.en + remark.ko for remark in runtime.warnings)
        assert "being rebuilt from the database" in said
        assert "다시 만들고 있습니다" in said
        assert "eigenvalues" in runtime.memories.recall.search("eigenvalues", 3)[0].text


def test_an_error_of_the_store_is_one_for_a_person(home):
    (home.parent / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreUnwritable):
        open_runtime(replace(load(), home=home.parent / "file" / "home"), "minji")
