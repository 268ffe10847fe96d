"""How much of what others wrote is taken in: sizes, depths, lengths and times, checked where they enter."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from ..errors import BadImport
from ..text import clean_line, mask_secrets, normalize

LARGEST_FILE = 256 * 1024 * 1024
"""The most bytes of one file, or of one file in a zip, that an import reads."""

LARGEST_PACKAGE = 1024 * 1024 * 1024
"""The most bytes that the conversations of one zip or folder hold together."""

LARGEST_DIRECTORY = 32 * 1024 * 1024
"""The most bytes of a zip's own list of what is in it: some 300,000 files."""

LARGEST_COURSE_FILE = 16 * 1024 * 1024
"""The most bytes of a course file: three Bibles."""

DEEPEST = 100
"""The most brackets inside each other in JSON; what programs export has some twenty."""

MOST_VALUES = 10_000_000
"""The most values in a JSON document: beyond that it takes more memory than a laptop has."""

LONGEST_CONTENT = 1_000_000
"""The most characters in one message, note or passage that is imported."""

LONGEST_ID = 200
"""The most characters of an id; of a longer one the beginning and a digest are kept."""

LONGEST_TITLE = 200
"""The most characters of a conversation's title that are kept."""

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Between which times something can have been said; at the calendar's ends a time cannot be shown in every zone."""

_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{},]', re.DOTALL)


def parse_json(text: str) -> Any:
    """Read JSON that anybody may have written; NaN and Infinity, which JSON does not have, are null.

    Raises:
        BadImport: It is too deep or holds too much.
        ValueError: It is not JSON.
    """
    opened = text.count("[") + text.count("{")
    if opened > DEEPEST or opened + text.count(",") > MOST_VALUES:
        _measure(text)
    return json.loads(text, parse_constant=lambda _: None)


def _measure(text: str) -> None:
    depth = values = 0
    for found in _STRUCTURE.finditer(text):
        match found[0]:
            case "[" | "{":
                depth += 1
                values += 1
            case "]" | "}":
                depth -= 1
            case ",":
                values += 1
            case _:
                continue
        if depth > DEEPEST or values > MOST_VALUES:
            raise BadImport(
                f"This JSON is nested more than {DEEPEST} deep or holds more than {MOST_VALUES:,} values, so it was not "
                "read. Split it and import the parts.",
                f"JSON이 {DEEPEST}단계보다 깊거나 값이 {MOST_VALUES:,}개보다 많아 읽지 않았습니다. 나누어서 가져와 주세요.",
            )


def refuse_size(name: str, size: int, limit: int) -> None:
    """Refuse what is larger than its bound.

    Raises:
        BadImport: It is.
    """
    if size > limit:
        most = limit // (1024 * 1024)
        raise BadImport(
            f"{name} is larger than {most} MB, so it was not read. Split it and try again.",
            f"{name}: {most}MB보다 커서 읽지 않았습니다. 나누어서 다시 시도해 주세요.",
        )


def digest(*values: object) -> str:
    """Give a short name for values that are always the same."""
    joined = "\x1f".join(str(value) for value in values)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def fit_id(identity: str) -> str:
    """Give an id as every database takes it and keeps it: what cannot be seen is escaped, and it is not too long."""
    plain = identity.encode("utf-8", "backslashreplace").decode()
    shown = "".join(c if clean_line(f"x{c}x") == f"x{c}x" else f"\\u{ord(c):04x}" for c in plain)
    if clean_line(shown) == shown and len(shown) <= LONGEST_ID:
        return shown
    return f"{clean_line(shown)[: LONGEST_ID // 2]}~{digest(identity)}"


def fit_title(title: object) -> str:
    """Give a title in one line, not too long; "" where it is none."""
    return mask_secrets(" ".join(normalize(title).split()))[:LONGEST_TITLE] if isinstance(title, str) else ""


def believed(time: datetime) -> datetime | None:
    """Give a time at which something can have been said, else None."""
    try:
        return time if EARLIEST <= time < LATEST else None
    except OverflowError:
        return None


def epoch(value: object) -> datetime | None:
    """Read seconds since 1970, as a number or as text, or ISO 8601; None where it is no time to believe."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return believed(datetime.fromtimestamp(float(value), UTC))
    except (OverflowError, OSError, ValueError):
        pass
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time and believed(time if time.tzinfo else time.replace(tzinfo=UTC))
