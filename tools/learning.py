"""What a model may call that concerns the student as a learner."""

from __future__ import annotations

from ..memory.questions import OpenQuestions
from .base import Tool, ToolContext, ToolResult, tool


def learning_tools(questions: OpenQuestions) -> list[Tool]:
    """Make the learning tools of one student."""

    @tool(effect="write", told=())
    def dismiss_question(
        id: str,  # noqa: A002 - the model's word for it
        context: ToolContext,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Take an open question off the list: the student needs no answer any more.

        Args:
            id: Of the message it was asked in, like m12.
            context: The turn.
            request_heartbeat: Whether the model goes on after it.
        """
        asked = questions.dismiss(id.strip("[] "))
        said = f"질문을 지웠습니다: {asked.text}" if context.language == "ko" else f"Dismissed: {asked.text}"
        return ToolResult(f"Dismissed {id}: {asked.text}", said)

    return [dismiss_question]
