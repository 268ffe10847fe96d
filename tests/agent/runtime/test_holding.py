from __future__ import annotations

import threading

import pytest

from officehours.agent.runtime.holding import Holdings


class Thing:
    def __init__(self, made: list[Thing]) -> None:
        made.append(self)
        self.closed = 0
        self.broken = False

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def made() -> list[Thing]:
    return []


def hold(holdings: Holdings, made: list[Thing], key: object = "key"):
    return holdings.hold(key, lambda: Thing(made), Thing.close, lambda thing: not thing.broken)


def test_one_is_made_for_all_and_the_last_who_lets_go_closes_it(made):
    holdings = Holdings()
    first, second = hold(holdings, made), hold(holdings, made)
    with hold(holdings, made) as thing:
        assert made == [thing]
    first.close()
    first.close()  # again does nothing, or the second would lose it
    assert not made[0].closed
    second.close()
    assert made[0].closed == 1
    assert not holdings.values(Thing)
    with hold(holdings, made) as later:
        assert later is not thing


def test_another_key_is_another_value(made):
    holdings = Holdings()
    with hold(holdings, made, "a") as one, hold(holdings, made, "b") as other:
        assert one is not other


def test_what_does_not_fit_is_kept_by_who_has_it_and_not_given_to_who_comes_now(made):
    holdings = Holdings()
    old = hold(holdings, made)
    made[0].broken = True
    new, newer = hold(holdings, made), hold(holdings, made)
    assert len(made) == 2
    old.close()
    assert [thing.closed for thing in made] == [1, 0]
    new.close()
    newer.close()
    assert [thing.closed for thing in made] == [1, 1]


def test_what_fails_to_open_is_held_by_nobody_and_can_be_tried_again(made):
    holdings = Holdings()

    def fail() -> Thing:
        raise OSError("not now")

    for _ in range(2):
        with pytest.raises(OSError, match="not now"):
            holdings.hold("key", fail, Thing.close)
    assert not holdings.values(Thing)
    with hold(holdings, made) as thing:
        assert made == [thing]


def test_threads_that_open_and_close_at_once_never_have_two_open_and_leave_none(made):
    holdings, most = Holdings(), 8
    open_now: set[Thing] = set()
    together = threading.Barrier(most)
    wrong: list[str] = []

    def make() -> Thing:
        thing = Thing(made)
        if open_now:
            wrong.append("two at once")
        open_now.add(thing)
        return thing

    def close(thing: Thing) -> None:
        thing.close()
        open_now.discard(thing)

    def work() -> None:
        together.wait()
        for _ in range(200):
            with holdings.hold("key", make, close) as thing:
                if thing.closed:
                    wrong.append("closed under its holder")

    threads = [threading.Thread(target=work) for _ in range(most)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not open_now
    assert all(thing.closed == 1 for thing in made)


def test_who_comes_while_it_closes_waits_for_the_end_and_gets_a_new_one(made):
    holdings = Holdings()
    closing, may_close = threading.Event(), threading.Event()

    def close(thing: Thing) -> None:
        closing.set()
        may_close.wait()
        thing.close()

    held = holdings.hold("key", lambda: Thing(made), close)
    closer = threading.Thread(target=held.close)
    closer.start()
    closing.wait()
    seen: list[int] = []

    def come() -> None:
        with hold(holdings, made):
            seen.append(made[0].closed)

    comer = threading.Thread(target=come)
    comer.start()
    may_close.set()
    closer.join()
    comer.join()
    assert seen == [1]
    assert len(made) == 2
