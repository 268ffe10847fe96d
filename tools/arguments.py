"""From a call's JSON arguments to the values a function wants, as lenient as is safe.

Small models write "5" for 5 and "true" for true, put a list into a string and give null for what they leave out.
All of that is understood, however deep it stands. What is not comes back as a sentence that the model can act on, every
problem at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from ..memory.errors import ToolRetry
from .base import HEARTBEAT, Tool
from .text import first_line

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

MOST_PROBLEMS = 5
"""Problems of one argument that a model is told at once."""

_LONGEST_SHOWN = 100
_NOUNS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "date": "a date like 2026-11-03",
    "time": "a time like 14:05",
    "date-time": "a date and time like 2026-11-03T14:05:00+09:00",
    "duration": "a duration like PT1H30M, or seconds",
    "uuid": "a UUID",
    "path": "a path",
}
_MISTYPED = ("_type", "_parsing", "enum", "literal_error", "_from_float", "_tag_invalid", "_tag_not_found")
_ABSENT = object()

_Schema = Mapping[str, Any]
_Steps = tuple[int | str, ...]


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
    properties: Mapping[str, _Schema] = tool.parameters["properties"]
    defs: _Schema = tool.parameters.get("$defs", {})
    problems = [
        f"there is no `{name}`; it takes {_listed(properties)}"
        for name in arguments
        if name not in properties and name != HEARTBEAT
    ]
    values: dict[str, Any] = {}
    adapters = tool.adapters()
    for name, schema in properties.items():
        given = arguments.get(name, _ABSENT)
        if name in tool.optional and (given is _ABSENT or (given is None and not _takes_null(schema))):
            continue
        if given is _ABSENT:
            told = f" ({schema['description']})" if "description" in schema else ""
            problems.append(f"`{name}` is missing{told}")
            continue
        values[name] = _lenient(schema, given, defs)
        if name in adapters:
            values[name], wrong = _converted(adapters[name], values[name], name, schema, defs)
            problems += wrong
    if problems:
        raise ToolRetry(f"{tool.name}: {'; '.join(problems)}.")
    return values


def _converted(
    adapter: TypeAdapter[Any], given: Any, name: str, schema: _Schema, defs: _Schema
) -> tuple[Any, list[str]]:
    """Give the value and no problems, or the problems."""
    from pydantic import ValidationError

    try:
        value = adapter.validate_python(given)
        # What a hint such as Iterable[int] gives checks its items one by one, when it is too late for a sentence.
        return list(value) if type(value).__name__ == "ValidatorIterator" else value, []
    except ValidationError as error:
        found: dict[str, str] = {}
        entries = error.errors(include_url=False, include_context=False)
        ways = [entry["loc"] for entry in entries]
        for entry in entries:
            place, inner = _place(name, schema, entry["loc"], ways, defs)
            found.setdefault(place, _sentence(place, inner, entry, defs))
        return None, list(found.values())[:MOST_PROBLEMS]


# What small models do to values


def _lenient(schema: _Schema, given: Any, defs: _Schema) -> Any:
    """Undo what small models do to values: all as text, a list as JSON text, choices in capitals, null for nothing."""
    schema = _resolved(schema, defs)
    if options := _options(schema):
        if len(options) == 1 and given is not None:
            return _lenient(options[0], given, defs)
        return _by_option(options, given, defs)
    expected = _kind(schema)
    if expected == "array" and given is not None:
        return _items(schema, _listed_value(given), defs)
    if expected == "object":
        return _fields(schema, _unwrapped(given), defs)
    if choices := schema.get("enum"):
        said = str(given).strip().lower()
        return given if given in choices else next((c for c in choices if str(c).lower() == said), given)
    if expected == "string" and "format" not in schema and type(given) in {int, float}:
        return str(given)
    if expected in {"integer", "number", "boolean"} and isinstance(given, str):
        return _scalar(expected, given)
    return given


def _by_option(options: list[_Schema], given: Any, defs: _Schema) -> Any:
    """Read a value that may be of several types: as it is where one of them is its own, else as the first that fits."""
    kinds = {_kind(_resolved(option, defs)) for option in options}
    if given is None or (isinstance(given, str) and kinds & {"string", None}):
        return given
    if isinstance(given, dict):
        fields = cast("dict[str, Any]", given)
        fitting = [o for o in options if _fits(_resolved(o, defs), fields)]
        return _lenient(fitting[0], fields, defs) if len(fitting) == 1 else fields
    if not isinstance(given, str):
        return given
    if (read := _unwrapped(given)) != given:
        return _by_option(options, read, defs)
    return next((read for o in options if (read := _lenient(o, given, defs)) != given), given)


def _fits(schema: _Schema, fields: Mapping[str, Any]) -> bool:
    properties: Mapping[str, Any] = schema.get("properties", {})
    return (
        schema.get("type") == "object"
        and set(schema.get("required", ())) <= fields.keys() <= properties.keys()
    )


def _items(schema: _Schema, given: list[Any], defs: _Schema) -> list[Any]:
    first: list[_Schema] = schema.get("prefixItems", [])
    others: _Schema = schema.get("items", {})
    return [_lenient(first[n] if n < len(first) else others, item, defs) for n, item in enumerate(given)]


def _fields(schema: _Schema, given: Any, defs: _Schema) -> Any:
    if not isinstance(given, dict):
        return given
    properties: Mapping[str, _Schema] = schema.get("properties", {})
    other = _others(schema)
    return {
        name: _lenient(properties.get(name, other), value, defs)
        for name, value in cast("dict[str, Any]", given).items()
        if value is not None or name in schema.get("required", ()) or _takes_null(properties.get(name, other))
    }


def _listed_value(given: Any) -> list[Any]:
    """A list as itself or as JSON text; anything else is a list's only item."""
    read = _unwrapped(given)
    return cast("list[Any]", read) if isinstance(read, list) else [read if isinstance(read, dict) else given]


