"""Symbolic mathematics in a process of its own, so that a computation without end can be ended.

Run by path, never imported by the program: reads one expression in Python's notation from stdin, writes one line of
JSON to stdout: {"exact", "decimal"} or {"error", "kind"}. The evaluator walks the parsed expression and knows a list
of functions; nothing is ever handed to `eval` or to sympy's own parser, which uses it.
"""

# Sympy ships no type hints: what comes out of it is of unknown type to the checker.
# pyright: basic, reportCallIssue=false, reportOperatorIssue=false, reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

MOST_BITS = 13_000
MOST_FACTORIAL = 1_400
MOST_MEMORY = 2 * 2**30
MOST_OPERATIONS = 60
"""Simplifying anything longer takes longer than it is worth."""

SYMBOL = re.compile(
    r"(?:[A-Za-z]\d?|alpha|beta|gamma|delta|epsilon|theta|lamda|mu|nu|rho|sigma|tau|phi|omega|[α-ω])$"
)
CONSTANTS: Mapping[str, Any] = {"pi": sp.pi, "e": sp.E, "E": sp.E, "I": sp.I, "oo": sp.oo, "inf": sp.oo}


class Refused(Exception):
    """The expression cannot be computed; `kind` is "retry" if writing it otherwise can help."""

    def __init__(self, text: str, kind: str = "retry") -> None:
        super().__init__(text)
        self.kind = kind


def build(node: ast.AST) -> Any:
    """Build the sympy value of a parsed expression."""
    match node:
        case ast.Expression(body):
            return build(body)
        case ast.Constant(value) if type(value) in {int, float}:
            return sp.Rational(str(value))
        case ast.Name(name):
            return symbol(name)
        case ast.UnaryOp(ast.USub(), operand):
            return -build(operand)
        case ast.UnaryOp(ast.UAdd(), operand):
            return build(operand)
        case ast.BinOp(left, operator, right):
            return binary(operator, build(left), build(right))
        case ast.Compare(left, [ast.Eq()], [right]):
            return sp.Eq(build(left), build(right), evaluate=False)
        case ast.List(items) | ast.Tuple(items):
            return listed([build(item) for item in items], as_tuple=isinstance(node, ast.Tuple))
        case ast.Call(ast.Name(name), arguments, []):
            if name not in FUNCTIONS:
                raise Refused(f"there is no function `{name}`; known: {', '.join(sorted(FUNCTIONS))}")
            return FUNCTIONS[name](*[build(argument) for argument in arguments])
        case _:
            raise Refused(f"`{ast.unparse(node)}` is not mathematics I can read")


