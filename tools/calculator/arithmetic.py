"""Exact arithmetic on whole numbers and fractions, without loading any library.

The evaluator walks a parsed expression and knows a handful of nodes; nothing is ever handed to `eval`.
"""

# The lambdas of the table at the end take fractions; the checker cannot see that through `Callable[..., …]`.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

import ast
import math
import statistics
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from fractions import Fraction

from ...memory.errors import ToolError

MOST_DIGITS = 4_000
"""Python itself writes no number of over 4,300 digits."""

_MOST_BITS = int(MOST_DIGITS * math.log2(10))
_MOST_FACTORIAL = 1_400  # 1400! has 3,812 digits
_DECIMALS = Context(prec=12)


class NeedsSymbols(Exception):
    """The expression holds a name, a root or something else that is not plain arithmetic."""


def evaluate(node: ast.AST) -> Fraction:
    """Compute an expression exactly.

    Raises:
        NeedsSymbols: It is more than arithmetic.
        ToolError: It divides by zero or grows out of bounds.
    """
    match node:
        case ast.Expression(body):
            return evaluate(body)
        case ast.Constant(value) if type(value) in {int, float}:
            return within_bounds(_exact(str(value)))
        case ast.UnaryOp(ast.USub(), operand):
            return -evaluate(operand)
        case ast.UnaryOp(ast.UAdd(), operand):
            return evaluate(operand)
        case ast.BinOp(left, operator, right):
            return _binary(operator, evaluate(left), evaluate(right))
        case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
            return _call(name, [evaluate(argument) for argument in arguments])
        case _:
            raise NeedsSymbols


def decimal(value: Fraction) -> str:
    """Write a number with 12 significant digits."""
    quotient = _DECIMALS.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(_DECIMALS)
    return f"{quotient:f}" if -7 <= quotient.adjusted() <= 15 else f"{quotient:e}"


def terminating(value: Fraction) -> str | None:
    """Write a fraction as a decimal if that is exact and short, else None."""
    if value == 0 or abs(value.numerator) > 10**15 or value.denominator > 10**12:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.normalize():f}" if Fraction(exact) == value else None


def within_bounds(value: Fraction) -> Fraction:
    """Give the number back, or refuse it if it is too long to write."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise too_large()
    return value


def too_large() -> ToolError:
    """The refusal of a result that nobody could read."""
    return ToolError(
        f"The result would have more than {MOST_DIGITS:,} digits. Ask for its logarithm, or for fewer digits.",
        f"결과가 {MOST_DIGITS:,}자리를 넘습니다. 로그값이나 더 작은 수를 물어보세요.",
    )


def _exact(text: str) -> Fraction:
    if text in {"inf", "nan"}:
        raise too_large()
    return Fraction(text)


def _binary(operator: ast.operator, left: Fraction, right: Fraction) -> Fraction:
    match operator:
        case ast.Add():
            return within_bounds(left + right)
        case ast.Sub():
            return within_bounds(left - right)
        case ast.Mult():
            return within_bounds(left * right)
        case ast.Div():
            return within_bounds(left / _not_zero(right))
        case ast.FloorDiv():
            return Fraction(left // _not_zero(right))
        case ast.Mod():
            return left % _not_zero(right)
        case ast.Pow():
            return _power(left, right)
        case _:
            raise NeedsSymbols


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise NeedsSymbols
    if exponent < 0:
        _not_zero(base)
    length = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
    if length * abs(exponent) > _MOST_BITS or (base not in {-1, 0, 1} and abs(exponent) > 2 * _MOST_BITS):
        raise too_large()
    return within_bounds(base ** int(exponent))


def _not_zero(value: Fraction) -> Fraction:
    if value == 0:
        raise ToolError("Division by zero has no value.", "0으로는 나눌 수 없습니다.")
    return value


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise NeedsSymbols
    return int(value)


def _factorial(value: Fraction) -> Fraction:
    number = _whole(value)
    if number < 0:
        raise ToolError("A negative number has no factorial.", "음수의 팩토리얼은 없습니다.")
    if number > _MOST_FACTORIAL:
        raise too_large()
    return Fraction(math.factorial(number))


def _choose(rule: Callable[[int, int], int], total: Fraction, chosen: Fraction) -> Fraction:
    n, k = _whole(total), _whole(chosen)
    if n < 0 or k < 0:
        raise ToolError(
            "Counting choices needs whole numbers from 0.", "조합과 순열은 0 이상의 정수여야 합니다."
        )
    if n.bit_length() * min(k, abs(n - k), n) > 4 * _MOST_BITS and rule is math.comb:
        raise too_large()
    if n.bit_length() * min(k, n) > 4 * _MOST_BITS and rule is math.perm:
        raise too_large()
    return within_bounds(Fraction(rule(n, k)))


def _absolute(value: Fraction) -> Fraction:
    return abs(value)


def _mode(*values: Fraction) -> Fraction:
    found = statistics.multimode(values)
    if len(found) > 1:
        raise ToolError(
            "Several values come up equally often: there is no single mode.",
            "가장 자주 나온 값이 여럿이라 최빈값이 하나가 아닙니다.",
        )
    return found[0]


def _variance(values: tuple[Fraction, ...], degrees: int) -> Fraction:
    """Squared deviations from the mean over `degrees`: n for a population, n-1 for a sample."""
    middle = sum(values, Fraction(0)) / len(values)
    return within_bounds(sum(((value - middle) ** 2 for value in values), Fraction(0)) / degrees)


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Fraction]]] = {
    "factorial": (1, 1, _factorial),
    "comb": (2, 2, lambda n, k: _choose(math.comb, n, k)),
    "binomial": (2, 2, lambda n, k: _choose(math.comb, n, k)),
    "perm": (2, 2, lambda n, k: _choose(math.perm, n, k)),
    "gcd": (1, 20, lambda *values: Fraction(math.gcd(*map(_whole, values)))),
    "lcm": (1, 20, lambda *values: within_bounds(Fraction(math.lcm(*map(_whole, values))))),
    "abs": (1, 1, _absolute),
    "floor": (1, 1, lambda value: Fraction(math.floor(value))),
    "ceil": (1, 1, lambda value: Fraction(math.ceil(value))),
    "min": (1, 100, lambda *values: min(values)),
    "max": (1, 100, lambda *values: max(values)),
    "mean": (1, 100, lambda *values: sum(values, Fraction(0)) / len(values)),
    "median": (1, 100, lambda *values: statistics.median(values)),
    "mode": (1, 100, _mode),
    "pvariance": (1, 100, lambda *values: _variance(values, len(values))),
    "variance": (2, 100, lambda *values: _variance(values, len(values) - 1)),
}
"""What plain arithmetic can call: fewest and most arguments, and the rule."""


def _call(name: str, arguments: list[Fraction]) -> Fraction:
    fewest, most, rule = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        raise NeedsSymbols
    return rule(*arguments)
