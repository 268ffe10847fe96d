"""Stored history made legal for the server that is asked: the one place, before each request.

Each rule is a function from messages to messages that looks only backwards, or at the one message that follows: a
history that extends another still extends it afterwards. What every server takes is always put right; what only some
insist on is put right where the dialect says so. The store is never touched.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ....memory.types import Message, ToolCall
from .dialect import Dialect
from .extras import returned

SILENCE = "…"
"""Stands where somebody must have said something and nobody did."""

NO_RESULT = "[no result]"
"""Answers a call whose result is not there."""

LONGEST_ID = 64

_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


def legal(messages: Sequence[Message], dialect: Dialect, origin: str) -> list[Message]:
    """Give the messages as a server of this dialect takes them.

    Args:
        origin: The server and model that are asked: what others' replies brought is not for them.
    """
    shown = paired(messages)
    if dialect.thoughts == "told":
        shown = told(shown, origin)
    shown = spoken(identified(named(shown), dialect.ids))
    shown = one_system(shown)
    if not dialect.system_role:
        shown = system_folded(shown)
    if dialect.alternating:
        shown = in_turns(shown)
    return asking(shown)


def paired(messages: Sequence[Message]) -> list[Message]:
    """Put behind each message with calls its results, one for each call, in the order of the calls.

    A result that answers no call, or stands elsewhere, is told as the user's words.
    """
    shown: list[Message] = []
    at = 0
    while at < len(messages):
        message = messages[at]
        at += 1
        if message.role != "assistant":
            shown.append(as_told(message) if message.role == "tool" else message)
            continue
        shown.append(message)
        if message.tool_calls:
            end = at
            while end < len(messages) and messages[end].role == "tool":
                end += 1
            shown += _batch(message.tool_calls, messages[at:end])
            at = end
    return shown


def _batch(calls: Sequence[ToolCall], results: Sequence[Message]) -> Iterator[Message]:
    left = list(results)
    for call in calls:
        result = next((r for r in left if r.tool_call_id == call.id), None)
        if result is not None:
            left.remove(result)
        else:
            result = Message("tool", NO_RESULT)
        same = (result.tool_call_id, result.name) == (call.id, call.name)
        yield result if same else replace(result, tool_call_id=call.id, name=call.name)
    yield from map(as_told, left)


def as_told(result: Message) -> Message:
    """Tell a tool's result as words of the user."""
    return Message("user", f'<tool_result name="{result.name or "tool"}">\n{result.content}\n</tool_result>')


def told(messages: Sequence[Message], origin: str) -> list[Message]:
    """Tell calls that another model made, or that came without extras, as text, with their results."""
    shown: list[Message] = []
    foreign = False
    for message in messages:
        if message.role == "assistant" and message.tool_calls:
            fields, calls = returned(message, origin)
            foreign = not fields and not any(calls)
        if foreign and message.role == "assistant" and message.tool_calls:
            lines = [f"[{call.name} {call.arguments}]" for call in message.tool_calls]
            shown.append(Message("assistant", "\n".join([message.content, *lines]).strip()))
        else:
            shown.append(as_told(message) if foreign and message.role == "tool" else message)
    return shown


def named(messages: Sequence[Message]) -> list[Message]:
    """Give every call and result a name of letters, digits, `_` and `-`, at most 64 of them."""
    return [message if _well_named(message) else _named(message) for message in messages]


def _well_named(message: Message) -> bool:
    if message.role == "tool" and message.name:
        return message.name == _name(message.name)
    return all(call.name == _name(call.name) for call in message.tool_calls)


def _named(message: Message) -> Message:
    calls = tuple(replace(call, name=_name(call.name)) for call in message.tool_calls)
    return replace(message, name=message.name and _name(message.name), tool_calls=calls)


def _name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name)[:64] or "unnamed"


