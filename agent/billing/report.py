"""What was spent, added up: by day, by month, by conversation and by model, in exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from ...memory.usage import Spent, UsageLog
from ..settings import local_time

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """What a number of model calls cost together.

    Attributes:
        usd, krw: Of the calls whose price is known; None where none of them has one.
        unpriced: Calls without a known price.
    """

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = None
    krw: Decimal | None = None
    unpriced: int = 0

    def plus(self, call: Spent) -> UsageTotals:
        """The account with one more call."""
        usd, krw = self.usd, self.krw
        if call.usd is not None:
            usd = (usd or Decimal(0)) + call.usd
            krw = (krw or Decimal(0)) + call.usd * Decimal(call.krw_rate or 0)
        return replace(
            self,
            requests=self.requests + 1,
            input_tokens=self.input_tokens + call.input_tokens,
            cached_tokens=self.cached_tokens + call.cached_tokens,
            output_tokens=self.output_tokens + call.output_tokens,
            usd=usd,
            krw=krw,
            unpriced=self.unpriced + (call.usd is None),
        )


@dataclass(frozen=True, slots=True)
class UsageReport:
    """All accounts of a student; days and months are the student's own, the oldest first."""

    total: UsageTotals
    today: UsageTotals
    month: UsageTotals
    by_day: dict[str, UsageTotals]
    by_month: dict[str, UsageTotals]
    by_session: dict[str, UsageTotals]
    by_model: dict[str, UsageTotals]


def usage_report(log: UsageLog, now: datetime, zone: str) -> UsageReport:
    """Add up everything a student's model calls cost."""
    calls = log.between(LONG_AGO, FAR_AHEAD)

    def day(call: Spent) -> str:
        return f"{local_time(call.created_at, zone):%Y-%m-%d}"

    by_day = _grouped(calls, day)
    by_month = _grouped(calls, lambda call: day(call)[:7])
    today = f"{local_time(now, zone):%Y-%m-%d}"
    return UsageReport(
        total=_grouped(calls, lambda _: "").get("", UsageTotals()),
        today=by_day.get(today, UsageTotals()),
        month=by_month.get(today[:7], UsageTotals()),
        by_day=by_day,
        by_month=by_month,
        by_session=_grouped(calls, lambda call: f"s{call.session_id}" if call.session_id else ""),
        by_model=_grouped(calls, lambda call: call.model),
    )


def _grouped(calls: Iterable[Spent], key: Callable[[Spent], str]) -> dict[str, UsageTotals]:
    found: dict[str, UsageTotals] = {}
    for call in calls:
        name = key(call)
        found[name] = found.get(name, UsageTotals()).plus(call)
    return found
