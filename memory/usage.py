"""What was spent: one row for every model call, money as exact decimals kept as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select

from .store import Database
from .store.schema import usage


@dataclass(frozen=True, slots=True)
class Spent:
    """One model call.

    Attributes:
        purpose: "turn", "retry" (an attempt that failed and still cost tokens), "compaction", "consolidation", "grading" or "part"
            (reading a part of a message too large).
        input_tokens: The whole prompt, the cached part included.
        seconds, first_token_seconds: Until the end of the reply, and until its first piece.
        usd: None where no price is known; 0 with `local` for a model on this machine.
        prices: Unit prices in USD per million tokens, as text, by kind.
        krw_rate, krw_rate_date: Won per dollar, as text, and the day that rate held.
    """

    model: str
    purpose: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    estimated: bool
    seconds: float
    first_token_seconds: float | None
    usd: Decimal | None
    local: bool
    prices: dict[str, str] | None
    krw_rate: str | None
    krw_rate_date: str | None
    created_at: datetime
    session_id: int | None = None
    turn_id: int | None = None


_COLUMNS = [
    usage.c[name]
    for name in [
        "model",
        "purpose",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "estimated",
        "seconds",
        "first_token_seconds",
        "usd",
        "local",
        "prices",
        "krw_rate",
        "krw_rate_date",
        "created_at",
        "session_id",
        "turn_id",
    ]
]
_BETWEEN = (
    select(*_COLUMNS)
    .where(
        usage.c.student_id == bindparam("student"),
        usage.c.created_at >= bindparam("start"),
        usage.c.created_at < bindparam("end"),
    )
    .order_by(usage.c.id)
)
_INSERT = insert(usage)


class UsageLog:
    """One student's spending.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock

    def add(self, spent: Spent) -> None:
        """Store one call; joins the transaction that stores its reply."""
        values: dict[str, Any] = {name.name: getattr(spent, name.name) for name in _COLUMNS}
        values["usd"] = None if spent.usd is None else str(spent.usd)
        with self._db.begin() as connection:
            connection.execute(_INSERT, values | {"student_id": self._student})

    def between(self, start: datetime, end: datetime) -> list[Spent]:
        """Give the calls from `start` (inclusive) to `end` (exclusive), oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(_BETWEEN, {"student": self._student, "start": start, "end": end})
            return [_spent(row) for row in rows.mappings()]


def _spent(row: RowMapping) -> Spent:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    values["usd"] = None if values["usd"] is None else Decimal(values["usd"])
    return Spent(**values)
