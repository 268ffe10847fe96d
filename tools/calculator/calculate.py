"""The calculator: exact arithmetic at once, symbolic mathematics through sympy in a process that can be ended."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from ...memory.errors import OfficeHoursError, ToolError, ToolRetry
from ..base import ToolResult, tool
from . import arithmetic
from .notation import normalise

LONGEST = 500
"""Characters an expression may have."""

SECONDS = 10.0
"""Time symbolic mathematics may take, sympy's own start (0.3 s) included."""

_SHOWN = 300
_MOST_NODES = 400
_SYMBOLIC = Path(__file__).with_name("symbolic.py")
# The names symbolic.py knows, which this process must not load (a test holds the two lists together).
FUNCTIONS: frozenset[str] = frozenset(arithmetic.FUNCTIONS) | {
    "sqrt", "cbrt", "root", "exp", "ln", "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "tanh", "diff", "derivative", "integrate", "integral", "solve", "limit", "sum", "product", "simplify",
    "expand", "factor", "series", "isprime", "divisors", "factorint", "det", "inv", "transpose", "rank", "trace",
    "eigenvals", "eigenvects", "dot", "cross", "norm", "stdev", "pstdev", "subs",
}  # fmt: skip


@tool
def calculate(expression: str) -> ToolResult:
    """Compute exactly.

    Args:
        expression: like 3*(4+5)^2, diff(x^3,x), integrate(x^2,x,0,1), solve(x^2=2,x)
    """
    return compute(expression)


def compute(expression: str, seconds: float = SECONDS) -> ToolResult:
    """Compute an expression as people write it.

    Raises:
        ToolRetry: It cannot be read, or names something unknown.
        ToolError: It has no value, is too large or takes longer than `seconds`.
    """
    if len(expression) > LONGEST:
        raise ToolRetry(
            f"The expression is longer than {LONGEST} characters; compute it in parts.",
            f"식이 {LONGEST}자를 넘습니다. 나누어 계산하세요.",
        )
    plain = normalise(expression, FUNCTIONS)
    tree = _parse(expression, plain)
    try:
        exact, decimal = _plainly(arithmetic.evaluate(tree), plain)
    except arithmetic.NeedsSymbols:
        exact, decimal = _symbolically(plain, seconds)
    shown = _shortened(exact)
    text = f"{plain} = {shown}" if "=" not in plain else f"{plain}: {shown}"
    if decimal and decimal != exact:
        text = f"{text} ≈ {_shortened(decimal)}"
    return ToolResult(text, extras={"exact": exact, "decimal": decimal})


_NUMBER = re.compile(
    r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE]-?\d+)?(?:\s*/\s*\d[\d,]*)?(?:\s*[\^*]+\s*-?\d+)?%?"
)


def numbers_in(text: str) -> list[Fraction]:
    """Give the numbers of a text whatever way they are written: 2^-20, 1/8, 50%, 9.5e-7, 1,024, 1048576분의 1."""
    text = re.sub(r"(\d[\d,]*)\s*분의\s*(\d+)", r"\2/\1", text.replace("−", "-").replace("·", "*"))
    found: list[Fraction] = []
    for number in _NUMBER.findall(text):
        with suppress(OfficeHoursError, ValueError, ZeroDivisionError):
            found.append(Fraction(compute(number.replace(",", "")).extras["exact"]))
    return found


def _parse(expression: str, plain: str) -> ast.Expression:
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ToolRetry(
            f"`{expression}` cannot be read as a calculation. Write it like 3*(4+5)^2, sqrt(2), diff(x^3, x), "
            "integrate(x^2, (x, 0, 1)) or solve(x^2=2, x).",
            f"`{expression}`을(를) 식으로 읽을 수 없습니다. 3*(4+5)^2, sqrt(2), diff(x^3, x)처럼 써 주세요.",
        ) from error
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise ToolRetry(
            "The expression has too many parts; compute it step by step.",
            "식이 너무 깁니다. 나누어 계산하세요.",
        )
    return tree


def _plainly(value: Fraction, plain: str) -> tuple[str, str]:
    """Give a number as a person would want it: 0.3 for 0.1+0.2, and 1/3 ≈ 0.333 for 1/3."""
    if value.denominator == 1:
        digits = str(value.numerator)
        return digits, arithmetic.decimal(value) if len(digits) > _SHOWN else ""
    if "." in plain and (short := arithmetic.terminating(value)):
        return short, ""
    return f"{value.numerator}/{value.denominator}", arithmetic.decimal(value)


def _symbolically(plain: str, seconds: float) -> tuple[str, str]:
    # -P keeps the folder of the script, where modules have everyday names, off the path.
    command = [sys.executable, "-P", "-X", "utf8", str(_SYMBOLIC)]
    try:
        done = subprocess.run(
            command, input=plain, capture_output=True, encoding="utf-8", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            f"The computation took longer than {seconds:g} seconds and was stopped. Try a simpler form or a number.",
            f"계산이 {seconds:g}초를 넘어 멈췄습니다. 더 간단한 식이나 수치로 물어보세요.",
        ) from error
    if done.returncode != 0:
        raise ToolError(
            f"The computation ended without a result: {(done.stderr.strip().splitlines() or ['killed'])[-1]}",
            "계산이 결과 없이 끝났습니다.",
        )
    result: dict[str, str] = json.loads(done.stdout)
    if "error" not in result:
        return result["exact"], result["decimal"]
    english, korean = f"calculate: {result['error']}.", f"계산할 수 없습니다: {result['error']}"
    raise ToolRetry(english, korean) if result["kind"] == "retry" else ToolError(english, korean)


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN:
        return text
    unit = "digits" if text.lstrip("-").isdigit() else "characters"
    return f"{text[:60]}…{text[-60:]} ({len(text):,} {unit})"
