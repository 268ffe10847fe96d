"""How much of a key an answer has: 1 for all of it, 0.5 for a part, 0 for none."""

from __future__ import annotations

import cmath
from decimal import Decimal
from typing import Final

from .expressions import Expression, Unreadable, equal, near, parse, proportional
from .reading import Answer, Group, Quantity, Relation
from .units import UNITS

Score = float
_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def compare(key: Answer, given: Answer) -> Score:
    """Hold an answer against a key; what is no more than another way to write it counts in full."""
    if isinstance(key, Group):
        return _with_group(key, given)
    if isinstance(given, Group):
        in_interval = isinstance(key, Relation) and _interval(key)
        return float(bool(in_interval) and in_interval == _interval(given))
    if isinstance(key, Relation):
        return _with_relation(key, given)
    if isinstance(given, Relation):
        return _arrived_at(key, given)
    match key, given:
        case Quantity(), Quantity():
            return _quantities(key, given)
        case Quantity(), Expression():  # without the unit, or it is read as a letter: 16m
            attached = _with_unit(given)
            return _quantities(key, attached) if attached else numbers(key.number, given)
        case Expression(), Quantity():
            return _without_unit(key, given)
        case Expression(), Expression():
            return expressions(key, given)


def _with_group(key: Group, given: Answer) -> Score:
    if isinstance(given, Group):
        return _groups(key, given)
    if len(key.items) == 1 and key.form != "∪":
        return compare(key.items[0], given)
    if _interval(key) and _interval(key) == _interval(given):
        return 1.0
    parts = [compare(_unnamed(key, item), given) for item in key.items]
    return 0.5 if key.form in {",", "{}"} and 1.0 in parts else 0.0


def _with_relation(key: Relation, given: Expression | Quantity | Relation) -> Score:
    if isinstance(given, Relation):
        return _relations(key, given)
    side = key.sides[1]
    return compare(side, given) if key.signs == ("=",) and key.name and side else 0.0


def expressions(key: Expression, given: Expression) -> Score:
    """Numbers with tolerance, all else by equivalence."""
    if not key.names and not given.names:
        return numbers(key, given)
    return 1.0 if equal(key, given) else 0.0


def numbers(key: Expression, given: Expression) -> Score:
    """Hold a number against another that may be rounded.

    A decimal key is itself rounded: what rounds to it is right. Of an exact key (1/3, sqrt(2)) a decimal of three digits,
    or of two with two places, is right if it is rounded or cut off rightly; one that is rounded further is half right.
    """
    wanted, value = key.value(), given.value()
    if wanted is None or value is None:
        return 1.0 if equal(key, given) else 0.0
    if near(wanted, value):
        return 1.0
    if wanted.imag or value.imag or not (cmath.isfinite(wanted) and cmath.isfinite(value)):
        return 0.0
    places = given.decimals
    if key.decimals is not None and (places is None or places > key.decimals):
        # Written more exactly than the key.
        return 1.0 if abs(wanted - value) < 0.5 * 10**-key.decimals * (1 - 1e-9) else 0.0
    if places is None or not _rounds_to(wanted.real, value.real, places, cut_off=key.decimals is None):
        return 0.0
    digits = len(Decimal(repr(value.real)).as_tuple().digits)
    exact_enough = digits >= 3 or (digits == 2 and places >= 2)
    return 1.0 if exact_enough and key.decimals is None else 0.5


def _rounds_to(exact: float, value: float, places: int, *, cut_off: bool) -> bool:
    unit = 10.0**-places
    rounded = abs(exact - value) <= unit / 2 * (1 + 1e-9)
    cut = cut_off and 0 <= (abs(exact) - abs(value)) < unit and exact * value > 0
    return rounded or cut


def _of(expression: Expression) -> complex:
    value = expression.value()
    return complex("nan") if value is None else value


def _quantities(key: Quantity, given: Quantity) -> Score:
    (measure, size), (other, factor) = UNITS[key.unit], UNITS[given.unit]
    if measure != other:
        return 0.0
    if size == factor:
        return numbers(key.number, given.number)
    value, wanted = _of(given.number) * factor / size, _of(key.number)
    return 1.0 if abs(value - wanted) <= 5e-3 * abs(wanted) else 0.0


