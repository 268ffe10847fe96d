from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import Field

from officehours.memory.errors import ConfigError
from officehours.tools.base import ToolContext, ToolResult, tool


class Doc:
    """What some libraries write into Annotated."""

    def __init__(self, documentation: str) -> None:
        self.documentation = documentation


@tool
def convert(
    amount: Annotated[Decimal, Field(gt=0, description="How many dollars.")],
    currency: Annotated[str, "Three letters."] = "KRW",
    day: Annotated[str | None, Doc("Whose rate.")] = None,
) -> str:
    """Convert US dollars."""
    return f"{amount} {currency} {day}"


@dataclass
class Course:
    name: str


@tool
def exam(context: ToolContext[Course]) -> str:
    """Say what the exam is about.

    Args:
        context: The turn.
    """
    return context.deps.name


def test_what_stands_beside_a_type_documents_a_parameter() -> None:
    properties = convert.parameters["properties"]
    assert {name: schema["description"] for name, schema in properties.items()} == {
        "amount": "How many dollars.",
        "currency": "Three letters.",
        "day": "Whose rate.",
    }
    assert properties["amount"] == {
        "type": "number",
        "exclusiveMinimum": 0.0,
        "description": "How many dollars.",
    }
    assert properties["currency"]["default"] == "KRW"


def test_a_context_may_say_what_its_deps_are() -> None:
    assert (exam.context, exam.parameters["properties"]) == ("context", {})
    assert exam(ToolContext[Course](deps=Course("LoRA"))) == "LoRA"


def test_a_tool_of_plain_types_loads_no_pydantic() -> None:
    program = """
import sys
from typing import Literal
from officehours.tools.base import tool

@tool
def f(a: str, b: int = 1, c: Literal["x", "y"] = "x", d: list[str] | None = None) -> str:
    '''F.

    Args:
        a: A.
        b: B.
        c: C.
        d: D.
    '''
    return a

print("pydantic" in sys.modules, f.parameters["properties"]["d"]["items"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "False {'type': 'string'}"


def positional(number: int, /) -> int:
    """Do something.

    Args:
        number: A number.
    """
    return number


def of_two_contexts(first: ToolContext, second: ToolContext[Course]) -> None:
    """Do something."""


def with_a_default_of_another_type(number: int = "many") -> int:  # pyright: ignore[reportArgumentType]
    """Do something.

    Args:
        number: A number.
    """
    return number


def with_none_for_a_number(number: int = None) -> int:  # pyright: ignore[reportArgumentType] # noqa: RUF013
    """Do something.

    Args:
        number: A number.
    """
    return number


def with_text_for_a_number(number: int = "5") -> int:  # pyright: ignore[reportArgumentType]
    """Do something.

    Args:
        number: A number.
    """
    return number


def with_a_field_for_a_default(number: int = Field(5, ge=1)) -> int:
    """Do something.

    Args:
        number: A number.
    """
    return number


def with_a_default_in_its_field(number: Annotated[int, Field(default=5)]) -> int:
    """Do something.

    Args:
        number: A number.
    """
    return number


def with_another_name(number: Annotated[int, Field(alias="n")]) -> int:
    """Do something.

    Args:
        number: A number.
    """
    return number


def of_an_unknown_type(lock: subprocess.Popen[str]) -> str:
    """Do something.

    Args:
        lock: A program.
    """
    return str(lock)


def of_a_name_that_is_not_there(number: Missing) -> int:  # noqa: F821 # pyright: ignore[reportUndefinedVariable]
    """Do something.

    Args:
        number: A number.
    """
    return number


def lines() -> Iterator[str]:
    """Give line after line."""
    yield "first"


async def async_lines() -> AsyncIterator[str]:
    """Give line after line."""
    yield "first"


async def async_lines_and_a_result() -> AsyncIterator[str | ToolResult]:
    """Give line after line."""
    yield "first"
    yield ToolResult("done")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (positional, ("`number: ", "by its name")),
        (of_two_contexts, ("`first`", "`second`", "twice")),
        (with_a_default_of_another_type, ("`number`", "no int", "'many'")),
        (with_none_for_a_number, ("`number`", "no int", "None")),
        (with_text_for_a_number, ("`number`", "no int", "'5'")),
        (with_a_field_for_a_default, ("`number`", "Annotated[int, Field(ge=1)] = 1")),
        (with_a_default_in_its_field, ("`number`", "Annotated[int, Field(ge=1)] = 1")),
        (with_another_name, ("`number`", "Annotated[int, Field(ge=1)] = 1")),
        (of_an_unknown_type, ("`lock`", "Popen", "Allowed are str")),
        (of_a_name_that_is_not_there, ("Missing",)),
        (lines, ("Generator[str, None, str]",)),
        (async_lines, ("AsyncIterator[str | ToolResult]",)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_declaration_is_an_error_at_once(
    function: Callable[..., Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        tool(function)
    assert all(word in caught.value.en for word in (function.__name__, *words))
    assert caught.value.ko != caught.value.en


def test_an_async_generator_that_says_its_result_is_a_tool() -> None:
    assert tool(async_lines_and_a_result).parameters["properties"] == {}


def test_two_types_of_one_name_that_hold_themselves_are_refused() -> None:
    def forest(name: str) -> Any:
        made: dict[str, Any] = {"__name__": __name__}
        exec(
            "from pydantic import BaseModel\n"
            f"class Tree(BaseModel):\n    {name}: int\n    parts: list['Tree'] = []\n",
            made,
        )
        return made["Tree"]

    def plant(one: Any, other: Any) -> str:
        """Plant.

        Args:
            one: One.
            other: Another.
        """
        return f"{one} {other}"

    plant.__annotations__ |= {"one": forest("a"), "other": forest("b")}
    with pytest.raises(ConfigError, match="two types called `Tree`"):
        tool(plant)


@dataclass
class Wish:
    title: str = ""
    day: date | None = None


def test_a_default_is_told_as_the_schema_has_it() -> None:
    @tool
    def find(wish: Wish = Wish("LoRA"), pair: tuple[int, int] = (1, 2)) -> str:  # noqa: B008
        """Find a book.

        Args:
            wish: Which.
            pair: Pages.
        """
        return wish.title

    defaults = {name: schema["default"] for name, schema in find.parameters["properties"].items()}
    assert defaults == {"wish": {"title": "LoRA"}, "pair": [1, 2]}
