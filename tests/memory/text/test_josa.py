from __future__ import annotations

import pytest

from officehours.memory.text import josa
from officehours.memory.text.josa import strip_particle


@pytest.mark.parametrize(
    ("word", "pair", "made"),
    [
        ("고유값", "을/를", "고유값을"),
        ("역전파", "을/를", "역전파를"),
        ("RNN", "은/는", "RNN은"),
        ("ReLU", "이/가", "ReLU가"),
        ("12월 3", "은/는", "12월 3은"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("", "은/는", "는"),
    ],
)
def test_a_particle_agrees_with_the_word_as_it_is_read(word: str, pair: str, made: str) -> None:
    assert josa(word, pair) == made


@pytest.mark.parametrize(
    ("word", "plain"),
    [("숙제는", "숙제"), ("숙제", "숙제"), ("시험의", "시험"), ("은", "은"), ("relu는", "relu는")],
)
def test_a_particle_behind_hangul_is_taken_off(word: str, plain: str) -> None:
    assert strip_particle(word) == plain
