from __future__ import annotations

import inspect

import pytest

from officehours.tools.signature.docstrings import read_docstring

GOOGLE = """Convert dollars
to won.

The rate is today's:

- as the bank has it
- without fees

Args:
    amount (float): How many
        dollars: all of them.
    currency: Three letters.

Returns:
    The sum.

Note:
    Weekends have Friday's rate.

Raises:
    ValueError: Never.
"""
NUMPY = """Convert dollars
to won.

The rate is today's:

- as the bank has it
- without fees

Parameters
----------
amount : float
    How many
    dollars: all of them.
currency : str, optional
    Three letters.

Returns
-------
str
    The sum.

Notes
-----
Weekends have Friday's rate.

Raises
------
ValueError
    Never.
"""
SPHINX = """Convert dollars
to won.

The rate is today's:

- as the bank has it
- without fees

:param amount: How many
    dollars: all of them.
:type amount: float
:param str currency: Three letters.
:returns: The sum.
:note: Weekends have Friday's rate.
:raises ValueError: Never.
"""


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_every_usual_style_is_read_whole(text: str) -> None:
    description, documented = read_docstring(inspect.cleandoc(text), ["amount", "currency"])
    assert documented == {"amount": "How many dollars: all of them.", "currency": "Three letters."}
    first, rest, *sections = description.split("\n\n", 2)
    assert first == "Convert dollars to won."
    assert rest.startswith("The rate is today's:")
    told = "\n\n".join(sections)
    assert "- without fees" in told
    assert "Returns: The sum." in told
    assert "Weekends have Friday's rate." in told
    assert "Never" not in told


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("", ""),
        ("Only words: no parameters.", "Only words: no parameters."),
        ("Args:\n    amount: Only this.", ""),
        ("Say it.\n\n    indented example", "Say it.\n\nindented example"),
        ("환율을 계산합니다.\n\nArgs:\n    amount: 금액.", "환율을 계산합니다."),
    ],
)
def test_what_is_no_section_is_the_description(text: str, description: str) -> None:
    assert read_docstring(text, ["amount"])[0] == description


def test_a_section_that_is_broken_costs_no_other_style() -> None:
    assert read_docstring("Do it.\n\nArgs:\n    no colon here", ["amount"]) == (
        "Do it.\n\nArgs:\n    no colon here",
        {},
    )