def _without_unit(key: Expression, given: Quantity) -> Score:
    """A unit that the key does not have: a letter of the key (3m), degrees for radians, or an addition."""
    if len(given.unit) == 1 and key.names:
        return expressions(key, parse(f"({given.number.text})*{given.unit}"))
    measure, size = UNITS[given.unit]
    if measure == "angle" and size != 1 and not near(_of(key), _of(given.number)):
        return _quantities(Quantity(key, "rad"), given)
    return numbers(key, given.number)


def _with_unit(given: Expression) -> Quantity | None:
    """Read `16*m` as 16 m."""
    unit = next(iter(given.names), "")
    if len(given.names) != 1 or unit not in UNITS or not given.text.endswith(f"*{unit}"):
        return None
    return Quantity(parse(given.text.removesuffix(f"*{unit}")), unit)


def _arrived_at(key: Expression | Quantity, given: Relation) -> Score:
    """`x = 3`, or a calculation that arrives at the key, for a key that is an expression."""
    if set(given.signs) != {"="} or None in given.sides:
        return 0.0
    first, *rest = [side for side in given.sides if side]
    if not (given.name or compare(key, first) == 1):
        return 0.0
    scores = [compare(key, side) for side in rest]
    return min(scores) if given.name else float(min(scores) == 1)


# Relations


def _relations(key: Relation, given: Relation) -> Score:
    if set(key.signs) == set(given.signs) == {"="}:
        return float(_equations(key, given))
    if _interval(key) and _interval(key) == _interval(given):
        return 1.0
    return float(_same_sides(key, given) or _inequalities(key, given))


def _equations(key: Relation, given: Relation) -> bool:
    if _same_sides(key, given):
        return True
    if len(key.sides) != 2 or len(given.sides) != 2:
        return False
    if key.name and given.name and (("(" in key.name) != ("(" in given.name) or key.name == given.name):
        (_, one), (_, other) = key.sides, given.sides
        return one is not None and other is not None and compare(one, other) == 1
    one, other = _difference(key), _difference(given)
    if one is None or other is None:
        return False
    if not one.names:  # 27 = 3^3 says more than 0 = 0
        sides = [side for side in key.sides if side]
        return any(
            all(compare(a, b) == 1 for a, b in zip(sides, turned, strict=True) if b)
            for turned in (given.sides, given.sides[::-1])
        )
    return proportional(one, other) is not None


def _same_sides(key: Relation, given: Relation) -> bool:
    """Whether the sides are the same as written, in this order or turned round."""
    turned = Relation(tuple(_FLIPPED[sign] for sign in reversed(given.signs)), given.sides[::-1])
    return any(
        key.signs == other.signs
        and len(key.sides) == len(other.sides)
        and all(_as_written(a) == _as_written(b) for a, b in zip(key.sides, other.sides, strict=True))
        for other in (given, turned)
    )


def _inequalities(key: Relation, given: Relation) -> bool:
    if len(key.signs) != 1 or len(given.signs) != 1:
        return False
    one, other = _difference(key), _difference(given)
    factor = proportional(one, other) if one and other else None
    if factor is None:
        return False
    return key.signs[0] == (given.signs[0] if factor > 0 else _FLIPPED[given.signs[0]])


def _as_written(side: Expression | Quantity | None) -> str:
    match side:
        case Expression(text):
            return text
        case Quantity(number, unit):
            return f"{number.text} {unit}"
        case None:
            return ""


def _difference(relation: Relation) -> Expression | None:
    left, right = relation.sides
    if not isinstance(left, Expression) or not isinstance(right, Expression):
        return None
    try:
        return parse(f"({left.text})-({right.text})")
    except Unreadable:
        return None


