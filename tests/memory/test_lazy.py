from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import TracebackType

import pytest

from officehours.memory import lazy
from officehours.memory.lazy import load_whole

pytestmark = pytest.mark.checkout

SLOW = """
import steps
steps.inside.set()
assert steps.go_on.wait(60)
steps.taken.append("slow is whole")
"""
QUICK = """
import steps
steps.taken.append("quick begins")
steps.go_on.set()
"""
STEPS = "import threading\ninside, go_on, taken = threading.Event(), threading.Event(), []\n"


class Watched:
    """The lock itself, and a word when somebody has to wait for it."""

    def __init__(self, lock: threading.RLock) -> None:
        self.lock, self.waited = lock, threading.Event()

    def __enter__(self) -> None:
        if not self.lock.acquire(blocking=False):
            self.waited.set()
            sys.modules["steps"].go_on.set()
            self.lock.acquire()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.lock.release()


def test_what_one_thread_loads_is_whole_before_another_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, body in (("steps", STEPS), ("slow_package", SLOW), ("quick_package", QUICK)):
        (tmp_path / f"{name}.py").write_text(body, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    load_whole("steps")
    steps = sys.modules["steps"]
    monkeypatch.setattr(lazy, "loading", Watched(lazy.loading))
    first, second = (
        threading.Thread(target=load_whole, args=(n,)) for n in ("slow_package", "quick_package")
    )
    first.start()
    assert steps.inside.wait(60)
    second.start()
    for thread in (first, second):
        thread.join(60)
    assert steps.taken == ["slow is whole", "quick begins"]
    for name in ("steps", "slow_package", "quick_package"):
        del sys.modules[name]
