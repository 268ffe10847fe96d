"""Folding the oldest turns into a summary when the window fills; nothing is deleted, the log stays whole.

What is folded keeps its message ids, so that recall can bring the original words back. With a model the summary is
recursive (the last summary is folded with the turns); without one it is extractive, and either way it is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..memory.messages import Message, StoredMessage, message_id
from ..tools.text import estimate_tokens
from .budget import Budget
from .conversation import exchanges
from .model import Request

INSTRUCTION = """\
You fold the oldest part of a tutoring conversation into notes for the professor who continues it. Write plain lines, \
in the language of the conversation, at most {limit} tokens in all. Keep, each with the message ids in brackets it \
rests on, like [m12]: open questions first; then decisions and agreements; numbers, dates and names; what the student \
understood, got wrong or finds confusing; where an explanation stopped. Carry over what still matters of the earlier \
notes. Nothing that is not in the text."""

_SENTENCE = re.compile(r"(?<=[.!?。？！])\s+|\n+")
_TELLING = re.compile(
    r"\d|\?|왜|어떻게|헷갈|모르겠|시험|목표|약속|정리하면|결론|이름|중요|why|how|confus|don't (get|understand)|exam|goal|"
    r"name is|important|in short|decided|agree",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fold:
    """What compaction will fold: `old` goes into the summary, the view begins at `first_seq`."""

    old: tuple[StoredMessage, ...]
    first_seq: int
    turns: int


def plan(
    log: Sequence[StoredMessage],
    budget: Budget,
    fixed: int,
    count: Callable[[StoredMessage], int],
    *,
    target: int | None = None,
) -> Fold | None:
    """Choose what to fold, or None when there is nothing that may be.

    Cuts only between turns, so no tool exchange is split; the last `budget.keep` exchanges stay whatever their size.

    Args:
        fixed: Tokens of what stays in any case: system text without summary, tools, a full summary.
        count: Tokens of one message as it is sent.
        target: Tokens to fold down to; `budget.target` by default.
    """
    groups = exchanges(log)
    sizes = [sum(map(count, group)) for group in groups]
    aim = budget.target if target is None else target
    spoken = [place for place, group in enumerate(groups) if group[0].message.role == "user"]
    if len(spoken) <= budget.keep:
        return None
    last_cut = spoken[-budget.keep]
    left = fixed + sum(sizes)
    cut = 0
    while cut < last_cut and left > aim:
        left -= sizes[cut]
        cut += 1
    if cut == 0:
        return None
    old = tuple(message for group in groups[:cut] for message in group)
    turns = sum(1 for place in spoken if place < cut)
    return Fold(old, groups[cut][0].seq, turns)


def summary_request(previous: str, old: Sequence[StoredMessage], limit: int, room: int) -> Request:
    """Write the request that asks a model for the new summary.

    Args:
        previous: The summary so far.
        old: The messages to fold.
        limit: Most tokens of the new summary.
        room: Most tokens of the text that is folded; long messages are shortened to fit.
    """
    each = max(40, room // max(1, len(old)))
    lines = [line for stored in old if (line := _line(stored, each))]
    text = "\n".join(lines)
    parts = [f"Earlier notes:\n{previous}"] if previous else []
    parts.append(f"The oldest part of the conversation:\n{text}")
    return Request(
        (Message("system", INSTRUCTION.format(limit=limit)), Message("user", "\n\n".join(parts))),
        max_output=limit * 2,
    )


def extract(previous: str, old: Sequence[StoredMessage], limit: int) -> str:
    """Summarise without a model: the telling sentence of each message, with its id, newest kept when it gets long."""
    lines = [line for line in previous.split("\n") if line] if previous else []
    for stored in old:
        if stored.message.role in ("user", "assistant") and stored.message.content.strip():
            who = "학생/student" if stored.message.role == "user" else "교수/professor"
            lines.append(f"[{message_id(stored.id)}] {who}: {_telling_sentence(stored.message.content)}")
    return bounded(lines, limit)


def bounded(lines: Sequence[str], limit: int) -> str:
    """Keep the lines that fit `limit` tokens: questions and numbers before the rest, newer before older."""
    order = sorted(range(len(lines)), key=lambda i: (not _TELLING.search(lines[i]), -i))
    kept: set[int] = set()
    left = float(limit)
    for place in order:
        cost = estimate_tokens(lines[place]) + 1
        if cost <= left:
            kept.add(place)
            left -= cost
    return "\n".join(line for place, line in enumerate(lines) if place in kept)


def _telling_sentence(text: str) -> str:
    sentences = [s.strip() for s in _SENTENCE.split(text) if s.strip()]
    best = next((s for s in sentences if _TELLING.search(s)), sentences[0])
    return best if len(best) <= 160 else best[:157] + "…"


def _line(stored: StoredMessage, tokens: int) -> str:
    message = stored.message
    text = message.content.strip()
    if message.tool_calls:
        text = " ".join([text, *(f"({c.name} {c.arguments})" for c in message.tool_calls)]).strip()
    if not text:
        return ""
    while estimate_tokens(text) > tokens and len(text) > 80:
        text = text[: int(len(text) * 0.8)]
    return f"[{message_id(stored.id)}] {message.role}: {text}"
