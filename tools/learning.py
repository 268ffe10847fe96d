"""The learner's tools of the model: review cards, what is hard in the student's own words, plan, promises, quizzes.

A card exists because a tool made it, and no tool says that something is resolved: only right answers on two days do
(`memory/learner/misconceptions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ..memory.archival.records import quotes
from ..memory.errors import ToolError, ToolRetry
from ..memory.learner.cards import Cards
from ..memory.learner.misconceptions import Misconceptions
from ..memory.learner.promises import Promises
from ..memory.learner.values import NewCard
from ..memory.learner.wording import refuse_absolutes
from ..memory.types import least_trusted
from .base import GOES_ON, Tool, ToolContext, ToolResult, tool
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
    ) -> ToolResult:
        """Make a review card; only one with an id exists.

        Args:
            front: The question.
            back: The answer.
            context: The turn.
            topic: What it is about.
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

    @tool(effect="write", guarded=writes_more, told=())
    def note_confusion(
        topic: str,
        quote: str,
        context: ToolContext,
        understood: bool = False,
    ) -> ToolResult:
        """Note what is hard or clear now, in exact words.

        Args:
            topic: The concept.
            quote: The student's exact words in this turn.
            context: The turn.
            understood: They say it is clear now; it will be checked.
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
    """Make the tool for what one student is promised for another time."""

    @tool(effect="write", guarded=comes_from_outside, told=())
    def promise(context: ToolContext, text: str = "", closes: str = "") -> ToolResult:
        """Keep or close a promise.

        Args:
            context: The turn.
            text: One sentence, in the student's language.
            closes: Like r3.
        """
        korean, told = context.language == "ko", list[tuple[str, str]]()
        if closes.strip("[] "):
            closed = promises.close(closes.strip("[] "), "kept")
            told.append((f"Closed {closed.name}.", f"{'마친 약속' if korean else 'Closed'}: {closed.text}"))
        if text.strip() or not told:
            if context.message_id is None:
                raise ToolError("There is no turn to promise in.", "약속할 차례가 아닙니다.")
            made = promises.make(text, context.message_id)
            told.append((f"Promised [{made.name}].", f"{'약속' if korean else 'Promised'}: {made.text}"))
        return ToolResult(" ".join(output for output, _ in told), " · ".join(shown for _, shown in told))

    return [promise]


def plan_tools(plan: PlanInWords) -> list[Tool]:
    """Make the tool for the study plan of one student.

    Args:
        plan: Gives the plan in words, for so many minutes a day and these topics, or those that were planned with
            before, once what is `done` is closed.
    """

    @tool(effect="write", told=())
    def study_plan(
        context: ToolContext,
        minutes: int | None = None,
        topics: str = "",
        done: str = "",
    ) -> ToolResult:
        """The study plan and what is next; `done` closes a goal.

        Args:
            context: The turn.
            minutes: A day, where the student says how many.
            topics: Only these, "A, B"; "all" is the whole course.
            done: An exam or goal that is over.
        """
        said = "계획을 세웠습니다" if context.language == "ko" else "Planned"
        named = [name.strip() for name in topics.split(",") if name.strip()]
        wanted = None if not named else [] if named == ["all"] else named
        return ToolResult(plan(minutes, wanted, done, context), said, {GOES_ON: True})

    return [study_plan]


Ask = Callable[[str, str, ToolContext], ToolResult]
"""Asks the next question of a quiz on a topic, of a kind ("" for any), in the conversation of the turn."""


def quiz_tools(ask: Ask) -> list[Tool]:
    """Make the tool for the quizzes of one student. A turn always goes on after it: the question is to be asked."""

    @tool(effect="write", guarded=False, told=())
    def quiz(
        context: ToolContext, topic: str = "", kind: Literal["", "short", "choice", "ox", "missed"] = ""
    ) -> ToolResult:
        """Ask the next quiz question.

        Args:
            context: The turn.
            topic: Of a new quiz; the one that is open goes on without.
            kind: What the questions of a new one are like; "missed" asks what went wrong in the last once more.
        """
        return ask(topic.strip(), kind, context)

    return [quiz]
