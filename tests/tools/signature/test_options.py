from __future__ import annotations

import math
from typing import Any

import pytest

from officehours.memory.errors import ConfigError
from officehours.tools.base import tool, tool_from_schema


def shout(text: str) -> str:
    """Say it loudly.

    Args:
        text: What to say.
    """
    return text.upper()


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({"effect": "network"}, '"read", "write", "outside"'),
        ({"effect": None}, '"read", "write", "outside"'),
        ({"timeout": -1}, "more than 0"),
        ({"timeout": 0}, "more than 0"),
        ({"timeout": math.nan}, "more than 0"),
        ({"timeout": math.inf}, "more than 0"),
        ({"timeout": "30"}, "more than 0"),
        ({"timeout": True}, "more than 0"),
        ({"asks": "yes"}, "True, False"),
        ({"guarded": "yes"}, "True, False"),
        ({"unavailable": "no key"}, "a function"),
        ({"told": "text"}, "a collection of text"),
        ({"told": ["txt"]}, "a collection of text"),
        ({"name": "two words"}, "letters, digits"),
        ({"name": ""}, "letters, digits"),
        ({"name": 5}, "letters, digits"),
    ],
    ids=str,
)
def test_a_wrong_option_is_an_error_that_names_what_is_allowed(options: dict[str, Any], allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tool(**options)(shout)
    assert allowed in caught.value.en
    assert caught.value.ko != caught.value.en


def test_a_tool_of_a_schema_is_looked_at_likewise() -> None:
    wrong: Any = "network"
    with pytest.raises(ConfigError, match="network"):
        tool_from_schema("shout", "Shout.", {}, shout, effect=wrong, source="mcp:x")
    with pytest.raises(ConfigError, match="timeout"):
        tool_from_schema("shout", "Shout.", {}, shout, effect="read", source="mcp:x", timeout=-1)


def test_a_name_that_is_not_named_is_an_error() -> None:
    name: Any = "shout"
    with pytest.raises(ConfigError, match="@tool"):
        tool(name)
