from __future__ import annotations

import threading

import pytest

from officehours.agent.context.budget import TokenMeter
from officehours.memory.store import Database
from stores import wait_for_a_lock


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
            wait_for_a_lock(postgres_url)
        thread.join()
        assert failed == []
        assert TokenMeter(one, "m", clock).factor == pytest.approx(1.1)
