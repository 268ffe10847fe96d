"""How long a server asks to wait, and whether it says that credit is out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from officehours.agent.models.chat_completions.reading.waits import LONGEST_WAIT, credit_is_out, wait_named

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
SOON = int(NOW.timestamp()) + 12
USED, LEFT = "0", "100"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "2s"}, 2),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Thu, 26 Nov 2026 14:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 26 Nov 2026 13:00:30 GMT"}, None),
        ({"retry-after": "2026-11-26T14:00:09Z"}, 9),
        ({"retry-after": str(SOON)}, 12),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 26 Nov 99999 14:00:30 GMT"}, None),
        ({"retry-after": "9" * 400}, LONGEST_WAIT),
        ({"x-ratelimit-reset": str(SOON)}, 12),
        ({"x-ratelimit-reset": str(SOON * 1000)}, 12),
        ({"x-ratelimit-reset-tokens": "120ms"}, 0.12),
        ({"ratelimit-reset": "7"}, 7),
        ({"x-ratelimit-reset-after": "3.5"}, 3.5),
        ({"anthropic-ratelimit-requests-reset": "2026-11-26T14:00:09Z"}, 9),
        (
            {
                "x-ratelimit-reset-requests": "1m3.5s",
                "x-ratelimit-remaining-requests": USED,
                "x-ratelimit-reset-tokens": "6ms",
                "x-ratelimit-remaining-tokens": LEFT,
            },
            63.5,
        ),
        ({"x-ratelimit-reset-requests": "8h", "x-ratelimit-remaining-requests": LEFT}, None),
        ({"retry-after": "5", "x-ratelimit-reset": "50"}, 5),
    ],
)
def test_waits_in_headers_are_read(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_named(headers, None, "", NOW) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Rate limit reached: Limit 30000, Used 29500, Requested 1200. Please try again in 1.4s. Visit x", 1.4),
        ("Please try again in 1m3.5s.", 63.5),
        ("Please retry in 2.5s.", 2.5),
        ("retry after 20 seconds", 20),
        ("Please retry after 1 second.", 1),
        ("try again in 350ms", 0.35),
        ("Try again in 1 hour 2 minutes", 3720),
        ("Wait 2 minutes before retrying", 120),
        ("please wait 5 seconds and try again", 5),
        ("Requests rate limit exceeded, please try again 3 seconds later.", 3),
        ("retry_after: 8", 8),
        ("20초 후에 다시 시도해 주세요", 20),
        ("1분 30초 뒤에 다시 시도해 주세요", 90),
        ("Limit 30000 tokens per 60s exceeded", None),
        ("Too many requests", None),
        ("try again in " + "9" * 400 + "s", None),
    ],
)  # fmt: skip
def test_waits_in_words_are_read(said: str, seconds: float | None) -> None:
    found = wait_named({}, None, said, NOW)

    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"error": {"details": [{"@type": "google.rpc.RetryInfo", "retryDelay": "2.5s"}]}}, 2.5),
        ([{"error": {"details": [{"retryDelay": {"seconds": 3, "nanos": 500_000_000}}]}}], 3.5),
        ({"retry_after": 4.2}, 4.2),
        ({"error": {"retry_after_ms": 900}}, 0.9),
        ({"error": {"retryAfter": "6"}}, 6),
        ({"error": {"metadata": {"headers": {"X-RateLimit-Reset": str(SOON * 1000)}}}}, 12),
        ({"retry_after": float("inf")}, LONGEST_WAIT),
        ({"retry_after": 10**400}, LONGEST_WAIT),
        ({"retry_after": float("nan")}, None),
        ({"retry_after": -3}, None),
        ({"retry_after": True}, None),
        ({"retry_after": "1e999"}, None),
        ({"retry_after": [1, {}]}, None),
    ],
)
def test_waits_in_bodies_are_read(body: Any, seconds: float | None) -> None:
    found = wait_named({}, body, "", NOW)

    assert found == (None if seconds is None else pytest.approx(seconds))


QUOTA = "You exceeded your current quota, please check your plan and billing details."


@pytest.mark.parametrize(
    ("status", "said", "names", "out"),
    [
        (402, "", "", True),
        (429, QUOTA, "insufficient_quota", True),
        (429, QUOTA, "429 RESOURCE_EXHAUSTED", False),
        (400, "Your credit balance is too low to access the API.", "invalid_request_error", True),
        (403, "Your team doesn't have any credits yet.", "", True),
        (403, "Your team has used all available credits or reached its monthly limit.", "", True),
        (429, "Insufficient Balance", "", True),
        (429, "余额不足或无可用资源包,请充值。", "1113", True),
        (429, "Rate limit reached for requests", "rate_limit_exceeded", False),
        (429, "Quota exceeded for quota metric 'Generate requests per minute'", "", False),
        (429, "The load balancer has no upstream; tokens per minute exceeded", "", False),
        (429, "Daily limit of free requests reached. Add credits to raise it", "", False),
        (403, "Forbidden", "", False),
        (500, "credit balance service is down", "", False),
    ],
)
def test_credit_is_out_only_where_it_says_so(status: int, said: str, names: str, out: bool) -> None:
    assert credit_is_out(status, said, names) is out