def symbol(name: str) -> Any:
    """Give a constant or a variable; long names are more likely a mistake."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    if not SYMBOL.match(name):
        raise Refused(
            f"`{name}` is neither a number, a constant nor a variable (variables are single letters)"
        )
    return sp.Symbol(name)


def listed(items: list[Any], *, as_tuple: bool) -> Any:
    """A list of lists is a matrix; any other list stays one."""
    if len(items) > 50:
        raise Refused("a list may have 50 entries")
    if not as_tuple and items and all(isinstance(item, list) for item in items):
        return sp.Matrix(items)
    return tuple(items) if as_tuple else items


def binary(operator: ast.operator, left: Any, right: Any) -> Any:
    """Apply an operator, refusing powers that would fill the memory."""
    left, right = matrix(left), matrix(right)
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.FloorDiv():
            return sp.floor(left / right)
        case ast.Mod():
            return left % right
        case ast.Pow():
            return power(left, right)
        case _:
            raise Refused("only + - * / // % and ^ are operators")


def matrix(value: Any) -> Any:
    """A flat list in arithmetic is a column vector."""
    return sp.Matrix(value) if isinstance(value, list) else value


def power(base: Any, exponent: Any) -> Any:
    """Raise to a power within bounds."""
    if getattr(base, "is_Rational", False) and getattr(exponent, "is_Rational", False):
        bits = max(int(base.p).bit_length(), int(base.q).bit_length()) - 1
        if base not in {-1, 0, 1} and (bits * abs(exponent) > MOST_BITS or abs(exponent) > 2 * MOST_BITS):
            raise Refused("the result would be too long to write", "error")
    if getattr(base, "is_Matrix", False) and not (
        getattr(exponent, "is_Integer", False) and abs(exponent) <= 100
    ):
        raise Refused("a matrix can be raised to whole powers up to 100")
    return base**exponent


def factorial(value: Any) -> Any:
    """Factorial within bounds."""
    if getattr(value, "is_number", False) and value > MOST_FACTORIAL:
        raise Refused("the result would be too long to write", "error")
    return sp.factorial(value)


def solve(equations: Any, *unknowns: Any) -> Any:
    """Solve an equation, or several given as a list."""
    wanted = unknowns[0] if len(unknowns) == 1 else list(unknowns)
    if isinstance(equations, sp.Equality) and sp.simplify(equations.lhs - equations.rhs) == 0:
        raise Refused("every value solves it", "error")
    found = sp.solve(equations, wanted, dict=True) if wanted else sp.solve(equations, dict=True)
    return [sp.Eq(name, value, evaluate=False) for solution in found for name, value in solution.items()]


def differentiate(expression: Any, *variables: Any) -> Any:
    """Differentiate; without a variable by the only one there is."""
    return sp.diff(expression, *(variables or only_symbol(expression)))


def integrate(expression: Any, *variables: Any) -> Any:
    """Integrate: integrate(f, x), integrate(f, (x, 0, 1)) or integrate(f, x, 0, 1)."""
    if len(variables) == 3:
        variables = (tuple(variables),)
    return sp.integrate(expression, *(variables or only_symbol(expression)))


def only_symbol(expression: Any) -> tuple[Any, ...]:
    """Give the single variable of an expression."""
    names = sorted(expression.free_symbols, key=str)
    if len(names) != 1:
        raise Refused("name the variable, as in diff(x^2*y, x)")
    return tuple(names)


def limit(expression: Any, name: Any, point: Any, side: Any = None) -> Any:
    """The limit from both sides, which must agree; `side` is 1 for that from the right, -1 from the left."""
    if side is not None or not point.is_finite:
        return sp.limit(expression, name, point, "-" if side == -1 else "+")
    left, right = (sp.limit(expression, name, point, sign) for sign in "-+")
    if sp.simplify(left - right) != 0 and left != right:
        raise Refused(f"the limits from the left ({left}) and the right ({right}) differ", "error")
    return right


def ranged(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Sums and products: sum(k^2, (k, 1, n)) or sum(k^2, k, 1, n)."""
    return lambda expression, *bounds: rule(expression, bounds[0] if len(bounds) == 1 else tuple(bounds))


def eigenvalues(value: Any) -> Any:
    """Eigenvalues, each as often as it counts."""
    return [root for root, times in matrix(value).eigenvals().items() for _ in range(times)]


def eigenvectors(value: Any) -> Any:
    """Each eigenvalue with its eigenvectors: (value, vector, ...)."""
    return [(root, *(list(vector) for vector in vectors)) for root, _, vectors in matrix(value).eigenvects()]


def deviation(values: tuple[Any, ...], degrees: int) -> Any:
    """The standard deviation: n degrees for a population, n-1 for a sample."""
    middle = sum(values) / len(values)
    return sp.sqrt(sum((value - middle) ** 2 for value in values) / degrees)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sqrt": sp.sqrt, "cbrt": sp.cbrt, "root": sp.root, "exp": sp.exp, "ln": sp.log,
    "log": lambda value, base=None: sp.log(value) if base is None else sp.log(value, base),
    "log2": lambda value: sp.log(value, 2), "log10": lambda value: sp.log(value, 10),
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "asin": sp.asin, "acos": sp.acos, "atan": sp.atan,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh, "abs": sp.Abs, "floor": sp.floor, "ceil": sp.ceiling,
    "min": sp.Min, "max": sp.Max, "gcd": lambda *values: sp.gcd_list(list(values)),
    "lcm": lambda *values: sp.lcm_list(list(values)), "factorial": factorial,
    "comb": sp.binomial, "binomial": sp.binomial, "mean": lambda *values: sum(values) / len(values),
    "diff": differentiate, "derivative": differentiate, "integrate": integrate, "integral": integrate,
    "solve": solve, "limit": limit, "sum": ranged(sp.summation), "product": ranged(sp.product),
    "simplify": sp.simplify, "expand": sp.expand, "factor": sp.factor, "series": lambda *a: sp.series(*a).removeO(),
    "isprime": sp.isprime, "divisors": sp.divisors, "factorint": lambda number: sp.factorint(number, visual=True),
    "det": lambda m: matrix(m).det(), "inv": lambda m: matrix(m).inv(), "transpose": lambda m: matrix(m).T,
    "rank": lambda m: matrix(m).rank(), "trace": lambda m: matrix(m).trace(), "eigenvals": eigenvalues,
    "eigenvects": eigenvectors, "dot": lambda a, b: matrix(a).dot(matrix(b)),
    "cross": lambda a, b: matrix(a).cross(matrix(b)), "norm": lambda v: matrix(v).norm(),
    "stdev": lambda *values: deviation(values, len(values) - 1),
    "pstdev": lambda *values: deviation(values, len(values)), "subs": lambda f, *pairs: f.subs(*pairs),
}  # fmt: skip
"""Every function an expression may call."""


