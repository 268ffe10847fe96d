"""Arguments as a model might write them: what a tool's schema asks for, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from ..base import Tool

DEEPEST = 6
"""How deep schemas that stand in schemas are followed."""

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    " ",
    "x" * 20_000,
    "안녕하세요 🙂",
    "\x00\x1b[2J\u202e",
    "../../etc/passwd",
    [],
    [[]],
    {},
    {"": None},
)
"""What a model may write where something else was meant."""


def schema_problem(parameters: Mapping[str, Any]) -> str:
    """Say what keeps a model from following the JSON Schema of a tool's arguments; "" where nothing does."""
    if parameters.get("type") != "object":
        return "type is not object"
    try:
        plain = json.loads(json.dumps(dict(parameters)))
    except (TypeError, ValueError) as error:
        return str(error)
    if stray := sorted(set(parameters.get("required", ())) - set(parameters.get("properties", ()))):
        return f"{stray[0]} is required and not described"
    return next(_problems(plain, plain, "parameters"), "")


def _problems(schema: Any, root: Mapping[str, Any], place: str) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"{place} is no schema"
        return
    told = cast("Mapping[str, Any]", schema)
    kinds = told.get("type", [])
    yield from (f"{place}: no type is called {kind}" for kind in _each(kinds) if kind not in _TYPES)
    name = str(told.get("$ref", "")).rpartition("/")[2]
    if name and name not in root.get("$defs", {}):
        yield f"{place}: {name} is not defined"
    if "enum" in told and not told["enum"]:
        yield f"{place}: there is nothing to choose from"
    for word in ("properties", "$defs"):
        for key, inner in told.get(word, {}).items():
            yield from _problems(inner, root, f"{place}.{key}")
    for word in ("items", "additionalProperties"):
        yield from _problems(told.get(word, True), root, f"{place}.{word}")
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in told.get(word, ()):
            yield from _problems(inner, root, f"{place}.{word}")


def _each(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def tried_arguments(tool: Tool) -> Iterator[dict[str, Any]]:
    """Give arguments to try a tool with: what its schema asks for, what it does not, and what is not there."""
    properties = properties_of(tool)
    good = {name: list(samples(schema, tool.parameters, 1)) for name, schema in properties.items()}
    usual = {name: values[0] if values else None for name, values in good.items()}
    needed = {name: value for name, value in usual.items() if name not in tool.optional}
    yield usual
    yield needed
    for name, values in good.items():
        for value in values[1:]:
            yield {**usual, name: value}
    for name in properties:
        yield {key: value for key, value in usual.items() if key != name}
    yield {**usual, "no_such_argument": 1}
    for value in _ODD:
        for name in properties:
            yield {**usual, name: value}


def samples(schema: Any, root: Mapping[str, Any] | None = None, depth: int = 0) -> Iterator[Any]:
    """Give values that a JSON Schema allows, the plainest first, as far as its own words tell.

    Args:
        root: Where what it refers to is defined.
        depth: How deep it stands in `root`; what refers to itself is not followed for ever.
    """
    told: Mapping[str, Any] = cast("Mapping[str, Any]", schema) if isinstance(schema, Mapping) else {}
    root = told if root is None else root
    if "$ref" in told:
        meant = root.get("$defs", {}).get(str(told["$ref"]).rpartition("/")[2], {})
        yield from samples(meant, root, depth + 1) if depth < DEEPEST else ()
        return
    yield from told.get("examples", ())
    if "const" in told:
        yield told["const"]
        return
    if "enum" in told:
        yield from told["enum"]
        return
    options: Sequence[Any] = told.get("anyOf") or told.get("oneOf") or told.get("allOf") or ()
    if options:
        for option in options if depth < DEEPEST else ():
            yield from samples(option, root, depth + 1)
        return
    kind: Any = told.get("type", "string")
    for one in _each(kind):
        yield from _of_type(str(one), told, root, depth)


def _of_type(kind: str, told: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Iterator[Any]:
    match kind:
        case "integer" | "number":
            yield from _numbers(kind, told)
        case "boolean":
            yield from (True, False)
        case "array":
            items: list[Any] = list(islice(samples(told.get("items", {}), root, depth + 1), 3))
            least = int(told.get("minItems", 0))
            yield items[:1] * max(1, least)
            yield from [[]] if least == 0 else []
            yield from [items] if least <= len(items) <= told.get("maxItems", len(items)) else []
        case "object":
            inner: Mapping[str, Any] = told.get("properties", {}) if depth < DEEPEST else {}
            firsts = {name: list(islice(samples(one, root, depth + 1), 1)) for name, one in inner.items()}
            yield {name: first[0] for name, first in firsts.items() if first}
        case "null":
            yield None
        case _:
            yield from _texts(told)


def _numbers(kind: str, told: Mapping[str, Any]) -> Iterator[Any]:
    low = told.get("minimum", told.get("exclusiveMinimum", -1_000))
    high = told.get("maximum", told.get("exclusiveMaximum", 10_000))
    tried = (1, 0, low, high, low + 1, high - 1, (low + high) // 2, (low + high) / 2, -1)
    for value in dict.fromkeys(tried):
        above = low < value if "exclusiveMinimum" in told else low <= value
        below = value < high if "exclusiveMaximum" in told else value <= high
        if above and below and (kind == "number" or isinstance(value, int)):
            yield value


def _texts(told: Mapping[str, Any]) -> Iterator[str]:
    match told.get("format"):
        case "date":
            yield from ("2026-12-01", "2024-02-29", "0001-01-01", "9999-12-31")
        case "date-time":
            yield from ("2026-12-01T09:00:00+09:00", "0001-01-01T00:00:00Z")
        case "time":
            yield from ("09:00:00", "23:59:59")
        case "uuid":
            yield "12345678-1234-5678-1234-567812345678"
        case _:
            least, most = int(told.get("minLength", 0)), int(told.get("maxLength", 2_000))
            for text in ("text", "고유값이 뭐예요?", "", "  ", "two\nlines\t'quoted' \"twice\"", "x" * most):
                yield text.ljust(least, "x")[:most]


def properties_of(tool: Tool) -> Mapping[str, Any]:
    """Give the schema of each parameter of a tool."""
    properties: Mapping[str, Any] = tool.parameters.get("properties", {})
    return properties
