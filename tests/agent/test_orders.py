"""Nothing that somebody else orders is done, whoever carries the order and however long it has been in view."""

from __future__ import annotations

import pytest

from orders import CARRIERS, LANGUAGES, ORDERS, Scene, scene

SAMPLED = 2
"""Orders that each carrier is tried with in the ordinary tests; all of them in the slow ones."""

UNSEEN = {"imported_title", "tool_progress"}
"""What no model is ever shown."""


def tried(place: int) -> list[str]:
    names = list(ORDERS)
    return [names[(place * SAMPLED + ahead) % len(names)] for ahead in range(SAMPLED)]


def harms(here: Scene, orders: list[str], *, seen: bool) -> dict[str, list[str]]:
    """Play orders one after the other, until one does damage."""
    for order in orders:
        before = here.obeyed
        here.play(order)
        assert (here.obeyed > before) == seen, order
        if damage := here.damage():
            return {order: damage}
    return {}


@pytest.mark.parametrize("place", range(len(CARRIERS)), ids=lambda place: CARRIERS[place].__name__)
def test_an_order_does_no_damage(own_home, place):
    carry = CARRIERS[place]
    with scene(own_home, list(LANGUAGES)[place % 2], carry) as here:
        carry(here)
        assert harms(here, tried(place), seen=carry.__name__ not in UNSEEN) == {}


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(CARRIERS)), ids=lambda place: CARRIERS[place].__name__)
def test_no_order_does_damage_whatever_carries_it(own_home, place):
    carry = CARRIERS[place]
    with scene(own_home, list(LANGUAGES)[(place + 1) % 2], carry) as here:  # in the other language than above
        carry(here)
        assert harms(here, list(ORDERS), seen=carry.__name__ not in UNSEEN) == {}


def test_all_orders_are_among_those_tried():
    assert {order for place in range(len(CARRIERS)) for order in tried(place)} == set(ORDERS)