def answer(tree: ast.AST) -> dict[str, str]:
    """Compute a parsed expression and write the result, exactly and as a decimal ("" where that says no more)."""
    value = build(tree)
    if getattr(value, "has", None) and value.has(sp.nan, sp.zoo):
        raise Refused("it has no value", "error")
    if isinstance(value, sp.Integral):
        raise Refused("no closed form was found", "error")
    if isinstance(value, sp.Equality):
        value = solve(value) if value.free_symbols else bool(sp.simplify(value.lhs - value.rhs) == 0)
    if isinstance(value, list):
        return {
            "exact": ", ".join(map(sanitize_user, value)) or "no solution",
            "decimal": ", ".join(decimals(value)),
        }
    if (
        getattr(value, "free_symbols", None)
        and not asks_for_a_form(tree)
        and sp.count_ops(value) < MOST_OPERATIONS
    ):
        value = sp.simplify(value)
    return {"exact": sanitize_user(value), "decimal": ", ".join(decimals([value]))}


def asks_for_a_form(tree: ast.AST) -> bool:
    """Whether the expression itself says in which form it wants its result."""
    match tree:
        case ast.Expression(ast.Call(ast.Name("factor" | "expand" | "series"))):
            return True
        case _:
            return False


def sanitize_user(value: Any) -> str:
    """Write a value; an equation as `x = 2`."""
    if isinstance(value, sp.Equality):
        return f"{sanitize_user(value.lhs)} = {sanitize_user(value.rhs)}"
    if isinstance(value, sp.MatrixBase):
        return str(value.tolist())
    if isinstance(value, tuple):
        return f"{sanitize_user(value[0])}: {' and '.join(map(sp.sstr, value[1:]))}"
    return sp.sstr(value).replace("lamda", "lambda")


def decimals(values: list[Any]) -> list[str]:
    """Write numbers that are not plain already with 12 digits; none if one of them is no number."""
    sides = [value.rhs if isinstance(value, sp.Equality) else value for value in values]
    if not sides or not all(getattr(side, "is_number", False) for side in sides):
        return []
    if all(side.is_integer or not side.is_finite for side in sides):
        return []
    return [short(sp.N(side, 12)) for side in sides]


def short(number: Any) -> str:
    """Write a float without the zeros at its end."""
    return re.sub(r"(\.\d*?)0+(?=$|[^\d])", lambda m: m.group(1).rstrip("."), sp.sstr(number))


def bound_memory() -> None:
    """Keep a computation from filling the machine, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows: the time limit alone has to do
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ValueError, OSError):  # a lower limit is set already, or the system knows none (macOS)
        return


def main() -> None:
    """Read, compute, write."""
    bound_memory()
    try:
        result = answer(ast.parse(sys.stdin.read(), mode="eval"))
    except Refused as refused:
        result = {"error": str(refused), "kind": refused.kind}
    except (MemoryError, RecursionError, OverflowError):
        result = {"error": "the computation grew too large", "kind": "error"}
    except (ArithmeticError, AttributeError, NotImplementedError, TypeError, ValueError) as error:
        # sympy's own words for what it cannot do with these values
        result = {
            "error": str(error).splitlines()[0] if str(error) else type(error).__name__,
            "kind": "retry",
        }
    json.dump(result, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
