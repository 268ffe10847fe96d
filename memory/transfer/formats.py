"""Reading what other programs wrote: JSON Lines, a ChatGPT export, Letta's agent file. Pure: a text in, entries out.

The format is recognised by what is in the file, not by its name. One entry that cannot be read does not keep the others
from being taken in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

from ..dates import zone_of
from ..errors import BadImport
from ..text import mask_secrets
from .bounds import believed, fit_id, fit_title, parse_json
from .chatgpt import read_chatgpt
from .letta import is_agent_file, read_letta
from .records import Entry, Json, Place, Record, Unreadable, at, bad, told_apart

KINDS = frozenset({"message", "passage", "fact", "note"})
ROLES = frozenset({"user", "assistant", "system", "tool"})

TEXTS = ("name", "session", "subject", "source", "locator")
"""Further keys of a JSON line that are text where they are there."""

LONGEST_ROLE = 16
"""The most letters of a role, which is a short word."""

READ = (
    "ChatGPT's export, JSON Lines, Letta's agent files and what `memory export` writes",
    "ChatGPT 내보내기, JSON Lines, Letta 에이전트 파일, `memory export`로 만든 파일",
)
"""What can be read, in both languages."""

_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?!\d)(.*)")


def read_entries(text: str, name: str, zone: str) -> Iterator[Entry]:
    """Give what is in a file, in its order.

    Args:
        text: JSON Lines, one of a ChatGPT export's `conversations.json`, or a Letta agent file.
        name: The file's, for what is said of it.
        zone: IANA name of the zone for times that name none.

    Raises:
        BadImport: It is none of these.
    """
    whole: Any = _whole_json(text)
    held: Any = at(whole, "conversations") or whole
    listed = cast("list[object]", held) if isinstance(held, list) else None
    if is_agent_file(whole):
        return told_apart(read_letta(cast("Json", whole)))
    if at(whole, "mapping") is not None:
        return told_apart(read_chatgpt([whole]))
    if listed and any(isinstance(at(talk, "mapping"), dict) for talk in listed):
        return told_apart(read_chatgpt(listed))
    if not text.strip():
        raise BadImport("The file is empty: nothing was imported.", "빈 파일이라 가져올 것이 없습니다.")
    several = "\n" in text.strip()
    if listed is not None and (listed or not several):
        raise _odd(name, listed)
    if whole is not None and several and not isinstance(at(whole, "content"), str):
        raise _odd(name, [whole])
    return told_apart(_json_lines(text, zone_of(zone)))


def _whole_json(text: str) -> object:
    """Read a file that is one JSON document, else None."""
    text = text.strip()
    if not text.startswith(("{", "[")):
        return None
    try:
        return parse_json(text)
    except ValueError:
        return None
    except BadImport:
        if _begins_with_a_line(text):  # what is too much is too much on its line only
            return None
        raise


def _begins_with_a_line(text: str) -> bool:
    try:
        parse_json(text.partition("\n")[0])
    except ValueError:
        return False
    except BadImport:
        pass
    return True


# JSON Lines


def _json_lines(text: str, zone: tzinfo) -> Iterator[Entry]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        here = Place(f"line {number}", f"{number}번째 줄")
        if line.strip():
            yield _line(here, line, zone)


def _line(here: Place, line: str, zone: tzinfo) -> Entry:
    try:
        row = parse_json(line)
    except json.JSONDecodeError as error:
        begin = error.pos + 1
        return bad(here, f"not JSON from character {begin} on", f"{begin}번째 글자부터 JSON이 아닙니다")
    except (ValueError, BadImport):
        return bad(
            here, "its numbers or brackets are too many to read", "숫자나 괄호가 너무 많아 읽을 수 없습니다"
        )
    if not isinstance(row, dict):
        return bad(here, "not a JSON object", "JSON 객체가 아닙니다")
    return _record(here, cast("Json", row), zone)


def _record(here: Place, row: Json, zone: tzinfo) -> Record | Unreadable:
    kind = row.get("kind") or "message"
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        return bad(
            here,
            f"kind {_short(kind)} is none of {known}",
            f"kind {_short(kind)}은(는) {known} 중 하나가 아닙니다",
        )
    role = row.get("role") or ("user" if kind == "message" else "source")
    if not isinstance(role, str) or len(role) > LONGEST_ROLE or (kind == "message" and role not in ROLES):
        return bad(here, f"role {_short(role)} is unknown", f"role {_short(role)}을(를) 알 수 없습니다")
    content = row.get("content")
    if not isinstance(content, str):
        return bad(here, '"content" must be text', '"content"에 글이 있어야 합니다')
    odd = next((key for key in TEXTS if not isinstance(row.get(key), str | None)), None)
    if odd is not None:
        return bad(here, f'"{odd}" must be text', f'"{odd}"는 글이어야 합니다')
    tags: Any = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in cast("list[Any]", tags)):
        return bad(here, '"tags" must be a list of texts', '"tags"는 글의 목록이어야 합니다')
    identity = row.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int | None):
        return bad(here, '"id" must be text or a number', '"id"는 글이나 숫자여야 합니다')
    said_at = row.get("time") or None
    time = read_time(said_at, zone)
    if said_at is not None and time is None:
        return bad(
            here,
            f"time {_short(said_at)} is not ISO 8601, as in 2026-11-21T09:00:00+09:00, between 1900 and 2200",
            f"time {_short(said_at)}은(는) 2026-11-21T09:00:00+09:00 같은 ISO 8601 형식의 1900~2200년 시각이 아닙니다",
        )
    session, subject = row.get("session"), row.get("subject")
    return Record(
        place=here,
        kind=cast("Any", kind),
        role=mask_secrets(role),
        content=content,
        external_id="" if identity is None else str(identity),
        time=time,
        name=fit_title(row.get("name")) or None,
        session=fit_id(session) if session else "",
        subject=fit_title(subject) or None,
        source=row.get("source") or None,
        locator=row.get("locator") or None,
        tags=tuple(cast("list[str]", tags)),
    )


def read_time(value: object, zone: tzinfo) -> datetime | None:
    """Read a time in any form of ISO 8601; None where it is none, or none to believe."""
    if not isinstance(value, str):
        return None
    text = value.strip().upper().replace("\N{MINUS SIGN}", "-").partition("[")[0]
    later = timedelta()
    if re.fullmatch(r"\d{4}(-\d{2})?", text):  # a year, a month
        text = f"{text}-01" if "-" in text else f"{text}-01-01"
    elif ordinal := _ORDINAL.fullmatch(text):  # the 325th day of a year
        text, later = f"{ordinal[1]}-01-01{ordinal[3]}", timedelta(days=int(ordinal[2]) - 1)
    if "T24" in text:  # the end of a day
        text, later = text.replace("T24", "T00"), later + timedelta(days=1)
    try:
        time = datetime.fromisoformat(text) + later
    except (ValueError, OverflowError):
        return None
    return believed(time if time.tzinfo else time.replace(tzinfo=zone))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _odd(name: str, listed: Sequence[object]) -> BadImport:
    claude = any(at(talk, "chat_messages") is not None for talk in listed)
    en = "it looks like Claude's export, which cannot be read yet" if claude else "it is built otherwise"
    ko = (
        "Claude 내보내기로 보이는데 아직 읽지 못합니다" if claude else "구조가 달라 메시지를 찾을 수 없습니다"
    )
    return BadImport(
        f"{name} is JSON, but no messages can be read in it: {en}. What can be read: {READ[0]}. Nothing was imported.",
        f"{name} 파일은 JSON이지만 {ko}. 읽을 수 있는 것: {READ[1]}. 아무것도 가져오지 않았습니다.",
    )
