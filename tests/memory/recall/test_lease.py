from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from officehours.memory.errors import NotFound, StoreBusy
from officehours.memory.recall import Sessions
from officehours.memory.recall import lease as module
from officehours.memory.store import Database, new_owner
from officehours.memory.store.schema import sessions as table
from officehours.memory.types import Message

HOLDER = """
    import sys
    from datetime import UTC, datetime
    from officehours.memory.store.database import Database
    from officehours.memory.store.owner import new_owner
    from officehours.memory.recall.sessions import Sessions
    sessions = Sessions(Database.open(sys.argv[1]), int(sys.argv[2]), lambda: datetime.now(UTC))
    session = sessions.get(sys.argv[3])
    with sessions.lease(session, new_owner()):
        print("held", flush=True)
        sys.stdin.readline()
    print("released", flush=True)
    sys.stdin.readline()
"""
WORKER = """
    import sys
    from datetime import UTC, datetime
    from officehours.memory.store.database import Database
    from officehours.memory.store.owner import new_owner
    from officehours.memory.types import Message
    from officehours.memory.recall.sessions import Sessions
    sessions = Sessions(Database.open(sys.argv[1]), int(sys.argv[2]), lambda: datetime.now(UTC))
    session = sessions.get(sys.argv[3])
    for n in range(10):
        with sessions.lease(session, new_owner()):
            turn, _ = sessions.begin_turn(session, f"{sys.argv[4]}-{n}", "UTC")
            sessions.append(session, turn, Message("assistant", f"to {sys.argv[4]}-{n}"))
            sessions.finish_turn(turn, "done")
"""


def program(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def sessions(database: Database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


@pytest.fixture
def session(sessions: Sessions):
    return sessions.create("kim")


def holder_of(database: Database, session) -> str | None:
    with database.read() as connection:
        return connection.scalar(select(table.c.lease_owner).where(table.c.id == session.id))


def give_to(database: Database, session, owner: str, until: datetime) -> None:
    with database.begin() as connection:
        connection.execute(update(table).values(lease_owner=owner, lease_until=until))


def test_two_programs_take_turns_and_lose_no_exchange(sessions, session, store_url, student):
    workers = [program(WORKER, store_url, student.id, session.public_id, name) for name in "ab"]
    for worker in workers:
        assert worker.communicate()[1] == ""
    said = [m.message.content for m in sessions.log(session)]
    assert len(said) == 40
    assert said[1::2] == [f"to {asked}" for asked in said[::2]]
    assert sorted(said[::2]) == sorted(f"{name}-{n}" for name in "ab" for n in range(10))


def test_a_second_program_waits_until_the_first_lets_go(sessions, session, store_url, student):
    first = program(HOLDER, store_url, student.id, session.public_id)
    assert first.stdout.readline() == "held\n"
    waits: list[str] = []

    def let_go() -> None:
        waits.append("waiting")
        first.stdin.write("\n")
        first.stdin.flush()
        assert first.stdout.readline() == "released\n"

    with sessions.lease(session, new_owner(), on_wait=let_go):
        assert waits == ["waiting"]
    first.communicate("\n")


def test_a_killed_holders_lease_is_taken_over_at_once(sessions, session, store_url, student):
    first = program(HOLDER, store_url, student.id, session.public_id)
    assert first.stdout.readline() == "held\n"
    first.send_signal(signal.SIGKILL)
    first.communicate()
    with sessions.lease(session, new_owner(), patience=0, on_wait=lambda: pytest.fail("it waited")):
        pass


def test_a_lease_of_another_machine_is_taken_over_only_when_it_has_run_out(database, sessions, session):
    there = "another-machine:1:x"
    give_to(database, session, there, datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(StoreBusy) as caught, sessions.lease(session, new_owner(), patience=0):
        raise AssertionError("two holders")
    assert "새 대화" in caught.value.say("ko")
    assert holder_of(database, session) == there
    give_to(database, session, there, datetime.now(UTC) - timedelta(seconds=1))
    with sessions.lease(session, new_owner(), patience=0):
        pass


def test_waiting_holds_no_transaction(database, sessions, session, store_url):
    give_to(database, session, "another-machine:1:x", datetime.now(UTC) + timedelta(hours=1))
    with Database.open(store_url) as other:

        def write_meanwhile() -> None:
            give_to(other, session, "another-machine:1:x", datetime.now(UTC) - timedelta(hours=1))

        with sessions.lease(session, new_owner(), on_wait=write_meanwhile):
            pass


def test_a_lease_is_released_when_the_turn_fails(database, sessions, session):
    def fail() -> None:
        with sessions.lease(session, new_owner()):
            assert holder_of(database, session) is not None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert holder_of(database, session) is None


def test_a_heartbeat_keeps_the_lease_longer_than_its_time(database, sessions, session, monkeypatch):
    beats = threading.Semaphore(0)
    do = module.Lease._do

    def counted(self, statement):
        kept = do(self, statement)
        beats.release()
        return kept

    monkeypatch.setattr(module.Lease, "_do", counted)
    with sessions.lease(session, new_owner(), seconds=0.3) as held:
        for _ in range(6):
            assert beats.acquire(timeout=20)
        held.check()
        assert holder_of(database, session) == held.owner


def test_a_holder_that_slept_too_long_learns_that_it_was_replaced(database, sessions, session, monkeypatch):
    with sessions.lease(session, new_owner(), seconds=0.3) as held:
        give_to(database, session, "another-machine:1:x", datetime.now(UTC) + timedelta(hours=1))
        assert held._lost.wait(timeout=20)
        with pytest.raises(StoreBusy):
            held.check()
    assert holder_of(database, session) == "another-machine:1:x"


def test_a_clock_that_stands_still_does_not_stop_leases(database, sessions, session, clock):
    clock.forward(days=-4000)
    with sessions.lease(session, new_owner()) as held:
        assert held.try_to_take() is None
        rival = module.Lease(database, sessions._student, session.id, new_owner(), 30)
        assert rival.try_to_take() == held.owner


def test_a_lease_of_a_deleted_conversation_is_refused(database, sessions, session):
    with database.begin() as connection:
        connection.execute(delete(table))
    with pytest.raises(NotFound), sessions.lease(session, new_owner()):
        raise AssertionError("held")


def test_a_turn_can_be_written_while_its_lease_is_held(sessions, session):
    with sessions.lease(session, new_owner(), seconds=0.1):
        turn, _ = sessions.begin_turn(session, "hi", "UTC")
        sessions.append(session, turn, Message("assistant", "hello"))
        sessions.finish_turn(turn, "done")
    assert len(sessions.log(session)) == 2
