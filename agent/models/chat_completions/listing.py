"""What a server's list of models says, in whatever shape; and what something else is that stands in its place."""

from __future__ import annotations

from typing import Any, cast

from ....memory.errors import OfficeHoursError, RateLimited, ServerUnreachable
from ....memory.text.server_words import is_web_page, said_in
from . import failures
from .failures import Where
from .wire import as_object

LISTING_SECONDS = 5.0
"""How long a server that was named may take to list its models."""

LISTING_BYTES = 4_000_000
"""Bytes of a list of models that are read."""

MOST_MODELS = 10_000
"""Models of one server that are looked at."""


def listed_models(body: str, where: Where) -> tuple[str, ...]:
    """Give the models in a list, in its order.

    Raises:
        BadReply: It is no such list.
    """
    names = _names(failures.read(body))
    if names is None:
        raise no_list(body, where)
    return names


def refused_list(status: int, body: str, where: Where) -> OfficeHoursError:
    """Say why a server gave no list of models."""
    error = failures.from_status(status, {}, body, where).error
    if isinstance(error, ServerUnreachable | RateLimited):  # it loads its model, or takes no requests
        return error
    if is_web_page(body):
        return no_list(body, where)
    said = said_in(body)
    return failures.no_models(where, f"HTTP {status}: {said}" if said else f"HTTP {status}")


def no_list(body: str, where: Where) -> OfficeHoursError:
    """Say what came instead of a list of models."""
    if is_web_page(body) or body.lstrip()[:1] == "<":
        return failures.not_a_reply(
            where, "a web page (perhaps a login page)", "웹 페이지(로그인 페이지일 수 있음)"
        )
    said = said_in(body)
    if said:
        return failures.no_models(where, said)
    return failures.not_a_reply(where, "something that is no list of models", "모델 목록이 아닌 것")


def _names(documents: object) -> tuple[str, ...] | None:
    """Find the names in `{"data": [{"id": …}]}`, in a bare list, or in a list called `models`; None where none is."""
    found = cast("list[Any]", documents) if isinstance(documents, list) else []
    if len(found) != 1:
        return None
    value, fields = found[0], as_object(found[0])
    told = fields.get("models") if fields.get("data") is None else fields["data"]
    listed: object = value if isinstance(value, list) else told  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(listed, list):
        return None
    entries = cast("list[object]", listed)[:MOST_MODELS]
    names = [entry if isinstance(entry, str) else _name(as_object(entry)) for entry in entries]
    if entries and not any(names):
        return None
    return tuple(dict.fromkeys(name for name in names if name))


def _name(entry: dict[str, Any]) -> str:
    found = next((entry[key] for key in ("id", "name", "model", "key") if entry.get(key)), "")
    return found if isinstance(found, str) else ""
