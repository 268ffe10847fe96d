"""Whether two expressions are equal: as numbers, else at sample points.

Two analytic expressions that agree at several points chosen at random are equal but for a chance that does not matter
(for polynomials: Schwartz 1980, "Fast probabilistic algorithms for verification of polynomial identities"). It takes
microseconds, and always ends, where simplifying may not; SymPy is asked, in its own process and for a bounded time, only
for what has to be worked out first (`integrate`, `sum`, `det`).
"""

from __future__ import annotations

import ast
import cmath
import math
import random
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final
from zlib import crc32

from ....memory.errors import OfficeHoursError
from ....tools.calculator.calculate import FUNCTIONS as COMPUTED
from ....tools.calculator.calculate import compute
from ....tools.calculator.notation import normalise

LONGEST: Final = 500
"""Characters of an expression."""

MOST_NODES: Final = 400
POINTS: Final = 24
CLOSE: Final = 1e-9
"""The relative difference that is no difference: what floating point loses."""

SECONDS: Final = 5.0
"""What SymPy may take."""

Point = Mapping[str, complex]


class Unreadable(Exception):
    """It is no expression."""


def _log(value: complex, base: complex = cmath.e) -> complex:
    return cmath.log(value) / cmath.log(base)


def _root(value: complex, degree: complex = 2) -> complex:
    odd = degree.imag == 0 and degree.real % 2 == 1
    if odd and value.imag == 0 and value.real < 0:  # the real root, as schools have it
        return -((-value) ** (1 / degree))
    return value ** (1 / degree)


def _factorial(value: complex) -> complex:
    return complex(math.gamma(value.real + 1))


def _over(rule: Callable[[complex], complex]) -> Callable[[complex], complex]:
    """One over a function, as sec is of cos."""
    return lambda value: 1 / rule(value)


def _log_to(base: float) -> Callable[[complex], complex]:
    return lambda value: _log(value, base)


def _absolute(value: complex) -> complex:
    return complex(abs(value))


_CALLS: Final[Mapping[str, Callable[..., complex]]] = {
    "sqrt": cmath.sqrt, "cbrt": partial(_root, degree=3), "root": _root, "exp": cmath.exp, "ln": _log, "log": _log,
    "log2": _log_to(2), "log10": _log_to(10), "sin": cmath.sin, "cos": cmath.cos, "tan": cmath.tan,
    "sec": _over(cmath.cos), "csc": _over(cmath.sin), "cot": _over(cmath.tan),
    "asin": cmath.asin, "acos": cmath.acos, "atan": cmath.atan, "arcsin": cmath.asin, "arccos": cmath.acos,
    "arctan": cmath.atan, "sinh": cmath.sinh, "cosh": cmath.cosh, "tanh": cmath.tanh,
    "abs": _absolute, "factorial": _factorial,
}  # fmt: skip
_CONSTANTS: Final[Mapping[str, complex]] = {"pi": cmath.pi, "e": cmath.e, "i": 1j, "oo": complex(math.inf)}
_GREEK = "alpha beta gamma delta epsilon theta lamda mu nu rho sigma tau phi omega"
_ALIASES: Final = {"inf": "oo", "infinity": "oo", "infty": "oo", "lambda": "lamda", "arg": "abs"}
_KNOWN: Final = frozenset([*_CALLS, *_CONSTANTS, *_ALIASES, *_GREEK.split()])
_UNKNOWN_FUNCTIONS: Final = frozenset("fgFG")
_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![\w.]))?|\.\d+|[^\W\d_]+(?:_[A-Za-z0-9]+)?'*|\S")
_TIMES_TEN: Final = re.compile(r"\s*\*\s*10\s*\^\s*\(?\s*([-+]?\d+)\s*\)?$")
_DECIMAL: Final = re.compile(r"[-+]?\s*(?:[\d,]*\.(\d+)|\d+(?=[eE]))(?:[eE]([-+]?\d+))?\s*(%?)")
_LOG: Final = re.compile(
    r"\blog\s*_\s*\(?(?P<base>\d+|[a-z])\)?\s*(?:\((?P<of>[^()]*(?:\([^()]*\)[^()]*)*)\)|(?P<alone>[\w.]+))"
)
_POWERED: Final = re.compile(r"^\^\(?(-?\d+)\)?$")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that could be read.

    Attributes:
        text: In the calculator's notation.
        names: Its variables.
        decimals: Digits behind the point, where it is a plain decimal number as written, else None.
    """

    text: str
    tree: ast.expr
    names: frozenset[str]
    decimals: int | None = None

    def value(self) -> complex | None:
        """Its value where it is a number, None where it has variables or no value."""
        return None if self.names else _value(self, {})


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression of plain mathematics.

    Raises:
        Unreadable: It is none, or too long.
    """
    if len(text) > LONGEST or not text.strip():
        raise Unreadable
    decimal = _DECIMAL.fullmatch(_TIMES_TEN.sub(r"e\1", text.strip()))
    written = normalise(_signs_put_in(text), COMPUTED | _CALLS.keys() | _UNKNOWN_FUNCTIONS)
    try:
        tree = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Unreadable from error
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST_NODES or not all(isinstance(node, _NODES) for node in nodes):
        raise Unreadable
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called}
    return Expression(
        written,
        tree,
        frozenset(names - _CONSTANTS.keys()),
        len(decimal[1] or "") - int(decimal[2] or 0) + 2 * len(decimal[3]) if decimal else None,
    )


