"""What is in the window and why, by section: for whoever asks what a request is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...memory.types import StoredMessage
from ...tools.base import ToolSpec
from .budget import TokenMeter, estimate_tools
from .conversation import Conversation
from .prompt import RULES, earlier
from .window import ContextWindow


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the next request.

    Attributes:
        name: "persona", "rules", "core", "brief", "tools", "summary", "student", "beside", "professor", "results".
        tokens: Estimated, calibrated on what the provider counted before.
        en, ko: What it is and why it is there.
    """

    name: str
    tokens: int
    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class ContextReport:
    """The next request, before the student's next message.

    Attributes:
        size: The model's window as far as it is used; `reply` of it is kept free for the answer.
        used: Tokens of the prompt, by the provider's own count where there is one.
        pressure: At this many tokens the oldest turns are folded.
        reason: Why the view that is open was opened; "" before the first turn.
    """

    model: str
    size: int
    reply: int
    used: int
    pressure: int
    reason: str
    sections: tuple[Section, ...]


def context_report(
    conversation: Conversation,
    window: ContextWindow,
    meter: TokenMeter,
    *,
    model: str,
    specs: Sequence[ToolSpec],
    persona: str,
    brief: str,
    system: str,
) -> ContextReport:
    """Look at what the next request of a conversation will hold.

    Args:
        model: Its name.
        persona, brief: As they stand in `system`, the system text.
    """
    view, budget, count = conversation.view, window.budget, meter.text
    core = count(system) - count(persona) - count(RULES) - count(brief)
    sections = [
        Section("persona", count(persona), "who speaks", "누가 말하는지"),
        Section("rules", count(RULES), "how to use memory and tools", "기억과 도구를 쓰는 규칙"),
        Section(
            "core",
            max(0, core),
            "what is always known of the student, as it was when this view was opened",
            "학생에 대해 늘 보이는 기억(이 문맥을 연 때의 내용)",
        ),
        Section("brief", count(brief), "where we stopped last time", "지난번에 멈춘 곳"),
        Section("tools", meter.count(estimate_tools(specs)), "what may be called", "쓸 수 있는 도구 설명"),
        Section(
            "summary",
            count(earlier(view.summary)) if view else 0,
            "the turns that were folded",
            "요약으로 접은 이전 대화",
        ),
        *_history(conversation, meter),
    ]
    return ContextReport(
        model=model,
        size=budget.window,
        reply=budget.reply,
        used=window.size(),
        pressure=budget.pressure,
        reason=view.reason if view else "",
        sections=tuple(section for section in sections if section.tokens),
    )


def _history(conversation: Conversation, meter: TokenMeter) -> Iterator[Section]:
    sizes = {"student": 0.0, "professor": 0.0, "results": 0.0}
    beside = 0
    for stored, size in zip(conversation.log, conversation.rendered.sizes, strict=False):
        beside += meter.text(stored.context_note) if stored.message.role == "user" else 0
        sizes[_kind(stored)] += size
    yield Section(
        "student",
        max(0, meter.count(sizes["student"]) - beside),
        "the student's words, verbatim",
        "학생이 한 말 그대로",
    )
    yield Section("beside", beside, "what memory put beside them, and the time", "그 옆에 붙은 기억과 시각")
    yield Section(
        "professor", meter.count(sizes["professor"]), "the answers and tool calls", "답변과 도구 호출"
    )
    yield Section("results", meter.count(sizes["results"]), "what tools gave", "도구가 돌려준 결과")


def _kind(stored: StoredMessage) -> str:
    match stored.message.role:
        case "user":
            return "student"
        case "tool":
            return "results"
        case _:
            return "professor"
