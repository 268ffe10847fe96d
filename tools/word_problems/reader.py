"""The calculation that a whole turn asks for, in Korean or English words, written as the calculator reads it.

The whole text is read or none of it: what only asks is taken off both ends, and the rest must match one line of
`_RULES` from its first letter to its last, or be a calculation by itself. What schools read in two ways (1/2x, log 8,
sin 30, a variance that is said to be neither the population's nor a sample's) is not read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import product

from ..arithmetic import terminating
from ..calculate import FUNCTIONS, LONGEST
from ..notation import normalise
from .rules import ENDING, OPENING, RULES, SYMBOLS, UNITS, in_digits

_VARIABLES = frozenset("abcdhkmnpqrstuvwxyz")
_CONSTANTS = frozenset({"pi", "e", "oo"})
_BINDING = frozenset(
    {
        "diff",
        "derivative",
        "integrate",
        "integral",
        "solve",
        "limit",
        "sum",
        "product",
        "simplify",
        "expand",
        "factor",
    }
)
"""Functions whose variables need no value."""

_NODES = (
    ast.Expression, ast.Constant, ast.Load, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator, ast.Eq, ast.List, ast.Tuple,
)  # fmt: skip
_CALLS = r"(?:a?(?:sin|cos|tan)h?|ln|exp|sqrt|cbrt|log2|log10)"
_AMBIGUOUS = re.compile(
    r"/\s*(?:\d+(?:\.\d+)?|(?<![a-z])[a-z]|\([^()]*\))\s*(?:[a-z](?![a-z])|\(|√)"  # 1/2x, 6/2(1+2)
    r"|(?:\be|\d|\))\s*\^\s*-?\d+\s*[a-z(]|(?<!\w)-?\d+(?:\.\d+)?%\s*[-+].*%|%\s*\d+.*%"  # e^2x, 10% + 20%
    r"|\d%\s+\d|\)\s+\d|(?<![\d)])-\s*\d+(?:\.\d+)?\s*(?:의|제곱|세|squared|cubed|to)|(?<!세)제곱근|(?<![a-z])[a-z]\s+\d|!\s*!|\d\s*[-+*/]\s*\d[\d.]*\s*[-+]\s*\d[\d.]*%$"
)


def expression_in(text: str) -> str | None:
    """The calculation that a turn asks for, in the calculator's notation; None where it asks for none."""
    if len(text) > LONGEST:
        return None
    plain = in_digits(text)
    said = _without_asking(plain)
    found = _by_rule(said) or _alone(said, asked=said != plain.rstrip(" ?.,은는이가"))
    return found if found and _tree(found) else None


def _without_asking(text: str) -> str:
    before = ""
    while text != before:
        before = text
        text = ENDING.sub("", OPENING.sub("", text, count=1), count=1).strip()
    return text


def _alone(said: str, *, asked: bool) -> str | None:
    """A turn that is a calculation by itself."""
    if re.fullmatch(r"[\d.]+%?|\d+-\d+-\d+" if asked else r"[\d.]+%?!?|\d+(?:[-/]\d+){1,2}", said):
        return None  # a number; a date, a telephone number, pages
    if "=" in said and (solution := _solved(said)):
        told = re.fullmatch(r"(?:[a-z] ?= ?-?[\d./]+[\s,]*)+", said)  # x = 3
        return solution if asked or not told else None
    found = _formula(said)
    tree = _tree(found) if found else None
    if not found or tree is None or not re.search(r"[-+*/^!%(√]", found):
        return None
    match tree.body:
        case ast.BinOp() | ast.Compare() | ast.UnaryOp(operand=ast.BinOp()):
            return None if _free(tree) else found
        case ast.Call(ast.Name(name)):
            return found if name in _BINDING or not _free(tree) else None
        case _:
            return None


# What may be calculated


