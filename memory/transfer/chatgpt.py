"""ChatGPT's export: the conversations as they were last shown.

A conversation is a tree of nodes, since answers are made again and questions edited; `current_node` is the last one
that was shown. What was said to tools, hidden from the person or thought aloud is left out, and so are the marks of
citations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ..errors import BadImport
from .bounds import digest, epoch, fit_id, fit_title, parse_json
from .records import Entry, Json, PassedOver, Place, Reason, Record, at, bad, parts_text

SPEECH = frozenset({None, "text", "multimodal_text"})
"""Kinds of content that people read; the others are code, thoughts, pages, instructions."""

HIDING = ("is_visually_hidden_from_conversation", "is_user_system_message")
"""What the metadata of a message says that was never shown."""

_CITED = re.compile(
    "\ue200(?P<inside>[^\ue200\ue201]*)\ue201"  # a mark of today
    "|\ue200[^\\s\ue200\ue201]*"  # one that was cut off
    "|[\ue200-\ue206]"
    "|【[^【】†\n]*+†[^【】\n]*+】"
    r"|:contentReference\[oaicite:\d+\](?:\{index=\d+\})?"
)


def unmarked(text: str) -> str:
    """Give a text without the marks that stand for citations; a name that a mark holds is kept."""
    return _CITED.sub(_name_inside, text)


def _name_inside(found: re.Match[str]) -> str:
    kind, _, held = (found["inside"] or "").partition("\ue202")
    match kind:
        case "entity":
            try:
                names: object = parse_json(held)
            except (ValueError, BadImport):
                return ""
            named = cast("list[object]", names)[1:2] if isinstance(names, list) else []
            return named[0] if named and isinstance(named[0], str) else ""
        case "url":
            return held.partition("\ue202")[0]
        case _:
            return ""


def read_chatgpt(conversations: Sequence[object]) -> Iterator[Entry]:
    """Give what is in a list of conversations."""
    for number, talk in enumerate(conversations, 1):
        place = Place(f"conversation {number}", f"{number}번째 대화")
        mapping = at(talk, "mapping")
        if isinstance(mapping, dict):
            yield from _conversation(place, cast("Json", talk), cast("dict[str, object]", mapping))
        else:
            yield bad(place, "it has no messages (mapping)", "메시지(mapping)가 없습니다")


def _conversation(place: Place, talk: Json, mapping: Mapping[str, object]) -> Iterator[Entry]:
    title = fit_title(talk.get("title"))
    named = next((v for v in (talk.get("conversation_id"), talk.get("id")) if v and isinstance(v, str)), None)
    session = fit_id(named) if named else digest(title, *mapping)
    begun = epoch(talk.get("create_time"))
    numbers = {name: number for number, name in enumerate(mapping, 1)}
    path = _shown_path(mapping, talk.get("current_node"))
    shown = set(path)
    for name in [*path, *(name for name in mapping if name not in shown)]:
        here = Place(f"{place.en}, message {numbers[name]}", f"{place.ko} {numbers[name]}번째 메시지")
        node, message = mapping[name], at(mapping[name], "message")
        if not isinstance(node, dict) or not isinstance(message, dict | None):
            yield bad(
                here, "it is built otherwise than in ChatGPT's exports", "ChatGPT 내보내기와 구조가 다릅니다"
            )
            continue
        reason = _left_out(cast("Json | None", message)) or (None if name in shown else "branch")
        if reason is not None:
            yield PassedOver(here, reason)
            continue
        identity = at(message, "id")
        yield Record(
            place=here,
            kind="message",
            role=at(message, "author", "role"),
            content=unmarked(parts_text(at(message, "content", "parts"))),
            external_id=identity if identity and isinstance(identity, str) else name or digest(session, here),
            time=epoch(at(message, "create_time")) or begun,
            session=session,
            title=title,
        )


def _left_out(message: Json | None) -> Reason | None:
    """Say why a message is no part of what was said, None where it is."""
    if not message:
        return "blank"
    metadata = message.get("metadata")
    role, recipient = at(message, "author", "role"), message.get("recipient")
    if any(at(metadata, name) for name in HIDING) or message.get("channel") == "analysis":
        return "hidden"
    if role == "tool" or (recipient is not None and recipient != "all"):
        return "tool"
    if not isinstance(role, str) or role not in {"user", "assistant"}:
        return "not said"
    kind = at(message, "content", "content_type")
    if not isinstance(kind, str | None) or kind not in SPEECH:
        return "unknown content"
    return None


def _shown_path(mapping: Mapping[str, object], current: object) -> list[str]:
    """Give the names from the first message to the one that was shown last."""
    above = _parents(mapping)
    if not above:  # nothing says what follows what
        return list(mapping)
    leaf = current if isinstance(current, str) and current in mapping else _latest_leaf(mapping, above)
    path: dict[str, None] = {}
    while leaf is not None and leaf not in path:
        path[leaf] = None
        leaf = above.get(leaf)
    return list(path)[::-1]


def _parents(mapping: Mapping[str, object]) -> dict[str, str]:
    """Give what stands above each node, as it says itself, else as the node above says."""
    above: dict[str, str] = {}
    for name, node in mapping.items():
        children: Any = at(node, "children")
        for child in cast("list[object]", children) if isinstance(children, list) else ():
            if isinstance(child, str) and child in mapping:
                above.setdefault(child, name)
    for name, node in mapping.items():
        parent = at(node, "parent")
        if isinstance(parent, str) and parent in mapping:
            above[name] = parent
    return above


def _latest_leaf(mapping: Mapping[str, object], above: Mapping[str, str]) -> str | None:
    inner = set(above.values())

    def when(name: str) -> float:
        time = epoch(at(mapping[name], "message", "create_time"))
        return time.timestamp() if time else 0.0

    return max((name for name in mapping if name not in inner), key=when, default=None)
