from decimal import Decimal

import pytest

from officehours.agent.billing.limits import BAD_CALLS, SAME_CALL, LimitTracker
from officehours.agent.settings import Limits
from officehours.memory.errors import LimitReached
from officehours.memory.types import ToolCall


def test_a_turn_ends_when_its_steps_are_used():
    stick = LimitTracker(Limits(steps=2))
    stick.before_step()
    stick.before_step()
    with pytest.raises(LimitReached, match="2 steps"):
        stick.before_step()


@pytest.mark.parametrize(
    ("limits", "used", "named"),
    [
        (Limits(tokens=100), {"tokens": 100}, "limits.tokens"),
        (Limits(usd=Decimal("0.01")), {"usd": Decimal("0.011")}, "limits.usd"),
        (Limits(seconds=0), {}, "limits.seconds"),
    ],
)
def test_each_limit_names_its_setting(limits, used, named):
    stick = LimitTracker(limits, **used)
    with pytest.raises(LimitReached, match=named) as caught:
        stick.before_step()
    assert named in caught.value.ko


def test_the_same_call_over_and_over_is_a_loop():
    stick = LimitTracker(Limits())
    for n in range(SAME_CALL):
        stick.before_call(ToolCall(str(n), "web_search", '{"query":"x"}'))
    stick.before_call(ToolCall("other", "web_search", '{"query":"y"}'))
    with pytest.raises(LimitReached, match="web_search"):
        stick.before_call(ToolCall("again", "web_search", '{"query":"x"}'))


def test_calls_that_only_fail_end_the_turn_and_one_success_starts_afresh():
    stick = LimitTracker(Limits())
    for _ in range(BAD_CALLS - 1):
        stick.after_call(ok=False)
    stick.after_call(ok=True)
    for _ in range(BAD_CALLS - 1):
        stick.after_call(ok=False)
    with pytest.raises(LimitReached):
        stick.after_call(ok=False)