def identified(messages: Sequence[Message], form: str = "") -> list[Message]:
    """Give every call an id of the server's form that no earlier call of the request has, and its result the same.

    Args:
        messages: With results behind their calls, as `paired` gives them.
        form: As in `Dialect.ids`.
    """
    shown: list[Message] = []
    used: set[str] = set()
    waiting: list[str] = []
    for message in messages:
        if message.role == "tool":
            identity = waiting.pop(0)
            same = identity == message.tool_call_id
            shown.append(message if same else replace(message, tool_call_id=identity))
            continue
        waiting = [_fresh(call.id, form, used) for call in message.tool_calls]
        if waiting == [call.id for call in message.tool_calls]:
            shown.append(message)
            continue
        calls = tuple(replace(c, id=i) for c, i in zip(message.tool_calls, waiting, strict=True))
        shown.append(replace(message, tool_calls=calls))
    return shown


def _fresh(identity: str, form: str, used: set[str]) -> str:
    """Give the id itself if it will do, else one that depends on it and on the calls before it only."""
    chosen, tries = identity, 0
    while chosen in used or not fits(chosen, form):
        digest = hashlib.sha256(f"{len(used)} {tries} {identity}".encode("utf-8", "replace")).hexdigest()
        letters = iter(digest)
        chosen = "".join(next(letters) if mark == "#" else mark for mark in form or "#########")
        tries += 1
    used.add(chosen)
    return chosen


def fits(identity: str, form: str) -> bool:
    """Whether an id is of a form; without one, whether any server would take it."""
    if not form:
        return 0 < len(identity) <= LONGEST_ID and identity.isascii() and identity.isprintable()
    return len(identity) == len(form) and all(
        letter.isascii() and letter.isalnum() if mark == "#" else letter == mark
        for letter, mark in zip(identity, form, strict=True)
    )


def spoken(messages: Sequence[Message]) -> list[Message]:
    """Let no message be blank but one with calls."""
    return [m if m.content.strip() or m.tool_calls else replace(m, content=SILENCE) for m in messages]


def one_system(messages: Sequence[Message]) -> list[Message]:
    """Let a system message stand first only; what others say becomes the user's words."""
    return [
        replace(message, role="user") if index and message.role == "system" else message
        for index, message in enumerate(messages)
    ]


def system_folded(messages: Sequence[Message]) -> list[Message]:
    """Begin the first user message with the system message, for a server that knows no such role."""
    if not messages or messages[0].role != "system":
        return list(messages)
    system, *rest = messages
    if rest and rest[0].role == "user":
        return [replace(rest[0], content=f"{system.content}\n\n{rest[0].content}"), *rest[1:]]
    return [replace(system, role="user"), *rest]


def in_turns(messages: Sequence[Message]) -> list[Message]:
    """Let users and assistants take turns, the user first: where one is missing, a silence stands.

    Results belong to the assistant, whose words must come before a user's.
    """
    shown: list[Message] = []
    before = "assistant"
    for message in messages:
        if message.role == "user" and before in {"user", "tool"}:
            shown.append(Message("assistant", SILENCE))
        elif message.role == "assistant" and before == "assistant":
            shown.append(Message("user", SILENCE))
        shown.append(message)
        before = message.role if message.role != "system" else before
    return shown


def asking(messages: Sequence[Message]) -> list[Message]:
    """End in a user's message or a result: a model is asked, it does not go on with its own words."""
    if messages and messages[-1].role in {"user", "tool"}:
        return list(messages)
    return [*messages, Message("user", SILENCE)]


def last_turn(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Give the system message and the turn that is being answered, without what was said before it."""
    asked = next((i for i in reversed(range(len(messages))) if messages[i].role == "user"), 0)
    return (*messages[: 1 if messages and messages[0].role == "system" and asked else 0], *messages[asked:])


def left_out(whole: Sequence[Message], sent: Sequence[Message]) -> tuple[Message, ...]:
    """Give what stands behind the system message of a request and was not sent."""
    return tuple(whole[1 : 1 + len(whole) - len(sent)])


def sendable(arguments: str) -> str:
    """Give arguments as they are if they are JSON of an object, else wrapped in one: some servers fail at anything else."""
    try:
        value = json.loads(arguments or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return arguments or "{}"
    return json.dumps({"unreadable_arguments": arguments}, ensure_ascii=False)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
