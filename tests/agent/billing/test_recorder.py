from datetime import timedelta
from decimal import Decimal

import pytest

from chat_server import Reply
from chat_server import say as tell
from officehours.agent.billing.report import usage_report
from officehours.agent.events import Notice
from officehours.agent.model import ModelProfile, TextDelta, Usage
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.errors import BadReply
from officehours.memory.usage import UsageLog
from tutors import MovableClock, answer, limits, online, say, scripted, spoken, tutor

PAID = ModelProfile("paid", "test", window=128_000)
PRICES = {"paid": {"input": 1, "cached": "0.1", "output": 10}}


def paid(script):
    return scripted(script, profile=PAID, usage=lambda *_: Usage(1_000_000, 500_000, 100_000))


def test_every_request_is_recorded_and_priced_exactly(own_home):
    clock = MovableClock()
    with tutor(own_home, paid(["one", "two"]), clock=clock, prices=PRICES) as professor:
        bill = say(professor, "First?")[-1].bill
        clock.forward(days=20)
        say(professor, "Second?")
        state = professor.state
        log = UsageLog(state.db, state.runtime.student.id, state.clock)
        found = usage_report(log, state.clock(), state.zone)
    assert bill.usd == Decimal("1.55")
    assert found.total.usd == Decimal("3.10")
    assert (found.total.requests, found.today.requests, found.month.requests) == (2, 1, 1)
    assert list(found.by_month) == ["2026-11", "2026-12"]


def recorded(professor):
    state = professor.state
    log = UsageLog(state.db, state.runtime.student.id, state.clock)
    return log.between(state.clock() - timedelta(days=400), state.clock() + timedelta(days=400))


def test_a_record_holds_tokens_times_unit_prices_and_the_dated_rate(own_home):
    model = scripted(["one"], profile=PAID, usage=lambda *_: Usage(1_000, 400, 300, 120))
    rate = Decimal("1391.5")
    with tutor(own_home, model, prices=PRICES, krw_rate=rate, krw_rate_date="2026-11-20") as professor:
        bill = say(professor, "First?")[-1].bill
        (row,) = recorded(professor)
    assert (row.model, row.purpose, row.local, row.estimated) == ("paid", "turn", False, False)
    assert (row.input_tokens, row.cached_tokens, row.output_tokens, row.reasoning_tokens) == (
        1_000,
        400,
        300,
        120,
    )
    assert row.first_token_seconds is not None
    assert 0 <= row.first_token_seconds <= row.seconds
    assert row.prices == {"input": "1", "cached": "0.1", "output": "10"}
    assert row.usd == Decimal("0.00364")
    assert (row.krw_rate, row.krw_rate_date) == ("1391.5", "2026-11-20")
    assert bill.krw == Decimal("5.06506")


def test_an_attempt_that_failed_and_cost_tokens_is_billed_too(own_home, chat_server):
    server = chat_server([Reply(reasoning="hm, hm"), tell("It is max(0, x).")])
    with tutor(own_home, online(server.url)) as professor:
        bill = say(professor, "What is ReLU?")[-1].bill
        rows = recorded(professor)
    assert [row.purpose for row in rows] == ["retry", "turn"]
    assert bill.requests == 2
    assert bill.input_tokens == sum(row.input_tokens for row in rows) > rows[1].input_tokens


def test_an_attempt_that_is_given_up_is_billed_too(own_home, chat_server):
    server = chat_server(then=Reply(reasoning="hm, hm"))
    with tutor(own_home, online(server.url)) as professor:
        failed = say(professor, "What is ReLU?")[-1]
        assert [row.purpose for row in recorded(professor)] == ["retry"] * len(server.requests)
    assert failed.bill.requests == len(server.requests)


@pytest.mark.parametrize("most", [{"daily_usd": Decimal(1)}, {"daily_krw": Decimal(1500)}])
def test_a_reached_daily_limit_degrades_politely_and_ends_at_midnight(own_home, most):
    clock = MovableClock()
    model = paid(["one", "two"])
    with tutor(own_home, model, clock=clock, prices=PRICES, limits=limits(**most)) as professor:
        answer(say(professor, "What is ReLU?"))
        events = say(professor, "What is DoRA?")
        assert [e.kind for e in events if isinstance(e, Notice)] == ["limit"]
        assert answer(events)
        assert events[-1].bill.usd == 0
        assert len(model.requests) == 1
        clock.forward(days=1)
        assert answer(say(professor, "And LoRA?")) == "two"
        assert len(spoken(professor)) == 3


def test_a_turn_that_costs_too_much_is_stopped_with_an_answer(own_home):
    model = paid(lambda request: ScriptedCall("calculate", {"expression": f"{len(request.messages)}+1"}))
    with tutor(own_home, model, prices=PRICES, limits=limits(usd=Decimal(3), tokens=10**9)) as professor:
        assert "$3" in answer(say(professor, "Count."))
    assert len(model.requests) == 2


def test_what_was_heard_of_a_broken_reply_is_billed(own_home):
    class Breaking:
        profile = PAID

        def stream(self, _request):
            yield TextDelta("half a ")
            raise BadReply("cut off")

    with tutor(own_home, Breaking(), prices=PRICES) as professor:
        failed = say(professor, "What is ReLU?")[-1]
    assert failed.partial == "half a "
    assert failed.bill.requests == 1
    assert failed.bill.estimated
    assert failed.bill.usd > 0
