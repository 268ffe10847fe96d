"""What an exported row of learning must say for everything that reads it: numbers in their bounds, words of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ...learner.problem_sets import problem_from
from ...learner.quiz_values import GradedBy, ItemState, Kind
from ...learner.values import Origin, Rating

Check = Callable[[Any], bool]

PARAMETERS = 21
"""FSRS-6 has so many."""


def _one_of(*allowed: object) -> Check:
    return lambda value: value in allowed and not isinstance(value, bool)


def _between(least: float, most: float) -> Check:
    return lambda value: value is None or least <= value <= most


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in cast("list[Any]", value))


def _hints(value: Any) -> bool:
    try:
        problem_from({"id": "1", "question": "1", "answers": ["1"], "hints": value})
    except (ValueError, TypeError):
        return False
    return isinstance(value, list)


def _key(value: Any) -> bool:
    return _texts(value) and bool(value)


def _numbers(value: Any) -> bool:
    entries = cast("list[Any]", value if isinstance(value, list) else [])
    return len(entries) == PARAMETERS and all(
        isinstance(entry, int | float) and not isinstance(entry, bool) and 0 <= entry <= 100
        for entry in entries
    )


_MEMORY: Mapping[str, Check] = {
    "state": _one_of(1, 2, 3),
    "step": _between(0, 100),
    "stability": _between(0.001, 36_500),
    "difficulty": _between(1, 10),
}

CHECKS: Mapping[str, Mapping[str, Check]] = {
    "cards": {**_MEMORY, "origin": _one_of(*get_args(Origin))},
    "reviews": {**_MEMORY, "rating": _one_of(*get_args(Rating)), "duration": _between(0, 2**31)},
    "fsrs_parameters": {"parameters": _numbers, "reviews": _between(0, 2**31)},
    "problems": {"answers": _key, "external_id": bool, "choices": _texts, "hints": _hints, "question": bool},
    "quizzes": {"state": _one_of("open", "finished", "stopped")},
    "quiz_items": {
        "answers": _texts,
        "choices": _texts,
        "kind": _one_of(*get_args(Kind)),
        "state": _one_of(*get_args(ItemState)),
    },
    "attempts": {"correct": _one_of(0, 0.5, 1, None), "graded_by": _one_of(*get_args(GradedBy))},
}
"""By table and column. A row's columns are of their kinds already; None is met where the column may be empty."""


def wrong_column(table: str, row: Mapping[str, Any]) -> str | None:
    """Give the first column whose value nobody could read; None where all is well."""
    wrong = next((name for name, check in CHECKS.get(table, {}).items() if not check(row[name])), None)
    if wrong is None and table in {"cards", "reviews"}:
        return _out_of_step(row)
    return wrong


def _out_of_step(row: Mapping[str, Any]) -> str | None:
    """A card in review has no step and one that is learnt has one; what was reviewed has stability and difficulty."""
    begun = row["stability"] is not None and row["difficulty"] is not None
    if (row["state"] == 2) != (row["step"] is None):
        return "step"
    return "stability" if row["state"] != 1 and not begun else None
