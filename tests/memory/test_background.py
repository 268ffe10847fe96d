from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from officehours.memory.background import BackgroundThread


def thread_of(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_ending_while_another_thread_starts_it_waits_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    # As when Ctrl-D follows the greeting at once: the keyboard's thread starts what the main thread ends.
    begun, over, wrong = threading.Event(), threading.Event(), list[BaseException]()
    background = BackgroundThread(over.set, "background")
    start = threading.Thread.start

    def end() -> None:
        try:
            background.end(timeout=10)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    def slow_start(thread: threading.Thread) -> None:
        if thread.name == "background":
            monkeypatch.undo()
            ending.append(thread_of(end))
            begun.wait(timeout=0.05)  # time in which an end that does not wait would fail
        start(thread)

    ending: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", slow_start)
    background.start()
    ending[0].join()
    assert not wrong
    assert over.is_set()


def test_many_starts_are_one_and_none_comes_after_the_end() -> None:
    runs: list[int] = []
    background = BackgroundThread(lambda: runs.append(1), "background")
    for starter in [thread_of(background.start) for _ in range(20)]:
        starter.join()
    background.end()
    assert runs == [1]
    assert not background.start()
    unused = BackgroundThread(lambda: runs.append(2), "unused")
    unused.end()
    assert not unused.start()
    assert runs == [1]


def test_a_thread_that_ends_itself_does_not_wait_for_itself() -> None:
    ended = threading.Event()

    def run() -> None:
        background.end()
        ended.set()

    background = BackgroundThread(run, "background")
    background.start()
    assert ended.wait(timeout=10)
