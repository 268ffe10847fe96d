from datetime import UTC, datetime
from pathlib import Path

from officehours.memory import students
from officehours.memory.recall import Sessions
from officehours.memory.search import Filters
from officehours.memory.search.candidates import RecallRows, Rows
from officehours.memory.store import Database
from officehours.memory.types import Message

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def steps(database: Database, read) -> int:
    """Count SQLite's own steps, in hundreds, while `read` runs: what it costs on any machine."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with database.read() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(count, 100)
        read(connection)
        driver.set_progress_handler(None, 0)
    return counted


def test_reading_what_stands_around_finds_costs_the_same_in_a_conversation_four_times_as_long(tmp_path: Path):
    with Database.open(f"sqlite:///{tmp_path / 'memory.db'}") as database:
        student = students.find_or_create(database, "mina", language="en", zone="UTC", now=NOW)
        sessions = Sessions(database, student.id, lambda: NOW)
        session = sessions.create("kim")
        rows: Rows = RecallRows(student.id)
        ids: list[int] = []

        def grow(texts: int) -> None:
            with database.begin():
                turn, asked = sessions.begin_turn(session, "Hello.", "UTC")
                said = [
                    sessions.append(session, turn, Message("assistant", f"part {n}")) for n in range(texts)
                ]
            ids.extend(stored.id for stored in [asked, *said])

        grow(300)
        wanted = ids[10:250:10]
        around = steps(database, lambda connection: rows.around(connection, wanted, Filters()))
        read = steps(database, lambda connection: rows.read(connection, wanted, Filters()))
        grow(900)
        assert steps(database, lambda c: rows.around(c, wanted, Filters())) <= around + 5
        assert steps(database, lambda c: rows.read(c, wanted, Filters())) <= read + 5
        assert around > 0 < read
