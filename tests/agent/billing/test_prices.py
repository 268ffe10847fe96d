from datetime import UTC, datetime
from decimal import Decimal

import pytest

from officehours.agent.billing.prices import PriceBook
from officehours.agent.events import Bill
from officehours.agent.model import ModelProfile, Usage
from officehours.memory.errors import ConfigError

MAY_2024 = datetime(2024, 5, 1, tzinfo=UTC)
GOLDEN = [
    ("gpt-3.5-turbo", "openai", 904, 404, "0.001058"),
    ("claude-3-haiku-20240307", "anthropic", 763, 939, "0.00136450"),
    ("gpt-4-turbo", "openai", 289, 497, "0.0178"),
    ("claude-3-opus-20240229", "anthropic", 314, 628, "0.05181"),
    ("gpt-3.5-turbo", "openai", 965, 782, "0.0016555"),
    ("claude-3-haiku-20240307", "anthropic", 1049, 1050, "0.00157475"),
    ("gpt-4-turbo", "openai", 300, 736, "0.02508"),
    ("claude-3-opus-20240229", "anthropic", 326, 688, "0.05649"),
]


@pytest.mark.parametrize(("model", "provider", "tokens_in", "tokens_out", "usd"), GOLDEN)
def test_the_study_groups_own_reports_come_out_to_the_last_digit(model, provider, tokens_in, tokens_out, usd):
    price = PriceBook().price(Usage(tokens_in, 0, tokens_out), ModelProfile(model, provider), MAY_2024)
    assert price.usd == Decimal(usd)


def test_ratios_are_those_of_exact_values():
    book = PriceBook(krw_rate=Decimal(1300))
    opus = book.price(Usage(314, 0, 628), ModelProfile("claude-3-opus-20240229", "anthropic"), MAY_2024)
    gpt4 = book.price(Usage(300, 0, 736), ModelProfile("gpt-4-turbo", "openai"), MAY_2024)
    assert opus.krw is not None
    assert gpt4.krw is not None
    assert opus.usd is not None
    assert gpt4.usd is not None
    assert opus.krw == Decimal("67.353")
    assert opus.krw / gpt4.krw == opus.usd / gpt4.usd


def test_an_unknown_price_is_none_and_stays_none_in_a_sum():
    price = PriceBook().price(Usage(10, 0, 10), ModelProfile("no-such-model-9000", "nobody"), MAY_2024)
    bill = Bill() + price.bill(Usage(10, 0, 10))
    assert price.usd is None
    assert (bill.usd, bill.krw) == (None, None)
    assert "price unknown" in bill.line("en")
    assert "가격 정보 없음" in bill.line("ko")


def test_a_known_model_at_an_unknown_server_has_no_price():
    price = PriceBook().price(Usage(10, 0, 10), ModelProfile("gpt-4o-mini", "llm.example.ac.kr"), MAY_2024)
    assert (price.usd, price.units) == (None, None)


def test_a_provider_is_also_known_by_its_host():
    usage = Usage(1_000_000, 0, 1_000_000)
    by_name, by_host = (
        PriceBook().price(usage, ModelProfile("gpt-4o-mini", provider), MAY_2024)
        for provider in ("openai", "api.openai.com")
    )
    assert by_name == by_host
    assert by_name.usd == Decimal("0.75")


def test_unit_prices_are_those_of_the_prompt_s_size():
    november = datetime(2026, 11, 1, tzinfo=UTC)
    profile = ModelProfile("gpt-6-luna", "openai")
    small, large = (PriceBook().price(Usage(size, 0, 0), profile, november) for size in (1_000, 300_000))
    assert small.units == {"input": "0.1", "cached": "0.01", "output": "0.5"}
    assert small.usd == Decimal("0.0001")
    assert small.units
    assert large.units
    assert Decimal(large.units["input"]) > Decimal(small.units["input"])
    assert large.usd == Decimal(large.units["input"]) * 300_000 / 1_000_000


def test_a_model_on_this_machine_costs_nothing_and_says_so():
    price = PriceBook().price(Usage(10, 0, 10), ModelProfile("qwen3:8b", "ollama", local=True), MAY_2024)
    assert (price.usd, price.local) == (0, True)
    assert "로컬" in price.bill(Usage(10, 0, 10)).line("ko")


def test_an_override_goes_first_and_prices_the_cached_part():
    book = PriceBook({"mine": {"input": 1, "cached": "0.1", "output": 2}})
    price = book.price(Usage(1_000_000, 500_000, 1_000_000), ModelProfile("mine", "x", local=True), MAY_2024)
    assert price.usd == Decimal("2.55")
    assert price.units == {"input": "1", "cached": "0.1", "output": "2"}


def test_a_cached_prefix_costs_a_tenth():
    book = PriceBook()
    profile = ModelProfile("gpt-5-mini", "openai")
    now = datetime(2026, 11, 1, tzinfo=UTC)
    fresh, cached = (
        book.price(Usage(10_000, 0, 0), profile, now),
        book.price(Usage(10_000, 10_000, 0), profile, now),
    )
    assert cached.usd is not None
    assert cached.usd * 10 == fresh.usd


@pytest.mark.parametrize(
    "row", [{"input": 1}, {"input": "x", "output": 1}, {"input": 1, "output": -1}, {"in": 1}]
)
def test_an_override_that_cannot_be_read_is_named(row):
    with pytest.raises(ConfigError, match=r"prices\.mine"):
        PriceBook({"mine": row})


def test_bills_add_up_exactly():
    book = PriceBook()
    profile = ModelProfile("gpt-3.5-turbo", "openai")
    one = book.price(Usage(904, 0, 404), profile, MAY_2024).bill(Usage(904, 0, 404))
    total = sum([one] * 10, Bill())
    assert total.usd == Decimal("0.01058")
    assert total.requests == 10
    assert total.input_tokens == 9_040


def test_the_line_shows_small_sums_with_digits_that_say_something():
    price = PriceBook(krw_rate=Decimal(1400)).price(
        Usage(904, 0, 404), ModelProfile("gpt-3.5-turbo", "openai"), MAY_2024
    )
    line = price.bill(Usage(904, 512, 404)).line("en")
    assert "$0.0011" in line
    assert "₩1.48" in line
    assert "in 904 (cached 512)" in line
