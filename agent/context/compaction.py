"""Folding the oldest turns into a summary when the window fills; nothing is deleted, the log stays whole.

What is folded keeps its message ids, so that recall can bring the original words back. With a model the summary is
recursive (the last summary is folded with the turns); without one it is extractive, and either way it is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...memory.text import sentences
from ...memory.types import Message, StoredMessage, message_id
from ...tools.base import OUTSIDE
from ...tools.text import clip, estimate_tokens
from ..model import Request
from .budget import Budget
from .conversation import exchanges

INSTRUCTION = """\
You fold the oldest part of a tutoring conversation into notes for the professor who continues it. Write plain lines, \
in the language of the conversation, at most {limit} tokens in all. Keep, each with the message ids in brackets it \
rests on, like [m12]: first open questions, also one of the professor's that the student still has to answer, word \
for word and with its answer key if there is one; then decisions and agreements; numbers, dates and names; what the \
student understood, got wrong or finds confusing; where an explanation stopped. Carry over what still matters of the \
earlier notes. Nothing that is not in the text."""

OPEN_QUESTION = "open question:"
"""Marks the lines that are pinned; they are written anew at every fold, so that an answered question disappears."""

MOST_PINNED = 10
LONGEST_PINNED = 60.0

_TELLING = re.compile(
    r"\d|\?|왜|어떻게|헷갈|모르겠|시험|목표|약속|정리하면|결론|이름|중요|why|how|confus|don't (get|understand)|exam|goal|"
    r"name is|important|in short|decided|agree",
    re.IGNORECASE,
)
_ID = re.compile(r"^(?:\s*\[[am]\d+\])+")
_NAMED = re.compile(r"\[([am]\d+)\]")


@dataclass(frozen=True, slots=True)
class Fold:
    """What compaction will fold: `old` goes into the summary, the view begins at `first_seq`.

    Attributes:
        turns: How many turns are folded.
        left: Tokens of the prompt afterwards.
    """

    old: tuple[StoredMessage, ...]
    first_seq: int
    turns: int
    left: float


def plan(
    log: Sequence[StoredMessage], sizes: Sequence[float], fixed: float, *, target: float, keep: int
) -> Fold | None:
    """Choose what to fold, or None when there is nothing that may be.

    Cuts only between turns, so no tool exchange is split.

    Args:
        sizes: Tokens of each message as it is sent.
        fixed: Tokens of what stays in any case: system text, tools, a full summary.
        target: Tokens to fold down to.
        keep: The last so many exchanges stay, whatever their size.
    """
    groups = exchanges(log)
    rest = iter(sizes)
    costs = [sum(next(rest) for _ in group) for group in groups]
    spoken = [place for place, group in enumerate(groups) if group[0].message.role == "user"]
    if len(spoken) <= keep:
        return None
    last_cut = spoken[-keep]
    left = fixed + sum(costs)
    cut = 0
    while cut < last_cut and left > target:
        left -= costs[cut]
        cut += 1
    if cut == 0:
        return None
    old = tuple(message for group in groups[:cut] for message in group)
    return Fold(old, groups[cut][0].seq, sum(1 for place in spoken if place < cut), left)


def plan_to_fit(
    log: Sequence[StoredMessage], sizes: Sequence[float], fixed: float, budget: Budget
) -> Fold | None:
    """Choose what to fold in the middle of a turn so that a reply has room.

    As `plan`, but fewer exchanges stay beside the open one where so many cannot.
    """
    fold = None
    for keep in range(budget.keep + 1, 0, -1):
        fold = plan(log, sizes, fixed, target=budget.target, keep=keep) or fold
        if fold is not None and fold.left <= budget.prompt:
            break
    return fold


