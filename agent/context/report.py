"""What is in the window and why, by section: for whoever asks what a request is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...memory.types import StoredMessage
from ..state import AgentState
from .budget import estimate_tools
from .prompt import RULES, earlier, system_text


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


def context_report(state: AgentState) -> ContextReport:
    """Look at what the next request of a conversation will hold."""
    state.conversation.refresh()
    view = state.conversation.view
    budget = state.context_window.budget
    return ContextReport(
        model=state.model.profile.name,
        size=budget.window,
        reply=budget.reply,
        used=state.context_window.size(),
        pressure=budget.pressure,
        reason=view.reason if view else "",
        sections=tuple(section for section in _sections(state) if section.tokens),
    )


def _sections(state: AgentState) -> Iterator[Section]:
    view, count = state.conversation.view, state.meter.text
    blocks = state.memories.core.blocks()
    persona = state.persona.render(state.language)
    brief = view.brief if view else state.brief()
    system = (
        view.system if view else system_text(persona, blocks, brief, core=state.context_window.budget.core)
    )
    core = count(system) - count(persona) - count(RULES) - count(brief)
    yield Section("persona", count(persona), "who speaks", "누가 말하는지")
    yield Section("rules", count(RULES), "how to use memory and tools", "기억과 도구를 쓰는 규칙")
    yield Section(
        "core",
        max(0, core),
        "what is always known of the student, as it was when this view was opened",
        "학생에 대해 늘 보이는 기억(이 문맥을 연 때의 내용)",
    )
    yield Section("brief", count(brief), "where we stopped last time", "지난번에 멈춘 곳")
    yield Section("tools", _tools(state), "what may be called", "쓸 수 있는 도구 설명")
    if view:
        yield Section(
            "summary", count(earlier(view.summary)), "the turns that were folded", "요약으로 접은 이전 대화"
        )
    yield from _history(state)


def _tools(state: AgentState) -> int:
    return state.meter.count(estimate_tools(state.registry.specs()))


def _history(state: AgentState) -> Iterator[Section]:
    log, rendered = state.conversation.log, state.conversation.rendered
    sizes = {"student": 0.0, "professor": 0.0, "results": 0.0}
    context_note = 0
    for stored, size in zip(log, rendered.sizes, strict=False):
        aside = state.meter.text(stored.context_note) if stored.message.role == "user" else 0
        context_note += aside
        sizes[_kind(stored)] += size
    yield Section(
        "student",
        max(0, state.meter.count(sizes["student"]) - context_note),
        "the student's words, verbatim",
        "학생이 한 말 그대로",
    )
    yield Section(
        "beside", context_note, "what memory put beside them, and the time", "그 옆에 붙은 기억과 시각"
    )
    yield Section(
        "professor", state.meter.count(sizes["professor"]), "the answers and tool calls", "답변과 도구 호출"
    )
    yield Section("results", state.meter.count(sizes["results"]), "what tools gave", "도구가 돌려준 결과")


def _kind(stored: StoredMessage) -> str:
    match stored.message.role:
        case "user":
            return "student"
        case "tool":
            return "results"
        case _:
            return "professor"
