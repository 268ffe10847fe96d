"""Every limit on a turn, checked in one place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic

from ...memory.errors import LimitReached
from ...memory.types import ToolCall
from ..settings import Limits

SAME_CALL = 3
"""The same call, arguments and all, this often in one turn is a loop."""

KNOWN = 2
"""A write that changes nothing, because it is known already, may happen so often in one turn."""

BAD_CALLS = 4
"""This many calls in a row that fail (unknown tools, arguments that cannot be read) show that the model cannot do it."""


@dataclass(slots=True)
class LimitTracker:
    """What one turn has used so far, held against its limits.

    Attributes:
        paused: Seconds in which it waited for a person's answer; they do not count.
    """

    limits: Limits
    started: float = field(default_factory=monotonic)
    paused: float = 0.0
    steps: int = 0
    tokens: int = 0
    usd: Decimal = Decimal(0)
    bad_in_a_row: int = 0
    known: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @property
    def left(self) -> float:
        """Seconds that the turn may still take."""
        return max(0.0, self.limits.seconds + self.paused - (monotonic() - self.started))

    def in_time(self) -> None:
        """Look at the clock; asked within a step too, because a server may drip for as long as it likes.

        Raises:
            LimitReached: The turn has taken its time.
        """
        if not self.left:
            raise LimitReached(
                f"I stopped: this turn took longer than {self.limits.seconds:g} seconds (`limits.seconds`).",
                f"이번 답이 {self.limits.seconds:g}초를 넘겨 멈췄습니다(`limits.seconds`).",
            )

    def before_step(self) -> None:
        """Count a model call about to be made.

        Raises:
            LimitReached: The turn may not make another.
        """
        limits = self.limits
        if self.steps >= limits.steps:
            raise LimitReached(
                f"I stopped after {limits.steps} steps without reaching an answer. Please ask again more narrowly.",
                f"{limits.steps}단계를 거치고도 답에 이르지 못해 멈췄습니다. 질문을 조금 좁혀서 다시 물어봐 주세요.",
            )
        if self.tokens >= limits.tokens:
            raise LimitReached(
                f"I stopped: this turn has used its {limits.tokens} tokens (`limits.tokens`).",
                f"이번 답에 쓸 수 있는 토큰 {limits.tokens}개를 다 써서 멈췄습니다(`limits.tokens`).",
            )
        self.in_time()
        if limits.usd is not None and self.usd >= limits.usd:
            raise LimitReached(
                f"I stopped: this turn has cost its ${limits.usd} (`limits.usd`).",
                f"이번 답이 비용 한도 ${limits.usd}에 닿아 멈췄습니다(`limits.usd`).",
            )
        self.steps += 1

    def before_call(self, call: ToolCall) -> None:
        """Count a tool call about to run.

        Raises:
            LimitReached: The model is going round in circles.
        """
        self.calls[call.name, call.arguments] += 1
        if self.calls[call.name, call.arguments] > SAME_CALL:
            raise LimitReached(
                f"I stopped: I kept calling `{call.name}` in the same way and got no further. "
                "Please ask in other words.",
                f"`{call.name}` 도구를 같은 방식으로 되풀이해 부르기만 해서 멈췄습니다. 다른 말로 다시 물어봐 주세요.",
            )

    def after_call(self, ok: bool, known: bool = False) -> None:
        """Count how a call ended.

        Args:
            ok: It gave a value.
            known: It was a write of something that memory holds already.

        Raises:
            LimitReached: Nothing but failing calls, or the same thing written over and over.
        """
        self.known += known
        if self.known > KNOWN:
            raise LimitReached(
                "I stopped: I kept noting down what I had noted already. It is safe in memory; please go on.",
                "이미 기억해 둔 내용을 되풀이해 적고 있어서 멈췄습니다. 기억은 잘 남아 있으니 이어서 말씀해 주세요.",
            )
        self.bad_in_a_row = 0 if ok else self.bad_in_a_row + 1
        if self.bad_in_a_row >= BAD_CALLS:
            raise LimitReached(
                "I stopped: none of my tool calls worked. What you wrote is kept; please try again, "
                "or choose a model that handles tools better.",
                "도구 호출이 계속 실패해서 멈췄습니다. 쓰신 말은 그대로 남아 있습니다. 다시 시도하시거나 "
                "도구를 더 잘 다루는 모델을 골라 주세요.",
            )
