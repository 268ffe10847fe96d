from __future__ import annotations

import pytest

from officehours.ui.terminal.markdown import parser, rendered


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("**고유값(eigenvalue)**은", "고유값(eigenvalue)"),
        ("행렬의 **고유값(eigenvalue)**을 구한다", "고유값(eigenvalue)"),
        ("이것을 **'편향'**이라 한다", "'편향'"),
        ("값은 **50%**입니다", "50%"),
        ("**“정규화”**는", "“정규화”"),
        ("함수 **f(x)**의 값", "f(x)"),
        ("**(가)**와 **(나)**", "(가)"),
        ("**굵게** 그리고", "굵게"),
        ("plain **bold**, and", "bold"),
    ],
)
def test_emphasis_works_beside_hangul(text: str, strong: str) -> None:
    inline = parser().parseInline(text)[0].children
    assert inline is not None
    opened = next(at for at, token in enumerate(inline) if token.type == "strong_open")
    assert inline[opened + 1].content == strong


@pytest.mark.parametrize("text", ["2 * 3 * 4", "snake_case_name", "a ** b", "**열기만"])
def test_what_is_no_emphasis_stays(text: str) -> None:
    inline = parser().parseInline(text)[0].children
    assert inline is not None
    assert not [token for token in inline if token.type in {"strong_open", "em_open"}]


@pytest.mark.parametrize(
    "formula",
    [r"$x_1 * y_1 * z$", r"\(a_i\_b\)", r"\[ \frac{1}{1+e^{-z}} \]", "$$\n\\sum_i x_i * y_i * 2\n$$"],
)
def test_formulas_stay_as_they_are_written(formula: str) -> None:
    inline = parser().parseInline(f"식은 {formula} 입니다")[0].children
    assert inline is not None
    assert [token.content for token in inline] == [f"식은 {formula} 입니다"]


def test_money_is_no_formula() -> None:
    inline = parser().parseInline("costs $5 and **not** $6")[0].children
    assert inline is not None
    assert "strong_open" in [token.type for token in inline]


def test_rendered_text_has_no_empty_lines_around_it() -> None:
    text = rendered("| a | b |\n|---|---|\n| 1 | 2 |")
    assert text.split("\n")[0].strip()
    assert text.split("\n")[-1].strip()
