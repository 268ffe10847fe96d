from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from officehours.agent.assemble import open_tutor
from officehours.agent.runtime import open_runtime
from officehours.agent.runtime.shared import HELD
from officehours.memory.embedding import HashingEmbedder
from officehours.memory.embedding.store_embedder import write_embedder
from officehours.memory.errors import ConfigError, NotFound, OfficeHoursError
from officehours.memory.store import Database
from tutors import answer, say, scripted, settings_for

MANY = 20


def open_many(home: Path, stack: ExitStack, many: int = MANY, **values):
    settings = settings_for(home, **values)
    return [
        stack.enter_context(
            open_tutor(settings, f"s{number}", model=scripted(lambda _, n=number: f"Answer {n}."))
        )
        for number in range(many)
    ]


def names_of_threads() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate())


def test_twenty_tutors_have_one_engine_one_embedder_one_index_and_one_thread_of_each_kind(tmp_path):
    with ExitStack() as stack:
        agents = open_many(tmp_path, stack)
        for agent in agents:
            say(agent, "Tell me of gradients.")
            assert agent.state.runtime.embed_worker.flush(60)
        runtimes = [agent.state.runtime for agent in agents]
        for shared in ("db", "embedder", "chroma"):
            assert len({id(getattr(runtime, shared)) for runtime in runtimes}) == 1
        assert len({id(runtime.index) for runtime in runtimes}) == MANY
        threads = names_of_threads()
        assert threads.count("indexer") == 1
        assert threads.count("chroma") <= 1
    assert not HELD.values(Database)
    assert "indexer" not in names_of_threads()


def test_two_tutors_of_one_student_have_one_index(tmp_path):
    settings = settings_for(tmp_path)
    with open_runtime(settings, "mina") as one, open_runtime(settings, "mina") as two:
        assert one.index is two.index
        with open_runtime(settings, "junho") as other:
            assert other.index is not one.index


def test_one_that_closes_does_not_disturb_the_others(tmp_path):
    with ExitStack() as stack:
        staying, leaving = open_many(tmp_path, stack, 2)
        say(staying, "The harbour is called Tongyeong.")
        say(leaving, "The harbour is called Mokpo.")
        leaving.close()
        leaving.close()
        assert staying.state.runtime.embed_worker.flush(60)
        assert answer(say(staying, "And which harbour was it?")) == "Answer 0."
        found = staying.state.memories.recall.search("harbour")
        assert [hit for hit in found if "Tongyeong" in hit.text]
        assert not [hit for hit in found if "Mokpo" in hit.text]


def test_mode_and_warnings_are_each_tutors_own_and_what_all_share_is_said_to_each(tmp_path):
    settings = settings_for(tmp_path)
    with open_runtime(settings, "mina") as one, open_runtime(settings, "junho") as two:
        one.mode = "exam"
        assert two.mode == ""
        one.warnings.append(OfficeHoursError("mine", "내 것"))
        one.chroma.warn(OfficeHoursError("the index", "색인"))
        assert [warning.en for warning in one.warnings] == ["mine", "the index"]
        assert [warning.en for warning in two.warnings] == ["the index"]
    with open_runtime(settings, "mina") as later:
        assert later.warnings == []


def test_settings_that_differ_share_what_is_the_same(tmp_path):
    plain, keyed = settings_for(tmp_path), settings_for(tmp_path, api_key="sk-other")
    other = settings_for(tmp_path, embedder="hashing-32")
    elsewhere = settings_for(tmp_path / "elsewhere")
    with open_runtime(plain) as one, open_runtime(keyed) as two, open_runtime(other) as three:
        assert one.embedder is two.embedder  # hashing sends nothing, so whose key it is does not matter
        assert one.embedder is not three.embedder
        assert one.db is two.db is three.db
        with open_runtime(elsewhere) as four:
            assert four.db is not one.db
    first, second = (
        settings_for(tmp_path / "new", embedder="http://127.0.0.1:9#model", api_key=key)
        for key in ("sk-1", "sk-2")
    )
    with open_runtime(first) as one, open_runtime(second) as two:
        assert one.embedder is not two.embedder


def test_who_comes_after_the_memory_moved_to_another_embedder_has_that(tmp_path):
    with open_runtime(settings_for(tmp_path), "mina") as before:
        before.embedder.wait()
        with open_runtime(settings_for(tmp_path), "junho") as too:
            assert too.embedder is before.embedder
        with before.db.begin() as connection:
            connection.execute(text("UPDATE embedders SET active = 0"))
        write_embedder(before.db, HashingEmbedder(32), {}, active=True)
        with before.db.begin() as connection:
            connection.execute(text("UPDATE embedders SET active = (name = 'hashing-32')"))
        with open_runtime(settings_for(tmp_path, embedder="auto"), "junho") as after:
            assert after.embedder.name == "hashing-32"


def test_a_store_that_was_moved_away_is_not_written_by_who_comes_after(tmp_path):
    settings = settings_for(tmp_path)
    with open_runtime(settings, "mina") as before:
        assert before.db.path is not None
        before.db.path.rename(tmp_path / "aside.db")
        with open_runtime(settings, "junho") as after:
            assert after.db is not before.db
            assert after.db.path is not None
            assert after.db.path.exists()


def test_an_opening_that_fails_lets_go_of_all(tmp_path):
    with pytest.raises(NotFound):
        open_runtime(settings_for(tmp_path), "nobody", create=False)
    with pytest.raises(ConfigError):
        open_runtime(settings_for(tmp_path, chroma_url="no address"))
    assert not HELD.values(Database)


FORKED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from officehours.agent.runtime.shared import HELD
from officehours.memory.store import Database
from tutors import answer, say, scripted, tutor
home = Path({home!r})
with tutor(home, scripted(lambda _: "Hers."), session="new") as parent:
    say(parent, "One.")
    parent.state.runtime.embed_worker.flush(60)
    child = os.fork()
    if child == 0:
        assert not HELD.values(Database)
        parent.close()  # not the child's to close
        with tutor(home, scripted(lambda _: "Its own."), session="new") as own:
            assert own.state.db is not parent.state.db
            assert answer(say(own, "Two.")) == "Its own."
            assert own.state.runtime.embed_worker.flush(60)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    assert answer(say(parent, "Three.")) == "Hers."
    assert {{hit.text for hit in parent.state.memories.recall.search("Two")}} & {{"Two."}}
print("fine")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
def test_a_process_that_is_forked_off_opens_its_own(tmp_path):
    code = FORKED.format(tests=str(Path(__file__).parents[2]), home=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.postgres
def test_forty_tutors_at_once_have_at_most_ten_connections_and_none_waits_for_ever(tmp_path, postgres_url):
    counted, over = [0], threading.Event()
    watching = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    asked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'officehours' AND datname = current_database()"
    )

    def watch() -> None:
        with watching.connect() as connection:
            while not over.is_set():
                counted.append(connection.execute(asked).scalar_one())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ExitStack() as stack:
            agents = open_many(tmp_path, stack, 40, database_url=postgres_url)
            with ThreadPoolExecutor(40) as threads:
                for _ in range(2):
                    answers = list(threads.map(lambda agent: answer(say(agent, "And now?")), agents))
                    assert answers == [f"Answer {number}." for number in range(40)]
            assert all(agent.state.runtime.embed_worker.flush(120) for agent in agents)
    finally:
        over.set()
        watcher.join()
        watching.dispose()
    assert 1 < max(counted) <= 10
