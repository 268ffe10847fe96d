"""From a call's JSON arguments to the values a function wants, as lenient as is safe.

Small models write "5" for 5 and "true" for true, put a list into a string and give null for what they leave out.
All of that is understood. What is not comes back as a sentence that the model can act on, every problem at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from ..memory.errors import ToolRetry
from .base import HEARTBEAT, Tool

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NOUNS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "date": "a date like 2026-11-03",
    "date-time": "a date and time like 2026-11-03T14:05:00+09:00",
}
_ABSENT = object()


def read_arguments(text: str) -> dict[str, Any]:
    """Read a call's JSON text.

    Raises:
        ToolRetry: It is not a JSON object.
    """
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise ToolRetry(f"The arguments are not valid JSON: {error.msg} at character {error.pos}.") from error
    if not isinstance(value, dict):
        raise ToolRetry("The arguments must be one JSON object.")
    return cast("dict[str, Any]", value)


def bind(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check and convert a call's arguments.

    Raises:
        ToolRetry: Some are unknown, missing or of the wrong type; the text lists each.
    """
    properties: Mapping[str, Any] = tool.parameters["properties"]
    problems = [
        f"there is no `{name}`; it takes {_listed(properties)}"
        for name in arguments
        if name not in properties and name != HEARTBEAT
    ]
    values: dict[str, Any] = {}
    for name, schema in properties.items():
        given = arguments.get(name, _ABSENT)
        if name in tool.optional and (given is None or given is _ABSENT):
            continue
        if given is _ABSENT:
            told = f" ({schema['description']})" if "description" in schema else ""
            problems.append(f"`{name}` is missing{told}")
            continue
        if name not in tool.hints:
            values[name] = _unwrapped(schema, given)
            continue
        value, problem = _convert(tool.hints[name], schema, name, given)
        if problem:
            problems.append(problem)
        values[name] = value
    if problems:
        raise ToolRetry(f"{tool.name}: {'; '.join(problems)}.")
    return values


def _convert(hint: Any, schema: Mapping[str, Any], name: str, given: Any) -> tuple[Any, str]:
    """Give the value and no problem, or a problem."""
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    adapter: TypeAdapter[Any] = TypeAdapter(hint, config=ConfigDict(coerce_numbers_to_str=True))
    try:
        return adapter.validate_python(_unwrapped(schema, given)), ""
    except ValidationError as error:
        return None, _sentence(name, schema, error.errors(include_url=False)[0])


def _unwrapped(schema: Mapping[str, Any], given: Any) -> Any:
    """Undo what small models do to values: lists and objects as JSON text, choices in capitals."""
    if not isinstance(given, str):
        return given
    expected = schema.get("type")
    if expected in {"array", "object"}:
        try:
            inner: Any = json.loads(given)
        except json.JSONDecodeError:
            inner = given
        return cast("Any", [inner] if expected == "array" and not isinstance(inner, list) else inner)
    choices = schema.get("enum")
    if choices and given not in choices:
        return next((choice for choice in choices if str(choice).lower() == given.strip().lower()), given)
    return given


def _sentence(name: str, schema: Mapping[str, Any], error: ErrorDetails) -> str:
    place = name + "".join(f"[{part}]" if isinstance(part, int) else "" for part in error["loc"])
    given = error["input"]
    shown = given.value if isinstance(given, Enum) else given
    if (
        error["type"].endswith(("_type", "_parsing", "enum", "literal_error", "_from_float"))
        or "date" in error["type"]
    ):
        return f"`{place}` must be {_noun(schema, nested=place != name)}, got {shown!r}"
    return f"`{place}`: {error['msg'][:1].lower()}{error['msg'][1:]}, got {shown!r}"


def _noun(schema: Mapping[str, Any], *, nested: bool) -> str:
    if nested and "items" in schema:
        schema = schema["items"]
    if "enum" in schema:
        return f"one of {', '.join(repr(choice) for choice in schema['enum'])}"
    if "anyOf" in schema:
        return " or ".join(_noun(option, nested=False) for option in schema["anyOf"])
    return _NOUNS[schema.get("format") or schema["type"]]


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in names) if names else "no arguments"
