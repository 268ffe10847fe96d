from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from pydantic import Field

from officehours.tools.signature.json_schema import adapter_of, schema_of, tidy


@pytest.mark.parametrize(
    "hint",
    [str, int, float, bool, list[str], list[list[int]], Literal["a", "b"], Literal["a"], str | None, list[int] | None],
    ids=str,
)  # fmt: skip
def test_what_needs_no_pydantic_is_written_as_pydantic_writes_it(hint: Any) -> None:
    ours, theirs = schema_of(hint), tidy(adapter_of(hint).json_schema())
    assert ours == theirs
    assert list(ours) == list(theirs)


class Inner(TypedDict):
    day: str
    hour: NotRequired[int]


class Outer(TypedDict, total=False):
    inner: list[Inner]
    named: NotRequired[dict[str, Inner] | None]


def test_typed_dictionaries_of_pythons_own_are_taken_on_every_python() -> None:
    fields = {"day": {"type": "string"}, "hour": {"type": "integer"}}
    inner = {"type": "object", "properties": fields, "required": ["day"]}
    assert schema_of(Outer) == {
        "type": "object",
        "properties": {
            "inner": {"type": "array", "items": inner},
            "named": {"anyOf": [{"type": "object", "additionalProperties": inner}, {"type": "null"}]},
        },
    }
    assert schema_of(Annotated[list[Inner] | None, Field(max_length=2)])["anyOf"][0]["maxItems"] == 2


def test_bounds_of_a_decimal_are_numbers() -> None:
    bounded = Annotated[Decimal, Field(ge=Decimal("0.5"), description="A share.")]
    assert schema_of(bounded) == {"type": "number", "minimum": 0.5, "description": "A share."}


def test_a_property_may_be_called_as_a_keyword_is() -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "title": "Title"}},
        "title": "Book",
    }
    assert tidy(schema) == {"type": "object", "properties": {"title": {"type": "string"}}}


def test_a_reference_that_leads_elsewhere_is_left_alone() -> None:
    assert tidy({"$ref": "https://example.org/schema"}) == {"$ref": "https://example.org/schema"}
    assert tidy({"$ref": "#/definitions/A", "definitions": {"A": {"const": 3}}}) == {"enum": [3]}
