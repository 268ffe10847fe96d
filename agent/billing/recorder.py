"""The bill: every model call is recorded with its tokens, time, unit prices and exchange rate, in exact decimals."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ...memory.usage import Spent, UsageLog
from ..events import Bill, Notice
from ..model import ModelProfile, Usage
from ..settings import Clock, Limits, local_time
from .prices import PriceBook


class UsageRecorder:
    """Records and prices one student's model calls.

    Args:
        log: Where they are stored.
        prices: Unit prices and the exchange rate.
        limits: Holds the limits of the day.
        clock: Gives now, aware, in UTC.
        zone: Where the student's day begins and ends.
    """

    def __init__(self, log: UsageLog, prices: PriceBook, limits: Limits, clock: Clock, zone: str) -> None:
        self._log, self._prices, self._limits = log, prices, limits
        self._clock, self._zone = clock, zone

    def warm(self) -> None:
        """Load the price table in the background."""
        self._prices.warm()

    def record(
        self,
        usage: Usage,
        profile: ModelProfile,
        *,
        seconds: float,
        first: float | None = None,
        purpose: str = "turn",
        session_id: int | None = None,
        turn_id: int | None = None,
    ) -> Bill:
        """Record one call and give its bill."""
        now = self._clock()
        price = self._prices.price(usage, profile, now)
        self._log.add(
            Spent(
                model=profile.name,
                purpose=purpose,
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
                reasoning_tokens=usage.reasoning_tokens,
                estimated=usage.estimated,
                seconds=seconds,
                first_token_seconds=first,
                usd=price.usd,
                local=price.local,
                prices=price.units,
                krw_rate=str(price.krw_rate),
                krw_rate_date=price.krw_rate_date,
                created_at=now,
                session_id=session_id,
                turn_id=turn_id,
            )
        )
        return price.bill(usage)

    def spent_today(self) -> tuple[Decimal, Decimal]:
        """What the student's day has cost so far, in USD and KRW; calls without a known price count nothing."""
        now = local_time(self._clock(), self._zone)
        start = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
        rows = self._log.between(start, start + timedelta(days=1))
        usd = sum((row.usd or Decimal(0) for row in rows), Decimal(0))
        krw = sum(((row.usd or Decimal(0)) * Decimal(row.krw_rate or 0) for row in rows), Decimal(0))
        return usd, krw

    def daily_limit_reached(self) -> Notice | None:
        """Say that the day's limit is reached and what happens now, or None while it is not."""
        limits = self._limits
        if limits.daily_usd is None and limits.daily_krw is None:
            return None
        usd, krw = self.spent_today()
        over_usd = limits.daily_usd is not None and usd >= limits.daily_usd
        over_krw = limits.daily_krw is not None and krw >= limits.daily_krw
        if not (over_usd or over_krw):
            return None
        return Notice(
            "limit",
            f"Today's limit is reached (${usd:.4f}, ₩{krw:.0f}). Until midnight I answer with the embedded study "
            "model, which costs nothing; raise `limits.daily_usd` or `limits.daily_krw` to change that.",
            f"오늘의 비용 한도에 닿았습니다(${usd:.4f}, {krw:.0f}원). 자정까지는 비용이 들지 않는 내장 학습 모델로 답합니다. "
            "`limits.daily_usd` 나 `limits.daily_krw` 로 한도를 바꿀 수 있습니다.",
        )
