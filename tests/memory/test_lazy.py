from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from officehours.memory.lazy import load_whole

ONE = """
import threading
inside, go_on = threading.Event(), threading.Event()
inside.set()
assert go_on.wait(60)
import two_of_a_circle
whole = True
"""
TWO = """
import one_of_a_circle
seen = getattr(one_of_a_circle, "whole", False) or "two first"
whole = True
"""


def test_two_threads_that_load_parts_of_each_other_find_them_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one_of_a_circle.py").write_text(ONE, encoding="utf-8")
    (tmp_path / "two_of_a_circle.py").write_text(TWO, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found: dict[str, bool] = {}

    def load(name: str) -> None:
        load_whole(name)
        found[name] = getattr(sys.modules[name], "whole", False)

    first = threading.Thread(target=load, args=("one_of_a_circle",))
    first.start()
    while "one_of_a_circle" not in sys.modules or not hasattr(sys.modules["one_of_a_circle"], "go_on"):
        assert first.is_alive()
    second = threading.Thread(target=load, args=("two_of_a_circle",))
    second.start()
    sys.modules["one_of_a_circle"].go_on.set()
    for thread in (first, second):
        thread.join(60)
    assert found == {"one_of_a_circle": True, "two_of_a_circle": True}
    for name in found:
        del sys.modules[name]
