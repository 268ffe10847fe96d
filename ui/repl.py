"""The chat: at a terminal, or line by line from a pipe."""

from __future__ import annotations

import sys


def chat(
    student: str | None, *, persona: str | None, model: str | None, new: bool, resume: str | None
) -> int:
    """Hold a conversation and give the exit code.

    Args:
        new: Begin another conversation.
        resume: Go on with that one.

    Raises:
        UsageError: Both a new conversation and an old one are asked for.
    """
    from ..memory.errors import UsageError

    if new and resume:
        raise UsageError(
            "--new and --resume exclude each other.", "--new 와 --resume 은 함께 쓸 수 없습니다."
        )
    session = "new" if new else resume or "latest"
    from .piped import chat_through_pipe

    return chat_through_pipe(sys.stdin.buffer, student, persona=persona, model=model, session=session)
