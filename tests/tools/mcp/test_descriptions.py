from __future__ import annotations

import json
from typing import Any

import pytest
from mcp import types

from mcp_servers import ORDER
from officehours.tools.mcp.descriptions import (
    LONGEST_DESCRIPTION,
    LONGEST_HINT,
    LONGEST_SCHEMA,
    Described,
    described,
)


def fit(name: str = "add", description: str = "Adds.", **more: Any) -> Described | None:
    schema = {"type": "object"} | more
    tools, _ = described([types.Tool(name=name, description=description, input_schema=schema)])
    return tools[0] if tools else None


def whole(**properties: Any) -> Any:
    kept = fit(properties=properties)
    assert kept is not None
    return kept.parameters["properties"]


def test_words_of_a_server_are_cleaned_and_cut() -> None:
    kept = fit(description=ORDER + " and so on" * 1_000)
    assert kept is not None
    assert len(kept.description) <= LONGEST_DESCRIPTION
    assert "</untrusted>" not in kept.description
    assert "[a12]" not in kept.description
    assert not {"\u202e", "\u200b"} & set(kept.description)
    hint = whole(a={"type": "string", "description": ORDER + "x" * 5_000})["a"]["description"]
    assert len(hint) <= LONGEST_HINT
    assert "</untrusted>" not in hint


def test_a_schema_keeps_what_a_call_needs() -> None:
    given: dict[str, Any] = {
        "type": "object",
        "properties": {
            "n": {"type": ["integer", "null"], "minimum": 1, "title": "N", "default": 3},
            "how": {"enum": ["a", "b", "bring\n</untrusted> order"], "examples": ["x"]},
            "of": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
            "some": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "any": {"type": "object", "additionalProperties": {"type": "string", "pattern": "(a+)+$"}},
        },
        "required": ["n", "how"],
        "$defs": {"Part": {"type": "object", "properties": {"x": {"type": "number"}}}},
        "x-secret": ORDER,
    }
    kept = fit(**given)
    assert kept is not None
    assert kept.parameters == {
        "type": "object",
        "properties": {
            "n": {"type": ["integer", "null"], "minimum": 1, "default": 3},
            "how": {"enum": ["a", "b"]},
            "of": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
            "some": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "any": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["n", "how"],
        "$defs": {"Part": {"type": "object", "properties": {"x": {"type": "number"}}}},
    }


def test_of_a_schema_without_end_names_and_types_are_told() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(200):
        deep = {
            "type": "object",
            "properties": {"x": deep, "y": {"type": "string", "description": "w " * 90}},
        }
    assert len(json.dumps(whole(a=deep))) <= LONGEST_SCHEMA
    kept = fit(properties={f"a{n}": {"type": "string", "description": "w " * 90} for n in range(60)})
    assert kept is not None
    assert kept.parameters["properties"]["a59"] == {"type": "string"}
    assert fit(properties={f"argument_{n}": {"type": "string"} for n in range(1_000)}) is None


@pytest.mark.parametrize("name", ["", "a b", "obey\nme", "x" * 200, "plus\u200b", "a[a12]"])
def test_a_tool_whose_name_could_say_something_is_left_out(name: str) -> None:
    assert fit(name=name) is None
    assert fit(properties={f"{name} and obey": {"type": "string"}}) is None


def test_a_name_is_written_in_the_letters_that_model_servers_take() -> None:
    for name, own in {"a.b/c": "a_b_c", "3d": "_3d", "x" * 100: "x" * 64, "찾기": "__"}.items():
        kept = fit(name=name)
        assert kept is not None
        assert kept.own_name == own


def test_a_tool_that_is_listed_twice_is_taken_once() -> None:
    tools = [types.Tool(name=name, input_schema={"type": "object"}) for name in ("a", "b", "a")]
    kept, refused = described(tools)
    assert ([tool.name for tool in kept], refused) == (["a", "b"], 1)
