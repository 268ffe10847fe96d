from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from officehours.memory.errors import ConfigError, ToolRetry
from officehours.memory.types import ToolCall
from officehours.tools.arguments import bind
from officehours.tools.base import ToolContext, tool, tool_from_schema
from officehours.tools.registry import Registry


class Level(Enum):
    EASY = "easy"
    HARD = "hard"


@tool
def plan(
    topic: str,
    days: int,
    weight: float,
    strict: bool,
    chapters: list[int],
    goals: dict[str, str],
    style: Literal["short", "long"],
    level: Level,
    exam: date,
    context: ToolContext,
    begin: datetime | None = None,
    page: Annotated[int, Field(ge=1)] = 1,
) -> str:
    """Plan a course of study
    over several days.

    This paragraph is for the model too.

    Args:
        topic: What to study.
        days: How many days
            there are.
        weight: Share of the mark.
        strict: Whether to hold to it.
        chapters: Which chapters.
        goals: What to reach, by chapter.
        style: How long a plan.
        level: How hard.
        exam: When the exam is.
        context: Filled in by the program.
        begin: When to begin.
        page: Which page.

    Returns:
        The plan.
    """
    return f"{topic} {days} {context.language} {page} {begin}"


GOOD: dict[str, Any] = {
    "topic": "고유값",
    "days": 3,
    "weight": 0.5,
    "strict": True,
    "chapters": [1, 2],
    "goals": {"1": "read"},
    "style": "short",
    "level": "hard",
    "exam": "2026-12-01",
}


def refusal(**changes: Any) -> str:
    with pytest.raises(ToolRetry) as caught:
        bind(plan, {**GOOD, **changes})
    return caught.value.en


def test_a_function_tells_the_model_everything_about_itself() -> None:
    assert plan.name == "plan"
    assert plan.description == (
        "Plan a course of study over several days.\n\nThis paragraph is for the model too.\n\nReturns: The plan."
    )
    properties = plan.parameters["properties"]
    assert properties["topic"] == {"type": "string", "description": "What to study."}
    assert properties["days"] == {"type": "integer", "description": "How many days there are."}
    assert properties["weight"]["type"] == "number"
    assert properties["strict"]["type"] == "boolean"
    assert properties["chapters"] == {
        "type": "array",
        "items": {"type": "integer"},
        "description": "Which chapters.",
    }
    assert properties["goals"]["additionalProperties"] == {"type": "string"}
    assert properties["style"]["enum"] == ["short", "long"]
    assert properties["level"]["enum"] == ["easy", "hard"]
    assert properties["exam"]["format"] == "date"
    assert properties["begin"] == {"type": "string", "format": "date-time", "description": "When to begin."}
    assert "context" not in properties
    assert plan.parameters["required"] == [name for name in properties if name not in {"begin", "page"}]
    json.dumps(plan.parameters)


def test_the_decorated_function_is_still_a_function() -> None:
    @tool(name="twice_as_much", effect="outside")
    def double(number: int) -> int:
        """Double a number.

        Args:
            number: Any number.
        """
        return number * 2

    assert double.name == "twice_as_much"
    assert double(21) == 42


@pytest.mark.parametrize(("effect", "guarded"), [("read", False), ("write", True), ("outside", True)])
def test_what_does_more_than_read_is_guarded_unless_its_author_says_otherwise(
    effect: Any, guarded: bool
) -> None:
    def act() -> str:
        """Act."""
        return ""

    assert tool(effect=effect)(act).guarded is guarded
    assert tool(effect=effect, guarded=not guarded)(act).guarded is not guarded


def test_arguments_arrive_converted() -> None:
    values = bind(plan, {**GOOD, "request_heartbeat": True})
    assert values["level"] is Level.HARD
    assert values["exam"] == date(2026, 12, 1)
    assert "request_heartbeat" not in values
    assert "page" not in values


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("days", "5", 5),
        ("days", 5.0, 5),
        ("strict", "true", True),
        ("strict", "False", False),
        ("weight", "0.25", 0.25),
        ("topic", 7, "7"),
        ("chapters", "[1, 2]", [1, 2]),
        ("chapters", "3", [3]),
        ("goals", '{"1": "읽기"}', {"1": "읽기"}),
        ("style", "Short", "short"),
        ("level", " EASY ", Level.EASY),
    ],
)
def test_what_small_models_write_is_understood(name: str, given: Any, expected: Any) -> None:
    assert bind(plan, {**GOOD, name: given})[name] == expected


