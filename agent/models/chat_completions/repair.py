"""Tool arguments that are not JSON, repaired once into JSON, or refused with a reason the model can act on.

`json_repair` mends what stands between the values: commas, brackets, separators. It would also complete a string that
was cut off, drop what it cannot place and choose between two objects, so it never sees the values: each goes in as a
numbered mark, and every mark must come back exactly once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

_DEPTH = 60
_DIGITS = 300
_LITERALS = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
    "undefined": None, "NaN": None,
}  # fmt: skip
_AROUND = ("arguments", "parameters", "args", "input", "params")
_WRAPPING = {"name", "type", "id", *_AROUND}

# Commands of LaTeX that begin like an escape of JSON. A line that begins with "u" or "e" is likelier than \nu or \ne,
# so those two are left out.
_LATEX = re.compile(
    r"(?<!\\)((?:\\\\)*)\\(?=(?:"
    r"backslash|bar|because|begin|beta|between|bf|[bB]ig+[lr]?|binom|bmod|bold(?:symbol)?|bot|boxed|bra|breve|bullet"
    r"|fbox|flat|forall|frac|frown|nabla|natural|nearrow|neg|neq|nexists|ngeq|nleq|nmid|nonumber|norm|not|notin"
    r"|rangle|rbrace|rceil|rfloor|rho|right(?:arrow)?|rightleftharpoons|rm|rVert"
    r"|tan|tanh|tau|tbinom|text(?:bf|it|rm)?|tfrac|therefore|theta|tilde|times|top|triangle"
    r")(?![A-Za-z])|to\b(?= ))"
)
_CLOSES = r"(?=\s*(?:[,:}\]]|//|/\*|[\"']\w+[\"']\s*:|\Z))"
_QUOTED = "|".join(
    rf"{opening}((?:\\.|(?!{closing}{_CLOSES}).)*+)({closing}|\Z)"
    for opening, closing in (('"""', '"""'), ("'''", "'''"), ('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"))
)
_TOKEN = re.compile(
    rf"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<bracket>[{{}}\[\]])|(?P<bare>[^\s\"'“‘{{}}\[\],:=]+)|{_QUOTED}",
    re.DOTALL,
)
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)|[\"\n\r\t]", re.DOTALL)


class UnmendableError(ValueError):
    """The text cannot be read as arguments; the message says why, for the model."""


def mend(text: str, tool: str = "") -> str:
    """Turn the arguments of a call into JSON text of an object.

    Text that is JSON of an object already comes back as it is, to the byte, but for LaTeX whose backslash would be
    read as a control character (`\\frac`, `\\theta`). Otherwise fences, comments, commas, quotes, Python's literals,
    raw control characters, missing closing brackets, an object sent twice and JSON inside a JSON string are put right.

    Args:
        text: What came as the arguments.
        tool: The name of the tool; a call wrapped once more in its own arguments is unwrapped.

    Raises:
        UnmendableError: It holds no object, was cut off inside a value, or reading it would be guessing.
    """
    if not text.strip():
        return "{}"
    text = _LATEX.sub(r"\1\\\\", text)
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_refuse)
    except UnmendableError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        value = _repaired(text)
        text = dumps(value)
    arguments = _object(value, tool)
    _check_depth(arguments)
    return text if arguments is value else dumps(arguments)


def dumps(value: Any) -> str:
    """Write JSON as it goes to a model: Hangul as Hangul."""
    return json.dumps(value, ensure_ascii=False)


def _object(value: Any, tool: str) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case str() if value.strip()[:1] in {"{", "[", '"'}:
            return json.loads(mend(value, tool))
        case [dict()]:
            return _object(cast("list[object]", value)[0], tool)
        case dict():
            return _unwrapped(cast("dict[str, Any]", value), tool)
        case _:
            raise UnmendableError("the arguments must be a JSON object")


def _unwrapped(value: dict[str, Any], tool: str) -> dict[str, Any]:
    inner = next((value[key] for key in _AROUND if key in value), None)
    wrapped = tool and value.get("name") == tool and value.keys() <= _WRAPPING and inner is not None
    return _object(inner, "") if wrapped else value


def _repaired(text: str) -> Any:
    import json_repair

    found: list[Any] = []
    for shape, values in _objects(text):
        repaired = json_repair.loads(shape, skip_json_loads=True)
        used: list[int] = []
        value = _restored(repaired, values, used)
        if used != list(range(len(values))):
            raise _misplaced()
        found.append(value)
    if not found:
        raise UnmendableError("the arguments are not a JSON object")
    different = [value for value in found if value != found[-1] and value != {}]
    if different:
        raise UnmendableError("there are two different JSON objects; send one call for each")
    return found[-1]


def _objects(text: str) -> Iterator[tuple[str, list[Any]]]:
    """Give each outermost object with a mark (`"#0"`, `"#1"`) for every key and value, and what they stand for."""
    at = text.find("{")
    while at >= 0:
        shape, values, depth = "", list[Any](), 0
        for token in _TOKEN.finditer(text, at):
            shape += text[at : token.start()]
            at = token.end()
            if token["bracket"]:
                shape += token[0]
                depth += 1 if token[0] in "{[" else -1
            elif not token["comment"]:
                shape += f'"#{len(values)}"'
                values.append(_bare(token) if token["bare"] else _string(token))
            if depth > _DEPTH:
                raise _too_deep()
            if depth == 0:
                break
        else:
            shape, at = shape + text[at:], len(text)
        if shape.rstrip().endswith((":", "=")):
            raise UnmendableError("the JSON ends before a value; it was cut off")
        yield shape, values
        at = text.find("{", at)


def _bare(token: re.Match[str]) -> Any:
    word = token["bare"]
    if re.match(r"\s*[:=]", token.string[token.end() :]):
        return word
    if word in _LITERALS:
        return _LITERALS[word]
    if not _NUMBER.fullmatch(word):
        raise UnmendableError(f"a value was expected at {word[:20]!r}; quote strings")
    return _integer(word) if word.lstrip("+-").replace("_", "").isdecimal() else _float(word)


def _string(token: re.Match[str]) -> str:
    closing = token.lastindex or 0
    content = token[closing - 1]
    if not token[closing]:
        raise UnmendableError("a string has no closing quote; it was cut off")
    value: str = json.loads(f'"{_ESCAPE.sub(_escape, content)}"', strict=False)
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escape(found: re.Match[str]) -> str:
    if found[0] == '"':
        return '\\"'
    escaped = found[1] or ""
    if not escaped or escaped in '"\\/bfnrt' or len(escaped) == 5:
        return found[0]
    # \d, \l, \( … are LaTeX or a path in a string that nobody escaped: the backslash is meant.
    return "" if escaped == "\n" else escaped if escaped in "'“”‘’" else "\\\\" + escaped


def _restored(value: Any, values: list[Any], used: list[int]) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {
            str(_restored(key, values, used)): _restored(one, values, used) for key, one in fields.items()
        }
    if isinstance(value, list):
        return [_restored(one, values, used) for one in cast("list[Any]", value)]
    if not isinstance(value, str) or not re.fullmatch(r"#\d+", value):
        raise _misplaced()
    used.append(int(value[1:]))
    return values[used[-1]]


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise UnmendableError("a number is too long")
    return int(digits.replace("_", ""))


def _float(digits: str) -> float:
    value = float(digits.replace("_", ""))
    if not math.isfinite(value):
        raise UnmendableError("a number is too large")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _check_depth(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return cast("dict[str, Any]", value).values()
        case list():
            return cast("list[Any]", value)
        case _:
            return ()


def _too_deep() -> UnmendableError:
    return UnmendableError("the JSON is nested too deeply")


def _misplaced() -> UnmendableError:
    return UnmendableError("the arguments are not JSON: a comma, a colon or a quote is missing")
