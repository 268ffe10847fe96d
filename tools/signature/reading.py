"""From a plain function's hints and docstring to what a model is told: description and JSON Schema.

Everything the schema says is found when the function is defined, so a mistake of its author shows at import and
not in the middle of a conversation.
"""

from __future__ import annotations

import collections.abc
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from ...memory.errors import ConfigError
from .docstrings import read_docstring
from .json_schema import Schema, adapter_of, schema_of, without_null

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Adapters = Callable[[], Mapping[str, "TypeAdapter[Any]"]]
"""Gives what checks and converts each parameter's value; made when the first call comes."""

_EMPTY = inspect.Parameter.empty
_ALLOWED = (
    "str, int, float, bool, list, tuple, set, dict, Sequence, Literal, Enum, date, time, datetime, timedelta, Decimal, "
    "UUID, Path, Any, a dataclass, TypedDict or pydantic model, unions and Annotated of these"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What was read from a function.

    Attributes:
        description: What the docstring says of it, parameters and errors left out.
        parameters: A JSON Schema object of what the model may give.
        adapters: What converts the values of those parameters.
        optional: Those of them that have a default.
        context: The parameter that receives the `ToolContext`, if there is one.
    """

    description: str
    parameters: Schema
    adapters: Adapters
    optional: frozenset[str]
    context: str | None


def read_signature(function: Callable[..., object], name: str, context_type: type) -> Signature:
    """Read a function as a tool.

    Args:
        function: Has a hint and a description for every parameter.
        name: The tool's name, for the error's text.
        context_type: A parameter with this hint is filled by us and kept out of the schema.

    Raises:
        ConfigError: A hint, a description or the docstring is missing, a type has no JSON Schema, a default does not fit
            its type, or the function cannot be called by a model.
    """
    parameters = inspect.signature(function).parameters
    description, documented = read_docstring(inspect.getdoc(function) or "", parameters)
    if not description:
        raise _wrong(
            name,
            "has no docstring; it tells the model what the tool does",
            "docstring이 없습니다. 모델은 그것으로 무엇을 하는 도구인지 압니다",
        )
    hints = _hints(function, name)
    _refuse_generator_without_result(function, hints.get("return"), name)
    given: dict[str, Any] = {}
    properties: Schema = {}
    contexts: list[str] = []
    for parameter in parameters.values():
        _refuse_unnamed(parameter, name)
        hint = hints.get(parameter.name)
        if hint is None:
            raise _wrong(
                name,
                f"has no type hint for its parameter `{parameter.name}`",
                f"매개변수 `{parameter.name}`에 타입 힌트가 없습니다",
            )
        if any((get_origin(part) or part) is context_type for part in (hint, *get_args(hint))):
            contexts.append(parameter.name)
            continue
        given[parameter.name] = hint
        properties[parameter.name] = _property(parameter, hint, documented.get(parameter.name, ""), name)
    if len(contexts) > 1:
        raise _wrong(
            name,
            f"takes its context twice, as `{contexts[0]}` and `{contexts[1]}`",
            f"ToolContext를 `{contexts[0]}`와 `{contexts[1]}`로 두 번 받습니다",
        )
    if stray := sorted(documented.keys() - parameters.keys()):
        raise _wrong(
            name,
            f"documents `{stray[0]}`, which is not one of its parameters",
            f"설명된 `{stray[0]}`은(는) 매개변수가 아닙니다",
        )
    required = [key for key in given if parameters[key].default is _EMPTY]
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if defs := _definitions(properties, name):
        schema["$defs"] = defs
    adapters = cache(lambda: {key: adapter_of(hint) for key, hint in given.items()})
    optional = frozenset(given.keys() - set(required))
    return Signature(description, schema, adapters, optional, contexts[0] if contexts else None)


def _definitions(properties: Schema, name: str) -> Schema:
    """Take the types that hold themselves out of the parameters; they stand beside them."""
    defs: Schema = {}
    for schema in properties.values():
        for called, definition in schema.pop("$defs", {}).items():
            if defs.setdefault(called, definition) != definition:
                raise _wrong(name, f"uses two types called `{called}`", f"`{called}`이라는 타입이 둘입니다")
    return defs


def only_told(parameters: Schema, told: Collection[str]) -> Schema:
    """Give the schema with what is said of only some of its parameters: description, examples and default."""
    said = {"description", "examples", "default"}
    properties = {
        name: {k: v for k, v in schema.items() if k not in said or name in told}
        for name, schema in parameters["properties"].items()
    }
    return {**parameters, "properties": properties}


def _property(parameter: inspect.Parameter, hint: Any, documented: str, name: str) -> Schema:
    """The schema of one parameter, with its description and its default."""
    told = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    _refuse_moved(parameter, told, name)
    try:
        schema = schema_of(hint)
    except Exception as error:
        why = str(error).partition("\n")[0]
        raise _wrong(
            name,
            f"has a type the model cannot give for `{parameter.name}`: {hint!r} ({why}). Allowed are {_ALLOWED}",
            f"매개변수 `{parameter.name}`의 타입을 모델이 줄 수 없습니다: {hint!r} ({why}). 쓸 수 있는 것: {_ALLOWED}",
        ) from error
    text = documented or schema.get("description") or _annotated(told)
    if not text:
        raise _wrong(
            name,
            f"does not document its parameter `{parameter.name}` under Args:",
            f"docstring의 Args:에 매개변수 `{parameter.name}`의 설명이 없습니다",
        )
    if parameter.default is not _EMPTY:
        default = _default(parameter, hint, name)
        schema = without_null(schema) if default is None else {**schema, "default": default}
    return {**{k: v for k, v in schema.items() if k != "description"}, "description": text}


def _annotated(told: tuple[Any, ...]) -> str:
    """What `Annotated[int, "How many"]` or `Annotated[int, Doc("How many")]` says."""
    said = (entry if isinstance(entry, str) else getattr(entry, "documentation", None) for entry in told)
    return next((text for text in said if text), "")


def _default(parameter: inspect.Parameter, hint: Any, name: str) -> Any:
    """Give a parameter's default as JSON holds it.

    Raises:
        ConfigError: It does not fit the type.
    """
    default = parameter.default
    if default is None and type(None) in get_args(hint):
        return None
    if type(default) is hint and hint in {str, int, float, bool}:
        return default
    if isinstance(default, str) and default in get_args(hint):
        return default
    try:
        adapter = adapter_of(hint)
        fits = adapter.validate_python(default) == default
        shown = adapter.dump_python(default, mode="json", exclude_none=True, warnings="none")
    except Exception:  # noqa: BLE001 - whatever the type says of it
        fits, shown = False, None
    if not fits:
        raise _wrong(
            name,
            f"has a default for `{parameter.name}` that is no {_called(hint)}: {default!r}",
            f"`{parameter.name}`의 기본값이 {_called(hint)} 타입이 아닙니다: {default!r}",
        )
    return shown


def _refuse_moved(parameter: inspect.Parameter, told: tuple[Any, ...], name: str) -> None:
    """Refuse what a `Field` would say of the default or the name: Python's own signature says it."""
    fields = [entry for entry in (*told, parameter.default) if hasattr(entry, "validation_alias")]
    for field in fields:
        if field is parameter.default or field.validation_alias or field.alias or not field.is_required():
            raise _wrong(
                name,
                f"gives `{parameter.name}` a default or another name through Field; write "
                f"`{parameter.name}: Annotated[int, Field(ge=1)] = 1`",
                f"`{parameter.name}`의 기본값이나 이름을 Field로 정했습니다. "
                f"`{parameter.name}: Annotated[int, Field(ge=1)] = 1`처럼 써 주세요",
            )


def _refuse_generator_without_result(function: Callable[..., object], given: Any, name: str) -> None:
    """Refuse a generator whose hint says that its result is among its lines: those are progress."""
    origin, arguments = get_origin(given), get_args(given)
    if inspect.isgeneratorfunction(function) and origin in (
        collections.abc.Iterator,
        collections.abc.Iterable,
    ):
        raise _wrong(
            name,
            "is a generator, whose lines are progress: hint it Generator[str, None, str] and return the result",
            "제너레이터가 yield하는 글은 진행 상황입니다. Generator[str, None, str]로 적고 결과는 return하세요",
        )
    lines = get_args(arguments[0]) or arguments[:1] if arguments else ()
    if inspect.isasyncgenfunction(function) and lines and all(line is str for line in lines):
        raise _wrong(
            name,
            "is an async generator, whose text is progress: hint it AsyncIterator[str | ToolResult] and yield the result "
            "last, as a ToolResult",
            "비동기 제너레이터가 yield하는 글은 진행 상황입니다. AsyncIterator[str | ToolResult]로 적고 마지막에 ToolResult를 "
            "yield하세요",
        )


def _called(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _hints(function: Callable[..., object], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
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
