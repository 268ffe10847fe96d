"""What columns hold beside the database's own types: times that are aware, and words that are clean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ..text import clean, clean_line


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on every database and handed back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  SQLAlchemy gives it by name
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the database")
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: Any | None,
        dialect: Dialect,  # noqa: ARG002  SQLAlchemy gives it by name
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text, cleaned where it enters: whoever writes, nothing is kept that a screen or a model would obey.

    It is cleaned on its way out too, for stores that were written before.
    """

    impl = Text
    cache_ok = True
    _fit = staticmethod(clean)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self._fit(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self._fit(value)


class Line(Words):
    """A name, a title, a place: clean, and one line."""

    cache_ok = True
    _fit = staticmethod(clean_line)


class Values(TypeDecorator[Any]):
    """JSON whose texts are clean; None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return _cleaned(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return _cleaned(value)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [_cleaned(entry) for entry in cast("Sequence[Any]", value)]
        case dict():
            return {key: _cleaned(entry) for key, entry in cast("Mapping[str, Any]", value).items()}
        case _:
            return value
