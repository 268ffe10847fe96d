from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from officehours.memory.errors import ToolError, ToolRetry
from officehours.tools.base import ToolContext, ToolResult, tool, tool_from_schema
from officehours.tools.calculator.calculate import calculate
from officehours.tools.conformance import check_tool, examine
from officehours.tools.conformance.samples import samples


@tool
def good(text: str, times: int = 1) -> str:
    """Say it.

    Args:
        text: What.
        times: How often.
    """
    if times < 0 or times > 100:
        raise ToolRetry("`times` is between 0 and 100.", "`times`는 0에서 100 사이입니다.")
    return text * times


@tool
def learned(context: ToolContext) -> ToolResult:
    """Say who asks."""
    assert context.student.name in {"Mina", "미나", ""}
    assert context.clock() == context.now
    if context.language == "ko":
        raise ToolError("Not in Korean.", "한국어로는 할 수 없습니다.")
    return ToolResult(context.student.name or "nobody", f"{context.local_time:%H:%M}")


def wrong(function: object) -> dict[str, str]:
    return {f.check: f.en for f in examine(function) if f.ok is False}  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("one", [good, learned, calculate])
def test_a_tool_that_keeps_to_everything_passes(one) -> None:
    assert wrong(one) == {}
    check_tool(one)


def test_odd_arguments_find_what_the_author_did_not_think_of() -> None:
    @tool
    def first(words: list[str]) -> str:
        """Give the first.

        Args:
            words: Several.
        """
        return words[0]

    assert list(wrong(first)) == ["arguments"]
    assert "IndexError" in wrong(first)["arguments"]
    with pytest.raises(AssertionError, match=r"first does not keep to .*\n.*ToolRetry"):
        check_tool(first)


def test_printing_strange_values_and_ending_the_program_are_found() -> None:
    @tool
    def noisy() -> str:
        """Be noisy."""
        print("hello")
        return ""

    @tool
    def strange() -> object:
        """Be strange."""
        return object()

    @tool
    def leaves() -> str:
        """Leave."""
        raise SystemExit(3)

    assert "'hello'" in wrong(noisy)["stdout"]
    assert "neither text nor JSON" in wrong(strange)["output"]
    assert "SystemExit" in wrong(leaves)["arguments"]


def test_a_late_tool_is_found() -> None:
    from threading import Event

    @tool(timeout=0.01)
    def late() -> str:
        """Be late."""
        Event().wait()
        return ""

    assert list(wrong(late)) == ["time"]


def test_what_does_more_than_read_is_not_called_unless_that_is_said(tmp_path: Path) -> None:
    @tool(effect="outside")
    def send(text: str) -> str:
        """Send it.

        Args:
            text: What.
        """
        (tmp_path / "sent").write_text(text, encoding="utf-8", errors="replace")
        return "sent"

    found = {f.check: f.ok for f in examine(send)}
    assert found == {"schema": True, "documentation": True, "arguments": None}
    assert not (tmp_path / "sent").exists()
    check_tool(send, call=True)
    assert (tmp_path / "sent").exists()


def test_schemas_that_are_none_and_descriptions_that_lack_are_found() -> None:
    def made(description: str, parameters: Mapping[str, object]):
        return tool_from_schema(
            "far", description, parameters, lambda **_: "x", effect="read", source="mcp:x"
        )

    named = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert wrong(made("Far.", named)) == {"documentation": "these are not described: a"}
    assert list(wrong(made(" ", {"type": "object", "properties": {}}))) == ["documentation"]
    assert "schema" in wrong(made("Far.", {"type": "object", "properties": {"a": {"type": "text"}}}))
    assert list(wrong(made("Far. " * 1_000, {"type": "object", "properties": {}}))) == ["schema"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "maximum": 9},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "string", "minLength": 2, "maxLength": 5},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2},
        {"type": "array", "items": {"enum": ["a", "b"]}},
        {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        {"type": "object", "properties": {"a": {"type": "string", "format": "date"}}, "required": ["a"]},
        {"const": 3},
        {
            "$ref": "#/$defs/Tree",
            "$defs": {"Tree": {"type": "object", "properties": {"of": {"$ref": "#/$defs/Tree"}}}},
        },
        {"type": "array", "minItems": 1, "maxItems": 2},
        {"enum": ["x", 1]},
        {},
    ],
    ids=json.dumps,
)
def test_samples_are_what_their_schema_allows(schema) -> None:
    from jsonschema import Draft202012Validator

    values = list(samples(schema))
    assert values
    for value in values:
        assert Draft202012Validator(schema).is_valid(value), value
