from __future__ import annotations

from pathlib import Path

import pytest

from officehours.persona import registry
from officehours.persona.lint import lint
from officehours.persona.template import new


@pytest.mark.parametrize("name", ["lee", "a-b-c", "2nd-professor"])
def test_a_new_file_is_accepted_without_a_word(tmp_path: Path, name: str) -> None:
    assert lint(registry.load(new(name, tmp_path))) == []


def test_the_professors_that_come_along_are_accepted_too() -> None:
    assert {persona.id: lint(persona) for persona in registry.all()} == {
        "kim-yongdam": [],
        "harriet-ashdown": [],
    }