def _unwrapped(given: Any) -> Any:
    """What a list or an object is that was written as JSON text."""
    if isinstance(given, str) and given.lstrip().startswith(("[", "{")):
        with suppress(ValueError, RecursionError):
            return json.loads(given)
    return given


def _scalar(expected: str, given: str) -> Any:
    with suppress(ValueError, RecursionError):  # a number of too many digits is a ValueError
        read: object = json.loads(given.strip().lower())
        if isinstance(read, bool):
            return read if expected == "boolean" else given
        if isinstance(read, int | float) and expected != "boolean":
            return (
                int(read) if expected == "integer" and isinstance(read, float) and read.is_integer() else read
            )
    return given


def _options(schema: _Schema) -> list[_Schema]:
    return [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]


def _kind(schema: _Schema) -> str | None:
    """The one type that a value other than null has; None where there are several."""
    kind: object = schema.get("type")
    kinds = cast("list[object]", kind) if isinstance(kind, list) else [kind]
    named = [str(entry) for entry in kinds if entry not in {None, "null"}]
    return named[0] if len(named) == 1 else None


def _takes_null(schema: _Schema) -> bool:
    return not schema.keys() - {"description", "default", "examples"} or any(
        "null" in str(option.get("type")) for option in (schema, *schema.get("anyOf", ()))
    )


def _resolved(schema: _Schema, defs: _Schema) -> _Schema:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return defs.get(name, {}) if name else schema


# What the model is told


def _place(
    name: str, schema: _Schema, steps: _Steps, ways: list[_Steps], defs: _Schema
) -> tuple[str, _Schema]:
    """Say where in an argument something is wrong, and what belongs there.

    A union is as far as one can tell, unless only one of its options was tried.

    Args:
        ways: Those to everything that is wrong in it.
    """
    place, schema = name, _resolved(schema, defs)
    for at, step in enumerate(steps):
        options = _options(schema)
        if len(options) == 1:
            schema = _resolved(options[0], defs)
        elif options:  # the step names an option
            later = steps[at + 1 :]
            inner = [_resolved(option, defs) for option in options]
            fitting = [option for option in inner if later and later[0] in option.get("properties", {})]
            tried = {way[at] for way in ways if way[:at] == steps[:at] and len(way) > at}
            if len(fitting) != 1 or len(tried) != 1:
                return place, schema
            schema = fitting[0]
            continue
        if step == "[key]":
            return f"{place} (the key)", {}
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
        schema = _resolved(_inside(schema, step), defs)
    return place, schema


def _inside(schema: _Schema, step: int | str) -> _Schema:
    if isinstance(step, int):
        first: list[_Schema] = schema.get("prefixItems", [])
        return first[step] if step < len(first) else schema.get("items", {})
    return schema.get("properties", {}).get(step, _others(schema))


def _others(schema: _Schema) -> _Schema:
    """What belongs under a name that an object does not list."""
    other: object = schema.get("additionalProperties")
    return cast("_Schema", other) if isinstance(other, Mapping) else {}


def _sentence(place: str, schema: _Schema, error: ErrorDetails, defs: _Schema) -> str:
    kind, given = error["type"], error["input"]
    if kind == "missing" and not _options(schema):
        return f"`{place}` is missing"
    shown = first_line(repr(given.value if isinstance(given, Enum) else given), _LONGEST_SHOWN)
    if kind.endswith(_MISTYPED) or "date" in kind or "time" in kind or _options(schema):
        return f"`{place}` must be {_noun(schema, defs)}, got {shown}"
    said = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"`{place}`: {said[:1].lower()}{said[1:]}, got {shown}"


def _noun(schema: _Schema, defs: _Schema) -> str:
    schema = _resolved(schema, defs)
    if "enum" in schema:
        return f"one of {', '.join(repr(choice) for choice in schema['enum'])}"
    if options := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_noun(option, defs) for option in options))
    if names := schema.get("properties"):
        return f"an object with {_listed(names)}"
    return next((_NOUNS[word] for word in _words(schema) if word in _NOUNS), "another value")


def _words(schema: _Schema) -> Iterator[str]:
    yield str(schema.get("format"))
    yield str(schema.get("type"))


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in names) if names else "no arguments"
