"""How many tokens a text is, and how a window is shared out.

The provider's own count is the truth: the ratio of its counts to our estimates (`tools/text.py`), decayed, is kept
per model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select, update

from ...memory.store import Database, insert_ignoring, schema
from ...memory.types import Message, ToolCall
from ...tools.base import ToolSpec
from ...tools.text import estimate_tokens
from ..model import ModelProfile, Request, Usage
from ..settings import WORKING_WINDOW

PER_MESSAGE = 4.0
"""Tokens that frame each message in a chat template."""


def estimate_message(message: Message) -> float:
    """Estimate a message with its calls, what goes back beside them, and its frame."""
    extras = estimate_tokens(message.extras) if message.tool_calls and message.extras else 0.0
    calls = sum(
        estimate_tokens(call.name) + estimate_tokens(call.arguments) + PER_MESSAGE
        for call in message.tool_calls
    )
    return estimate_tokens(message.content) + extras + calls + PER_MESSAGE


def estimate_tools(specs: Iterable[ToolSpec]) -> float:
    """Estimate the tool schemas of a request."""
    return sum(_estimate_tool(spec.name, spec.description, json.dumps(spec.parameters)) for spec in specs)


@lru_cache(maxsize=512)
def _estimate_tool(name: str, description: str, parameters: str) -> float:
    return estimate_tokens(name) + estimate_tokens(description) + estimate_tokens(parameters) + PER_MESSAGE


def estimate_usage(request: Request, text: str, calls: Iterable[ToolCall]) -> Usage:
    """Estimate what a call took, for a model that does not count."""
    prompt = sum(map(estimate_message, request.messages)) + estimate_tools(request.tools)
    output = estimate_tokens(text) + sum(estimate_tokens(call.name + call.arguments) for call in calls)
    return Usage(input_tokens=round(prompt), output_tokens=round(output), estimated=True)


@dataclass(frozen=True, slots=True)
class Budget:
    """How a window is shared out, in tokens.

    Attributes:
        window: The whole of it, as far as it is used.
        reply: Kept free for the reply.
        pressure: The prompt size at which compaction is due (75 %).
        target: The size compaction folds down to (50 %, less in a small window where each fold buys few turns).
        core: Most of core memory that is shown; all of it from 16k on.
        summary: Most that the summary of folded turns may take.
        hits: Most that recall may put beside one message; `hits_a_turn` on average over a conversation.
        tool_result: Most of one tool result that is shown; the rest is paged through.
        turn_results: Most of all the tool results of one turn that is shown.
        user_text: Most of one message of the student's that is shown whole.
        keep: Exchanges that stay verbatim whatever happens.
    """

    window: int
    reply: int
    pressure: int
    target: int
    core: int
    summary: int
    hits: int
    hits_a_turn: int
    tool_result: int
    turn_results: int
    user_text: int
    keep: int

    @property
    def prompt(self) -> int:
        """The largest prompt that leaves room for a reply."""
        return self.window - self.reply


def share(profile: ModelProfile, most: int = WORKING_WINDOW) -> Budget:
    """Share out the window of a model, 4,096 tokens to a million.

    Args:
        most: Of a larger window only so much is used.
    """
    window = min(profile.window, most)
    small = window <= 16_384
    # Between pressure and a full window a warned model needs a turn or two to save what matters.
    reply = min(profile.max_output, window // 6)
    return Budget(
        window=window,
        reply=reply,
        pressure=int(window * 0.75),
        target=int(window * (0.28 if small else 0.50)),
        core=window // 6,
        summary=min(1_500, window // 16),
        hits=150 if window < 16_000 else 300,
        hits_a_turn=40,
        tool_result=max(400, min(8_000, window // 8)),
        turn_results=window * 3 // 10,
        user_text=window // 4 if small else window // 3,
        keep=2 if window < 8_000 else 6,
    )


class TokenMeter:
    """Token counts of one model, calibrated on what its provider counted and kept in the store.

    Args:
        db: Where the calibration lives.
        model: The model's name; each has its own tokenizer.
        clock: Gives the aware time of an update.
    """

    DECAY = 0.8
    """Weight of everything counted before, at each new count: about the last five calls decide."""

    def __init__(self, db: Database, model: str, clock: Callable[[], datetime]) -> None:
        self._db, self._model, self._clock = db, model, clock
        table = schema.token_calibrations
        with db.read() as conn:
            row = conn.execute(
                select(table.c.estimated, table.c.counted).where(table.c.model == model)
            ).first()
        self._known = row is not None
        self._estimated, self._counted = (row.estimated, row.counted) if row else (0.0, 0.0)

    @property
    def factor(self) -> float:
        """The provider's tokens for one of ours; 1 before the first reply, kept within what a tokenizer can do."""
        return min(max(self._counted / self._estimated, 0.5), 3.5) if self._estimated else 1.0

    def count(self, estimated: float) -> int:
        """Calibrate an estimate."""
        return round(self.factor * estimated)

    def text(self, text: str) -> int:
        """Count a text's tokens."""
        return round(self.factor * estimate_tokens(text))

    def learn(self, estimated: float, counted: int) -> None:
        """Take in what the provider counted for a request. Call inside the transaction that stores the reply."""
        if counted <= 0 or estimated <= 0:
            return
        self._estimated = self.DECAY * self._estimated + estimated
        self._counted = self.DECAY * self._counted + counted
        table = schema.token_calibrations
        values = {"estimated": self._estimated, "counted": self._counted, "updated_at": self._clock()}
        with self._db.begin() as conn:
            changed = conn.execute(update(table).where(table.c.model == self._model).values(values))
            if changed.rowcount == 0:
                # Another worker may be at its first reply of this model too: one of the two counts will do.
                conn.execute(insert_ignoring(conn, table), {"model": self._model, **values})
