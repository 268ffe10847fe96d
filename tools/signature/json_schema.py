"""The JSON Schema of a type, as small models and all servers can read it.

Pydantic writes it. Then titles go, what is defined once and used elsewhere is put in its place (several servers refuse
`$ref`) unless it holds itself, and null goes where leaving a value out says the same. The types of most tools need no
pydantic for that, which takes a tenth of a second to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Schema = dict[str, Any]

MOST_NODES = 5_000
"""Parts of one schema: whatever is defined once and used over and over is written out."""

_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_OF_NAMES = ("properties", "patternProperties", "dependentSchemas")
_OF_MANY = ("anyOf", "allOf", "prefixItems")
_OF_ONE = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
_PREFIXES = ("#/$defs/", "#/definitions/")


class TooLarge(ValueError):
    """A schema that nobody could read."""


def adapter_of(hint: Any) -> TypeAdapter[Any]:
    """Give what checks and converts values of a type.

    Raises:
        Exception: Pydantic does not know the type; it raises several kinds.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(_with_typed_dicts(hint))


def schema_of(hint: Any) -> Schema:
    """Give the schema of a type, with what is recursive under `$defs`.

    Raises:
        Exception: A type that no model can give.
    """
    plain = _plain(hint)
    if plain is not None:
        return plain
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        def decimal_schema(
            self, schema: Any
        ) -> Schema:  # text is understood, but a number is what models write
            found: Schema = {"type": "number"}
            self.update_with_validations(found, schema, self.ValidationsMapping.numeric)
            return {key: value if isinstance(value, str) else float(value) for key, value in found.items()}

    return tidy(adapter_of(hint).json_schema(schema_generator=Generator))


def tidy(schema: Mapping[str, Any]) -> Schema:
    """Give a schema without titles and without references that can be written out.

    Raises:
        TooLarge: Written out, it has too many parts.
    """
    defs = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    return _Tidier(defs).whole(
        {k: v for k, v in schema.items() if k not in {"$defs", "definitions", "$schema"}}
    )


def without_null(schema: Schema) -> Schema:
    """Give a schema without null, where null says no more than leaving the value out."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "default" or value is not None}
    if "anyOf" not in rest or not options:
        return rest
    del rest["anyOf"]
    return _ordered({**options[0], **rest} if len(options) == 1 else {"anyOf": options, **rest})


class _Tidier:
    def __init__(self, defs: Mapping[str, Any]) -> None:
        self._defs, self._kept, self._nodes = defs, Schema(), 0
        self._recursive = {name for name in defs if name in self._reached(name)}

    def whole(self, schema: Mapping[str, Any]) -> Schema:
        found = self._tidied(schema)
        return {**found, "$defs": self._kept} if self._kept else found

    def _reached(self, name: str) -> set[str]:
        """The definitions that one leads to."""
        reached, todo = set[str](), [name]
        while todo:
            for ref in _refs(self._defs.get(todo.pop(), {})):
                if ref not in reached:
                    reached.add(ref)
                    todo.append(ref)
        return reached

    def _tidied(self, node: object) -> Schema:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise TooLarge(f"the schema has more than {MOST_NODES} parts")
        if not isinstance(node, Mapping):  # true: anything goes
            return {}
        schema = cast("Mapping[str, Any]", node)
        found: Schema = {}
        if name := _ref(schema):
            found = self._referred(name)
        for key, value in schema.items():
            match key:
                case "title" | "discriminator":
                    pass
                case "$ref" if name:
                    pass
                case "const":
                    found["enum"] = [value]
                case "oneOf":
                    found["anyOf"] = [self._tidied(option) for option in value]
                case _ if key in _OF_NAMES and isinstance(value, Mapping):
                    named = cast("Mapping[str, Any]", value)
                    found[key] = {name: self._tidied(inner) for name, inner in named.items()}
                case _ if key in _OF_MANY and isinstance(value, list):
                    found[key] = [self._tidied(inner) for inner in cast("list[object]", value)]
                case _ if key in _OF_ONE and isinstance(value, Mapping):
                    found[key] = self._tidied(cast("object", value))
                case _:
                    found[key] = value
        return without_null(_ordered(found)) if found.get("default", ...) is None else _ordered(found)

    def _referred(self, name: str) -> Schema:
        if name not in self._recursive:
            return self._tidied(self._defs.get(name))
        if name not in self._kept:
            self._kept[name] = {}  # it holds itself: the place is taken while it is written
            self._kept[name] = self._tidied(self._defs[name])
        return {"$ref": f"#/$defs/{name}"}


def _ref(schema: Mapping[str, Any]) -> str:
    ref = schema.get("$ref")
    if not isinstance(ref, str):
        return ""
    return next((ref.removeprefix(prefix) for prefix in _PREFIXES if ref.startswith(prefix)), "")


def _refs(node: object) -> set[str]:
    if isinstance(node, Mapping):
        schema = cast("Mapping[str, Any]", node)
        inner = set[str]().union(*map(_refs, schema.values()))
        return inner | {name} if (name := _ref(schema)) else inner
    if isinstance(node, list):
        return set[str]().union(*map(_refs, cast("list[object]", node)))
    return set()


def _ordered(schema: Schema) -> Schema:
    """The kind of value first and what is said of it last, whoever wrote it."""
    first = {key: schema[key] for key in ("type", "enum") if key in schema}
    last = {key: schema[key] for key in ("default", "description") if key in schema}
    return {**first, **{key: schema[key] for key in schema if key not in first and key not in last}, **last}


def _plain(hint: Any) -> Schema | None:
    """The schema of the types that most tools have, or None."""
    if isinstance(hint, type) and hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Literal and all(isinstance(value, str) for value in arguments):
            return {"type": "string", "enum": list(arguments)}
        case origin if origin in (Union, UnionType) and len(arguments) == 2 and arguments[1] is NoneType:
            inner = _plain(arguments[0])
            return None if inner is None else {"anyOf": [inner, {"type": "null"}]}
        case origin if origin is list:
            inner = _plain(arguments[0])
            return None if inner is None else {"type": "array", "items": inner}
        case _:
            return None


def _with_typed_dicts(hint: Any) -> Any:
    """Give a type with the typed dictionaries of `typing` as those that pydantic takes before Python 3.12."""
    if type(hint).__name__ == "_TypedDictMeta" and type(hint).__module__ == "typing":
        from typing_extensions import TypedDict

        fields: dict[str, Any] = {}
        for name, told in get_type_hints(hint, include_extras=True).items():
            kind = Required if name in hint.__required_keys__ else NotRequired
            if get_origin(told) in (
                Required,
                NotRequired,
            ):  # where hints are text, the keys do not know of it
                kind, told = get_origin(told), get_args(told)[0]  # noqa: PLW2901
            fields[name] = kind[_with_typed_dicts(told)]
        return TypedDict(hint.__name__, fields)  # pyright: ignore[reportUnknownVariableType, reportArgumentType]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is None or origin is Literal:
        return hint
    inner = tuple(
        _with_typed_dicts(argument) if isinstance(argument, type) or get_args(argument) else argument
        for argument in arguments
    )
    if all(new is old for new, old in zip(inner, arguments, strict=True)):
        return hint
    if origin is Annotated:
        return Annotated[inner]  # of a tuple: the type and what is said of it
    if origin is UnionType:
        return Union[inner]  # noqa: UP007 - of a tuple
    return hint.copy_with(inner) if hasattr(hint, "copy_with") else origin[inner]
