"""From a plain function's hints and docstring to what a model is told: description and JSON Schema.

Everything the schema says is found when the function is defined, so a mistake of its author shows at import and
not in the middle of a conversation.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from ..memory.errors import ConfigError

Schema = dict[str, Any]

_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    list: {"type": "array"},
    dict: {"type": "object"},
}
_SECTION = re.compile(r"(Args|Arguments|Returns|Raises|Yields|Note|Notes|Example|Examples|Attributes):\s*$")
_ENTRY = re.compile(r"\*{0,2}(?P<name>\w+)(?:\s*\([^)]*\))?:\s*(?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Signature:
    """What was read from a function.

    Attributes:
        description: The docstring's first paragraph, on one line.
        parameters: A JSON Schema object of what the model may give.
        hints: The type of each of those parameters.
        optional: Those of them that have a default.
        context: The parameter that receives the `ToolContext`, if there is one.
    """

    description: str
    parameters: Schema
    hints: Mapping[str, Any]
    optional: frozenset[str]
    context: str | None


def read_signature(function: Callable[..., object], name: str, context_type: type) -> Signature:
    """Read a function as a tool.

    Args:
        function: A plain function with a hint and a line under `Args:` for every parameter.
        name: The tool's name, for the error's text.
        context_type: A parameter with this hint is filled by us and kept out of the schema.

    Raises:
        ConfigError: A hint, a description or the docstring is missing, or a type has no JSON Schema.
    """
    description, documented = read_docstring(inspect.getdoc(function) or "")
    if not description:
        raise _wrong(
            name,
            "has no docstring; its first paragraph tells the model what it does",
            "docstring이 없습니다. 첫 문단이 모델에게 하는 일을 알려 줍니다",
        )
    hints = _hints(function, name)
    properties: Schema = {}
    required: list[str] = []
    given: dict[str, Any] = {}
    context: str | None = None
    for parameter in inspect.signature(function).parameters.values():
        _refuse_unnamed(parameter, name)
        hint = hints.get(parameter.name)
        if hint is None:
            raise _wrong(
                name,
                f"has no type hint for its parameter `{parameter.name}`",
                f"매개변수 `{parameter.name}`에 타입 힌트가 없습니다",
            )
        if (get_origin(hint) or hint) is context_type:
            context = parameter.name
            continue
        text = documented.get(parameter.name)
        if not text:
            raise _wrong(
                name,
                f"does not document its parameter `{parameter.name}` under Args:",
                f"docstring의 Args:에 매개변수 `{parameter.name}`의 설명이 없습니다",
            )
        schema = schema_of(hint)
        if schema is None:
            raise _wrong(
                name,
                f"has a type the model cannot give for `{parameter.name}`: {hint!r}",
                f"매개변수 `{parameter.name}`의 타입을 모델이 줄 수 없습니다: {hint!r}",
            )
        properties[parameter.name] = {**schema, "description": text}
        given[parameter.name] = hint
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    if stray := sorted(documented.keys() - given.keys() - {context}):
        raise _wrong(
            name,
            f"documents `{stray[0]}`, which is not one of its parameters",
            f"설명된 `{stray[0]}`은(는) 매개변수가 아닙니다",
        )
    parameters: Schema = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    return Signature(description, parameters, given, frozenset(given.keys() - set(required)), context)


def only_told(parameters: Schema, told: Collection[str]) -> Schema:
    """Give the schema with the descriptions of only some of its parameters."""
    properties = {
        name: {k: v for k, v in schema.items() if k != "description" or name in told}
        for name, schema in parameters["properties"].items()
    }
    return {**parameters, "properties": properties}


def schema_of(hint: Any) -> Schema | None:
    """Give the JSON Schema of a type, or None for a type that has none here."""
    if hint in _PLAIN_KEYS:
        return dict(_PLAIN[hint])
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            return schema_of(arguments[0])
        case origin if origin is Literal:
            return _choices(arguments)
        case origin if origin in (Union, UnionType):
            return _union(arguments)
        case origin if origin is list:
            items = schema_of(arguments[0])
            return None if items is None else {"type": "array", "items": items}
        case origin if origin is dict:
            values = schema_of(arguments[1]) if arguments[0] is str else None
            return None if values is None else {"type": "object", "additionalProperties": values}
        case _ if isinstance(hint, type) and issubclass(hint, Enum):
            return _choices(tuple(member.value for member in hint))
        case _:
            return None


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Split a Google-style docstring into its first paragraph and the texts under `Args:`."""
    lines = text.strip().splitlines()
    first: list[str] = []
    for line in lines:
        if not line.strip() or _SECTION.match(line.strip()):
            break
        first.append(line.strip())
    return " ".join(first), _arguments(lines)


def _arguments(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    inside, margin, current = False, 0, ""
    for line in lines:
        bare = line.strip()
        if heading := _SECTION.match(bare):
            inside, margin, current = heading.group(1).startswith("Arg"), 0, ""
            continue
        if not inside or not bare:
            continue
        indent = len(line) - len(line.lstrip())
        margin = margin or indent
        entry = _ENTRY.match(bare) if indent == margin else None
        if entry:
            current = entry.group("name")
            found[current] = entry.group("text")
        elif indent < margin:
            inside = False
        elif current:
            found[current] = f"{found[current]} {bare}".strip()
    return found


_PLAIN_KEYS = tuple(_PLAIN)


def _choices(values: tuple[Any, ...]) -> Schema | None:
    if all(isinstance(value, str) for value in values):
        return {"type": "string", "enum": list(values)}
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return {"type": "integer", "enum": list(values)}
    return None


def _union(arguments: tuple[Any, ...]) -> Schema | None:
    options = [schema_of(argument) for argument in arguments if argument is not NoneType]
    if not options or any(option is None for option in options):
        return None
    return cast("Schema", options[0]) if len(options) == 1 else {"anyOf": options}


def _hints(function: Callable[..., object], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, SyntaxError) as error:
        raise _wrong(
            name, f"has a type hint that cannot be read: {error}", f"타입 힌트를 읽을 수 없습니다: {error}"
        ) from error


def _refuse_unnamed(parameter: inspect.Parameter, name: str) -> None:
    if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise _wrong(
            name,
            f"takes `{parameter}`; a model gives each argument by its name",
            f"`{parameter}`을(를) 받는데, 모델은 모든 인자를 이름으로 줍니다",
        )


def _wrong(name: str, en: str, ko: str) -> ConfigError:
    return ConfigError(
        f"The tool `{name}` {en}. See docs/tools.md.", f"도구 `{name}`: {ko}. docs/tools.md를 보세요."
    )
