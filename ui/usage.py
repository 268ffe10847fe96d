"""`officehours usage`: what was spent, in tokens, dollars and won."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from ..agent.billing.report import UsageReport, UsageTotals, usage_report
from ..memory.usage import UsageLog
from .sessions import open_sessions
from .terminal.say import echo, localized, many, print_json

SHOWN = 14
"""How many days, months, conversations and models a person is shown, the last ones."""


def usage(student: str | None, *, as_json: bool) -> None:
    """Print what a student's talks cost."""
    with open_sessions(student) as sessions:
        found = usage_report(
            UsageLog(sessions.db, sessions.student.id, sessions.clock), sessions.clock(), sessions.zone
        )
    if as_json:
        print_json(_document(found))
        return
    for line in usage_lines(found):
        echo(line)


def usage_lines(found: UsageReport) -> Iterator[str]:
    """Give accounts for a person."""
    rows = [
        (localized("today", "오늘"), found.today),
        (localized("this month", "이번 달"), found.month),
        (localized("in all", "모두"), found.total),
    ]
    yield from _table(rows)
    for accounts_of in (found.by_month, found.by_day, found.by_session, found.by_model):
        if len(accounts_of) > 1:
            yield ""
            rows = list(accounts_of.items())[-SHOWN:]
            yield from _table(
                [(name or localized("deleted", "지운 대화"), account) for name, account in rows]
            )


def _table(rows: list[tuple[str, UsageTotals]]) -> Iterator[str]:
    from .terminal.columns import columns

    yield from columns([(name, *_cells(account)) for name, account in rows], right={1, 2, 3, 4, 5})


def _cells(account: UsageTotals) -> tuple[str, ...]:
    unknown = (
        localized(f"{account.unpriced} unpriced", f"가격 모름 {account.unpriced}") if account.unpriced else ""
    )
    return (
        localized(many(account.requests, "request"), f"요청 {account.requests:,}"),
        localized(f"in {account.input_tokens:,}", f"입력 {account.input_tokens:,}"),
        localized(f"out {account.output_tokens:,}", f"출력 {account.output_tokens:,}"),
        "" if account.usd is None else f"${account.usd:.4f}",
        "" if account.krw is None else localized(f"₩{account.krw:,.0f}", f"{account.krw:,.0f}원"),
        unknown,
    )


def _document(found: UsageReport) -> dict[str, Any]:
    return {field.name: _plain(getattr(found, field.name)) for field in dataclasses.fields(found)}


def _plain(value: UsageTotals | Mapping[str, UsageTotals]) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {name: _plain(account) for name, account in value.items()}
    plain = dataclasses.asdict(value)
    return plain | {name: None if plain[name] is None else float(plain[name]) for name in ("usd", "krw")}
