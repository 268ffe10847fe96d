from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from officehours.memory.errors import ToolError, ToolRetry
from officehours.tools.base import ToolContext, ToolResult, tool, tool_from_schema
from officehours.tools.calculator.calculate import calculate
from officehours.tools.conformance import check_tool, examine
from officehours.tools.conformance.samples import samples, schema_problem


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


NUMBER = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
TREE = {"type": "object", "properties": {"of": {"$ref": "#/$defs/Tree"}}}


@pytest.mark.parametrize(
    ("schema", "allowed"),
    [
        ({"type": "integer", "minimum": 3, "maximum": 9}, lambda v: isinstance(v, int) and 3 <= v <= 9),
        (NUMBER, lambda v: 0 < v < 1),
        ({"type": "string", "minLength": 2, "maxLength": 5}, lambda v: 2 <= len(v) <= 5),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, lambda v: len(v) >= 2),
        ({"type": "array", "minItems": 1, "maxItems": 2}, lambda v: 1 <= len(v) <= 2),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, lambda v: set(v) <= {"a", "b"}),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, lambda v: v in (True, False, None)),
        ({"type": ["integer", "null"]}, lambda v: v is None or isinstance(v, int)),
        ({"type": "object", "properties": {"a": {"format": "date"}}}, lambda v: v["a"].count("-") == 2),
        ({"$ref": "#/$defs/Tree", "$defs": {"Tree": TREE}}, lambda v: set(v) <= {"of"}),
        ({"const": 3}, lambda v: v == 3),
        ({"enum": ["x", 1]}, lambda v: v in ("x", 1)),
        ({}, lambda v: isinstance(v, str)),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else "",
)
def test_samples_are_what_their_schema_allows(schema, allowed) -> None:
    values = list(samples(schema))
    assert values
    assert [value for value in values if not allowed(value)] == []


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"type": "object", "properties": {}}, ""),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/A"}},
                "$defs": {"A": TREE | {"properties": {}}},
            },
            "",
        ),
        ({"type": "array"}, "type is not object"),
        ({"type": "object", "properties": {}, "required": ["a"]}, "a is required and not described"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}, "parameters.a: A is not defined"),
        (
            {"type": "object", "properties": {"a": {"enum": []}}},
            "parameters.a: there is nothing to choose from",
        ),
        (
            {"type": "object", "properties": {"a": {"items": {"type": "txt"}}}},
            "parameters.a.items: no type is called txt",
        ),
        ({"type": "object", "properties": {"a": 3}}, "parameters.a is no schema"),
        (
            {"type": "object", "properties": {"a": {"const": object}}},
            "Object of type type is not JSON serializable",
        ),
    ],
    ids=str,
)
def test_what_no_model_can_follow_is_said(parameters, problem) -> None:
    assert schema_problem(parameters) == problem
