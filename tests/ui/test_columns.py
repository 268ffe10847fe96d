from __future__ import annotations

from officehours.ui.columns import cells, columns


def test_a_hangul_syllable_takes_two_cells() -> None:
    assert cells("a가") == 3


def test_columns_line_up_in_every_script() -> None:
    made = list(columns([("요청", "3", "끝"), ("ab", "12", "")], right={1}))
    assert made == ["요청   3  끝", "ab    12"]