def test_null_for_an_optional_parameter_means_its_default() -> None:
    assert "begin" not in bind(plan, {**GOOD, "begin": None})


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("days", "many", "`days` must be an integer, got 'many'"),
        ("days", 2.5, "`days` must be an integer, got 2.5"),
        ("days", None, "`days` must be an integer, got None"),
        ("strict", "perhaps", "`strict` must be true or false, got 'perhaps'"),
        ("chapters", ["one"], "`chapters[0]` must be an integer, got 'one'"),
        ("style", "middling", "`style` must be one of 'short', 'long', got 'middling'"),
        ("level", "odd", "`level` must be one of 'easy', 'hard', got 'odd'"),
        ("exam", "soon", "`exam` must be a date like 2026-11-03, got 'soon'"),
        ("page", 0, "`page`: input should be greater than or equal to 1, got 0"),
    ],
)
def test_a_wrong_argument_is_answered_with_how_to_mend_it(name: str, given: Any, sentence: str) -> None:
    assert sentence in refusal(**{name: given})


def test_unknown_and_missing_arguments_are_all_named_at_once() -> None:
    with pytest.raises(ToolRetry) as caught:
        bind(plan, {**{k: v for k, v in GOOD.items() if k != "topic"}, "subject": "x", "days": "many"})
    assert "there is no `subject`; it takes `topic`, `days`" in caught.value.en
    assert "`topic` is missing (What to study.)" in caught.value.en
    assert "`days` must be an integer" in caught.value.en


def undocumented(number: int) -> int:
    """Do something.

    Args:
        other: Not a parameter.
    """
    return number


def unhinted(number) -> int:  # pyright: ignore[reportMissingParameterType]
    """Do something.

    Args:
        number: A number.
    """
    return number


def without_docstring(number: int) -> int:
    return number


def with_many(*numbers: int) -> int:
    """Do something.

    Args:
        numbers: Some numbers.
    """
    return sum(numbers)


def with_a_type_no_model_can_give(number: Callable[[], int]) -> int:
    """Do something.

    Args:
        number: A number.
    """
    return number()


def with_a_leftover(number: int) -> int:
    """Do something.

    Args:
        number: A number.
        numbr: A slip of the pen.
    """
    return number


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (undocumented, ("undocumented", "`number`", "Args:")),
        (unhinted, ("unhinted", "`number`", "type hint")),
        (without_docstring, ("without_docstring", "docstring")),
        (with_many, ("with_many", "*numbers")),
        (with_a_type_no_model_can_give, ("with_a_type_no_model_can_give", "`number`", "Allowed are str")),
        (with_a_leftover, ("with_a_leftover", "`numbr`")),
    ],
)
def test_an_authors_slip_is_an_error_at_once_that_names_it(function: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        tool(function)
    for word in words:
        assert word in caught.value.en
    assert caught.value.ko != caught.value.en


def test_a_name_that_servers_refuse_is_refused_here() -> None:
    with pytest.raises(ConfigError, match="two words"):
        tool(name="two words")(undocumented)


def test_a_tool_of_a_schema_hands_its_arguments_on() -> None:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "tags": {"type": "array"}},
        "required": ["city"],
    }
    weather = tool_from_schema(
        "weather", "Tell the weather.", parameters, lambda **given: given, effect="outside", source="mcp:sky"
    )
    assert bind(weather, {"city": "Seoul", "tags": '["rain"]', "days": None}) == {
        "city": "Seoul",
        "tags": ["rain"],
    }
    with pytest.raises(
        ToolRetry, match=r"there is no `town`; it takes `city`, `days`, `tags`; `city` is missing"
    ):
        bind(weather, {"town": "Seoul"})
    outcome = Registry([weather]).run(ToolCall("1", "weather", '{"city": "Seoul"}'), ToolContext())
    assert (outcome.trust, '{"city": "Seoul"}' in outcome.output) == ("web", True)


@pytest.mark.parametrize(
    ("name", "parameters", "source"),
    [("two words", {}, "mcp:sky"), ("weather", {"type": "array"}, "mcp:sky"), ("weather", {}, "")],
)
def test_a_schema_that_can_be_no_tools_is_refused(name: str, parameters: dict[str, Any], source: str) -> None:
    with pytest.raises(ConfigError):
        tool_from_schema(name, "Weather.", parameters, str, effect="read", source=source)
