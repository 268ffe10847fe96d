"""The table of limits tells the truth: each constant has the value it names, and each test is there."""

from __future__ import annotations

import ast
import dataclasses
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from officehours.agent.prepare import MOST_TYPED, read_utterance
from officehours.memory.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]


class Row(NamedTuple):
    what: str
    bound: str
    constant: str
    value: str
    test: str


def rows() -> list[Row]:
    lines = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
    ]
    return [Row(*row) for row in cells[2:]]


def constant(path: str) -> Any:
    """Give a module's constant, or the default of a dataclass's field."""
    *room, name = path.split(".")
    if room[-1][0].isupper():
        owner = getattr(import_module(".".join(("officehours", *room[:-1]))), room[-1])
        return next(field.default for field in dataclasses.fields(owner) if field.name == name)
    return getattr(import_module(".".join(("officehours", *room))), name)


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def test_there_are_rows() -> None:
    assert len(rows()) >= 25
    assert len({row.constant for row in rows()}) == len(rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.constant)
def test_each_limit_is_what_the_table_says(row: Row) -> None:
    assert constant(row.constant) == ast.literal_eval(row.value)
    file, _, name = row.test.partition("::")
    assert name.startswith("test_")
    assert name in names_in(ROOT / file)


def test_a_message_longer_than_anybody_types_is_refused() -> None:
    assert read_utterance("가" * MOST_TYPED).text
    with pytest.raises(UsageError, match="ingest"):
        read_utterance("a" * (MOST_TYPED + 1))
