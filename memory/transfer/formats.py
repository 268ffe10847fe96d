"""Reading what other programs wrote: JSON Lines, a ChatGPT export, Letta's agent file. Pure: a file in, records out.

The format is recognised by what is in the file, not by its name. All of a file is read and checked before anything
of it is stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal, cast

from ..dates import zone_of
from ..errors import BadImport

Kind = Literal["message", "passage", "fact", "note"]

KINDS: frozenset[str] = frozenset({"message", "passage", "fact", "note"})
ROLES = frozenset({"user", "assistant", "system", "tool"})

TEXTS = ("name", "session", "subject", "source", "locator")
"""Further keys of a JSON line that are text where they are there."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to import.

    Attributes:
        line: Where it stands in the file (1 is the first), or which message it is in other formats.
        external_id: Unique for a student: it says what has been imported already.
        time: None where the file does not say.
        session: What keeps conversations of one file apart; "" where there is only one.
        title: Of the conversation.
    """

    line: int
    kind: Kind
    role: str
    content: str
    external_id: str
    time: datetime | None = None
    name: str | None = None
    session: str = ""
    title: str = ""
    subject: str | None = None
    source: str | None = None
    locator: str | None = None
    tags: tuple[str, ...] = ()


def read_records(text: str, file: Path, zone: str) -> list[Record]:
    """Read and check a whole file.

    Args:
        text: What is in it: JSON Lines, a ChatGPT export's `conversations.json`, or a Letta agent file.
        file: Its name, for what is said of it.
        zone: IANA name of the zone for times that name none.

    Raises:
        BadImport: It cannot be read; the text names the line.
    """
    whole = _whole_json(text)
    try:
        match whole:
            case {"agents": list()}:
                found = list(_letta(whole))
            case {"mapping": dict()}:
                found = list(_chatgpt([whole]))
            case [{"mapping": dict()}, *_]:
                found = list(_chatgpt(cast("list[Json]", whole)))
            case list() if whole or "\n" not in text.strip():
                raise _odd(file)
            case _:
                return _with_unique_ids(_json_lines(text, zone_of(zone)))
    except (AttributeError, TypeError) as error:
        raise _odd(file) from error
    if not found:
        raise _odd(file)
    return found


def _whole_json(text: str) -> Any:
    """Read a file that is one JSON document of several lines or of one of the known shapes, else None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# JSON Lines


def _json_lines(text: str, zone: tzinfo) -> Iterator[Record]:
    found = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = True
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            at = error.pos + 1
            raise _bad(
                number, f"not JSON from character {at} on", f"{at}번째 글자부터 JSON이 아닙니다"
            ) from error
        except (ValueError, RecursionError) as error:
            raise _bad(
                number, "its numbers or brackets are too many to read", "너무 길거나 깊어 읽을 수 없습니다"
            ) from error
        if not isinstance(row, dict):
            raise _bad(number, "not a JSON object", "JSON 객체가 아닙니다")
        yield _record(number, cast("Json", row), zone)
    if not found:
        raise BadImport("The file is empty: nothing was imported.", "빈 파일이라 가져올 것이 없습니다.")


def _record(number: int, row: Json, zone: tzinfo) -> Record:
    kind = row.get("kind", "message")
    if kind not in KINDS:
        raise _bad(
            number,
            f"kind {kind!r} is none of {', '.join(sorted(KINDS))}",
            f"kind {kind!r}은(는) {', '.join(sorted(KINDS))} 중 하나가 아닙니다",
        )
    role = row.get("role") or ("user" if kind == "message" else "source")
    if not isinstance(role, str) or (kind == "message" and role not in ROLES):
        raise _bad(number, f"role {role!r} is unknown", f"role {role!r}을(를) 알 수 없습니다")
    content = row.get("content")
    if not isinstance(content, str):
        raise _bad(number, '"content" must be text', '"content"에 글이 있어야 합니다')
    texts: dict[str, str] = {}
    for key in TEXTS:
        value = row.get(key)
        if value is not None and not isinstance(value, str):
            raise _bad(number, f'"{key}" must be text', f'"{key}"는 글이어야 합니다')
        if value:
            texts[key] = value
    tags: Any = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in cast("list[Any]", tags)):
        raise _bad(number, '"tags" must be a list of texts', '"tags"는 글의 목록이어야 합니다')
    identity = row.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int | None):
        raise _bad(number, '"id" must be text or a number', '"id"는 글이나 숫자여야 합니다')
    return Record(
        line=number,
        kind=kind,
        role=role,
        content=content,
        external_id="" if identity is None else str(identity),
        time=_time(number, row.get("time"), zone),
        tags=tuple(cast("list[str]", tags)),
        **texts,
    )


