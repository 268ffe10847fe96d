"""What a model may do with what is kept of learning: make a card. A card exists because this tool made it."""

from __future__ import annotations

from ..memory.learner.cards import Cards
from ..memory.learner.values import NewCard
from ..memory.types import least_trusted
from .base import Tool, ToolContext, ToolResult, tool
from .guards import comes_from_outside


def card_tools(cards: Cards) -> list[Tool]:
    """Make the tool for the review cards of one student."""

    @tool(effect="write", guarded=comes_from_outside, told=())
    def make_card(
        front: str,
        back: str,
        context: ToolContext,
        topic: str = "",
        request_heartbeat: bool = False,  # noqa: ARG001 - the loop reads it from the call
    ) -> ToolResult:
        """Make a review card of one question and its short answer. Only a card with an id exists.

        Args:
            front: The question.
            back: The answer.
            context: The turn.
            topic: What it is about.
            request_heartbeat: Whether the model goes on after it.
        """
        trust = least_trusted("model", context.trust)
        new = NewCard(front, back, topic, "conversation", trust, message_id=context.message_id)
        kept = cards.add(new)
        name, side = kept.card.name, kept.card.front
        korean = context.language == "ko"
        if kept.status == "known":
            said = f"이미 있는 카드입니다 ({name}): {side}" if korean else f"Already a card ({name}): {side}"
            return ToolResult(f"There is such a card already: [{name}]. None was made.", said, {"card": kept})
        said = f"카드를 만들었습니다 ({name}): {side}" if korean else f"Card made ({name}): {side}"
        return ToolResult(f"Made [{name}]; due now. `officehours review` asks it.", said, {"card": kept})

    return [make_card]
