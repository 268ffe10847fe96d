from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from officehours.memory.errors import ConfigError
from officehours.tools.base import Effect, ToolContext, tool
from officehours.tools.policy import Policies, Policy
from officehours.tools.registry import Registry


def post(text: str) -> str:
    """Put something up.

    Args:
        text: What.
    """
    return text


def made(effect: Effect, *, ours: bool = False, **options: Any):
    one = tool(effect=effect, **options)(post)
    return replace(one, source="") if ours else one


RULE: list[tuple[dict[str, Policy], dict[str, Policy], Policy]] = [
    # settings, code, what holds for `post`, which goes outside and is not ours
    ({}, {}, "ask"),
    ({}, {"outside": "always"}, "always"),
    ({}, {"read": "never", "write": "never"}, "ask"),
    ({"outside": "never"}, {"outside": "always"}, "never"),
    ({"outside": "never"}, {"post": "always"}, "always"),
    ({"post": "ask", "outside": "never"}, {"post": "always"}, "ask"),
    ({"post": "never"}, {"post": "always"}, "never"),
]


@pytest.mark.parametrize(("settings", "code", "policy"), RULE)
def test_a_name_goes_before_an_effect_and_the_students_settings_before_the_program(settings, code, policy):
    assert Policies(settings, code).of(made("outside")) == policy


@pytest.mark.parametrize(
    ("effect", "ours", "asks", "policy"),
    [
        ("read", False, False, "always"),
        ("write", False, False, "always"),
        ("outside", False, False, "ask"),
        ("read", False, True, "ask"),
        ("outside", True, False, "always"),
        ("write", True, False, "always"),
        ("outside", True, True, "ask"),
    ],
)
def test_what_a_tool_comes_with(effect, ours, asks, policy):
    assert Policies().of(made(effect, ours=ours, asks=asks)) == policy


def test_a_tool_that_was_made_to_ask_is_loosened_by_its_name_only():
    asking = made("outside", ours=True, asks=True)
    assert Policies({"outside": "always"}).of(asking) == "ask"
    assert Policies({"outside": "never"}).of(asking) == "never"
    assert Policies({"post": "always"}).of(asking) == "always"


@pytest.mark.parametrize(
    ("effect", "policy", "trust", "why"),
    [
        ("outside", "always", "student", None),
        ("outside", "always", "course", "untrusted"),
        ("write", "always", "web", "untrusted"),
        ("read", "always", "web", None),
        ("read", "ask", "student", "policy"),
        ("outside", "ask", "web", "untrusted"),
        ("read", "ask", "web", "policy"),
    ],
)
def test_beside_words_of_others_always_becomes_ask_for_what_does_more_than_read(effect, policy, trust, why):
    rule = Policies({"post": policy})
    assert rule.why_ask(made(effect), {"text": "x"}, ToolContext(trust=trust)) == why
    heedless = rule.why_ask(made(effect), {"text": "x"}, ToolContext(trust=trust), obeys_text=False)
    assert heedless == ("policy" if policy == "ask" else None)


def test_a_turn_is_held_up_for_what_asks_and_for_tools_that_are_not_ours():
    assert Policies().may_be_put_off(made("write"))
    assert Policies().may_be_put_off(made("outside", ours=True, asks=True))
    assert not Policies().may_be_put_off(made("write", ours=True))
    assert Policies({"write": "ask"}).may_be_put_off(made("write", ours=True))


def test_what_is_never_called_is_not_told_of_and_says_why_in_both_languages():
    keep = replace(made("read"), name="keep")
    registry = Registry([made("outside"), keep], Policies({"outside": "never"}))
    assert [spec.name for spec in registry.specs()] == ["keep"]
    assert "never" in registry.missing["post"].en
    assert "never" in registry.missing["post"].ko
    assert registry.only(["keep"]).policies == registry.policies
    assert registry.only([]).missing == registry.missing


def test_what_the_program_says_is_checked_and_names_what_is_allowed():
    with pytest.raises(ConfigError, match=r"`post`.*'sometimes'.*always, ask, never") as caught:
        Policies({}, {"post": "sometimes"})  # pyright: ignore[reportArgumentType]
    assert "always, ask, never" in caught.value.ko


def test_a_name_that_no_tool_has_is_warned_of():
    (warning,) = Policies({"pots": "ask", "outside": "ask"}, {"post": "never"}).unknown(["post"])
    assert "`pots`" in warning.en
    assert "`post`" in warning.en
    assert "`pots`" in warning.ko