def _tree(expression: str) -> ast.Expression | None:
    """The expression as the calculator parses it; None if it cannot, or if schools differ about it."""
    try:
        tree = ast.parse(normalise(expression, FUNCTIONS), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    nodes = list(ast.walk(tree))
    functions = sum(isinstance(node, ast.Name) and node.id in FUNCTIONS for node in nodes)
    called = sum(isinstance(node, ast.Call) for node in nodes)
    return tree if functions == called and all(map(_allowed, nodes)) else None


def _allowed(node: ast.AST) -> bool:
    match node:
        case ast.Call(ast.Name("sin" | "cos" | "tan"), [argument], []):  # sin 30: degrees or radians?
            return ast.unparse(argument) == "0" or any(
                isinstance(part, ast.Name) for part in ast.walk(argument)
            )
        case ast.Call(ast.Name(name), arguments, []):
            return name in FUNCTIONS and (name != "log" or len(arguments) == 2)
        case ast.Name(name):
            return name in FUNCTIONS or name in _CONSTANTS or name in _VARIABLES
        case ast.BinOp(left, _, right):
            return not isinstance(left, ast.Tuple) and not isinstance(right, ast.Tuple)
        case ast.Compare(_, operators, _):
            return len(operators) == 1
        case _:
            return isinstance(node, _NODES)


def _free(tree: ast.AST) -> list[str]:
    return sorted(
        {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in _VARIABLES}
    )


# The slots of a rule: what may stand there, and how it is written


def _formula(text: str) -> str | None:
    """A formula with its operations in signs or words."""
    text = text.strip(" ,.")
    if _AMBIGUOUS.search(text):
        return None
    for pattern, sign in SYMBOLS:
        text = re.sub(pattern, sign, text)
    text = re.sub(rf"(?<=[a-z\d])(?={_CALLS}\b)|(?<=[xyzt])(?=[xyz]\b|e\^)", " ", text)
    text = re.sub(rf"\b({_CALLS})\^(\d+)\s*\(([^()]*)\)", r"(\1(\3))^\2", text)
    argument = r"(-?(?:\d+(?:\.\d+)?)?\s?(?:pi(?:/\d+)?|[a-z](?![a-z]))?(?:\^\d+)?)(?!\s*/\s*\d|\s*\w*\()"
    text = re.sub(rf"\b({_CALLS})\^(\d+)\s+(?=[\da-z]){argument}", r"(\1(\3))^\2", text)
    text = re.sub(rf"\b({_CALLS})\s*(?=[-\da-z]){argument}(?<=\w)", r"\1(\2)", text)
    if not text or _AMBIGUOUS.search(text):
        return None
    tree = _tree(text)
    return text if tree and not isinstance(tree.body, ast.Tuple) else None


def _constant(text: str) -> str | None:
    found = _formula(text)
    tree = _tree(found) if found else None
    if not found or tree is None or _free(tree) or isinstance(tree.body, ast.Compare | ast.List):
        return None
    return (
        found
        if isinstance(tree.body, ast.Constant | ast.Name | ast.Call) or re.fullmatch(r"\([^()]*\)", found)
        else f"({found})"
    )


def _numbers(text: str) -> str | None:
    """A list of at least two numbers."""
    text = text.strip(" ,[]{}()")
    parts = [
        part
        for part in re.split(r"\s*(?:,|와|과|이?랑|하고|및|\band\b|&)\s*(?:\band\b)?\s*|\s+", text)
        if part
    ]
    if re.search(r"\d,\d{3}(?!\d)", text) and re.search(r"\s|[^\d,.]", text):
        return None  # 1,200 and 30: thousands, or two numbers?
    good = all(re.fullmatch(r"-?\d+(?:\.\d+)?", part) for part in parts)
    return ", ".join(parts) if good and len(parts) > 1 else None


def _matrix(text: str) -> str | None:
    """[[1,2],[3,4]], (1 2; 3 4) and the like."""
    text = text.strip()
    if not re.fullmatch(r"[\[({].*[\])}]", text) or re.search(r"[^-\d\s\[\](){},;./]", text):
        return None
    inner = text[1:-1].strip()
    rows = re.split(r";", inner) if ";" in inner else re.findall(r"[\[({]([^\[\](){}]*)[\])}]", inner)
    cells = [re.split(r"\s*,\s*|\s+", row.strip()) for row in rows]
    if (
        not cells
        or len({len(row) for row in cells}) != 1
        or not all(_cell(cell) for row in cells for cell in row)
    ):
        return None
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in cells) + "]"


