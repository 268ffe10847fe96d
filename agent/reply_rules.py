"""What a reply is judged by: the exchange that the professor's rules look at, and what a model is told that broke one.

The same is read of a turn that runs and of one in the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..memory.recall import BrokenRule
from ..memory.types import StoredMessage, message_id
from ..persona.exchange import Exchange
from ..persona.modes import Mode
from ..persona.spec import BrokenRule as Broken
from ..persona.spec import Persona
from .context.citations import mentioned
from .context.smalltalk import small_talk

MOST_JUDGED = 20_000
"""Characters of a reply that are looked at: more than any answer has, and soon done whatever stands in them."""


@dataclass(frozen=True, slots=True)
class JudgedReply:
    """The answer of a turn in the log.

    Attributes:
        turn_id, message_id: Row ids.
        broken: What it breaks by the professor's file as it is now.
    """

    turn_id: int
    message_id: int
    broken: tuple[Broken, ...]


MOST_TOLD = 5
"""Broken rules that an objection names."""


def exchange_of(
    answer: str,
    asked: StoredMessage,
    log: Sequence[StoredMessage],
    *,
    mode: Mode | None = None,
    folded: str = "",
    system: str = "",
) -> Exchange:
    """Give a reply with what it replies to.

    Args:
        answer: The reply.
        asked: The student's message.
        log: What was said up to the reply, that message included.
        mode: How the student wants to be taught.
        folded: The summary of what was said before the log.
        system: What the professor was told besides.
    """
    before = [m for m in log if m.seq < asked.seq and m.message.role in {"user", "assistant"}]
    of_turn = [m for m in log if m.turn_id == asked.turn_id]
    question = asked.message.content
    pending = bool(before) and before[-1].message.content.rstrip().endswith(("?", "？"))
    return Exchange(
        answer[:MOST_JUDGED],
        question,
        small_talk=small_talk(question, pending) in {"greeting", "thanks", "farewell"},
        sources=frozenset(hit.id for m in of_turn for hit in m.hits),
        shown=_shown(answer, log, (folded, system)),
        tools=frozenset(call.name for m in of_turn for call in m.message.tool_calls),
        earlier=(*(m.message.content for m in before), question, folded),
        mode=mode,
    )


def judge_log(
    persona: Persona, log: Sequence[StoredMessage], mode_at: Callable[[datetime], Mode | None]
) -> Iterator[JudgedReply]:
    """Judge every answer of a conversation: what a turn said last.

    Args:
        mode_at: Gives the mode at a time.
    """
    asked: StoredMessage | None = None
    for place, stored in enumerate(log):
        if stored.message.role == "user":
            asked = stored
        following = next((m for m in log[place + 1 :] if m.message.role in {"user", "assistant"}), None)
        said = (
            stored.message.role == "assistant" and stored.state == "whole" and stored.message.content.strip()
        )
        if asked is None or not said or stored.turn_id is None:
            continue
        if following is None or following.turn_id != stored.turn_id:
            exchange = exchange_of(said, asked, log[:place], mode=mode_at(stored.time))
            yield JudgedReply(stored.turn_id, stored.id, tuple(persona.broken(exchange)))


def _shown(answer: str, log: Sequence[StoredMessage], told: Iterable[str]) -> frozenset[str]:
    """Give those of the ids an answer names that are of a message in the log, or stood anywhere but in an answer."""
    named = mentioned(answer)
    if not named:
        return frozenset()
    read = [f"{m.message.content}\n{m.context_note}" for m in log if m.message.role != "assistant"]
    text = "\n".join([*read, *told])
    known = {hit.id for m in log for hit in m.hits} | {message_id(m.id) for m in log}
    return frozenset(i for i in named if i in known or re.search(rf"\b{i}\b", text))


def to_keep(broken: Iterable[Broken]) -> list[BrokenRule]:
    """Give what an answer broke as its turn keeps it."""
    return [BrokenRule(b.violation.check, b.hard, mended=False) for b in broken]


def asked_again_for(broken: Iterable[Broken]) -> list[BrokenRule]:
    """Give the hard rules of a reply that is taken back as its turn keeps them, each once."""
    hard = dict.fromkeys(b.violation.check for b in broken if b.hard)
    return [BrokenRule(check, hard=True, mended=True) for check in hard]


def objection(broken: Iterable[Broken]) -> str:
    """Say to a model which hard rules its reply broke, for it to reply once more; "" where it broke none."""
    reasons = dict.fromkeys(f"- {b.rule.text} ({b.violation.en})" for b in broken if b.hard)
    if not reasons:
        return ""
    listed = "\n".join(list(reasons)[:MOST_TOLD])
    return (
        "(Your reply was taken back, because it breaks what you promised:\n"
        f"{listed}\n"
        "Reply again as a whole, with the same tool calls if it had any, and say nothing of this.)"
    )