def _time(number: int, value: object, zone: tzinfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        time = datetime.fromisoformat(cast("str", value))
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(time.tzinfo or zone)
    except (TypeError, ValueError, OverflowError) as error:
        raise _bad(
            number,
            f"time {value!r} is not ISO 8601, as in 2026-11-21T09:00:00+09:00",
            f"time {value!r}은(는) 2026-11-21T09:00:00+09:00 같은 ISO 8601 형식이 아닙니다",
        ) from error


def _with_unique_ids(records: Iterable[Record]) -> list[Record]:
    """Refuse an id that stands twice; make ids from what is said for lines that have none."""
    found: list[Record] = []
    lines: dict[str, int] = {}
    for record in records:
        identity = record.external_id
        if not identity:
            identity = _digest(
                record.kind, record.role, record.name, record.time, record.session, record.content
            )
            while identity in lines:  # the same words at the same time, twice
                identity = _digest(identity)
        elif identity in lines:
            raise _bad(
                record.line,
                f"id {identity!r} is that of line {lines[identity]} already",
                f"id {identity!r}은(는) {lines[identity]}번째 줄에 이미 있습니다",
            )
        lines[identity] = record.line
        found.append(replace(record, external_id=identity))
    return found


# ChatGPT's export


def _chatgpt(conversations: Sequence[Json]) -> Iterator[Record]:
    number = 0
    for at, talk in enumerate(conversations, 1):
        mapping = talk.get("mapping")
        if not isinstance(mapping, dict):
            raise _bad(at, "the conversation has no messages (mapping)", "대화에 메시지(mapping)가 없습니다")
        session = str(talk.get("conversation_id") or talk.get("id") or _digest(talk.get("title"), at))
        for node in _shown_path(cast("dict[str, Json]", mapping), talk.get("current_node")):
            number += 1
            message = cast("Json", node.get("message") or {})
            role = _at(message, "author", "role")
            content = _parts_text(_at(message, "content", "parts"))
            if role not in {"user", "assistant"} or not content.strip():
                continue
            yield Record(
                line=number,
                kind="message",
                role=role,
                content=content,
                external_id=str(message.get("id") or node.get("id") or _digest(session, number)),
                time=_epoch(message.get("create_time")) or _epoch(talk.get("create_time")),
                session=session,
                title=str(talk.get("title") or ""),
            )


def _shown_path(mapping: Mapping[str, Json], current: object) -> list[Json]:
    """Walk from the message that was shown last to the first: other branches were regenerated away."""
    leaf = current if isinstance(current, str) and current in mapping else _latest_leaf(mapping)
    path: list[Json] = []
    seen: set[str] = set()
    while leaf is not None and leaf in mapping and leaf not in seen:
        seen.add(leaf)
        path.append(mapping[leaf])
        leaf = mapping[leaf].get("parent")
    return path[::-1]


def _latest_leaf(mapping: Mapping[str, Json]) -> str | None:
    def when(name: str) -> float:
        time = _at(mapping[name], "message", "create_time")
        return float(time) if isinstance(time, int | float) else 0.0

    leaves = [name for name, node in mapping.items() if not node.get("children")]
    return max(leaves, key=when, default=None)


# Letta's agent file


def _letta(whole: Json) -> Iterator[Record]:
    for block in cast("list[Json]", whole.get("blocks") or []):
        value = block.get("value")
        label = str(block.get("label") or "")
        if isinstance(value, str) and value.strip() and label != "persona":
            yield Record(0, "note", "user", value, _digest("block", label, value), tags=("letta", label))
    number = 0
    for agent in cast("list[Json]", whole["agents"]):
        name = str(agent.get("name") or agent.get("id") or "agent")
        for message in cast("list[Json]", agent.get("messages") or []):
            number += 1
            role, content = _letta_said(message)
            if role not in {"user", "assistant"} or not content.strip():
                continue
            time = _time(number, message.get("created_at"), UTC)
            yield Record(
                line=number,
                kind="message",
                role=role,
                content=content,
                # Ids in an agent file are its own: "message-0" is in every one.
                external_id=f"letta-{_digest(name, message.get('id'), time, content)}",
                time=time,
                session=name,
                title=name,
            )


def _letta_said(message: Json) -> tuple[str, str]:
    """Give who said what: the words of a packed user message, and those of a `send_message` call."""
    role = str(message.get("role") or "")
    for call in cast("list[Json]", message.get("tool_calls") or []):
        if _at(call, "function", "name") == "send_message":
            said = _loads(_at(call, "function", "arguments")).get("message")
            return role, said if isinstance(said, str) else ""
    content = _parts_text(message.get("content"))
    packed = _loads(content if role == "user" else None)
    match packed.get("type"):
        case "user_message":
            return role, str(packed.get("message") or "")
        case "heartbeat" | "login" | "system_alert" | "bootup_sequence":
            return "system", ""
        case _:
            return role, content


# What several formats share


def _parts_text(content: object) -> str:
    """Read content that is a text, a list of texts, or a list of `{"type": "text", "text": …}`."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part if isinstance(part, str) else _at(part, "text") for part in cast("list[Any]", content)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = cast("Json", value).get(key)
    return value


def _loads(text: object) -> Json:
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return {}
    try:
        found: object = json.loads(text)
    except ValueError:
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}


def _epoch(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _digest(*values: object) -> str:
    joined = "\x1f".join(str(value) for value in values)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _odd(file: Path) -> BadImport:
    return BadImport(
        f"{file} is JSON, but no messages can be read in it: it is built otherwise than a ChatGPT export or an agent "
        "file. JSON Lines hold one object a line. Nothing was imported.",
        f"{file} 파일은 JSON이지만 ChatGPT 내보내기나 에이전트 파일과 구조가 달라 메시지를 읽을 수 없습니다. "
        "JSON Lines라면 한 줄에 객체 하나씩 적어 주세요. 아무것도 가져오지 않았습니다.",
    )


def _bad(line: int, en: str, ko: str) -> BadImport:
    return BadImport(
        f"Line {line} cannot be imported: {en}. Nothing of this file was imported; mend the line and try again.",
        f"{line}번째 줄을 가져올 수 없습니다: {ko}. 이 파일에서는 아무것도 가져오지 않았습니다. 그 줄을 고친 뒤 다시 해 주세요.",
    )
