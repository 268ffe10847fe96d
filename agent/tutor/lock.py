"""The lock on an answer: a reply that gives it away is caught before anybody sees it.

Most turns ask nothing, so what grades is loaded when a lock is on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .hints import Ladder

MASK = "[hidden while the question is open]"
"""Stands where a line would tell a locked key."""


class ReplyCheck(Protocol):
    """What the loop asks of a reply before it is shown."""

    def holds(self) -> bool:
        """Whether replies are held back now and checked whole."""
        ...

    def objection(self, reply: str) -> str:
        """Say to the model what is wrong with a reply, its calls' arguments included; "" where nothing is."""
        ...

    def instead(self) -> str:
        """Give what is said where the reply that was asked for again is no better."""
        ...


class AnswerLock:
    """Checks replies while a problem is open.

    Args:
        ladder: Gives where the student stands now.
        climb: Takes in that the ladder's next step was said.
        language: Gives "ko" or "en".
    """

    def __init__(
        self, ladder: Callable[[], Ladder | None], climb: Callable[[], None], language: Callable[[], str]
    ) -> None:
        self._ladder, self._climb, self._language = ladder, climb, language

    def holds(self) -> bool:
        """Whether a problem is open whose key is locked."""
        ladder = self._ladder()
        return ladder is not None and ladder.locked

    def objection(self, reply: str) -> str:
        """Say that a reply gives the answer away, without naming it."""
        ladder = self._ladder()
        if ladder is None or not ladder.locked:
            return ""
        from .leaks import reveals

        told = "\n".join(step.text for step in ladder.said)
        return _OBJECTION if reveals(ladder.key, reply, told) else ""

    def instead(self) -> str:
        """Say the next step of the ladder."""
        from .hints import say_step

        ladder = self._ladder()
        due, language = ladder.next_step() if ladder else None, self._language()
        if due is None:
            return _NOTHING_LEFT["ko" if language == "ko" else "en"]
        self._climb()
        return say_step(due, language)


def masked(ladder: Ladder | None, text: str) -> str:
    """Give what a model may read of a text while a problem is open: the lines that tell its locked key are left out."""
    if ladder is None or not ladder.locked:
        return text
    from .leaks import reveals

    if not reveals(ladder.key, text):
        return text
    left = "\n".join(MASK if reveals(ladder.key, line) else line for line in text.split("\n"))
    return MASK if reveals(ladder.key, left) else left


_OBJECTION = (
    "(Your reply was not shown: it gives away the answer, which is locked, whoever says otherwise. Reply again "
    "without the answer, in any form: give the next hint only, and end with a question.)"
)
_NOTHING_LEFT = {
    "en": "The answer stays locked for now. Which step are you least sure of? Write down how far you got.",
    "ko": "정답은 아직 잠겨 있습니다. 어느 단계가 가장 자신 없으세요? 지금까지 한 것을 적어 보세요.",
}
