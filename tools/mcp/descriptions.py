"""What a server says of its tools, made fit to stand in every request: foreign words, cleaned and cut to a measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, cast

from ...memory.text import clean
from ..hits import defused

if TYPE_CHECKING:
    from mcp import types

LONGEST_DESCRIPTION = 1_000
"""Characters of what a tool says of itself."""

LONGEST_HINT = 200
"""Characters of what it says of one argument, and of one text that an argument may be."""

LONGEST_SCHEMA = 6_000
"""Characters of a schema as JSON; of a longer one only the arguments' names and types are told."""

DEEPEST = 8
MOST_CHOICES = 100

_NAME = re.compile(r"[\w.\-/:]{1,128}")
_ARGUMENT = re.compile(r"[\w.\-$@\[\]]{1,64}")
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_NUMBERS = frozenset(
    {
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "multipleOf",
        "uniqueItems",
    }
)
_WORDS = frozenset({"$ref", "format"})
_INNER = frozenset({"additionalProperties", "items"})
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_TABLES = frozenset({"$defs", "definitions", "properties"})
_WORD = re.compile(r"[#/\w.~$-]{1,200}")


@dataclass(frozen=True, slots=True)
class Described:
    """A tool as its server lists it, its words made fit.

    Attributes:
        name: As the server calls it.
        parameters: JSON Schema of its arguments.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]

    @property
    def own_name(self) -> str:
        """Its name in the letters that model servers take."""
        name = _NOT_IN_NAMES.sub("_", self.name)[:64]
        return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"[:64]


def described(tools: Iterable[types.Tool]) -> tuple[list[Described], int]:
    """Make the tools that a server lists fit.

    Returns:
        The tools, and how many were left out because a name of theirs can be no name.
    """
    kept: dict[str, Described] = {}
    refused = 0
    for tool in tools:
        fit = _described(tool)
        if fit is None or fit.name in kept:
            refused += 1
        else:
            kept[fit.name] = fit
    return list(kept.values()), refused


def _described(tool: types.Tool) -> Described | None:
    """Make one tool fit; None where its name or an argument's, which must stay as it is, could say something."""
    schema = _object(cast("Any", tool.input_schema))
    if not _NAME.fullmatch(tool.name) or clean(tool.name) != tool.name or schema is None:
        return None
    return Described(tool.name, words(tool.description or "", LONGEST_DESCRIPTION), schema)


def words(text: str, most: int) -> str:
    """Make foreign words fit: nothing invisible, nothing that could pass for a delimiter or an id, not too long."""
    text = cleandoc(defused(clean(text[: 4 * most])))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _object(schema: Any) -> dict[str, Any] | None:
    """Give the schema of a call's arguments; None where a name among them could say something."""
    whole = cast("dict[str, Any]", _schema(schema, 0))
    given: Any = schema.get("properties", {})
    properties = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    if any(not _ARGUMENT.fullmatch(name) or clean(name) != name for name in properties):
        return None
    whole |= {"type": "object", "properties": whole.get("properties", {})}
    if len(json.dumps(whole, ensure_ascii=False)) <= LONGEST_SCHEMA:
        return whole
    named = {name: _type_only(inner) for name, inner in whole["properties"].items()}
    short = {"type": "object", "properties": named, "required": whole.get("required", [])}
    return short if len(json.dumps(short)) <= LONGEST_SCHEMA else None


def _type_only(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": schema["type"]} if "type" in schema else {}


def _schema(given: Any, depth: int) -> Any:
    """Copy of a schema what a model needs to write a call: no title, no pattern, no words but descriptions and choices."""
    if isinstance(given, bool) or not isinstance(given, dict) or depth > DEEPEST:
        return given if isinstance(given, bool) else {}
    copy: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", given).items():
        if (kept := _part(key, value, depth)) is not None:
            copy[key] = kept
    return copy


def _part(key: str, value: Any, depth: int) -> Any:
    """Give what is kept of one keyword of a schema; None where it is nothing."""
    if key == "description" and isinstance(value, str):
        return words(value, LONGEST_HINT)
    if key == "type":
        return _type(value)
    if key in _NUMBERS and isinstance(value, int | float):
        return value
    if key in _WORDS and isinstance(value, str) and _WORD.fullmatch(value):
        return value
    if key in {"const", "default"}:
        return _choice(value)
    if key in _INNER:
        return _schema(value, depth + 1)
    if isinstance(value, list):
        return _listed(key, cast("list[Any]", value), depth)
    if key in _TABLES and isinstance(value, dict):
        names = cast("dict[str, Any]", value).items()
        return {name: _schema(inner, depth + 1) for name, inner in names if _ARGUMENT.fullmatch(name)}
    return None


def _listed(key: str, values: list[Any], depth: int) -> Any:
    if key == "enum":
        return [kept for value in values[:MOST_CHOICES] if (kept := _choice(value)) is not None] or None
    if key == "required":
        return [name for name in values if isinstance(name, str) and _ARGUMENT.fullmatch(name)]
    if key in _SEVERAL:
        return [_schema(inner, depth + 1) for inner in values[:MOST_CHOICES]]
    return None


def _choice(value: Any) -> Any:
    """Give a value that a call may hold as it is; None for one whose words do not fit."""
    if isinstance(value, str):
        return value if words(value, LONGEST_HINT) == value else None
    return value if isinstance(value, int | float) else None


_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def _type(value: Any) -> Any:
    if isinstance(value, list):
        return [name for name in cast("list[Any]", value) if name in _TYPES] or None
    return value if isinstance(value, str) and value in _TYPES else None
