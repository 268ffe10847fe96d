"""What may stand in the slots of a rule, each checked by the calculator's own parser, and how it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from ..calculator.calculate import FUNCTIONS
from ..calculator.notation import normalise
from .rules import SYMBOLS, UNITS

_VARIABLES = frozenset("abcdhkmnpqrstuvwxyz")
_CONSTANTS = frozenset({"pi", "e", "oo"})
BINDING = frozenset({
    "diff", "derivative", "integrate", "integral", "solve", "limit", "sum", "product", "simplify", "expand", "factor",
})  # fmt: skip
"""Functions whose variables need no value."""

_NODES = (
    ast.Expression, ast.Load, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator, ast.Eq, ast.List, ast.Tuple,
)  # fmt: skip
_CALLS = r"(?:a?(?:sin|cos|tan)h?|ln|exp|sqrt|cbrt|log2|log10)"
_AMBIGUOUS = re.compile(
    r"/\s*(?:\d+(?:\.\d+)?|(?<![a-z])[a-z]|\([^()]*\))\s*(?:[a-z](?![a-z])|\(|√)"  # 1/2x, 6/2(1+2)
    r"|(?:\be|\d|\))\s*\^\s*-?\d+\s*[a-z(]|(?<!\w)-?\d+(?:\.\d+)?%\s*[-+].*%|%\s*\d+.*%"  # e^2x, 10% + 20%
    r"|\d%\s+\d|\)\s+\d|(?<![\d)])-\s*\d+(?:\.\d+)?\s*(?:의|제곱|세|squared|cubed|to)|(?<!세)제곱근|(?<![a-z])[a-z]\s+\d|!\s*!|\d\s*[-+*/]\s*\d[\d.]*\s*[-+]\s*\d[\d.]*%$"
)


def parsed(expression: str) -> ast.Expression | None:
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
        case ast.Constant(value):
            return type(value) in {int, float}  # no text, and no ...
        case ast.BinOp(left, _, right):
            return not isinstance(left, ast.Tuple) and not isinstance(right, ast.Tuple)
        case ast.Compare(_, operators, _):
            return len(operators) == 1
        case _:
            return isinstance(node, _NODES)


def free_names(tree: ast.AST) -> list[str]:
    return sorted(
        {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in _VARIABLES}
    )


# The slots of a rule: what may stand there, and how it is written


def formula_of(text: str) -> str | None:
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
    tree = parsed(text)
    return text if tree and not isinstance(tree.body, ast.Tuple) else None


def _constant(text: str) -> str | None:
    found = formula_of(text)
    tree = parsed(found) if found else None
    if not found or tree is None or free_names(tree) or isinstance(tree.body, ast.Compare | ast.List):
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


def solution_of(text: str) -> str | None:
    """One equation in one unknown, or as many as unknowns."""
    parts = re.split(
        r"\s*(?:,|;|그리고|이고|\band\b|&|(?<=\d)\s*(?:와|과)\s)\s*(?:\band\b)?\s*", text.strip()
    )
    found = [formula_of(part) for part in parts]
    trees = [tree for part in found if part and (tree := parsed(part)) and isinstance(tree.body, ast.Compare)]
    names = sorted({name for tree in trees for name in free_names(tree)})
    called = {node.func.id for tree in trees for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    if len(trees) != len(parts) or len(names) != len(parts) or called & {"sin", "cos", "tan", "factorial"}:
        return None  # the solutions of sin x = 0 are more than can be listed
    if len(parts) == 1:
        return f"solve({found[0]}, {names[0]})"
    return f"solve([{', '.join(part or '' for part in found)}], [{', '.join(names)}])"


def variable_of(formula: str) -> str | None:
    tree = parsed(formula)
    names = free_names(tree) if tree else []
    return names[0] if len(names) == 1 else None if names else "x"


def _plain_number(text: str) -> str:
    return text.replace(",", "")


_NUMBER = r"(?<![\d.)])-?(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d.])"
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
SLOTS: Mapping[str, tuple[str, Callable[[str], str | None]]] = {
    "n": (_NUMBER, _plain_number),
    "i": (r"(?<![\d.])\d+(?![\d.])", str),
    "v": (r"[a-z]", str),
    "u": (rf"(?:{_UNIT})", str),
    "a": (rf"(?:{_NUMBER}|\([^()]*(?:\([^()]*\)[^()]*)*\)|pi|e|\d+!)", _constant),
    "c": (r"[-+*/^\d.a-z()√]+?", _constant),
    "e": (r".+?", formula_of),
    "l": (r".+?", _numbers),
    "f": (r"\(?\d+/\d+\)?", str),
    "m": (r"\[\s*\[[^\[\]]*\](?:\s*,?\s*\[[^\[\]]*\])*\s*\]|\((?:\([^()]*\)\s*,?\s*)+\)|[\[(][^\[\]();]*(?:;[^\[\]();]*)+[\])]", _matrix),
    "w": (r"[\[(<][^\[\]()<>]+[\])>]", _vector),
    "q": (r".+?", solution_of),
}  # fmt: skip
