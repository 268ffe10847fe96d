"""Letta's agent file, of today and of before: what was said, and the blocks of core memory as notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ..errors import BadImport
from .bounds import digest, epoch, fit_id, fit_title, parse_json
from .records import Entry, Json, PassedOver, Place, Record, at, bad, parts_text


def is_agent_file(whole: object) -> bool:
    """Whether a JSON document is an agent file: a list of agents, or one agent as the first files had it."""
    return isinstance(at(whole, "agents"), list) or (
        isinstance(at(whole, "messages"), list) and isinstance(at(whole, "core_memory"), list)
    )


def read_letta(whole: Json) -> Iterator[Entry]:
    """Give what is in an agent file."""
    for number, block in enumerate(_listed(whole.get("blocks") or whole.get("core_memory")), 1):
        yield _block(number, block)
    agents = _listed(whole["agents"]) if "agents" in whole else [whole]
    number = 0
    for order, agent in enumerate(agents, 1):
        if not isinstance(agent, dict):
            here = Place(f"agent {order}", f"{order}번째 에이전트")
            yield _odd(here)
            continue
        name = fit_title(at(agent, "name")) or fit_title(at(agent, "id")) or "agent"
        for message in _listed(at(agent, "messages")):
            number += 1
            yield _message(number, message, name)


def _odd(here: Place) -> Entry:
    return bad(
        here, "it is built otherwise than in Letta's agent files", "Letta 에이전트 파일과 구조가 다릅니다"
    )


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _block(number: int, block: object) -> Entry:
    here = Place(f"block {number}", f"{number}번째 블록")
    label, value = at(block, "label"), at(block, "value")
    if not isinstance(block, dict) or not isinstance(value, str | None):
        return _odd(here)
    if label == "persona":
        return PassedOver(here, "persona")
    return Record(
        here, "note", "user", value or "", digest("block", label, value), tags=("letta", fit_title(label))
    )


def _message(number: int, message: object, agent: str) -> Entry:
    here = Place(f"message {number}", f"{number}번째 메시지")
    if not isinstance(message, dict):
        return _odd(here)
    said = cast("Json", message)
    role, content = _said(said)
    if role not in {"user", "assistant"}:
        return PassedOver(here, "tool" if role == "tool" else "not said")
    time = epoch(said.get("created_at"))
    return Record(
        place=here,
        kind="message",
        role=role,
        content=content,
        # Ids in an agent file are its own: "message-0" is in every one.
        external_id=f"letta-{digest(agent, said.get('id'), time, content)}",
        time=time,
        session=fit_id(agent),
        title=agent,
    )


def _said(message: Json) -> tuple[str, str]:
    """Give who said what: the words of a packed user message, and those of a `send_message` call."""
    role = str(message.get("role") or "")
    for call in _listed(message.get("tool_calls")):
        if at(call, "function", "name") == "send_message":
            said = at(_object(at(call, "function", "arguments")), "message")
            return role, said if isinstance(said, str) else ""
    content = parts_text(message.get("content") or message.get("text"))
    packed = _object(content if role == "user" else None)
    match packed.get("type"):
        case "user_message":
            said = packed.get("message")
            return role, said if isinstance(said, str) else ""
        case "heartbeat" | "login" | "system_alert" | "bootup_sequence":
            return "system", ""
        case _:
            return role, content


def _object(text: object) -> Json:
    """Read JSON that stands in a text; where it is no object, an empty one."""
    if isinstance(text, dict):
        return cast("Json", text)
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return {}
    try:
        found: object = parse_json(text)
    except (ValueError, BadImport):
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}
