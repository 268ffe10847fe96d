from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile import HOSTILE, unfit
from officehours.memory.text import clean, clean_line, normalize
from officehours.tools.hits import wrap_untrusted


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_what_steers_or_hides_is_taken_out_and_the_words_stay(kind: str) -> None:
    text = f"before{HOSTILE[kind]}after"
    for made in (clean(text), normalize(text), wrap_untrusted(text, text)):
        assert unfit(made) == []
        assert "before" in made
        assert "after" in made
    assert len(clean_line(text).splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "강의 노트\t3장\n\n고유값 λ — “그림”",
        "👨‍👩‍👧 ❤️ 👩🏽‍💻 🏳️‍🌈 ✔︎",
        "e\u0301 ㅎㅎ \u1112\u1161\u11ab",
        "数学 математика עברית العربية ไทย हिन्दी",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(("given", "kept"), [("a\r\nb\rc", "a\nb\nc"), ("a\u2028b\u2029c", "a\nb\nc")])
def test_every_line_end_is_one(given: str, kept: str) -> None:
    assert clean(given) == kept


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_unfit(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unfit(once) == []
    once.encode("utf-8")
    assert unicodedata.is_normalized("NFC", normalize(text))
