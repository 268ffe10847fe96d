"""The calculation that a whole turn asks for, in Korean or English words, written as the calculator reads it.

The whole text is read or none of it: what only asks is taken off both ends, and the rest must match one line of
`RULES` from its first letter to its last, or be a calculation by itself. What schools read in two ways (1/2x, log 8,
sin 30, a variance that is said to be neither the population's nor a sample's) is not read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import product

from ..calculator.arithmetic import terminating
from ..calculator.calculate import FUNCTIONS, LONGEST
from .rules import ENDING, OPENING, RULES, UNITS
from .slots import BINDING, SLOTS, formula_of, free_names, parsed, solution_of, variable_of
from .spelling import in_digits


def expression_in(text: str) -> str | None:
    """The calculation that a turn asks for, in the calculator's notation; None where it asks for none."""
    if len(text) > LONGEST:
        return None
    plain = in_digits(text)
    said = _without_asking(plain)
    found = _by_rule(said) or _alone(said, asked=said != plain.rstrip(" ?.,은는이가"))
    return found if found and parsed(found) else None


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
    if "=" in said and (solution := solution_of(said)):
        told = re.fullmatch(r"(?:[a-z] ?= ?-?[\d./]+[\s,]*)+", said)  # x = 3
        return None if told else solution
    found = formula_of(said)
    tree = parsed(found) if found else None
    if not found or tree is None or not re.search(r"[-+*/^!%(√]", found):
        return None
    match tree.body:
        case ast.BinOp() | ast.Compare() | ast.UnaryOp(operand=ast.BinOp()):
            return None if free_names(tree) else found
        case ast.Call(ast.Name(name)):
            return found if name in BINDING or not free_names(tree) else None
        case _:
            return None


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
        expression = re.sub(r"\{([a-z])\}", lambda slot: f"({SLOTS[slot[1]][0]})", spaced)
        rules.append((re.compile(expression), slots, form))
    return rules


def _by_rule(said: str) -> str | None:
    for pattern, slots, form in _compiled():
        found = pattern.fullmatch(said)
        if found is None:
            continue
        parts = [(slot, part) for slot, part in zip(slots, found.groups(), strict=True) if part is not None]
        values = [value for slot, part in parts if (value := SLOTS[slot][1](part)) is not None]
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


def _added(numbers: str) -> str:
    return numbers.replace(", ", "+").replace("+-", "-")


def _multiplied(numbers: str) -> str:
    return "*".join(f"({number})" for number in numbers.split(", "))


def _cube_root(number: str) -> str:
    """The real one: sympy's of a negative number is complex."""
    return f"-cbrt({number[1:]})" if number.startswith("-") else f"cbrt({number})"


def _derivative(formula: str, name: str = "", point: str = "", times: str = "1") -> str | None:
    variable = name or variable_of(formula)
    if variable is None or "=" in formula:
        return None
    written = f"diff({formula}, {', '.join([variable] * int(times))})"
    return f"subs({written}, {variable}, {point})" if point else written


def _integral(formula: str, low: str = "", high: str = "", name: str = "") -> str | None:
    variable = name or variable_of(formula)
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
    "added": _added,
    "multiplied": _multiplied,
    "cube root": _cube_root,
    "series": _series,
    "derivative": _derivative,
    "integrate": _integral,
    "integral": _integral,
    "solve": _solution,
    "convert": _converted,
    "dice": _dice,
    "coins": _coins,
}
