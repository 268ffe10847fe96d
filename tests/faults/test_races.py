from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from officehours.agent.context.budget import TokenMeter
from officehours.memory.store import Database


def until_somebody_waits(database: Database) -> None:
    """Return when a transaction of this server waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while True:
        with database._engine.connect() as looking:
            if looking.execute(waiting).scalar():
                return
        threading.Event().wait(0.01)


@pytest.mark.postgres
def test_two_workers_that_first_hear_of_a_model_at_once_both_keep_their_reply(postgres_url, clock):
    failed: list[BaseException] = []

    def learn(meter: TokenMeter) -> None:
        try:
            meter.learn(10, 12)
        except BaseException as error:  # noqa: BLE001 - asserted below
            failed.append(error)

    with Database.open(postgres_url) as one, Database.open(postgres_url) as two:
        first, second = TokenMeter(one, "m", clock), TokenMeter(two, "m", clock)
        thread = threading.Thread(target=learn, args=(second,))
        with one.begin():
            first.learn(10, 11)
            thread.start()
            until_somebody_waits(one)
        thread.join()
        assert failed == []
        assert TokenMeter(one, "m", clock).factor == pytest.approx(1.1)
