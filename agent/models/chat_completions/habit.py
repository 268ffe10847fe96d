"""What is known of how a model thinks: whether its prompt opens a thought that its text then only closes."""

from __future__ import annotations

import re

from ...model import Request
from .reading.thoughts import Speech

_THINKER = re.compile(
    r"(?:^|[-_/:.])(?:r1|qwq|thinking|thinker|think|reasoner|reasoning|magistral)(?:$|[-_:.@])"
)
_HANGUL = re.compile("[가-힣]")


class Habit:
    """What one model does, learned from its replies.

    A reply is held back where it may begin with a thought: always, of a model that was seen to do so; until a model
    has once answered, where its name says that it thinks, or where it begins in other letters than the student's.

    Args:
        name: The model's name.

    Attributes:
        opened: It was seen to begin a reply inside a thought.
    """

    def __init__(self, name: str) -> None:
        self._thinker = _THINKER.search(name.lower()) is not None
        self._seen = False
        self.opened = False

    def speech(self, request: Request) -> Speech:
        """Give a reader for the next reply."""
        asked = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
        tools = frozenset(tool.name for tool in request.tools)
        if self.opened or (self._thinker and not self._seen):
            return Speech(opened=True, tools=tools)
        foreign = not self._seen and _HANGUL.search(asked) is not None
        return Speech(opened=foreign, until=_HANGUL, tools=tools)

    def learn(self, speech: Speech, *, thought: bool) -> None:
        """Take in how a whole reply went.

        Args:
            thought: There was hidden text, in it or beside it.
        """
        self.opened = self.opened or speech.only_closed
        self._seen = self._seen or not thought
