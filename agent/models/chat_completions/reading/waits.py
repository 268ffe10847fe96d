"""How long a server asks to wait, in whatever header or words it says so; and whether an account's credit is out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from .....memory.text.server_words import BODY, fields_of
from ..wire import as_object

LONGEST_WAIT = 7 * 86_400.0
"""Seconds; who asks for more than a week is taken to ask for a week."""

LONGEST_VALUE = 1000
"""Characters of a header that are read as a time."""

_UNITS = {
    "d": 86_400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "일": 86_400.0,
    "시": 3600.0,
    "분": 60.0,
    "초": 1.0,
}
_PART = r"[0-9]{1,12}(?:\.[0-9]{1,9})?\s*(?:milliseconds?|msecs?|ms|µs|us|ns|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_DURATION = rf"(?:{_PART}\s*)+(?![a-z])"
_PARTS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zµ]+|[일시분초])", re.IGNORECASE)
_TOLD = (
    re.compile(
        rf"(?:again|retry\w*|wait\w*|resets?|available|after)\b[^0-9.]{{0,40}}?\b({_DURATION})", re.IGNORECASE
    ),
    re.compile(rf"({_DURATION})\s*(?:before|and (?:then )?(?:re)?try|until|later)", re.IGNORECASE),
    re.compile(r"((?:[0-9]{1,12}(?:\.[0-9]+)?\s*(?:일|시간|분|초)\s*)+)(?:후|뒤|이후|동안|기다)"),
    re.compile(r"retry[-_ ]after\W{1,4}([0-9]{1,12}(?:\.[0-9]+)?)(?![0-9a-z])", re.IGNORECASE),
)
_FIELDS = {
    "retrydelay": 1.0, "retryafter": 1.0, "retryaftersecs": 1.0, "retryafterseconds": 1.0, "retryafterms": 0.001,
    "retryaftermilliseconds": 0.001, "waitseconds": 1.0, "secondstowait": 1.0, "resetsinseconds": 1.0,
}  # fmt: skip
_NO_CREDIT = re.compile(
    r"insufficient[_ ](?:quota|balance|credits?|funds|account)|(?:credit|account) balance|balance (?:is )?(?:too low|insufficient"
    r"|not enough)|(?:not enough|out of|no (?:more |remaining )?|any|more|used (?:all|up)(?: \w+){0,2}|exhausted(?: \w+){0,2}) "
    r"?(?:credits?|balance)\b|credits? (?:\w+ ){0,3}(?:exhausted|depleted|used up|run out|expired)|billing_(?:hard_limit|not_active)"
    r"|payment[_ ]required|billing hard limit|余额不足|欠费|잔액|크레딧이? 부족",
    re.IGNORECASE,
)


def wait_named(
    headers: Mapping[str, str], body: object, said: str, now: datetime | None = None
) -> float | None:
    """Read how many seconds a server asks to wait; None where it does not say, or says none.

    Args:
        headers: Names in lower case.
        body: The error's body, read.
        said: The server's own words in it.
        now: What dates are counted from; aware.
    """
    now = now or datetime.now(UTC)
    inner = next((value for key, value in fields_of(body) if key == "headers"), None)
    lowered = {key.lower(): str(value) for key, value in as_object(inner).items()}
    ways = (
        lambda: _after(headers, now),
        lambda: _in_fields(body),
        lambda: _after(lowered, now),
        lambda: _in_words(said),
        lambda: _resets(headers, now),
        lambda: _resets(lowered, now),
    )
    for way in ways:
        seconds = way()
        if seconds is not None and seconds > 0:
            return min(seconds, LONGEST_WAIT)
    return None


def credit_is_out(status: int, said: str, names: str) -> bool:
    """Whether a refusal says that an account has nothing left to pay with; to ask again later would not help."""
    return status == 402 or (status in {400, 403, 429} and _NO_CREDIT.search(f"{said} {names}") is not None)


def _after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read Retry-After, in seconds or as an HTTP date (RFC 9110, 10.2.3), and its sisters."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    return _moment(headers.get("retry-after", ""), now)


def _resets(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read when a limit is lifted: of those that are used up the last, else the first of those that are named."""
    used, named = list[float](), list[float]()
    for name, value in headers.items():
        if "ratelimit" not in name.replace("-", "") or "reset" not in name:
            continue
        seconds = _moment(value, now)
        if seconds is None:
            continue
        left = _number(headers.get(name.replace("reset", "remaining", 1), ""))
        if left is None:
            named.append(seconds)
        elif left <= 0:
            used.append(seconds)
    return max(used, default=None) if used else min(named, default=None)


def _in_fields(body: object) -> float | None:
    for key, value in fields_of(body):
        factor = _FIELDS.get(key.lower().replace("_", "").replace("-", ""))
        if factor is None:
            continue
        if isinstance(value, dict):
            parts = cast("dict[str, Any]", value)
            value = _amount(parts.get("seconds"), 1.0) + _amount(parts.get("nanos"), 1e-9)  # noqa: PLW2901
        seconds = _amount(value, factor) if isinstance(value, int | float) else _text(str(value), factor)
        if seconds:
            return seconds
    return None


def _in_words(said: str) -> float | None:
    for pattern in _TOLD:
        found = pattern.search(said[:BODY])
        if found:
            return _text(found[1], 1.0)
    return None


def _moment(text: str, now: datetime) -> float | None:
    """Read seconds, a duration, a date, or a count of seconds or milliseconds since 1970."""
    text = text.strip()[:LONGEST_VALUE]
    number = _number(text)
    if number is not None:
        since = now.timestamp()
        for scale in (1.0, 1000.0):
            if 0.5 * since < number / scale < 2 * since:
                return max(0.0, number / scale - since)
        return number
    duration = _text(text, 1.0)
    if duration is not None:
        return duration
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text)
            return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _text(text: str, factor: float) -> float | None:
    """Read "20", "2.5s", "1m3.5s" or "350 ms" as seconds; None where it is none of them."""
    number = _number(text)
    if number is not None:
        return number * factor
    parts = _PARTS.findall(text)
    if not parts or _PARTS.sub("", text).strip(" ,간"):
        return None
    return sum(_amount(float(count), _unit(unit.lower())) for count, unit in parts)


def _unit(unit: str) -> float:
    if unit in {"ms", "msec", "msecs", "millisecond", "milliseconds"}:
        return 0.001
    return 0.0 if unit in {"us", "µs", "ns"} else _UNITS.get(unit[0], 0.0)


def _number(text: str) -> float | None:
    return _amount(float(text), 1.0) if re.fullmatch(r"\s*[0-9]+(?:\.[0-9]+)?\s*", text) else None


def _amount(value: object, factor: float) -> float:
    """Give a number of any kind as seconds that can be counted with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    seconds = float(min(value, 1e15)) * factor if value == value else 0.0  # noqa: PLR0124 - only NaN is not itself
    return min(seconds, 1e15) if math.isfinite(seconds) and seconds > 0 else 0.0
