from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from officehours.agent.events import Bill, Citation, Event, NoticeKind, TurnStarted
from officehours.memory.types import Hit

pytestmark = pytest.mark.checkout

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "events.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
EVENTS: tuple[type[TurnStarted], ...] = get_args(Event)


def named_in(line: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", line))


def row(section: str, field: str) -> str:
    return next(line for line in SECTIONS[section].splitlines() if line.startswith(f"| `{field}` |"))


def test_every_event_is_described_and_no_other() -> None:
    assert set(SECTIONS) == {event.type for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_every_field_is_described_in_its_order(event: type[TurnStarted]) -> None:
    described = re.findall(r"^\| `(\w+)` \|", SECTIONS[event.type], re.MULTILINE)
    assert described == [field.name for field in dataclasses.fields(event)]


def test_what_fields_hold_is_described() -> None:
    assert set(get_args(NoticeKind)) <= named_in(row("notice", "kind"))
    assert {f.name for f in dataclasses.fields(Hit)} <= named_in(row("recalled", "hits"))
    assert {f.name for f in dataclasses.fields(Citation)} <= named_in(row("turn_finished", "citations"))
    assert {f.name for f in dataclasses.fields(Bill)} <= named_in(row("turn_finished", "bill"))