_NODES = (
    ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call, ast.Load, ast.operator, ast.unaryop, ast.Tuple, ast.List,
)  # fmt: skip


def equal(one: Expression, other: Expression) -> bool:
    """Whether two expressions are equal wherever both have a value."""
    if one.text == other.text:
        return True
    ratios = [(a, b) for a, b in _at_points(one, other)]
    if ratios:
        return all(near(a, b) for a, b in ratios)
    return _worked_out(one, other)


def proportional(one: Expression, other: Expression) -> float | None:
    """Give the constant real factor between two expressions, None where there is none or both are nothing."""
    pairs = _at_points(one, other)
    factors = [a / b for a, b in pairs if abs(b) > CLOSE and abs(a) > CLOSE]
    if len(factors) < max(1, len(pairs) // 2) or not all(near(f, factors[0]) for f in factors):
        return None
    return factors[0].real if abs(factors[0].imag) <= CLOSE else None


def near(one: complex, other: complex) -> bool:
    """Whether two values differ by no more than floating point loses."""
    if not (cmath.isfinite(one) and cmath.isfinite(other)):
        return one == other
    return abs(one - other) <= CLOSE * max(1e-300, abs(one), abs(other)) or abs(one - other) < 1e-14


def names_in(text: str) -> frozenset[str]:
    """Give the variables that a key may speak of; letters of words are none."""
    text = re.sub(r"[^\W\d_]{4,}", lambda run: run[0] if is_notation(run[0], frozenset()) else " ", text)
    with suppress(Unreadable):
        return parse(text).names
    return frozenset("".join(re.findall(r"(?<![^\W\d_])[A-Za-z]{1,3}(?![^\W\d_])", text)))


def is_notation(word: str, names: frozenset[str]) -> bool:
    """Whether a run of letters is mathematics: names of functions and constants, and single variables among `names`."""
    return all(part in _KNOWN or part in names for part in _parted(word))


def _at_points(one: Expression, other: Expression) -> list[tuple[complex, complex]]:
    """The values of both where both have one: the real ones, else the complex."""
    names = sorted(one.names | other.names)
    chance = random.Random(crc32(" ".join(names).encode()))
    real: list[tuple[complex, complex]] = []
    rest: list[tuple[complex, complex]] = []
    for index in range(POINTS if names else 1):
        low = 0.2 if index < POINTS * 2 // 3 else -3.0  # what school algebra is about comes first
        point = {name: complex(chance.uniform(low, 3.0)) for name in names}
        a, b = _value(one, point), _value(other, point)
        if a is None or b is None:
            continue
        is_real = abs(a.imag) <= CLOSE * max(1.0, abs(a)) and abs(b.imag) <= CLOSE * max(1.0, abs(b))
        (real if is_real else rest).append((a, b))
    return real if len(real) > 1 or not rest else rest


def _value(expression: Expression, point: Point) -> complex | None:
    try:
        value = _evaluate(expression.tree, point)
    except (ArithmeticError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return None if cmath.isnan(value) else value


def _evaluate(node: ast.expr, point: Point) -> complex:
    match node:
        case ast.Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            return complex(value)
        case ast.Name(name):
            return _CONSTANTS[name] if name in _CONSTANTS else point[name]
        case ast.UnaryOp(ast.USub(), operand):
            value = _evaluate(operand, point)
            return complex(-value.real, -value.imag if value.imag else 0.0)
        case ast.UnaryOp(ast.UAdd(), operand):
            return _evaluate(operand, point)
        case ast.BinOp(left, operator, right):
            return _binary(operator, _evaluate(left, point), _evaluate(right, point))
        case ast.Call(ast.Name(name), arguments, []):
            values = [_evaluate(argument, point) for argument in arguments]
            return _CALLS[name](*values) if name in _CALLS else _unknown(name, values)
        case _:
            raise ValueError


def _binary(operator: ast.operator, left: complex, right: complex) -> complex:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return _power(left, right)
        case ast.Mod() if left.imag == right.imag == 0:
            return complex(left.real % right.real)
        case _:
            raise ValueError


def _power(base: complex, exponent: complex) -> complex:
    whole = exponent.imag == 0 and exponent.real.is_integer() and abs(exponent.real) < 1000
    return base ** int(exponent.real) if whole else base**exponent


def _unknown(name: str, values: list[complex]) -> complex:
    """A function of which only the name is known (f, g): one fixed function that no other name shares."""
    if name not in _UNKNOWN_FUNCTIONS or len(values) != 1:
        raise ValueError
    chance = random.Random(name)
    return chance.uniform(1, 2) + cmath.sin(values[0] * chance.uniform(0.1, 0.3)) * chance.uniform(1, 2)


def _worked_out(one: Expression, other: Expression) -> bool:
    """Ask SymPy where an expression holds something that has to be worked out."""
    called = set(re.findall(r"([A-Za-z]\w*)\(", f"{one.text} {other.text}"))
    if not called & (COMPUTED - _CALLS.keys()):
        return False
    with suppress(OfficeHoursError):
        return compute(f"simplify(({one.text})-({other.text}))", SECONDS).extras["exact"] in {"0", "0.0"}
    return False


def _signs_put_in(text: str) -> str:
    """Part letters that stand together into names, and give each function its brackets: `2xsin x`, `ln2`, `sin^2 x`."""
    if text.count("|") % 2 == 0:
        text = re.sub(r"\|([^|]*)\|", r"(abs(\1))", text)
    text = _LOG.sub(lambda m: f"log({m['of'] or m['alone']},{m['base']})", text)
    parts: list[str] = []
    for token in _TOKEN.findall(text):
        parts.extend(_parted(token) if token[0].isalpha() else [token])
    parts = [_ALIASES.get(part.casefold(), part) if part[0].isalpha() else part for part in parts]
    return " ".join(_applied(_mixed(parts)))


@lru_cache(maxsize=1024)
def _parted(word: str) -> tuple[str, ...]:
    """Part a run of letters into known names, longest first, and single variables."""
    if "_" in word:
        return (word.replace("'", "_p"),)
    found: list[str] = []
    at = 0
    while at < len(word):
        length = next(
            (n for n in range(min(8, len(word) - at), 1, -1) if word[at : at + n].casefold() in _KNOWN), 1
        )
        piece = word[at : at + length]
        at += length
        if piece == "'" and found:
            found[-1] += "_p"
        else:
            found.append(piece.casefold() if length > 1 else piece)
    return tuple(found)


def _mixed(parts: list[str]) -> list[str]:
    """`3 1/2` is three and a half."""
    joined = " ".join(parts)
    return re.sub(
        r"(?<![\w.^/*] )(?<![\w.^/*])\b(\d+) (\d+) / (\d+)\b(?! ?[\w(^])", r"( \1 + \2 / \3 )", joined
    ).split()


def _applied(parts: list[str]) -> list[str]:
    """Give functions that stand without brackets their argument: what follows up to the next sign."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        name = parts[at]
        at += 1
        if name not in _CALLS or name in {"root", "abs"} or parts[at : at + 1] == ["("]:
            out.append(name)
            continue
        power, at = _exponent(parts, at)
        if power == "-1":
            name, power = f"a{name}" if f"a{name}" in _CALLS else name, ""
        argument, at = _argument(parts, at)
        call = [name, "(", *_applied(argument), ")"]
        out.extend(["(", *call, ")", "^", power] if power else call)
    return out


def _exponent(parts: list[str], at: int) -> tuple[str, int]:
    """The power behind a function's name, as in `sin^2 x`; "" where there is none."""
    if parts[at : at + 1] != ["^"]:
        return "", at
    for length in (2, 3, 4, 5):
        if (power := _POWERED.match("".join(parts[at : at + length]))) and parts[at + length - 1] != "-":
            return power[1], at + length
    return "", at


def _argument(parts: list[str], at: int) -> tuple[list[str], int]:
    if parts[at : at + 1] == ["("]:
        depth = 0
        for end in range(at, len(parts)):
            depth += (parts[end] == "(") - (parts[end] == ")")
            if depth == 0:
                return parts[at : end + 1], end + 1
    end = at
    while end < len(parts) and (parts[end][0].isalnum() or parts[end] == "^") and parts[end] not in _CALLS:
        end += 1
    return parts[at:end], end