def _interval(answer: Answer) -> tuple[tuple[float, bool, float, bool], ...]:
    """An answer as intervals (low end, closed, high end, closed); empty where it is none."""
    match answer:
        case Group(form="∪" | ",", items=items):
            parts = [_interval(item) for item in items]
            return tuple(sorted(one for part in parts for one in part)) if all(parts) else ()
        case Group(form=form, items=(Expression() as low, Expression() as high)) if form != "{}":
            ends = (_of(low).real, _of(high).real)
            return ((round(ends[0], 9), form[0] == "[", round(ends[1], 9), form[1] == "]"),)
        case Relation(signs=("<" | "<=" as sign,), sides=(left, right)):
            return _bounded(left, right, sign)
        case Relation(signs=(">" | ">=" as sign,), sides=(left, right)):
            return _bounded(right, left, _FLIPPED[sign])
        case Relation(signs=(first, second), sides=(low, Expression(), high)):
            if first[0] == second[0] == ">":
                low, high, first, second = high, low, _FLIPPED[second], _FLIPPED[first]
            if first[0] == second[0] == "<" and isinstance(low, Expression) and isinstance(high, Expression):
                return ((round(_of(low).real, 9), "=" in first, round(_of(high).real, 9), "=" in second),)
            return ()
        case _:
            return ()


def _bounded(
    low: Expression | Quantity | None, high: Expression | Quantity | None, sign: str
) -> tuple[tuple[float, bool, float, bool], ...]:
    """`low < high` where one side is a number and the other a name, or nothing."""
    match low, high:
        case Expression() as end, other if not end.names and (other is None or _is_name(other)):
            return ((round(_of(end).real, 9), "=" in sign, float("inf"), False),)
        case other, Expression() as end if not end.names and (other is None or _is_name(other)):
            return ((float("-inf"), False, round(_of(end).real, 9), "=" in sign),)
        case _:
            return ()


def _is_name(side: Expression | Quantity) -> bool:
    return isinstance(side, Expression) and side.text in side.names


# Several answers


def _groups(key: Group, given: Group) -> Score:
    if key.form not in {",", "∪", "{}"}:
        if key.form == given.form:
            return _in_order(key, given)
        rows, others = _rows(key), _rows(given)
        if rows and len(rows) == len(others):  # a matrix may be written with any brackets
            return min(_in_order(row, other) for row, other in zip(rows, others, strict=True))
        if coordinates := _coordinates(given):
            return _in_order(key, coordinates)
        intervals = _interval(key)
        if intervals and given.form == "," and intervals == _interval(given):
            return 1.0
        return 0.5 if given.form == "," and _in_order(key, given) == 1 else 0.0
    if key.form == "∪":
        return float(bool(_interval(key)) and _interval(key) == _interval(given))
    if given.form in {",", "{}"} or len(key.items) == 1:
        return _in_any_order(key, given)
    return 0.0


def _rows(group: Group) -> list[Group]:
    """The rows of a matrix; none where it is no matrix."""
    rows = [item for item in group.items if isinstance(item, Group)]
    return rows if len(rows) == len(group.items) else []


def _coordinates(given: Group) -> Group | None:
    """`x = -3, y = 1` as a point."""
    named = {
        item.name: item.sides[1]
        for item in given.items
        if isinstance(item, Relation) and item.signs == ("=",)
    }
    sides = [side for _, side in sorted(named.items()) if side]
    return Group("()", tuple(sides)) if "" not in named and len(sides) == len(given.items) > 1 else None


def _in_order(key: Group, given: Group) -> Score:
    if len(key.items) != len(given.items):
        return 0.0
    return float(all(compare(a, b) == 1 for a, b in zip(key.items, given.items, strict=True)))


def _in_any_order(key: Group, given: Group) -> Score:
    keys, left = [_unnamed(key, item) for item in key.items], [_unnamed(given, item) for item in given.items]
    wanted = len(keys)
    surplus = len(left) > wanted
    for item in keys:
        match = next((other for other in left if compare(item, other) == 1), None)
        if match is not None:
            left.remove(match)
            wanted -= 1
    if wanted == 0 and not left:
        return 1.0
    return 0.5 if wanted < len(keys) and not surplus else 0.0


def _unnamed(group: Group, item: Answer) -> Answer:
    """`x = 1, x = 2` and `x = 1 or 2` list values of one name, which is left out."""
    names = {i.name for i in group.items if isinstance(i, Relation)}
    if (
        len(names) == 1
        and isinstance(item, Relation)
        and item.name
        and item.signs == ("=",)
        and item.sides[1]
    ):
        return item.sides[1]
    return item
