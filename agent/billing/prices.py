"""What a model call costs, in exact decimals: US dollars at list prices, and won at a dated exchange rate.

Prices come from genai-prices, which is offline and knows their history by date; a table in the settings goes before
it. A model without a known price has none (None, never 0); a model on this machine costs 0 and says that it is local.
Nothing is ever computed from a rounded, displayed value.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ...memory.errors import ConfigError
from ...memory.lazy import load_whole
from ..events import Bill
from ..model import ModelProfile, Usage

KRW_RATE = Decimal(1400)
"""Won per dollar where the settings name no rate: a round figure of the day below, not a market quote."""

KRW_RATE_DATE = "2026-11-01"
"""The day the shipped rate was written down."""

MILLION = Decimal(1_000_000)
KINDS = ("input", "cached", "output")


@dataclass(frozen=True, slots=True)
class Price:
    """What one call cost.

    Attributes:
        usd: None where no price is known.
        units: USD per million tokens by kind (`input`, `cached`, `output`), as text; None where unknown or local.
        local: The model runs on this machine and costs nothing.
        krw_rate: Won per dollar; `krw_rate_date` is the day it held.
    """

    usd: Decimal | None
    units: dict[str, str] | None
    local: bool
    krw_rate: Decimal
    krw_rate_date: str

    @property
    def krw(self) -> Decimal | None:
        """The same in won."""
        return None if self.usd is None else self.usd * self.krw_rate

    def bill(self, usage: Usage) -> Bill:
        """Write the bill of one call."""
        return Bill(
            1,
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            self.usd,
            self.krw,
            self.local,
            usage.estimated,
        )


class PriceBook:
    """Unit prices and the exchange rate.

    Args:
        overrides: Per model name, USD per million tokens: `{"my-model": {"input": 0.5, "cached": 0.05, "output": 1.5}}`;
            `cached` may be left out and then costs as `input`.
        krw_rate: Won per dollar; the shipped rate by default. `krw_rate_date` is the day it held.

    Raises:
        ConfigError: An override is not a table of numbers.
    """

    def __init__(
        self,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
        krw_rate: Decimal | None = None,
        krw_rate_date: str | None = None,
    ) -> None:
        self._own = {name: _units(name, row) for name, row in (overrides or {}).items()}
        self._krw = krw_rate or KRW_RATE
        self._krw_date = (krw_rate_date or "") if krw_rate else KRW_RATE_DATE

    def warm(self) -> None:
        """Load the price table in the background."""
        threading.Thread(target=_snapshot, name="prices", daemon=True).start()

    def price(self, usage: Usage, profile: ModelProfile, when: datetime) -> Price:
        """Price one call at the prices of its day.

        Args:
            when: When the call was made, aware.
        """
        own = self._own.get(profile.name)
        if own is not None:
            return self._price(_total(usage, own), {k: str(v) for k, v in own.items()}, local=False)
        if profile.local:
            return self._price(Decimal(0), None, local=True)
        return self._price(*_listed(usage, profile, when), local=False)

    def _price(self, usd: Decimal | None, units: dict[str, str] | None, *, local: bool) -> Price:
        return Price(usd, units, local, self._krw, self._krw_date)


def _units(name: str, row: Mapping[str, Any]) -> dict[str, Decimal]:
    try:
        units = {kind: Decimal(str(row[kind])) for kind in KINDS if kind in row}
    except (InvalidOperation, TypeError, AttributeError):
        units = {}
    unknown = set(row) - set(KINDS)
    if (
        unknown
        or "input" not in units
        or "output" not in units
        or any(not v.is_finite() or v < 0 for v in units.values())
    ):
        raise ConfigError(
            f"prices.{name}: give `input` and `output` (and `cached`) in USD per million tokens, as numbers.",
            f"prices.{name}: `input`과 `output`(그리고 `cached`)을 토큰 100만 개당 달러로, 숫자로 적어 주세요.",
        )
    return {"cached": units["input"], **units}


def _total(usage: Usage, units: Mapping[str, Decimal]) -> Decimal:
    fresh = usage.input_tokens - usage.cached_tokens
    return (
        fresh * units["input"] + usage.cached_tokens * units["cached"] + usage.output_tokens * units["output"]
    ) / MILLION


def _listed(
    usage: Usage, profile: ModelProfile, when: datetime
) -> tuple[Decimal | None, dict[str, str] | None]:
    """Look a price up at the provider, by its name or by its host; nobody else's price is taken for it."""
    calc_price, counted = _snapshot()
    tokens = counted(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    for where in ({"provider_id": profile.provider}, {"provider_api_url": f"https://{profile.provider}/"}):
        try:
            found = calc_price(tokens, profile.name, genai_request_timestamp=when, **where)
        except (LookupError, ValueError):
            continue
        price = found.model_price
        named = {"input": "input_mtok", "cached": "cache_read_mtok", "output": "output_mtok"}
        units = {
            kind: str(_at_size(value, usage.input_tokens))
            for kind, name in named.items()
            if (value := getattr(price, name, None)) is not None
        }
        return found.total_price, units
    return None, None


def _at_size(price: Any, input_tokens: int) -> Decimal:
    """Give the unit price that holds for a prompt of this size; some rise above a threshold."""
    tiers = [tier for tier in getattr(price, "tiers", ()) if input_tokens > tier.start]
    return max(tiers, key=lambda tier: tier.start).price if tiers else getattr(price, "base", price)


def _snapshot() -> Any:
    load_whole("genai_prices")
    from genai_prices import Usage as Counted
    from genai_prices import calc_price

    return calc_price, Counted
