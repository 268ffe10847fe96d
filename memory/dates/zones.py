"""Whose days are meant: zones by their names, whether or not this machine knows them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def find_zone(name: str) -> tzinfo | None:
    """Read a zone's name: IANA, or an offset like "+09:00"; None where this machine does not know it."""
    try:
        if name[:1] in {"+", "-"}:
            return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder of zones is an OSError
        return None


def zone_of(name: str) -> tzinfo:
    """Read a zone's name; UTC where this machine does not know it."""
    return find_zone(name) or UTC
