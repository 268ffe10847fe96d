"""Values that a person wrote, such as settings: closed forms only, each refusal with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from .dates import find_zone

_QUOTES = ('""', "''", "“”", "‘’")
_AROUND = "\ufeff\u200b\u200c\u200d\u2060\u00ad\0"
"""What an editor or a copied page leaves around a value, and nobody sees."""

_ENDPOINTS = ("/chat/completions", "/completions", "/embeddings", "/models")
"""Where requests go; documentation often shows an address with one of them behind it."""

_YEARS = range(1000, 9000)
"""Far enough from the calendar's ends: what is counted from a day, forwards or back, is a day too."""


class Unfit(ValueError):
    """What is wrong with a value, as it follows a colon."""

    def __init__(self, en: str, ko: str) -> None:
        super().__init__(en)
        self.en, self.ko = en, ko


def trimmed(value: str) -> str:
    """Take off what is no part of a value: the line end of a file from Windows, blanks, marks, one pair of quotes."""
    value = _bare(value)
    for before, after in _QUOTES:
        if len(value) > 1 and value[0] == before and value[-1] == after:
            return _bare(value[1:-1])
    return value


def _bare(value: str) -> str:
    before = None
    while value != before:
        before, value = value, value.strip().strip(_AROUND)
    return value


def plain_text(value: Any) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise Unfit("this is a text in quotes", "따옴표로 묶은 글이어야 합니다")
    value = trimmed(value)
    if not value.isprintable():
        raise Unfit(
            "it holds a character that cannot be seen, such as a line break",
            "줄바꿈처럼 보이지 않는 글자가 들어 있습니다",
        )
    return value


def http_address(value: Any) -> str:
    """Read the address of a server, whose form the HTTP clients will take too."""
    text = plain_text(value)
    example = Unfit(
        "an address begins with http:// or https://, as in http://127.0.0.1:8000/v1",
        "http://127.0.0.1:8000/v1처럼 http://나 https://로 시작하는 주소여야 합니다",
    )
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or " " in text:
        raise example
    if parts.query or parts.fragment:
        raise Unfit(
            "an address has no ? and no #, as in http://127.0.0.1:8000/v1",
            "http://127.0.0.1:8000/v1처럼 ?나 #가 없는 주소여야 합니다",
        )
    path = parts.path.rstrip("/")
    for end in _ENDPOINTS:
        path = path.removesuffix(end)
    return parts._replace(path=path.rstrip("/")).geturl()


def _parts(text: str) -> SplitResult | None:
    """Take an address apart; None where its host or port is none."""
    try:
        parts = urlsplit(text)
        (parts.hostname or "").encode("idna")
        return None if parts.port == 0 else parts
    except (ValueError, UnicodeError):
        return None


def window_size(value: Any) -> int:
    """Read a window's size in tokens."""
    unfit = Unfit("a window is 1024 to 10000000 tokens", "1024에서 10000000 사이의 토큰 수여야 합니다")
    try:
        window = int(trimmed(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError) as error:
        raise unfit from error
    if isinstance(value, bool) or not 1_024 <= window <= 10_000_000:
        raise unfit
    return window


def moment(value: Any) -> datetime:
    """Read a time; without a zone it is this machine's."""
    unfit = Unfit(
        "a time is written 2026-11-21T09:00:00+09:00",
        "2026-11-21T09:00:00+09:00처럼 적은 시각이어야 합니다",
    )
    try:
        now = value if isinstance(value, datetime) else datetime.fromisoformat(trimmed(str(value)))
        now = now if now.tzinfo else now.astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise unfit from error
    if now.year not in _YEARS:
        raise unfit
    return now


def calendar_day(value: Any) -> str:
    """Read a day."""
    try:
        return date.fromisoformat(trimmed(str(value))).isoformat()
    except ValueError as error:
        raise Unfit("a day is written 2026-11-21", "2026-11-21처럼 적은 날짜여야 합니다") from error


def known_zone(value: Any) -> str:
    """Read a zone's name that this machine knows."""
    name = trimmed(value) if isinstance(value, str) else ""
    if find_zone(name) is None:
        raise Unfit(
            "a zone is an IANA name such as Asia/Seoul", "Asia/Seoul 같은 IANA 시간대 이름이어야 합니다"
        )
    return name


def table(value: Any) -> dict[str, Any]:
    """Read a table."""
    if not isinstance(value, dict):
        raise Unfit("this is a table", "표([이름] 아래에 적는 값들)여야 합니다")
    return cast("dict[str, Any]", value)


def price_table(value: Any) -> dict[str, Any]:
    """Read a table of prices, a table for each model."""
    prices = table(value)
    if not all(isinstance(unit, dict) for unit in prices.values()):
        raise Unfit(
            "each model has a table of its own: [prices.NAME]", "모델마다 [prices.이름] 표가 있어야 합니다"
        )
    return prices


def one_of(*allowed: str) -> Callable[[Any], str]:
    """Give the reader of one of a few words."""

    def read(value: Any) -> str:
        word = trimmed(value) if isinstance(value, str) else value
        if word not in allowed:
            listed = ", ".join(allowed)
            raise Unfit(f"it is one of {listed}", f"{listed} 중 하나여야 합니다")
        return word

    return read


def positive(value: Any) -> Decimal:
    """Read a number above 0."""
    unfit = Unfit("it is a number above 0", "0보다 큰 수여야 합니다")
    try:
        number = Decimal(trimmed(str(value)))
    except InvalidOperation as error:
        raise unfit from error
    if not number.is_finite() or not 0 < number < Decimal("1e18"):
        raise unfit
    return number