def _cell(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?(?:/\d+)?", text) is not None


def _vector(text: str) -> str | None:
    parts = re.split(r"\s*,\s*|\s+", text.strip()[1:-1].strip())
    bracketed = re.fullmatch(r"[\[(<][^\[\](){}<>]*[\])>]", text.strip())
    return f"[{', '.join(parts)}]" if bracketed and len(parts) > 1 and all(map(_cell, parts)) else None


def _solved(text: str) -> str | None:
    """One equation in one unknown, or as many as unknowns."""
    parts = re.split(
        r"\s*(?:,|;|그리고|이고|\band\b|&|(?<=\d)\s*(?:와|과)\s)\s*(?:\band\b)?\s*", text.strip()
    )
    found = [_formula(part) for part in parts]
    trees = [tree for part in found if part and (tree := _tree(part)) and isinstance(tree.body, ast.Compare)]
    names = sorted({name for tree in trees for name in _free(tree)})
    called = {node.func.id for tree in trees for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    if len(trees) != len(parts) or len(names) != len(parts) or called & {"sin", "cos", "tan", "factorial"}:
        return None  # the solutions of sin x = 0 are more than can be listed
    if len(parts) == 1:
        return f"solve({found[0]}, {names[0]})"
    return f"solve([{', '.join(part or '' for part in found)}], [{', '.join(names)}])"


def _variable_of(formula: str) -> str | None:
    tree = _tree(formula)
    names = _free(tree) if tree else []
    return names[0] if len(names) == 1 else None if names else "x"


def _plain_number(text: str) -> str:
    return text.replace(",", "")


_NUMBER = r"(?<![\d.)])-?(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d.])"
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_SLOTS: Mapping[str, tuple[str, Callable[[str], str | None]]] = {
    "n": (_NUMBER, _plain_number),
    "i": (r"(?<![\d.])\d+(?![\d.])", str),
    "v": (r"[a-z]", str),
    "u": (rf"(?:{_UNIT})", str),
    "a": (rf"(?:{_NUMBER}|\([^()]*(?:\([^()]*\)[^()]*)*\)|pi|e|\d+!)", _constant),
    "c": (r"[-+*/^\d.a-z()√]+?", _constant),
    "e": (r".+?", _formula),
    "l": (r".+?", _numbers),
    "f": (r"\(?\d+/\d+\)?", str),
    "m": (r"\[\s*\[[^\[\]]*\](?:\s*,?\s*\[[^\[\]]*\])*\s*\]|\((?:\([^()]*\)\s*,?\s*)+\)|[\[(][^\[\]();]*(?:;[^\[\]();]*)+[\])]", _matrix),
    "w": (r"[\[(<][^\[\]()<>]+[\])>]", _vector),
    "q": (r".+?", _solved),
}  # fmt: skip


@cache
def _compiled() -> list[tuple[re.Pattern[str], str, str]]:
    rules: list[tuple[re.Pattern[str], str, str]] = []
    for pattern, form in RULES:
        slots = "".join(re.findall(r"\{([a-z])\}", pattern))
        spaced = (
            pattern.replace(" ?", "~")
            .replace(" ", r"\s*" if re.search("[가-힣]", pattern) else r"\s+")
            .replace("~", r"\s*")
        )
        expression = re.sub(r"\{([a-z])\}", lambda slot: f"({_SLOTS[slot[1]][0]})", spaced)
        rules.append((re.compile(expression), slots, form))
    return rules


def _by_rule(said: str) -> str | None:
    for pattern, slots, form in _compiled():
        found = pattern.fullmatch(said)
        if found is None:
            continue
        parts = [(slot, part) for slot, part in zip(slots, found.groups(), strict=True) if part is not None]
        values = [value for slot, part in parts if (value := _SLOTS[slot][1](part)) is not None]
        if len(values) == len(parts) and (written := _written(form, values)):
            return written
    return None


def _written(form: str, values: list[str]) -> str | None:
    """Put the values into a form: an expression, the name of a function, or a builder with its arguments."""
    name, _, arguments = form.partition(": ")
    if name in _BUILDERS:
        return _BUILDERS[name](*(arguments.format(*values).split("; ") if arguments else values))
    return f"{form}({', '.join(values)})" if form in FUNCTIONS else form.format(*values)


# Rules whose result is more than their parts put together


def _derivative(formula: str, name: str = "", point: str = "", times: str = "1") -> str | None:
    variable = name or _variable_of(formula)
    if variable is None or "=" in formula:
        return None
    written = f"diff({formula}, {', '.join([variable] * int(times))})"
    return f"subs({written}, {variable}, {point})" if point else written


def _integral(formula: str, low: str = "", high: str = "", name: str = "") -> str | None:
    variable = name or _variable_of(formula)
    if variable is None or "=" in formula:
        return None
    return f"integrate({formula}, {variable}, {low}, {high})" if low else f"integrate({formula}, {variable})"


def _solution(*parts: str) -> str | None:
    """The solving, if the variables that are asked for are those it has."""
    solving = max(parts, key=len)
    asked = {part for part in parts if part != solving}
    return solving if all(re.search(rf"[ \[]{name}[\],)]", solving) for name in asked) else None


def _series(low: str, high: str = "", term: str = "k") -> str | None:
    low, high = (low, high) if high else ("1", low)
    return f"sum({term}, k, {low}, {high})" if int(low) < int(high) else None


def _converted(amount: str, unit: str, wanted: str) -> str | None:
    """Units of one kind."""
    (kind, factor), (other, divisor) = UNITS[unit], UNITS[wanted]
    if kind != other or unit == wanted:
        return None
    ratio = Fraction(factor) / Fraction(divisor)
    times, parts = terminating(ratio), terminating(1 / ratio)
    return f"{amount}*{times}" if times and (ratio >= 1 or not parts) else f"{amount}/{parts}"


def _dice(count: str, least: str, most: str) -> str | None:
    """The chance that the sum of dice lies from `least` to `most`."""
    dice = int(count)
    if not 1 <= dice <= 6:
        return None
    ways = sum(int(least) <= sum(eyes) <= int(most) for eyes in product(range(1, 7), repeat=dice))
    return f"{ways}/6^{dice}"


def _coins(flips: str, least: str, most: str) -> str | None:
    """The chance that from `least` to `most` of the flips are heads."""
    low, high = int(least), min(int(most), int(flips))
    if low > high or int(flips) > 100:
        return None
    if (low, high) == (1, int(flips)):
        return f"1-1/2^{flips}"
    return f"({'+'.join(f'comb({flips},{k})' for k in range(low, high + 1))})/2^{flips}"


_BUILDERS: Mapping[str, Callable[..., str | None]] = {
    "added": lambda numbers: numbers.replace(", ", "+").replace("+-", "-"),
    "multiplied": lambda numbers: "*".join(f"({number})" for number in numbers.split(", ")),
    "cube root": lambda number: f"-cbrt({number[1:]})" if number.startswith("-") else f"cbrt({number})",
    "series": _series,
    "derivative": _derivative,
    "integrate": _integral,
    "integral": _integral,
    "antiderivative": lambda formula, name: _integral(formula, name=name),
    "solve": _solution,
    "convert": _converted,
    "dice": _dice,
    "coins": _coins,
}
