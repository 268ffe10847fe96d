from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.memory.text import mask_secrets
from officehours.memory.text.secrets import mask
from secret_sentences import INNOCENTS, MORE_INNOCENTS, MORE_SECRETS, SECRETS


@pytest.mark.parametrize(("text", "secret"), SECRETS + MORE_SECRETS)
def test_a_secret_is_masked(text: str, secret: str) -> None:
    masked = mask(text)
    assert secret not in masked.text
    assert masked.found


@pytest.mark.parametrize("text", INNOCENTS + MORE_INNOCENTS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text).text == text


@given(st.text(alphabet="{}%s\\$()[]0aP비번은 :='\"&@/", max_size=40))
def test_no_sign_breaks_it(text: str) -> None:
    once = mask_secrets(f"my password is {text}")
    assert mask_secrets(once) == once
