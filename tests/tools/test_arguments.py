from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, Field

import officehours
from officehours.memory.errors import ConfigError, ToolRetry
from officehours.memory.types import ToolCall
from officehours.tools.arguments import MOST_PROBLEMS, bind
from officehours.tools.base import Tool, ToolContext, tool, tool_from_schema
from officehours.tools.registry import Registry


@dataclass
class Point:
    x: int
    y: float = 0.5


class Book(BaseModel):
    title: str
    pages: Annotated[int, Field(ge=1, description="How many.")] = 100


class Range(TypedDict):
    start: date
    end: date


class Level(enum.Enum):
    EASY = "easy"
    HARD = "hard"


class Row(NamedTuple):
    name: str
    hint: Any
    schema: dict[str, Any]
    given: Any
    value: Any


KST = timezone(timedelta(hours=9))
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "y": {"type": "number", "default": 0.5}},
    "required": ["x"],
}
BOOK = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "pages": {"type": "integer", "minimum": 1, "default": 100, "description": "How many."},
    },
    "required": ["title"],
}
DAY = {"type": "string", "format": "date"}
RANGE = {"type": "object", "properties": {"start": DAY, "end": DAY}, "required": ["start", "end"]}
ID = "0b9cbd3c-6f0a-4f0f-9c3e-2a4d8f1f6a11"
BOUNDED = {"type": "integer", "minimum": 1, "maximum": 5, "examples": [3]}
TABLE = [
    Row("dataclass", Point, POINT, {"x": "3"}, Point(3, 0.5)),
    Row("pydantic.BaseModel", Book, BOOK, {"title": "DoRA", "pages": None}, Book(title="DoRA", pages=100)),
    Row(
        "TypedDict",
        Range,
        RANGE,
        {"start": "2026-11-03", "end": "2026-12-01"},
        {"start": date(2026, 11, 3), "end": date(2026, 12, 1)},
    ),
    Row("Enum", Level, {"type": "string", "enum": ["easy", "hard"]}, "HARD", Level.HARD),
    Row("Literal", Literal["ko", "en"], {"type": "string", "enum": ["ko", "en"]}, "KO", "ko"),
    Row("int | None", int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, None),
    Row("int | str", int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "five", "five"),
    Row("list", list[int], {"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2]),
    Row(
        "set",
        set[str],
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        ["a", "a"],
        {"a"},
    ),
    Row(
        "tuple",
        tuple[str, int],
        {
            "type": "array",
            "maxItems": 2,
            "minItems": 2,
            "prefixItems": [{"type": "string"}, {"type": "integer"}],
        },
        ["week", "4"],
        ("week", 4),
    ),
    Row("Sequence", Sequence[str], {"type": "array", "items": {"type": "string"}}, "loss", ["loss"]),
    Row(
        "dict",
        dict[str, int],
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"a": "1"},
        {"a": 1},
    ),
    Row("Any", Any, {}, {"as": ["it", "is"]}, {"as": ["it", "is"]}),
    Row("date", date, DAY, "2026-11-03", date(2026, 11, 3)),
    Row("time", time, {"type": "string", "format": "time"}, "14:05", time(14, 5)),
    Row(
        "datetime",
        datetime,
        {"type": "string", "format": "date-time"},
        "2026-11-03T14:05:00+09:00",
        datetime(2026, 11, 3, 14, 5, tzinfo=KST),
    ),
    Row("timedelta", timedelta, {"type": "string", "format": "duration"}, "PT1H30M", timedelta(minutes=90)),
    Row("Decimal", Decimal, {"type": "number"}, 19.9, Decimal("19.9")),
    Row("UUID", UUID, {"type": "string", "format": "uuid"}, ID, UUID(ID)),
    Row("Path", Path, {"type": "string", "format": "path"}, "notes/week1.md", Path("notes/week1.md")),
    Row("Annotated[int, Field]", Annotated[int, Field(ge=1, le=5, examples=[3])], BOUNDED, "4", 4),
]


def taking(hint: Any, **options: Any) -> Tool:
    """A tool of one parameter."""

    def take(value: Any) -> str:
        """Take a value.

        Args:
            value: The value.
        """
        return repr(value)

    take.__annotations__["value"] = hint
    return tool(**options)(take)


def refused(hint: Any, given: Any) -> str:
    with pytest.raises(ToolRetry) as caught:
        bind(taking(hint), {"value": given})
    return caught.value.en.removeprefix("take: ")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_type_is_told_to_the_model_and_its_value_is_understood(row: Row) -> None:
    taker = taking(row.hint)
    assert taker.parameters["properties"]["value"] == {**row.schema, "description": "The value."}
    assert bind(taker, {"value": row.given}) == {"value": row.value}
    assert "$ref" not in json.dumps(taker.parameters)


@pytest.mark.checkout
def test_the_table_in_the_docs_is_this_one() -> None:
    text = (Path(officehours.__file__).resolve().parent / "docs" / "tools.md").read_text(encoding="utf-8")
    for row in TABLE:
        value = repr(row.value).replace(repr(KST), "…").replace("PosixPath", "Path")
        cells = [row.name, json.dumps(row.schema), json.dumps(row.given), value]
        assert "| " + " | ".join(f"`{cell}`".replace("|", "\\|") for cell in cells) + " |" in text


def test_what_holds_itself_keeps_its_reference() -> None:
    class Tree(BaseModel):
        name: str
        parts: list[Tree] = []

    globals()["Tree"] = Tree  # where the hint's name is looked up
    grow = taking(Tree)
    assert grow.parameters["properties"]["value"] == {"$ref": "#/$defs/Tree", "description": "The value."}
    assert grow.parameters["$defs"]["Tree"]["properties"]["parts"]["items"] == {"$ref": "#/$defs/Tree"}
    given = {"name": "a", "parts": '[{"name": 1, "parts": null}]'}
    assert bind(grow, {"value": given}) == {"value": Tree(name="a", parts=[Tree(name="1")])}
    assert "`value.parts[0].parts[0].name` is missing" in refused(
        Tree, {"name": "a", "parts": [{"name": "b", "parts": [{}]}]}
    )


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


@pytest.mark.parametrize(
    ("hint", "given", "sentence"),
    [
        (list[Point], [{"x": 1}, {"x": "many"}], "`value[1].x` must be an integer, got 'many'."),
        (dict[str, list[int]], {"a": [1, "b"]}, "`value.a[1]` must be an integer, got 'b'."),
        (dict[int, str], {"a": "b"}, "`value.a (the key)` must be another value, got 'a'."),
        (Book, {"pages": 0}, "`value.title` is missing; `value.pages`: input should be greater than or equal to 1, got 0."),
        (int | list[int], {"a": 1}, "`value` must be an integer or a list, got {'a': 1}."),
        (Point | Book, {"z": 1}, "`value` must be an object with `x`, `y` or an object with `title`, `pages`, got {'z': 1}."),
        (Pet, {"kind": "cat", "lives": "nine"}, "`value.lives` must be an integer, got 'nine'."),
        (Pet, {"kind": "cow"}, "`value` must be an object with `kind`, `lives` or an object with `kind`, `tricks`, got {'kind': 'cow'}."),
        (tuple[int, int], [1, "b"], "`value[1]` must be an integer, got 'b'."),
        (tuple[int, int], [1], "`value[1]` is missing."),
        (set[int], ["a"], "`value[0]` must be an integer, got 'a'."),
        (Level, "medium", "`value` must be one of 'easy', 'hard', got 'medium'."),
        (UUID, "mine", "`value` must be a UUID, got 'mine'."),
        (time, "noon", "`value` must be a time like 14:05, got 'noon'."),
        (timedelta, "long", "`value` must be a duration like PT1H30M, or seconds, got 'long'."),
        (Decimal, "much", "`value` must be a number, got 'much'."),
        (Iterable[int], [1, "b"], "`value[1]` must be an integer, got 'b'."),
        (int, None, "`value` must be an integer, got None."),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_sentence_that_names_the_place(
    hint: Any, given: Any, sentence: str
) -> None:
    assert refused(hint, given) == sentence


@pytest.mark.parametrize(
    ("hint", "given", "value"),
    [
        (list[Point], '{"x": "1"}', [Point(1)]),
        (list[Point], {"x": 1, "y": None}, [Point(1)]),
        (list[Level], "HARD", [Level.HARD]),
        (list[str], [3.1, "3.10"], ["3.1", "3.10"]),
        (list[str], "3.10", ["3.10"]),
        (dict[str, list[int]], '{"a": "[1]"}', {"a": [1]}),
        (int | list[int], "[1, 2]", [1, 2]),
        (int | list[int], "7", 7),
        (Point | None, '{"x": 1}', Point(1)),
        (Book, {"title": 1984}, Book(title="1984")),
        (Pet, {"kind": "CAT", "lives": "9"}, Cat(kind="cat", lives=9)),
        (Pet, '{"kind": "dog", "tricks": "sit"}', Dog(kind="dog", tricks=["sit"])),
        (Iterable[int], ["1"], [1]),
        (timedelta, 90, timedelta(seconds=90)),
        (Decimal, "19.90", Decimal("19.90")),
        (PurePosixPath, "a/b", PurePosixPath("a/b")),
    ],
)
def test_slips_of_small_models_are_undone_however_deep(hint: Any, given: Any, value: Any) -> None:
    assert bind(taking(hint), {"value": given}) == {"value": value}


def test_null_is_a_value_where_the_type_has_it_and_a_default_where_not() -> None:
    @tool
    def pick(a: int = 3, b: int | None = 4, c: int | None = None) -> str:
        """Pick.

        Args:
            a: A.
            b: B.
            c: C.
        """
        return repr((a, b, c))

    assert pick.parameters["properties"] == {
        "a": {"type": "integer", "default": 3, "description": "A."},
        "b": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 4, "description": "B."},
        "c": {"type": "integer", "description": "C."},
    }
    assert bind(pick, {"a": None, "b": None, "c": None}) == {"b": None}


def test_many_problems_of_one_argument_are_told_up_to_a_bound() -> None:
    told = refused(list[int], ["x"] * 100)
    assert told.count("must be an integer") == MOST_PROBLEMS


def test_a_giant_value_is_not_repeated_whole() -> None:
    assert len(refused(int, "x" * 10_000)) < 200


@pytest.mark.parametrize("given", ["9" * 5_000, "1e999", "nan", "[" * 100_000, "true", "", " ", "0x10", "٣"])
@pytest.mark.parametrize("hint", [int, bool, list[int], int | list[int], Point])
def test_no_text_breaks_the_reading(hint: Any, given: str) -> None:
    ours = replace(taking(hint), source="")
    outcome = Registry([ours]).run(ToolCall("1", "take", json.dumps({"value": given})), ToolContext())
    assert outcome.ok or outcome.retry


def even(number: int) -> int:
    if number % 2:
        raise ValueError("an even number, please")
    return number


def broken(number: int) -> int:
    raise SystemExit(number)


def test_a_types_own_check_speaks_to_the_model() -> None:
    assert refused(Annotated[int, AfterValidator(even)], 3) == "`value`: an even number, please, got 3."


def test_a_types_own_check_that_breaks_down_is_a_failed_tool() -> None:
    taker = taking(Annotated[int, AfterValidator(broken)])
    call = ToolCall("1", "take", '{"value": 3}')
    outcome = Registry([taker]).run(call, ToolContext())
    assert (outcome.ok, outcome.retry, outcome.output) == (False, False, "take failed: SystemExit: 3")
    assert not Registry([taker]).why_ask(call, ToolContext(trust="web"))


def test_a_servers_schema_is_written_out_and_its_slips_are_undone() -> None:
    find = tool_from_schema(
        "find",
        "Find.",
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "findArguments",
            "type": "object",
            "$defs": {"Kind": {"type": "string", "enum": ["book", "film"], "title": "Kind"}},
            "properties": {
                "kinds": {"type": "array", "items": {"$ref": "#/$defs/Kind"}, "title": "Kinds"},
                "limit": {"type": "integer", "default": 10},
                "since": {"type": ["string", "null"]},
                "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "strict": {"type": "boolean"},
            },
            "required": ["kinds"],
        },
        lambda **given: given,
        effect="read",
        source="mcp:library",
    )
    assert find.parameters == {
        "type": "object",
        "properties": {
            "kinds": {"type": "array", "items": {"type": "string", "enum": ["book", "film"]}},
            "limit": {"type": "integer", "default": 10},
            "since": {"type": ["string", "null"]},
            "title": {"type": "string"},
            "strict": {"type": "boolean"},
        },
        "required": ["kinds"],
    }
    given = {"kinds": "BOOK", "limit": "5", "since": None, "title": None, "strict": "True"}
    assert bind(find, given) == {"kinds": ["book"], "limit": 5, "since": None, "strict": True}


def test_a_servers_schema_that_grows_without_end_is_refused() -> None:
    defs = {f"D{n}": {"type": "array", "prefixItems": [{"$ref": f"#/$defs/D{n + 1}"}] * 9} for n in range(9)}
    parameters = {"$defs": defs, "properties": {"a": {"$ref": "#/$defs/D0"}}}
    with pytest.raises(ConfigError, match="too large"):
        tool_from_schema("grow", "Grow.", parameters, str, effect="read", source="mcp:weeds")
