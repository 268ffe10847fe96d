from __future__ import annotations

import ast
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.memory.errors import ToolError, ToolRetry
from officehours.memory.types import ToolCall
from officehours.tools.base import ToolContext
from officehours.tools.calculator import symbolic
from officehours.tools.calculator.calculate import FUNCTIONS, LONGEST, calculate, compute
from officehours.tools.calculator.notation import normalise
from officehours.tools.registry import Registry


def exact(expression: str) -> str:
    return compute(expression).extras["exact"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2+3*4", "14"),
        ("3×4÷5", "12/5"),
        ("7 − 10", "-3"),
        ("2^10", "1024"),
        ("2²+3³", "31"),
        ("10 % 3", "1"),
        ("15% of 80", "12"),
        ("50% * 30", "15"),
        ("200 + 10%", "220"),
        ("200-10%", "180"),
        ("5!", "120"),
        ("(2+3)!/4!", "5"),
        ("0.1+0.2", "0.3"),
        ("1/3", "1/3"),
        ("1,234,567*2", "2469134"),
        ("gcd(12,345)", "3"),
        ("3(4+5)", "27"),
        ("(1+2)(3+4)", "21"),
        ("3.5e3*2", "7000"),
        ("２＋３＝?", "5"),
        ("1½ + ½", "2"),
        ("12 divided by 4 plus 1", "4"),
        ("5 squared", "25"),
        ("comb(10,3)", "120"),
        ("mean(1,2,6)", "3"),
    ],
)
def test_arithmetic_is_exact_however_it_is_written(written: str, value: str) -> None:
    assert exact(written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2의 10승", "1024"),
        ("4의 제곱", "16"),
        ("2의 세제곱", "8"),
        ("80의 15%", "12"),
        ("80의 15퍼센트", "12"),
        ("3 곱하기 4 더하기 2", "14"),
        ("10 나누기 4 빼기 1", "3/2"),
        ("5 팩토리얼", "120"),
    ],
)
def test_a_calculation_may_be_said_in_korean(written: str, value: str) -> None:
    assert exact(written) == value


@pytest.mark.parametrize(
    ("written", "output"),
    [
        ("25의 제곱근", "sqrt(25) = 5"),
        ("루트 2", "sqrt(2) = sqrt(2) ≈ 1.41421356237"),
        ("√(2+7)*3", "sqrt(2+7)*3 = 9"),
        ("diff(x^3, x)", "diff(x**3,x) = 3*x**2"),
        ("d/dx sin(x)", "diff(sin(x),x) = cos(x)"),
        ("integrate(x^2, (x, 0, 1))", "integrate(x**2,(x,0,1)) = 1/3 ≈ 0.333333333333"),
        ("solve(x^2=2, x)", "solve(x**2==2,x): x = -sqrt(2), x = sqrt(2) ≈ -1.41421356237, 1.41421356237"),
        ("det([[1,2],[3,4]])", "det([[1,2],[3,4]]) = -2"),
        ("limit(sin(x)/x, x, 0)", "limit(sin(x)/x,x,0) = 1"),
        ("2x + 3x", "2*x+3*x = 5*x"),
    ],
)
def test_symbolic_mathematics_is_given_exactly_and_as_a_number(written: str, output: str) -> None:
    assert compute(written).output == output


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("solve([x+y=3, x-y=1], [x, y])", "x = 2, y = 1"),
        ("x^2 = 4", "x = -2, x = 2"),
        ("1+1 = 2", "True"),
        ("eigenvals([[2,0],[0,3]])", "2, 3"),
        ("[[1,2],[3,4]]*[1,1]", "[[3], [7]]"),
        ("sum(k^2, k, 1, 10)", "385"),
        ("factor(x^2-1)", "(x - 1)*(x + 1)"),
        ("lambda + lambda", "2*lambda"),
        ("log2(8) + log(100, 10) + ln(e)", "6"),
        ("expand((x+1)^2)", "x**2 + 2*x + 1"),
        ("subs(x^2, x, 3)", "9"),
        ("factorint(360)", "2**3*3**2*5**1"),
    ],
)
def test_what_the_symbolic_evaluator_knows(written: str, value: str) -> None:
    tree = ast.parse(normalise(written, FUNCTIONS), mode="eval")
    found = symbolic.answer(tree)["exact"]
    assert sorted(found.split(", ")) == sorted(value.split(", "))


@pytest.mark.parametrize(
    "written", ["9**9**9", "9^9^9^9", "factorial(5000)", "10^5000", "1e999", "perm(9999, 9000)"]
)
def test_what_nobody_could_read_is_refused_at_once(written: str) -> None:
    with pytest.raises(ToolError, match="digits"):
        compute(written)


@pytest.mark.parametrize("written", ["sqrt(2)*9**(9**9)", "factorial(10**9)*pi"])
def test_a_symbolic_giant_is_refused_too(written: str) -> None:
    with pytest.raises((symbolic.Refused, ToolError), match="too long"):
        symbolic.answer(ast.parse(normalise(written, FUNCTIONS), mode="eval"))


@pytest.mark.parametrize("written", ["1/0", "5 % 0", "0^-1", "(-3)!"])
def test_what_has_no_value_says_so(written: str) -> None:
    with pytest.raises(ToolError):
        compute(written)


