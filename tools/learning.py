"""The learner's tools of the model: review cards, what is hard in the student's own words, their plan, promises.

A card exists because a tool made it, and no tool says that something is resolved: only right answers on two days do
(`memory/learner/misconceptions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..memory.archival.records import quotes
from ..memory.errors import ToolError, ToolRetry
from ..memory.learner.cards import Cards
from ..memory.learner.misconceptions import Misconceptions
from ..memory.learner.promises import Promises
from ..memory.learner.values import NewCard
from ..memory.learner.wording import refuse_absolutes
from ..memory.types import least_trusted
from .base import Tool, ToolContext, ToolResult, tool
from .guards import comes_from_outside, writes_more

PlanInWords = Callable[[int | None, Sequence[str] | None, str, ToolContext], str]


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


def misconception_tools(misconceptions: Misconceptions) -> list[Tool]:
    """Make the tool for what is hard for one student or held wrongly."""

    @tool(effect="write", guarded=writes_more, told={"quote"})
    def note_confusion(
        topic: str,
        quote: str,
        context: ToolContext,
        understood: bool = False,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Note what the student finds hard or gets wrong, or says to understand now.

        Args:
            topic: The concept.
            quote: the student's exact words in this turn
            context: The turn.
            understood: They say it is clear now; it will be checked.
            request_heartbeat: Whether the model goes on after it.
        """
        refuse_absolutes(topic, context.text)
        if context.message_id is None or not quote.strip() or not quotes(context.text, quote):
            raise ToolRetry(
                f"The student does not say {quote!r} in this turn. Quote their exact words.",
                f"학생이 이번 차례에 {quote!r}라고 말하지 않았습니다.",
            )
        topic = misconceptions.record(
            "claimed" if understood else "seen", topic.strip(), context.message_id, quote
        )
        if understood:
            said = f"확인해 볼 것: {topic}" if context.language == "ko" else f"To be checked: {topic}"
            return ToolResult(f"Noted as claimed, to be checked on another day: {topic}", said)
        said = f"어려운 것: {topic}" if context.language == "ko" else f"Hard: {topic}"
        return ToolResult(f"Noted as hard: {topic}", said)

    return [note_confusion]


def promise_tools(promises: Promises) -> list[Tool]:
    """Make the tools for what one student is promised for another time."""

    @tool(effect="write", guarded=comes_from_outside, told=())
    def promise(
        text: str,
        context: ToolContext,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Keep what you promise the student for another time; it is told when they come back.

        Args:
            text: One sentence, in their language.
            context: The turn.
            request_heartbeat: Whether the model goes on after it.
        """
        if context.message_id is None:
            raise ToolError("There is no turn to promise in.", "약속할 차례가 아닙니다.")
        made = promises.make(text, context.message_id)
        said = (
            f"약속 ({made.name}): {made.text}"
            if context.language == "ko"
            else f"Promised ({made.name}): {made.text}"
        )
        return ToolResult(f"Promised [{made.name}].", said)

    @tool(effect="write", guarded=comes_from_outside, told=())
    def close_promise(
        id: str,  # noqa: A002 - the model's word for it
        context: ToolContext,
        dismissed: bool = False,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Close a promise that was kept, or that the student wants no more.

        Args:
            id: Like r3.
            context: The turn.
            dismissed: It was not kept.
            request_heartbeat: Whether the model goes on after it.
        """
        closed = promises.close(id.strip("[] "), "dismissed" if dismissed else "kept")
        said = (
            f"약속을 마쳤습니다: {closed.text}"
            if context.language == "ko"
            else f"Promise closed: {closed.text}"
        )
        return ToolResult(f"Closed {closed.name}: {closed.state}.", said)

    return [promise, close_promise]


def plan_tools(plan: PlanInWords) -> list[Tool]:
    """Make the tool for the study plan of one student.

    Args:
        plan: Gives the plan in words, for so many minutes a day and these topics, or those that were planned with
            before, once what is `done` is closed.
    """

    @tool(effect="write", told={"minutes", "topics", "done"})
    def study_plan(
        context: ToolContext,
        minutes: int | None = None,
        topics: list[str] | None = None,
        done: str = "",
        request_heartbeat: bool = True,  # noqa: ARG001
    ) -> ToolResult:
        """The student's study plan until the exam and what is next, from what is stored.

        Args:
            context: The turn.
            minutes: a day, if the student says how many
            topics: only these, if the student says so
            done: exam or goal that is over
            request_heartbeat: Whether the model goes on after it.
        """
        said = "계획을 세웠습니다" if context.language == "ko" else "Planned"
        return ToolResult(plan(minutes, topics, done, context), said)

    return [study_plan]