def summary_request(previous: str, old: Sequence[StoredMessage], limit: int, room: float) -> Request:
    """Write the request that asks a model for the new summary.

    Args:
        previous: The summary so far.
        old: The messages to fold.
        limit: Most tokens of the new summary.
        room: Most tokens of the text that is folded; long messages are shortened to fit.
    """
    lines = [line for stored in old if (line := _line(stored))]
    each = _share(lines, room)
    text = "\n".join(clip(line, each) for line in lines)
    notes = unpinned(previous)
    parts = [f"Earlier notes:\n{notes}"] if notes else []
    parts.append(f"The oldest part of the conversation:\n{text}")
    return Request(
        (Message("system", INSTRUCTION.format(limit=limit)), Message("user", "\n\n".join(parts))),
        max_output=limit * 2,
    )


def extract(previous: str, old: Sequence[StoredMessage], limit: float) -> str:
    """Summarise without a model: the telling sentence of each message, with its id, newest kept when it gets long."""
    lines = unpinned(previous).splitlines()
    for stored in old:
        message = stored.message
        text = message.content.strip() if message.role in ("user", "assistant") else ""
        if text and stored.state != "cancelled":
            who = "student" if message.role == "user" else "professor"
            lines.append(f"[{message_id(stored.id)}] {who}: {_telling_sentence(text)}")
    return bounded(lines, limit)


def bounded(lines: Iterable[str], limit: float) -> str:
    """Keep the lines that fit `limit` tokens: questions and numbers before the rest, newer before older."""
    unique = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    order = sorted(range(len(unique)), key=lambda i: (not _TELLING.search(_ID.sub("", unique[i])), -i))
    kept: set[int] = set()
    left = limit
    for place in order:
        cost = estimate_tokens(unique[place]) + 1
        if cost <= left:
            kept.add(place)
            left -= cost
    return "\n".join(line for place, line in enumerate(unique) if place in kept)


def checked(written: str, previous: str, old: Sequence[StoredMessage]) -> list[str]:
    """Give the lines of a summary that a model wrote; ids that stand in nothing it was given are taken out."""
    known = {message_id(stored.id) for stored in old} | set(_NAMED.findall(previous))
    known.update(hit.id for stored in old for hit in stored.hits)

    def keep(found: re.Match[str]) -> str:
        return found[0] if found[1] in known else ""

    return [_NAMED.sub(keep, line) for line in unpinned(written).splitlines()]


def pinned(questions: Iterable[tuple[int, str]]) -> list[str]:
    """Write the questions that wait for an answer, (message row, text), as the first lines of a summary."""
    lines = [f"[{message_id(row)}] {OPEN_QUESTION} {' '.join(text.split())}" for row, text in questions]
    return [clip(line, LONGEST_PINNED) for line in lines[-MOST_PINNED:]]


def unpinned(summary: str) -> str:
    """Give a summary without its pinned lines."""
    return "\n".join(line for line in summary.splitlines() if OPEN_QUESTION not in line)


def _share(lines: Sequence[str], room: float) -> float:
    """Find how many tokens each line may take: short ones leave theirs to the long ones."""
    left = room
    sizes = sorted(estimate_tokens(line) + 1 for line in lines)
    for place, size in enumerate(sizes):
        each = left / (len(sizes) - place)
        if size > each:
            return max(20.0, each - 1)
        left -= size
    return room


def _telling_sentence(text: str) -> str:
    said = sentences(text)
    best = next((sentence for sentence in said if _TELLING.search(sentence)), said[0])
    return best if len(best) <= 160 else best[:157] + "…"


def _line(stored: StoredMessage) -> str:
    message = stored.message
    text = _result(stored) if message.role == "tool" else message.content.strip()
    if message.tool_calls:
        text = " ".join([text, *(f"({c.name} {c.arguments})" for c in message.tool_calls)]).strip()
    return f"[{message_id(stored.id)}] {message.role}: {text}" if text else ""


def _result(stored: StoredMessage) -> str:
    """Give a tool's result without strangers' words: of hits, those that are somebody's whom we know."""
    if stored.trust not in OUTSIDE:
        return stored.message.content.strip()
    known = [f"[{hit.id}] {hit.text}" for hit in stored.hits if hit.trust not in OUTSIDE]
    return "\n".join([*known, "(untrusted text left out)"])
