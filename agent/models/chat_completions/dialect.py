"""What a server takes and insists on, as data, and where it is written down.

A dialect belongs to a server and a model. It is learned from refusals (`lessons.py`) and kept in the home, so that
another process does not make the same failing request again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from ....memory.private import read_table, replace_private
from ...model import ModelProfile

LimitField = Literal["max_tokens", "max_completion_tokens", "max_output_tokens", ""]
CallContent = Literal["null", "empty", "text", "absent"]
Thoughts = Literal["calls", "all", "filled", "told", "none"]

KEPT_FOR = timedelta(days=30)
"""After this long a server is asked again in the usual way: it may have been brought up to date."""

KEPT_FOR_LOCAL = timedelta(days=1)
"""The same for a server on this machine, which is set up anew more often: with a larger window, another template."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a request is written for one server and model.

    Attributes:
        usage_option: It takes `stream_options`.
        parallel_option: It takes `parallel_tool_calls` (sent only where a profile forbids several calls).
        limit_field: Its name for the limit of a reply; "" sends none.
        streamed: It answers piece by piece.
        native_tools: It takes tools; else they are described in the prompt.
        plain_schemas: A tool's schema holds the commonest keywords only.
        call_content: What stands as the content of a message that has calls and no text.
        ids: The form of a call's id: each `#` is a letter or digit; "" leaves an id as it came.
        alternating: Users and assistants take turns, a user first.
        system_role: It knows system messages; else what they say begins the first user message.
        result_names: A tool's result names the tool.
        thoughts: What it gets back of a reply's extras: thoughts beside calls, all, all and a filler where there are
            none, calls that others made told as text, or nothing.
        thought_field: The field that a filler goes into.
        most_output: The largest limit of a reply that it takes.
        window: Its context window in tokens.
    """

    usage_option: bool = True
    parallel_option: bool = True
    limit_field: LimitField = "max_tokens"
    streamed: bool = True
    native_tools: bool = True
    plain_schemas: bool = False
    call_content: CallContent = "null"
    ids: str = ""
    alternating: bool = False
    system_role: bool = True
    result_names: bool = False
    thoughts: Thoughts = "calls"
    thought_field: str = "reasoning_content"
    most_output: int | None = None
    window: int | None = None

    def fit(self, profile: ModelProfile) -> ModelProfile:
        """The facts about a model with what was learned of them."""
        if self.window is not None and self.window < profile.window:
            profile = profile.with_window(self.window)
        if self.most_output is not None:
            profile = replace(profile, max_output=min(profile.max_output, self.most_output))
        return profile if self.native_tools else replace(profile, tools="text")


def origin(base_url: str, model: str) -> str:
    """Name a server and model; what an address holds of names and passwords is left out."""
    parts = urlsplit(base_url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')} {model}"


def _now() -> datetime:
    return datetime.now(UTC)


class Dialects:
    """The dialects that were learned, in a small file of the home.

    Losing it costs a refused request, so what cannot be read is passed over and what cannot be written is not kept.

    Args:
        file: The file; need not exist.
        clock: Gives the aware time.
    """

    def __init__(self, file: Path, clock: Callable[[], datetime] = _now) -> None:
        self._file, self._clock = file, clock

    def get(self, place: str, kept_for: timedelta = KEPT_FOR) -> Dialect | None:
        """Give the dialect of a server and model as `origin` names them; None where none was learned lately."""
        found = read_table(self._file).get(place)
        entry = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        try:
            if abs(self._clock() - datetime.fromisoformat(entry["learned"])) > kept_for:
                return None
        except (KeyError, TypeError, ValueError):
            return None
        return _dialect(entry)

    def put(self, place: str, dialect: Dialect) -> None:
        """Write a dialect down; another process that writes at the same moment may cost one of the two."""
        entries = read_table(self._file) | {place: asdict(dialect) | {"learned": self._clock().isoformat()}}
        with suppress(OSError):
            replace_private(self._file, json.dumps(entries, indent=1, ensure_ascii=False))


_KINDS: dict[str, re.Pattern[str]] = {
    "limit_field": re.compile("|max_tokens|max_completion_tokens|max_output_tokens"),
    "call_content": re.compile("null|empty|text|absent"),
    "thoughts": re.compile("calls|all|filled|told|none"),
    "thought_field": re.compile(r"\w{1,40}"),
    "ids": re.compile(r"[\w#.:-]{0,64}"),
}
"""What the texts of a dialect may be: the file may have been written by another version, or by hand."""


def _dialect(entry: dict[str, Any]) -> Dialect | None:
    values = {field.name: entry.get(field.name, field.default) for field in fields(Dialect)}
    for name, value in values.items():
        usual = getattr(Dialect(), name)
        fits = (
            value is None or (type(value) is int and value > 0)
            if usual is None
            else type(value) is type(usual)
            and (name not in _KINDS or _KINDS[name].fullmatch(value) is not None)
        )
        if not fits:
            return None
    return Dialect(**values)