def test_a_computation_without_end_is_ended() -> None:
    with pytest.raises(ToolError, match=r"longer than 0\.01 seconds"):
        compute("integrate(exp(-x^2), (x, -oo, oo))", seconds=0.01)


@pytest.mark.parametrize(
    "written",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "[c for c in [1]]",
        "open('/etc/passwd')",
        "print(x)",
        "apples * 2",
    ],
)
def test_nothing_but_mathematics_is_understood(written: str) -> None:
    with pytest.raises((SyntaxError, symbolic.Refused)):
        symbolic.answer(ast.parse(normalise(written, FUNCTIONS), mode="eval"))


@pytest.mark.parametrize("written", ["", "lambda: 1", "1 2", "2 +", r"\frac{1}{2}", "안녕하세요"])
def test_what_cannot_be_read_is_answered_with_how_to_write_it(written: str) -> None:
    with pytest.raises(ToolRetry) as caught:
        compute(written)
    assert caught.value.ko != caught.value.en


def test_a_refusal_crosses_the_process_as_a_sentence() -> None:
    with pytest.raises(ToolRetry, match="`apples` is neither a number"):
        compute("apples * 2")


def test_too_much_is_asked_for_in_parts() -> None:
    with pytest.raises(ToolRetry, match=str(LONGEST)):
        compute("1+" * LONGEST + "1")


def test_a_long_result_is_shown_by_its_ends() -> None:
    result = compute("1000!")
    assert "(2,568 digits)" in result.output
    assert "≈ 4.02387260077e+2567" in result.output
    assert len(result.output) < 250
    assert len(result.extras["exact"]) == 2568


def test_it_is_a_tool() -> None:
    outcome = Registry([calculate]).run(ToolCall("1", "calculate", '{"expression": "6*7"}'), ToolContext())
    assert (outcome.ok, outcome.output, outcome.trust) == (True, "6*7 = 42", "model")


def test_both_evaluators_know_the_functions_that_are_announced() -> None:
    from officehours.tools.calculator import arithmetic

    assert arithmetic.FUNCTIONS.keys() | symbolic.FUNCTIONS.keys() == FUNCTIONS


def test_plain_arithmetic_loads_no_sympy() -> None:
    code = "import sys; from officehours.tools.calculator.calculate import compute; compute('2^10/3'); print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"


numbers = st.integers(min_value=0, max_value=999)
operators = st.sampled_from(["+", "-", "*"])


@given(numbers, operators, numbers, operators, numbers)
def test_it_agrees_with_python(a: int, first: str, b: int, second: str, c: int) -> None:
    written = f"{a} {first} {b} {second} {c}"
    spoken = written.replace("*", "×").replace("-", "−")
    assert exact(spoken) == str(eval(written))


@given(st.fractions(max_denominator=1000), st.fractions(max_denominator=1000))
def test_fractions_stay_exact(a: Fraction, b: Fraction) -> None:
    assert exact(f"({a}) + ({b})") == str(a + b)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(normalise(text, FUNCTIONS), str)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("median(5, 1, 9, 2)", "7/2"),
        ("mode(1, 2, 2)", "2"),
        ("pvariance(2,4,4,4,5,5,7,9)", "4"),
        ("variance(2, 4, 6)", "4"),
    ],
)
def test_lists_are_described_exactly(written: str, value: str) -> None:
    assert exact(written) == value


def test_a_list_with_two_modes_has_none() -> None:
    with pytest.raises(ToolError, match="equally often"):
        compute("mode(1, 1, 2, 2)")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("stdev(2, 4, 6)", "2"),
        ("pstdev(2,4,4,4,5,5,7,9)", "2"),
        ("divisors(12)", "1, 2, 3, 4, 6, 12"),
        ("trace([[1,2],[3,4]])", "5"),
        ("dot([1,2],[3,4])", "11"),
        ("cross([1,0,0],[0,1,0])", "[[0], [0], [1]]"),
        ("norm([3,4])", "5"),
        ("limit(abs(x)/x, x, 0, 1)", "1"),
        ("limit(1/x^2, x, 0)", "oo"),
    ],
)
def test_what_else_the_symbolic_evaluator_knows(written: str, value: str) -> None:
    assert symbolic.answer(ast.parse(normalise(written, FUNCTIONS), mode="eval"))["exact"] == value


def test_eigenvectors_stand_behind_their_values() -> None:
    found = symbolic.answer(ast.parse("eigenvects([[2,0],[0,2]])", mode="eval"))
    assert found == {"exact": "2: [1, 0] and [0, 1]", "decimal": ""}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("limit(1/x, x, 0)", "left"),
        ("limit(abs(x)/x, x, 0)", "left"),
        ("integrate(1/x, x, -1, 1)", "no value"),
        ("log2(0)", "no value"),
        ("solve(2*x=2*x, x)", "every value"),
    ],
)
def test_what_has_no_single_value_is_refused(written: str, why: str) -> None:
    with pytest.raises(symbolic.Refused, match=why):
        symbolic.answer(ast.parse(normalise(written, FUNCTIONS), mode="eval"))
